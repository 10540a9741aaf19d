"""Being forgotten: the wish, and the way back from it. Both stand on the page of my data."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, request, url_for
from werkzeug import Response

from cooperative import erasures
from cooperative.keepers import Keeper
from ground import trail
from ground.db import db
from ground.forms import Reader
from ground.web import SIGNED_IN, Door, here
from ground.words import _

door = Door("erasures", __name__, url_prefix="/me/data/erasures")


@door.post("", who=SIGNED_IN, action="erasure.ask", again="my_data.show", step_up=True)
def ask() -> Response:
    """From now on the two weeks run."""
    Reader(request.form).done()
    keepers: Sequence[Keeper] = current_app.extensions["keepers"]
    wish = erasures.ask(db.session, here().person, keepers)
    trail.about(db.session, wish.id)
    db.session.commit()
    return redirect(url_for("my_data.show"), 303)


@door.post("/withdrawal", who=SIGNED_IN, action="erasure.withdraw", again="my_data.show")
def withdraw() -> Response:
    """Stay. It needs no fresh proof: whoever is signed in may keep what there is."""
    Reader(request.form).done()
    erasures.withdraw(db.session, here().person.id)
    trail.about(db.session, here().person.id)
    db.session.commit()
    flash(_("Your account stays."), "ok")
    return redirect(url_for("my_data.show"), 303)
