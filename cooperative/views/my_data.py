"""My data: all that is kept about me, to read and to take along."""

from __future__ import annotations

import json

from flask import make_response, redirect, render_template, url_for
from werkzeug import Response

from cooperative import erasures, exports
from ground import clock
from ground.db import db
from ground.web import SIGNED_IN, Door, here

door = Door("my_data", __name__, url_prefix="/me/data")


@door.get("", who=SIGNED_IN)
def show() -> str:
    """What there is to take, and the way to be forgotten. What hinders that is looked for when somebody asks: it costs a lot."""
    wish = erasures.pending(db.session, here().person.id)
    return render_template("cooperative/my_data.html", wish=wish, waits_days=erasures.WAITS.days)


@door.get("/export", who=SIGNED_IN)
def export() -> Response:
    """One JSON file; asks who it is first, since it holds everything at once."""
    if not here().sign_in.confirmed(clock.now()):
        return redirect(url_for("sign_in.confirm", next=url_for("my_data.show")), 303)
    found = json.dumps(exports.of(db.session, here().person), ensure_ascii=False, indent=1).replace(
        "<", "\\u003c"
    )  # No browser takes it for a page.
    response = make_response(found)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="good-measure-my-data.json"'
    return response
