"""People & roles: who works here, giving a role by letter, taking one back."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import invitations, people, roles
from cooperative.roles import Role
from ground import trail
from ground.db import db
from ground.errors import Missing
from ground.forms import Reader
from ground.web import Door, here

door = Door("people", __name__, url_prefix="/office/<coop>/people")

HEADS = (Role.MANAGER, Role.OPERATOR)


@door.get("/", who=HEADS)
def show(coop: str) -> str:
    """Everybody with a role, and the letters still on their way."""
    house = here().cooperative
    may_give = roles.may_give(frozenset(Role(role) for role in here().roles))
    held = roles.live_in(db.session, house.id)
    return render_template(
        "admin/people.html",
        held=held,
        givers=people.find_many(db.session, {row.granted_by_id for row in held if row.granted_by_id}),
        may_give=sorted(may_give),
        waiting=invitations.waiting(db.session, house.id),
        me=here().person,
    )


@door.post("/invitations", who=HEADS, action="role.invite", again="people.show", step_up=True)
def invite(coop: str) -> Response:
    """A letter with which somebody takes up a role. Nobody learns here whether the address has an account [attack:A178]."""
    read = Reader(request.form)
    email, role = read.email("email"), read.choice("role", Role)
    read.done()
    house = here().cooperative
    page = current_app.config["PUBLIC_URL"].rstrip("/") + "/invitations/"
    sent = invitations.send(db.session, house.id, email, by=here().person.id, house=house.name, page=page, role=role)
    trail.about(db.session, sent.id, role=role.value)
    db.session.commit()
    return redirect(url_for("people.show", coop=coop), 303)


@door.post("/grants", who=HEADS, action="role.grant", again="people.show", step_up=True)
def grant(coop: str) -> Response:
    """One more role for somebody who works here already; nobody else can be named [commerce:X15]."""
    read = Reader(request.form)
    person_id, role = read.id("person_id"), read.choice("role", Role)
    read.done()
    house = here().cooperative
    if not roles.of(db.session, person_id, house.id):
        raise Missing("Nobody here has this name.")
    given = roles.grant(db.session, house.id, person_id, role, by=here().person.id)
    trail.about(db.session, given.id, person=str(person_id), role=role.value)
    db.session.commit()
    return redirect(url_for("people.show", coop=coop), 303)


@door.post("/grants/<uuid:grant_id>/withdrawal", who=HEADS, action="role.withdraw", again="people.show", step_up=True)
def withdraw(coop: str, grant_id: UUID) -> Response:
    """Take a role back; the last manager's stays."""
    Reader(request.form).done()
    house = here().cooperative
    held = roles.find(db.session, house.id, grant_id)
    if held is None:
        raise Missing("There is no such role.")
    roles.withdraw(db.session, house.id, grant_id, by=here().person.id)
    trail.about(db.session, grant_id, person=str(held.person_id), role=held.role.value)
    db.session.commit()
    return redirect(url_for("people.show", coop=coop), 303)
