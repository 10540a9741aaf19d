"""Invitations: the page a letter leads to."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import cooperatives, invitations, people, sessions
from cooperative.invitations import Invitation
from ground import trail
from ground.db import db
from ground.errors import Missing
from ground.forms import Reader
from ground.web import PUBLIC, Door, here, start_session
from ground.words import _

door = Door("invitations", __name__, url_prefix="/invitations")


@door.get("/<key>", who=PUBLIC)
def show(key: str) -> str:
    """What is offered, and what it takes."""
    invitation = _open(key)
    return render_template(
        "cooperative/invitation.html",
        invitation=invitation,
        key=key,
        house=cooperatives.find(db.session, invitation.cooperative_id),
        known=people.find_by_email(db.session, invitation.email) is not None,
        person=here().person,
    )


@door.post("/<key>", who=PUBLIC, action="invitation.accept", again="invitations.show")
def accept(key: str) -> Response:
    """Take it up; a new person is signed in at once."""
    invitation = _open(key)
    read = Reader(request.form)
    person = here().person
    name = password = ""
    if person is None:
        name, password = read.text("name", least=2, most=100), read.password("password")
    read.done()
    taken = invitations.accept(db.session, invitation, as_person=person, name=name, password=password)
    trail.about(db.session, invitation.id, person=str(taken.id))
    response = make_response(redirect(url_for("me.show"), 303))
    if person is None:
        _, token = sessions.start(
            db.session, taken, device=request.user_agent.string or "", address=request.remote_addr or ""
        )
        response = start_session(response, token)
    db.session.commit()
    return response


def _open(key: str) -> Invitation:
    found = invitations.find_open(db.session, key)
    if found is None:
        raise Missing(_("This invitation was taken up already, or its week is over. Ask for a new one."))
    return found
