"""Passkeys: adding, naming and removing mine; signing in and confirming with one. Without JavaScript the other ways stay."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, make_response, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import passkeys, people, sessions
from cooperative.challenges import Purpose
from cooperative.passkeys import Place
from cooperative.sessions import device_words
from cooperative.views.next_page import own_path
from cooperative.views.sign_in import welcome
from ground import outbox, trail
from ground.db import db
from ground.errors import Refusal
from ground.forms import Reader
from ground.ids import new_id
from ground.web import PUBLIC, SIGNED_IN, Door, here
from ground.words import _

door = Door("passkeys", __name__)
ANSWER_MOST = 8_000
"""Letters of what a browser sends; a passkey's own is about 1,000."""


@door.get("/me/passkeys", who=SIGNED_IN)
def show() -> str:
    """Mine, and the way to one more."""
    return render_template(
        "cooperative/passkeys.html", keys=passkeys.of(db.session, here().person.id),
        at_fault=(request.view_args or {}).get("passkey_id"),
    )  # fmt: skip


@door.post("/me/passkeys/offers", who=SIGNED_IN, action="passkey.offer", again="passkeys.show", step_up=True)
def offer() -> Response:
    """What the browser needs to make one."""
    Reader(request.form).done()
    told = passkeys.offer(db.session, here().person, _place(), address=request.remote_addr or "")
    trail.about(db.session, here().person.id)
    db.session.commit()
    return _json(told)


@door.post("/me/passkeys", who=SIGNED_IN, action="passkey.add", again="passkeys.show", step_up=True)
def add() -> Response:
    """Keep it, named after the device; the owner is told by letter [attack:A173]."""
    read = Reader(request.form)
    answer = _answer(read)
    read.done()
    name = device_words(request.user_agent.string or "")
    key = passkeys.add(db.session, here().person, _place(), answer, name=name)
    _tell(here().person, _("A passkey was added to your account"), "passkey added")
    trail.about(db.session, key.id)
    db.session.commit()
    return redirect(url_for("passkeys.show"), 303)


@door.post("/me/passkeys/<uuid:passkey_id>/name", who=SIGNED_IN, action="passkey.rename", again="passkeys.show")
def rename(passkey_id: UUID) -> Response:
    """Call it what I call the device."""
    read = Reader(request.form)
    name = read.text("name", most=60)
    read.done()
    passkeys.rename(db.session, here().person.id, passkey_id, name)
    trail.about(db.session, passkey_id)
    db.session.commit()
    return redirect(url_for("passkeys.show"), 303)


@door.post(
    "/me/passkeys/<uuid:passkey_id>/removal",
    who=SIGNED_IN,
    action="passkey.remove",
    again="passkeys.show",
    step_up=True,
)
def remove(passkey_id: UUID) -> Response:
    """The device is lost, or is somebody else's now."""
    Reader(request.form).done()
    passkeys.remove(db.session, here().person.id, passkey_id)
    _tell(here().person, _("A passkey was removed from your account"), "passkey removed")
    trail.about(db.session, passkey_id)
    db.session.commit()
    return redirect(url_for("passkeys.show"), 303)


@door.post("/sign-in/passkeys/questions", who=PUBLIC, action="passkey.ask", again="sign_in.show")
def ask() -> Response:
    """What the browser needs to sign in with one. The same for everybody: no name is asked [attack:A161]."""
    Reader(request.form).done()
    told = passkeys.ask(db.session, Purpose.SIGN_IN, _place(), address=request.remote_addr or "")
    db.session.commit()
    return _json(told)


@door.post("/sign-in/passkeys", who=PUBLIC, action="sign-in by passkey", again="sign_in.show")
def sign_in() -> Response:
    """Device and owner proved themselves: no password, no code."""
    read = Reader(request.form)
    answer, target = _answer(read), own_path(read.raw("next") or "")
    read.done()
    key = passkeys.accept(db.session, Purpose.SIGN_IN, _place(), answer)
    person = people.find(db.session, key.person_id)
    if person is None or not person.is_active:
        raise Refusal(fields={"credential": _("This passkey was not accepted. Try again, or choose another way.")})
    return welcome(person, target)


@door.post("/confirm/passkeys/questions", who=SIGNED_IN, action="passkey.ask to confirm", again="sign_in.confirm")
def ask_again() -> Response:
    """What the browser needs to show that it is still me."""
    Reader(request.form).done()
    told = passkeys.ask(db.session, Purpose.CONFIRM, _place(), address=request.remote_addr or "", person=here().person)
    db.session.commit()
    return _json(told)


@door.post("/confirm/passkeys", who=SIGNED_IN, action="confirm by passkey", again="sign_in.confirm")
def confirm() -> Response:
    """As good as the password, or the code."""
    read = Reader(request.form)
    answer, target = _answer(read), own_path(read.raw("next") or "")
    read.done()
    key = passkeys.accept(db.session, Purpose.CONFIRM, _place(), answer, person=here().person)
    sessions.confirm(db.session, here().sign_in.id)
    trail.about(db.session, key.id)
    db.session.commit()
    return redirect(target, 303)


def _answer(read: Reader) -> str:
    told = read.raw("credential") or ""
    if not told or len(told) > ANSWER_MOST or not told.isascii():
        read.fault("credential", _("This passkey was not accepted. Try again, or choose another way."))
    return told


def _place() -> Place:
    return Place.of(current_app.config["PUBLIC_URL"])


def _json(told: str) -> Response:
    answer = make_response(told)
    answer.mimetype = "application/json"
    return answer


def _tell(person: people.Person, what: str, kind: str) -> None:
    outbox.write(
        db.session, to=person.email or "", subject=what, kind=kind, cause=new_id(),
        text=f"{what}.\n\n{_('If this was not you, sign in, end the other devices on your page, and call us.')}\n",
    )  # fmt: skip
