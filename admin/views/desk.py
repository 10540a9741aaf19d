"""The office's front page: what waits for me today; and the way to each office I have a part in."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug import Response

from admin import desk, weeks
from cooperative import cooperatives, roles
from cooperative.roles import Role
from ground import clock
from ground.db import db
from ground.quantity import Quantity, Unit
from ground.web import SIGNED_IN, Door, here

door = Door("desk", __name__, url_prefix="/office")


@door.get("/", who=SIGNED_IN)
def choose() -> str | Response:
    """My offices; straight into it where there is only one."""
    mine = roles.everywhere(db.session, here().person.id)
    found = sorted(cooperatives.find_many(db.session, list(mine)).values(), key=lambda each: each.name)
    if len(found) == 1:
        return redirect(url_for("desk.show", coop=found[0].slug), 303)
    return render_template("admin/offices.html", offices=[(each, sorted(mine[each.id])) for each in found])


@door.get("/<coop>/", who=(Role.MANAGER, Role.TREASURER, Role.COLLECTOR, Role.OPERATOR))
def show(coop: str) -> str:
    """To-dos, four figures, and eight weeks of weighing and selling."""
    where = here()
    sells = not where.cooperative.is_operator
    figures = desk.figures(db.session, where.cooperative)
    todo = [
        {
            "title": task.words,
            "url": url_for(task.page, coop=coop, **task.where),
            "note": task.note,
            "icon": task.icon,
            "kind": task.kind,
        }
        for task in desk.tasks(db.session, where.cooperative, where.roles, where.person.id)
    ]
    store = [str(Quantity(amount, Unit(unit))) for unit, amount in figures.in_store.items()]
    return render_template(
        "admin/desk.html", figures=figures, todo=todo, store=store, weighs=bool({Role.COLLECTOR, Role.MANAGER} & where.roles),
        counts=bool({Role.TREASURER, Role.MANAGER} & where.roles), sells=sells, today=clock.now(),
        weeks=weeks.latest(db.session, where.cooperative) if sells else [],
        hour=clock.now().astimezone(where.cooperative.zone).hour,
    )  # fmt: skip
