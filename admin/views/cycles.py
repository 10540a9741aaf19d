"""Order cycles in the office: from when to when something is sold, to whom, and once more next time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative.roles import Role
from ground import clock, local_time, trail
from ground.db import db
from ground.forms import Reader
from ground.keys import claim
from ground.web import Door, here, visitor
from inventory import products
from storefront import cycles
from storefront.cycles import Sells

door = Door("cycles", __name__, url_prefix="/office/<coop>/cycles")
STAFF = (Role.COLLECTOR, Role.MANAGER)
DESK = (Role.MANAGER,)


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """Every cycle with its dates, and the form for the next."""
    home = here().cooperative
    return render_template(
        "admin/cycles.html", cycles=cycles.all_of(db.session, home.id), products=products.all_of(db.session, home.id),
        now=clock.now(), zone=home.zone, sells=list(Sells),
    )  # fmt: skip


@door.post("/", who=DESK, action="cycle.add", again="cycles.index")
def add(coop: str) -> Response:
    """A cycle; without dates it is a draft, without goods it sells everything."""
    home, read = here().cooperative, Reader(request.form)
    key, name = read.once(), read.text("name", most=80)
    opens_at, closes_at = _dates(read)
    sells, goods = read.choice("sells", Sells), _goods(read)
    read.done()
    back = url_for("cycles.index", coop=coop)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    cycle = cycles.add(
        db.session, home.id, name=name, opens_at=opens_at, closes_at=closes_at, sells=sells, product_ids=goods
    )
    trail.about(db.session, cycle.id, name=name, opens_at=str(opens_at), closes_at=str(closes_at))
    db.session.commit()
    flash("The cycle is saved." if cycle.is_dated else "Saved as a draft: give it both dates to open it.", "ok")
    return redirect(back, 303)


@door.get("/<uuid:cycle_id>", who=STAFF)
def show(coop: str, cycle_id: UUID) -> str:
    """One cycle, with its form."""
    home = here().cooperative
    cycle = cycles.find(db.session, home.id, cycle_id)
    return render_template(
        "admin/cycle.html", cycle=cycle, products=products.all_of(db.session, home.id), now=clock.now(), zone=home.zone,
        sells=list(Sells), goods={each.product_id for each in cycle.goods},
    )  # fmt: skip


@door.post("/<uuid:cycle_id>", who=DESK, action="cycle.change", again="cycles.show")
def change(coop: str, cycle_id: UUID) -> Response:
    """New dates, goods and buyers; empty dates make it a draft again. Orders that stand are untouched."""
    home, read = here().cooperative, Reader(request.form)
    opens_at, closes_at = _dates(read)
    sells, goods = read.choice("sells", Sells), _goods(read)
    read.done()
    cycle = cycles.find(db.session, home.id, cycle_id)
    cycle.date(opens_at, closes_at)
    cycles.change(db.session, cycle, sells=sells, product_ids=goods)
    trail.about(db.session, cycle.id, name=cycle.name, opens_at=str(opens_at), closes_at=str(closes_at))
    db.session.commit()
    flash("Saved.", "ok")
    return redirect(url_for("cycles.index", coop=coop), 303)


@door.post("/<uuid:cycle_id>/copy", who=DESK, action="cycle.copy", again="cycles.show")
def copy(coop: str, cycle_id: UUID) -> Response:
    """The same once more, undated."""
    read = Reader(request.form)
    key = read.once()
    read.done()
    back = url_for("cycles.index", coop=coop)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    made = cycles.copy(db.session, cycles.find(db.session, here().cooperative.id, cycle_id))
    trail.about(db.session, made.id, name=made.name)
    db.session.commit()
    flash("Copied as a draft: give it both dates to open it.", "ok")
    return redirect(url_for("cycles.show", coop=coop, cycle_id=made.id), 303)


def _dates(read: Reader) -> tuple[datetime | None, datetime | None]:
    """Day and time of opening and closing, as clocks there show them; a day left out is none."""
    zone, found = here().cooperative.zone, []
    for name in ("opens", "closes"):
        day, minute = read.day(name, optional=True), read.minute(f"{name}_time", optional=True)
        found.append(local_time.at(day, minute, zone) if day else None)
    return found[0], found[1]


def _goods(read: Reader) -> list[UUID]:
    """The ticked products, each `goods-<id>`; another cooperative's is no field of this form."""
    mine = {product.id for product in products.all_of(db.session, here().cooperative.id)}
    return [id for id in sorted(mine) if read.tick(f"goods-{id}")]
