"""The trail's page: who did what in this cooperative, newest first."""

from __future__ import annotations

from datetime import datetime

from flask import abort, render_template, request, url_for

from cooperative import people
from cooperative.roles import Role
from ground import trail
from ground.db import db
from ground.web import Door, here

door = Door("trail", __name__, url_prefix="/office/<coop>/trail")
A_PAGE = 50


@door.get("/", who=(Role.MANAGER, Role.TREASURER, Role.OPERATOR))
def show(coop: str) -> str:
    """Fifty deeds; `?before=` pages back."""
    entries = trail.latest(db.session, here().cooperative.id, before=_before(), most=A_PAGE + 1)
    names = {person.id: person.name for person in people.find_many(db.session, {e.by_id for e in entries if e.by_id}).values()}
    older = url_for("trail.show", coop=coop, before=entries[A_PAGE - 1].created_at.isoformat()) if len(entries) > A_PAGE else ""
    return render_template("admin/trail.html", entries=entries[:A_PAGE], names=names, older=older)


def _before() -> datetime | None:
    given = request.args.get("before")
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        abort(400)
    if found.tzinfo is None:
        abort(400)
    return found
