"""Me: who I am here, where I may go, and every device that is signed in as me."""

from __future__ import annotations

from uuid import UUID

import segno
from flask import current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug import Response

from cooperative import authenticators, companies, cooperatives, links, members, people, roles, sessions
from ground import clock, outbox, trail
from ground.db import db
from ground.errors import Missing, Refusal
from ground.forms import Reader
from ground.ids import new_id
from ground.web import SIGNED_IN, Door, here
from ground.words import _

door = Door("me", __name__, url_prefix="/me")


@door.get("", who=SIGNED_IN)
def show() -> str:
    """Roles, memberships, company, sign-ins: all of it the person's own rows."""
    person = here().person
    held = roles.everywhere(db.session, person.id)
    mine = members.memberships_of(db.session, person.id)
    houses = cooperatives.find_many(db.session, sorted({*held, *(member.cooperative_id for member in mine)}))
    return render_template(
        "cooperative/me.html",
        person=person,
        desks=sorted(((houses[key], sorted(given)) for key, given in held.items()), key=lambda desk: desk[0].name),
        memberships=[(houses[member.cooperative_id], member) for member in mine],
        company=companies.company_of(db.session, person.id),
        sign_ins=sessions.live_of(db.session, person.id),
        this=here().sign_in,
        office=_page("desk.show"),
        statement=_page("statement.show"),
        now=clock.now(),
    )


@door.post("/sign-ins/<uuid:sign_in_id>/ending", who=SIGNED_IN, action="sign-in.end", again="me.show")
def end(sign_in_id: UUID) -> Response:
    """Sign one of my devices out."""
    Reader(request.form).done()
    if not sessions.end(db.session, here().person.id, sign_in_id):
        raise Missing(_("There is no such sign-in."))
    trail.about(db.session, sign_in_id)
    db.session.commit()
    return redirect(url_for("me.show"), 303)


@door.post("/sign-ins/endings", who=SIGNED_IN, action="sign-in.end all others", again="me.show")
def end_others() -> Response:
    """Sign every device out but this one."""
    Reader(request.form).done()
    ended = sessions.end_others(db.session, here().person.id, keep=here().sign_in.id)
    trail.about(db.session, here().person.id, ended=ended)
    db.session.commit()
    return redirect(url_for("me.show"), 303)


@door.get("/password", who=SIGNED_IN)
def password() -> str:
    """The form for a new password."""
    return render_template("cooperative/password.html")


@door.post("/password", who=SIGNED_IN, action="password.change", again="me.password", step_up=True)
def change_password() -> Response:
    """A new password ends every other sign-in, and a letter says so."""
    read = Reader(request.form)
    wanted = read.password("password")
    if read.password("again") != wanted:
        read.fault("again", _("The two are not the same."))
    read.done()
    person = here().person
    people.change_password(db.session, person, wanted)
    sessions.end_others(db.session, person.id, keep=here().sign_in.id)
    links.end_all(db.session, person.id)
    _tell(person, _("Your password was changed"), "password changed")
    trail.about(db.session, person.id)
    db.session.commit()
    return redirect(url_for("me.show"), 303)


@door.get("/authenticator", who=SIGNED_IN)
def authenticator() -> str:
    """The picture to scan while a secret is on offer; else the offer, or the way to end it."""
    person = here().person
    address = authenticators.address(person, person.totp_pending) if person.totp_pending else ""
    picture = Markup(segno.make(address, error="m").svg_inline(scale=5)) if address else ""  # noqa: S704 drawn by us
    return render_template(
        "cooperative/authenticator.html", person=person, picture=picture, secret=person.totp_pending or ""
    )


@door.post("/authenticator", who=SIGNED_IN, action="authenticator.offer", again="me.authenticator", step_up=True)
def offer_authenticator() -> Response:
    """Make a secret for the app."""
    Reader(request.form).done()
    authenticators.offer(db.session, here().person)
    trail.about(db.session, here().person.id)
    db.session.commit()
    return redirect(url_for("me.authenticator"), 303)


@door.post("/authenticator/proof", who=SIGNED_IN, action="authenticator.adopt", again="me.authenticator", step_up=True)
def adopt_authenticator() -> Response:
    """The first code proves that the app has the secret; the owner is told by letter [attack:A173]."""
    read = Reader(request.form)
    code = read.text("code", most=20)
    read.done()
    person = here().person
    authenticators.adopt(db.session, person, code)
    _tell(person, _("Signing in now asks for a code"), "authenticator adopted")
    trail.about(db.session, person.id)
    db.session.commit()
    return redirect(url_for("me.show"), 303)


@door.post("/authenticator/removal", who=SIGNED_IN, action="authenticator.drop", again="me.authenticator", step_up=True)
def drop_authenticator() -> Response:
    """The password alone is enough again; the owner is told by letter."""
    Reader(request.form).done()
    person = here().person
    if person.totp_secret is None and person.totp_pending is None:
        raise Refusal(_("There is no authenticator to remove."))
    authenticators.drop(db.session, person.id)
    _tell(person, _("Signing in no longer asks for a code"), "authenticator dropped")
    trail.about(db.session, person.id)
    db.session.commit()
    return redirect(url_for("me.show"), 303)


def _tell(person: people.Person, what: str, kind: str) -> None:
    """A letter to the owner of the account: if it was not them, they learn of it."""
    outbox.write(
        db.session, to=person.email or "", subject=what, kind=kind, cause=new_id(),
        text=f"{what}.\n\n{_('If this was not you, sign in, end the other devices on your page, and call us.')}\n",
    )  # fmt: skip


def _page(endpoint: str) -> str:
    """The endpoint where that floor has its door, else nothing: this one never imports those above."""
    return endpoint if endpoint in current_app.view_functions else ""
