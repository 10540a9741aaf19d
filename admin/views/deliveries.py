"""The weighing desk: record a delivery, hand out its receipt, take the next one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cooperative import members, people, points
from cooperative.members import Member
from cooperative.roles import Role
from ground import clock, trail
from ground.db import db
from ground.errors import Missing
from ground.forms import DIGITS, Reader
from ground.ids import NOBODY
from ground.quantity import Quantity, Unit
from ground.web import Door, here
from inventory import deliveries, pools, products
from inventory.deliveries import Delivery, DeliveryForm
from inventory.pools import Pool

door = Door("deliveries", __name__, url_prefix="/office/<coop>/deliveries")
STAFF = (Role.COLLECTOR, Role.MANAGER, Role.TREASURER)
WEIGHERS = (Role.COLLECTOR, Role.MANAGER)


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """A day's deliveries, today's unless `?day=` says another."""
    home = here().cooperative
    day = _day_asked() or clock.now().astimezone(home.zone).date()
    since = datetime.combine(day, time.min, home.zone)
    found = deliveries.between(db.session, home.id, since, since + timedelta(days=1))
    all_products = products.all_of(db.session, home.id)
    return render_template(
        "admin/deliveries.html",
        day=day,
        deliveries=found,
        totals=_totals(found, {product.id: product.unit for product in all_products}),
        before=day - timedelta(days=1),
        is_today=day == clock.now().astimezone(home.zone).date(),
        members=members.find_many(db.session, home.id, [each.member_id for each in found]),
        products={product.id: product for product in all_products},
    )


@door.get("/new", who=WEIGHERS)
def new(coop: str) -> str:
    """The weighing form; `?who=` searches a member by number or name, `?number=`, `?what=` and `?point=` fill it in."""
    home = here().cooperative
    words = request.args.get("who", "").strip()[:80]
    found = members.search(db.session, home.id, words, most=12) if words else []
    number = request.form.get("number") or request.args.get("number") or (found[0].number if len(found) == 1 else "")
    chosen = members.find_by_number(db.session, home.id, int(number)) if DIGITS.fullmatch(str(number)) else None
    return render_template(
        "admin/deliveries_new.html",
        words=words,
        found=found,
        number=number,
        member=chosen if chosen is not None and chosen.left_on is None else None,
        what=request.args.get("what", ""),
        point=request.args.get("point", ""),
        points=points.all_of(db.session, home.id),
        open_pools=[pool for pool in pools.all_of(db.session, home.id) if pool.closed_at is None],
    )


@door.post("/", who=WEIGHERS, action="delivery.record", again="deliveries.new")
def record(coop: str) -> Response:
    """Write the delivery; the form's own key is its id, so that sending twice lands once."""
    home = here().cooperative
    read = Reader(request.form)
    id, number = read.once(), read.whole("number", least=1)
    member = members.find_by_number(db.session, home.id, number) if number else None
    if number and (member is None or member.left_on is not None):
        read.fault("number", f"There is no member {number} here.")
    pool, grade = _what(read, home.id)
    unit = pool.product.unit if pool else Unit.GRAM
    point_id = read.id("point")
    if point_id != NOBODY and points.find(db.session, home.id, point_id) is None:
        read.fault("point", "Choose one of the list.")
    gross, tare = read.quantity("gross", unit), read.quantity("tare", unit, least=0, optional=True)
    read.done()
    assert pool is not None and member is not None
    form = DeliveryForm(
        id=id, member_id=member.id, point_id=point_id, product_id=pool.product_id, grade=grade, gross=gross, tare=tare
    )
    delivery = deliveries.record(db.session, home, form, by=_me())
    trail.about(
        db.session,
        delivery.id,
        receipt=delivery.receipt_no,
        member=member.number,
        product=pool.product.name,
        net=delivery.net,
    )
    db.session.commit()
    return redirect(url_for("deliveries.show", coop=coop, delivery_id=delivery.id), 303)


@door.get("/<uuid:delivery_id>", who=STAFF)
def show(coop: str, delivery_id: UUID) -> str:
    """The receipt, ready to print."""
    home = here().cooperative
    delivery = deliveries.find(db.session, home.id, delivery_id)
    return render_template(
        "admin/delivery.html",
        delivery=delivery,
        member=_member(delivery.member_id),
        product=products.find(db.session, home.id, delivery.product_id),
        point=points.find(db.session, home.id, delivery.point_id),
        pool=pools.find(db.session, home.id, delivery.pool_id),
        collector=people.find(db.session, delivery.collector_id),
    )


def _totals(found: list[Delivery], units: dict[UUID, Unit]) -> list[Quantity]:
    """What came in, in each unit it was weighed in."""
    sums: dict[Unit, int] = {}
    for each in found:
        unit = units[each.product_id]
        sums[unit] = sums.get(unit, 0) + each.net
    return [Quantity(amount, unit) for unit, amount in sums.items()]


def _me() -> UUID:
    person_id = here().person_id
    assert person_id is not None, "the guard lets nobody else in"
    return person_id


def _member(member_id: UUID) -> Member:
    found = members.find(db.session, here().cooperative.id, member_id)
    if found is None:
        raise Missing("There is no such member.")
    return found


def _what(read: Reader, cooperative_id: UUID) -> tuple[Pool | None, str]:
    """The open pool and grade behind one choice of the list, `pool:grade`."""
    chosen, _, grade = read.text("what").partition(":")
    open_pools = {str(pool.id): pool for pool in pools.all_of(db.session, cooperative_id) if pool.closed_at is None}
    pool = open_pools.get(chosen)
    if pool is None or grade not in pool.product.grades:
        read.fault("what", "Choose what was brought; its pool may have been closed.")
        return None, ""
    return pool, grade


def _day_asked() -> date | None:
    given = request.args.get("day")
    try:
        found = date.fromisoformat(given) if given else None
    except ValueError:
        abort(400)
    if found is not None and not 1900 <= found.year <= 2200:  # A day before or after it would be none.
        abort(400)
    return found
