"""My address: moving my account to another one, which takes a letter to each."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import moves, people
from cooperative.views.letters import page
from ground import trail
from ground.db import db
from ground.forms import Reader
from ground.web import SIGNED_IN, Door, here
from ground.words import _

door = Door("addresses", __name__, url_prefix="/me/address")


@door.get("", who=SIGNED_IN)
def show() -> str:
    """The address as it is, and the form for another."""
    return render_template("cooperative/address.html", person=here().person)


@door.post("", who=SIGNED_IN, action="address.ask", again="addresses.show", step_up=True)
def ask() -> Response:
    """Two letters; the address changes when the new one confirms."""
    read = Reader(request.form)
    email = read.email("email")
    read.done()
    moves.ask(db.session, here().person, people.normal_email(email) or email, page=page())
    trail.about(db.session, here().person.id)
    db.session.commit()
    flash(_("Two letters are on their way. Your address changes when you open the one at the new address."), "ok")
    return redirect(url_for("me.show"), 303)
