"""The guard: opens the unit of work, asks who is there, lets only the declared pass, and turns refusals into answers."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import quote, urlsplit
from uuid import UUID

import structlog
from flask import current_app, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from ground import clock, refusals, tenants, trail
from ground.clashes import already_there, worth_retrying
from ground.db import db
from ground.errors import Conflict, Denied, ForeignForm, Missing, Refusal, TooLarge
from ground.ids import NOBODY
from ground.keys import Replay
from ground.web import bodies, languages
from ground.web.door import PROVIDER, PUBLIC, Duty
from ground.web.sessions import cookie_name, form_token_fits, session_token
from ground.words import _

log = structlog.get_logger()
RETRIES_MOST = 5
FORM_AROUND_BYTES = 10_000
"""What a form with a file weighs besides the file."""
PATIENCE = timedelta(seconds=8)
"""Nobody waits longer for their turn: a busy SQLite file answers each try only after five seconds."""
STEP_UP_LASTS = timedelta(minutes=10)
SAFE = ("GET", "HEAD", "OPTIONS")


class Authority(Protocol):
    """What the guard must be told by the floor above: who a key belongs to, and what they may be in a cooperative."""

    def person_of(self, session: Session, token: str) -> Any: ...
    def find_cooperative(self, session: Session, slug: str) -> Any: ...
    def roles_in(self, session: Session, person_id: UUID, cooperative_id: UUID) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Here:
    """Who acts (None for a visitor), in which cooperative (None where the rule names none), with which roles (none
    where the door asks for none)."""

    person: Any
    cooperative: Any
    roles: frozenset[str]
    sign_in: Any

    @property
    def person_id(self) -> UUID | None:
        return None if self.person is None else self.person.id


def here() -> Here:
    """The person and cooperative of the request at hand."""
    return g.here


def visitor() -> str:
    """Who sends this, for idempotency keys: the person, or the visit of one we do not know.

    A visit outlives the change of a phone's address between a lost answer and the second try; only its hash is stored.
    """
    person_id = here().person_id
    if person_id:
        return f"person:{person_id}"
    known_by = request.cookies.get(cookie_name("visit")) or session_token() or request.remote_addr or ""
    return f"visitor:{hashlib.sha256(known_by.encode('utf-8', 'replace')).hexdigest()}"


def fresh_deed(action: str) -> None:
    """Name one more deed of this request, for a view that commits, calls outside and commits again."""
    trail.begin(db.session, _deed(action))


def refused() -> Refusal | None:
    """The refusal that this page is shown again for."""
    return g.get("refusal")


def serve(duty: Duty, view: Callable[..., Any], arguments: dict[str, Any]) -> Response:
    """Run the view as one unit of work, again where the databases ask for it, and answer refusals with its own form."""
    started = clock.now()
    for attempt in range(1, RETRIES_MOST + 1):
        with db.unit(reads_only=duty.method == "GET") as session:
            try:
                stop = _admit(duty, session, dict(arguments))
                if stop is not None:
                    session.rollback()
                    _note(duty, "signed out" if here().person is None else "unconfirmed", stop.status_code)
                    return stop
                return make_response(view(**arguments))
            except Replay as replay:
                session.rollback()
                return redirect(replay.location, 303)
            except RequestEntityTooLarge:
                if not duty.upload or here().person is None:
                    raise
                session.rollback()
                words = f"This file is too large: at most {duty.bytes_most // 1_000_000} MB are read."
                g.unread = True  # The page that is shown again must not ask the form for what nobody read.
                _note(duty, TooLarge.reason, TooLarge.status, (duty.upload,))
                return _refuse(duty, TooLarge(fields={duty.upload: words}), arguments)
            except Refusal as refusal:
                session.rollback()
                _note(duty, refusal.reason, refusal.status, refusal.fields)
                return _refuse(duty, refusal, arguments)
            except DBAPIError as error:
                session.rollback()
                if session.info.get("committed") or attempt == RETRIES_MOST or clock.now() - started > PATIENCE:
                    raise
                if already_there(error) and attempt > 1:
                    return _refuse(
                        duty,
                        Conflict(_("Somebody did this a moment before you. Look at what stands there now.")),
                        arguments,
                    )
                if not worth_retrying(error) and not already_there(error):
                    raise
        time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  (jitter, not a secret)
    raise AssertionError("unreachable")


@event.listens_for(Session, "after_commit")
def _remember_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.info["committed"] = True  # From here on a retry would do the first part twice.


def _admit(duty: Duty, session: Session, arguments: dict[str, Any]) -> Response | None:
    """Fill `g.here` and let the session see what it may; a Response instead of None turns the visitor away."""
    authority: Authority = current_app.extensions["authority"]
    if duty.bytes_most:
        request.max_content_length = duty.bytes_most + FORM_AROUND_BYTES
    g.here = Here(None, None, frozenset(), None)
    if duty.method != "GET" and duty.who != PROVIDER and not _from_our_pages():
        raise ForeignForm(
            _(
                "This form did not come from our own page, so nothing was done. Open the page again and send it from there."
            )
        )
    if duty.method != "GET":
        bodies.readable()
    sign_in = (
        None if duty.who == PROVIDER else authority.person_of(session, session_token()) if session_token() else None
    )
    person = sign_in.person if sign_in else None
    g.here = Here(person, None, frozenset(), sign_in)
    if person is not None:
        tenants.enter(session, (), person=person.id)
        languages.settle()
    if duty.who not in (PUBLIC, PROVIDER) and person is None:
        return redirect(url_for("sign_in.show", next=_own_path(duty)), 303)
    if duty.of_cooperative:
        cooperative = authority.find_cooperative(session, arguments["coop"])
        if cooperative is None:
            raise Missing(_("There is no such page."))
        asked = person is not None and duty.roles
        roles = authority.roles_in(session, person.id, cooperative.id) if asked else frozenset()
        if duty.roles:
            if person is None or not roles:
                raise Missing(_("There is no such page."))
            if not roles & set(duty.roles):
                raise Denied(_("This is not among your tasks here. Ask a manager of the cooperative."))
            tenants.enter(session, (cooperative.id,), person=person.id)
        g.here = Here(person, cooperative, roles, sign_in)
    if duty.step_up and (
        sign_in is None or sign_in.stepped_up_at is None or clock.now() - sign_in.stepped_up_at > STEP_UP_LASTS
    ):
        return redirect(url_for("sign_in.confirm", next=_own_path(duty)), 303)
    if duty.action:
        trail.begin(session, _deed(duty.action))
    return None


def _deed(action: str) -> trail.Deed:
    where = g.here.cooperative
    return trail.Deed(
        action,
        cooperative_id=where.id if where is not None else NOBODY,
        by_id=g.here.person_id,
        request_id=g.get("request_id", ""),
    )


def _own_path(duty: Duty) -> str:
    """Where to come back to: this page, or for a deed the page that its form stands on."""
    if duty.method == "GET":
        return request.full_path.rstrip("?")
    return url_for(duty.again, **_fitting(duty.again)) if duty.again else "/me"


def _fitting(endpoint: str) -> dict[str, Any]:
    """The arguments of this request's path that the endpoint's rule names."""
    wanted = set().union(*(rule.arguments for rule in current_app.url_map.iter_rules(endpoint)))
    return {name: value for name, value in (request.view_args or {}).items() if name in wanted}


def _from_our_pages() -> bool:
    """Same origin by what the browser says; by the form's token where it says nothing [attack:A098–A103].

    Browsers that send neither Sec-Fetch-Site nor Origin still send the Referer, which no page can set to another's: so a form
    on a page that all visitors share needs no token.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if origin is not None and not _ours(origin):
        return False
    if site is not None and site != "same-origin":
        return False
    if site is not None or origin is not None:
        return True
    if (page := request.headers.get("Referer")) is not None:
        return _ours(page)
    tokens = request.form.getlist("csrf_token")
    return len(tokens) == 1 and form_token_fits(tokens[0])


