"""Cookies: the session's (a random key, known to the server by its hash) and a visitor's, to which form tokens are tied."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Flask, current_app, g, request
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup, escape
from werkzeug.datastructures import CallbackDict
from werkzeug.wrappers import Response

from ground.ids import new_id, new_secret

NOTES, NOTES_SECONDS, NOTES_MOST = "notes", 60, 2_000
"""The one thing that travels with the visitor between two pages: what to say at the top of the next ("Saved")."""


class NotesOnly(CallbackDict[str, Any], SessionMixin):
    """Flask's own session would live in the visitor's cookie and outlive a sign-out. Of it we keep only the messages of
    `flash`, for one page and one minute; anything else put into it is our mistake."""

    def __init__(self, initial: dict[str, Any] | None = None) -> None:
        self.modified = False

        def changed(notes: CallbackDict[str, Any]) -> None:
            self.modified = True

        super().__init__(initial or {}, changed)


class NotesInACookie(SessionInterface):
    """Signed, short-lived, and never a word about who the visitor is."""

    def open_session(self, app: Flask, request: Any) -> NotesOnly:
        told = request.cookies.get(cookie_name(NOTES), "")
        try:
            notes = _signer(app).loads(told, max_age=NOTES_SECONDS) if told else []
        except BadSignature:
            notes = []
        return NotesOnly({"_flashes": [tuple(note) for note in notes]} if notes else {})

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        assert isinstance(session, NotesOnly)
        assert set(session) <= {"_flashes"}, "nothing of a person goes into the visitor's cookie"
        if not session.modified:
            return
        notes = [(kind, str(words)) for kind, words in session.get("_flashes", [])]
        packed = _signer(app).dumps(notes) if notes else ""
        if packed and len(packed) <= NOTES_MOST:
            set_cookie(response, NOTES, packed, days=1)
        else:
            drop_cookie(response, NOTES)


def _signer(app: Flask) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(app.config["SECRET_KEY"]), salt="notes for the next page")


def cookie_name(kind: str) -> str:
    """`__Host-` wherever cookies are secure: such a cookie cannot be set by a neighbour or for a path."""
    return f"__Host-{kind}" if current_app.config["COOKIES_SECURE"] else f"gm-{kind}"


def set_cookie(response: Response, kind: str, value: str, *, days: int) -> None:
    response.set_cookie(
        cookie_name(kind), value, max_age=days * 86_400, secure=current_app.config["COOKIES_SECURE"], httponly=True,
        samesite="Lax", path="/",
    )  # fmt: skip


def drop_cookie(response: Response, kind: str) -> None:
    response.delete_cookie(
        cookie_name(kind), secure=current_app.config["COOKIES_SECURE"], httponly=True, samesite="Lax", path="/"
    )


def session_token() -> str:
    """The key in the session's cookie, empty when there is none."""
    return request.cookies.get(cookie_name("session"), "")[:200]


def start_session(response: Response, token: str) -> Response:
    """Hand the visitor the key of the session just made."""
    set_cookie(response, "session", token, days=30)
    return response


def end_session(response: Response) -> Response:
    """Take the key back and have the browser forget what it kept of us."""
    drop_cookie(response, "session")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def for_everyone() -> bool:
    """Whether the page at hand will be given to all visitors alike (`pages.py`), so that nothing of one may stand in it."""
    return "making" in g


def form_token() -> str:
    """A token tied to the visitor's session or visit, for browsers too old to say where a form came from."""
    assert not for_everyone(), "a token of one visitor on a page of all"
    tied_to = session_token() or request.cookies.get(cookie_name("visit"), "")
    if not tied_to:
        tied_to = g.setdefault("new_visit", new_secret())
    return _sign(tied_to)


def form_token_fits(token: str) -> bool:
    tied_to = session_token() or request.cookies.get(cookie_name("visit"), "")
    return bool(tied_to) and hmac.compare_digest(_sign(tied_to).encode(), token.encode("utf-8", "replace"))


def _sign(tied_to: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"form:" + tied_to.encode(), hashlib.sha256).hexdigest()


def csrf_field() -> Markup:
    """The hidden field that every form carries, except on a page that all visitors share: there the browser's word counts."""
    if for_everyone():
        return Markup()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(form_token())


def once_field() -> Markup:
    """The hidden key that makes a form count once; what was typed before keeps its key."""
    assert not for_everyone(), "two visitors with one key: the second would be told that it was done already"
    sent = request.method == "POST" and "unread" not in g  # One that was too large to be read has no key.
    typed = request.form.get("once", "") if sent else ""
    return Markup('<input type="hidden" name="once" value="{}">').format(escape(typed or str(new_id())))
