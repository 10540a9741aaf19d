"""Signing in, signing out, and confirming that it is still you."""

from __future__ import annotations

from flask import after_this_request, current_app, make_response, redirect, render_template, request
from werkzeug import Response

from cooperative import authenticators, passkeys, passwords, people, sessions, throttle
from cooperative.people import Person
from cooperative.views.next_page import own_path
from ground import trail
from ground.db import db
from ground.errors import Refusal
from ground.forms import Reader
from ground.web import PUBLIC, SIGNED_IN, Door, end_session, fresh_deed, here, start_session
from ground.words import _, _l

door = Door("sign_in", __name__)

WRONG = _l("The address, the password or the code is not right.")
"""The one answer for every way to be wrong, so that nobody learns who has an account here [attack:A161]."""


@door.get("/sign-in", who=PUBLIC)
def show() -> str | Response:
    """The form; whoever is signed in already goes on."""
    if here().person is not None and request.method == "GET":
        return redirect(own_path(request.args.get("next", "")), 303)
    return render_template("cooperative/sign_in.html", next=_next())


@door.post("/sign-in", who=PUBLIC, action="sign-in.try", again="sign_in.show")
def begin() -> Response:
    """Count the try (commit), look at the password outside any transaction, then open the sign-in (commit)."""
    read = Reader(request.form)
    email = read.text("email", most=254)
    password = read.password("password")
    code = read.text("code", most=20, optional=True)
    target = own_path(read.raw("next") or "")
    read.done()
    names = throttle.keys(people.normal_email(email) or email.lower(), request.remote_addr or "")
    charge(names)
    db.session.commit()
    person = people.find_by_email(db.session, email)
    db.session.rollback()  # No transaction stays open while the hash is made.
    if not passwords.fits(person.password_hash if person else None, password) or person is None:
        raise Refusal(str(WRONG))
    db.session.refresh(person)
    if not person.is_active or (person.totp_secret is not None and not authenticators.accept(db.session, person, code)):
        raise Refusal(str(WRONG))
    fresh_deed("sign-in")
    throttle.forgive(db.session, names)
    return welcome(person, target)


def welcome(person: Person, target: str) -> Response:
    """Let somebody in who proved who they are: a new key for this browser; the one it held before is ended. Commits."""
    old = here().sign_in
    if old is not None:
        sessions.end(db.session, old.person_id, old.id)
    sign_in, token = sessions.start(
        db.session, person, device=request.user_agent.string or "", address=request.remote_addr or ""
    )
    for greet in current_app.extensions.get("welcomes", ()):  # Floors above, for instance the guest's basket.
        greet(db.session, person.id)
    trail.about(db.session, sign_in.id, person=str(person.id))
    db.session.commit()
    return start_session(make_response(redirect(target, 303)), token)


@door.post("/sign-out", who=PUBLIC, action="sign-out")
def leave() -> Response:
    """End this sign-in on the server first, then take the key back. Signing out twice is no mistake."""
    Reader(request.form).done()
    sign_in = here().sign_in
    if sign_in is not None:
        sessions.end(db.session, sign_in.person_id, sign_in.id)
        trail.about(db.session, sign_in.id)
        db.session.commit()
    return end_session(make_response(redirect("/", 303)))


@door.get("/confirm", who=SIGNED_IN)
def confirm() -> str:
    """Is it still you? Asked before money moves and keys change."""
    person = here().person
    return render_template(
        "cooperative/confirm.html", next=_next(), by_code=person.totp_secret is not None,
        by_passkey=passkeys.count(db.session, person.id) > 0,
    )  # fmt: skip


@door.post("/confirm", who=SIGNED_IN, action="confirm.try", again="sign_in.confirm")
def confirmed() -> Response:
    """The code where the person has an authenticator, else the password; counted like a sign-in."""
    person, sign_in = here().person, here().sign_in
    by_code = person.totp_secret is not None
    read = Reader(request.form)
    proof = read.text("code", most=20) if by_code else read.password("password")
    target = own_path(read.raw("next") or "")
    read.done()
    names = throttle.keys(person.email or str(person.id), request.remote_addr or "")
    charge(names)
    db.session.commit()
    if by_code:
        right = authenticators.accept(db.session, person, proof)
    else:
        db.session.rollback()
        right = passwords.fits(person.password_hash, proof)
    if not right:
        raise Refusal(fields={"code" if by_code else "password": _("This is not right.")})
    fresh_deed("confirm")
    sessions.confirm(db.session, sign_in.id)
    throttle.forgive(db.session, names)
    trail.about(db.session, sign_in.id)
    db.session.commit()
    return redirect(target, 303)


def charge(names: throttle.Keys) -> None:
    """Count one try, for the caller to commit; who must wait is told when to come back."""
    try:
        throttle.charge(db.session, names)
    except throttle.Wait as wait:
        seconds = str(wait.seconds)

        @after_this_request
        def _say_when(response: Response) -> Response:
            response.headers["Retry-After"] = seconds
            return response

        raise


def _next() -> str:
    """Where the form should lead, from the address or from the form shown again; a strange one is forgotten."""
    return own_path(request.form.get("next", "") if request.method == "POST" else request.args.get("next", ""), "")
