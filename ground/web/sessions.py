"""Cookies: the session's (a random key, known to the server by its hash) and a visitor's, to which form tokens are tied."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask.sessions import SessionInterface, SessionMixin
from markupsafe import Markup, escape

from ground.ids import new_id, new_secret


class _NoClientSession(dict[str, Any], SessionMixin):
    """Flask's own session would live in the visitor's cookie and outlive a sign-out: ours never leaves the server."""


class NoClientSessions(SessionInterface):
    """Hands Flask an empty session and stores nothing."""

    def open_session(self, app: Flask, request: Any) -> _NoClientSession:
        return _NoClientSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        return None


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


def form_token() -> str:
    """A token tied to the visitor's session or visit, for browsers too old to say where a form came from."""
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
    """The hidden field that every form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(form_token())


def once_field() -> Markup:
    """The hidden key that makes a form count once; what was typed before keeps its key."""
    typed = request.form.get("once", "") if request.method == "POST" else ""
    return Markup('<input type="hidden" name="once" value="{}">').format(escape(typed or str(new_id())))