def _ours(address: str) -> bool:
    try:
        told = urlsplit(address)
    except ValueError:
        return False
    return (told.scheme, told.netloc) == (request.scheme, request.host)


def _note(duty: Duty, reason: str, status: int, fields: Iterable[str] = ()) -> None:
    """One line for whoever watches: who was refused what and why. Keys in addresses stay out of it [attack:A278]."""
    person, given = here().person_id, request.view_args or {}
    target = {name: str(value) for name, value in given.items() if isinstance(value, UUID | int)}
    log.info(
        "refused", reason=reason, status=status, endpoint=duty.endpoint, person=str(person or ""),
        address=request.remote_addr or "", house=str(given.get("coop", ""))[:60], target=target,
        fields=sorted(fields)[:10],
    )  # fmt: skip
    refusals.note(
        db.unit, reason, rule=duty.rule, address=request.remote_addr or "", account=str(person) if person else ""
    )


def _refuse(duty: Duty, refusal: Refusal, arguments: dict[str, Any]) -> Response:
    """The same form with its words kept, or the page for this kind of refusal."""
    g.refusal = refusal
    if duty.again and not isinstance(refusal, (Missing, Denied)):
        page = current_app.view_functions[duty.again]
        inner = getattr(page, "__wrapped__", page)
        try:
            return make_response((inner(**_fitting(duty.again)), refusal.status))
        except Refusal as second:  # The page itself refuses, for instance because what it shows is gone.
            refusal = second
    return make_response((render_template(f"errors/{refusal.status}.html", words=str(refusal)), refusal.status))


def safe_path(target: str, otherwise: str = "/") -> str:
    """`target` when it is a plain path of ours, else `otherwise`: rebuilt from its parts, never passed on as typed.

    Browsers read `//evil`, `/\\evil` and `/<tab>/evil` as another host [attack:A111, commerce:X13].
    """
    if not target.startswith("/") or target.startswith(("//", "/\\")) or len(target) > 500:
        return otherwise
    if any(ord(letter) < 0x21 or letter == "\\" or ord(letter) > 0x7E for letter in target):
        return otherwise
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or "//" in parts.path or "%" in parts.path:  # None of our paths needs an escape.
        return otherwise
    return quote(parts.path, safe="/-._~") + (f"?{quote(parts.query, safe='=&-._~%+')}" if parts.query else "")
