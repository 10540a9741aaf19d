"""Collection and delivery: the week's windows with what is booked, a window once or every week, and the zones orders go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import points
from cooperative.cooperatives import Cooperative
from cooperative.roles import Role
from ground import clock, local_time, trail
from ground.db import db
from ground.forms import NOTE_MOST, Reader
from ground.ids import NOBODY
from ground.keys import claim
from ground.web import Door, here, visitor
from storefront import delivery_zones, window_rules, windows
from storefront.windows import CAPACITY_MOST, Window

door = Door("windows", __name__, url_prefix="/office/<coop>/windows")
STAFF = (Role.COLLECTOR, Role.MANAGER)
DESK = (Role.MANAGER,)


@dataclass(frozen=True, slots=True)
class Day:
    """One column of the week picture: its date and its windows."""

    day: date
    is_today: bool
    windows: tuple[Window, ...]


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """One week, `?week=` any day of it; the rules that go on; the forms."""
    home, now = here().cooperative, clock.now()
    today = local_time.day_of(now, home.zone)
    monday = local_time.monday_of(_asked_day() or today)
    since, until = (local_time.at(monday + timedelta(days=days), 0, home.zone) for days in (0, 7))
    found = windows.between(db.session, home.id, since, until)
    days = [monday + timedelta(days=number) for number in range(7)]
    week = [Day(each, each == today, tuple(w for w in found if w.day == each)) for each in days]
    places = points.all_of(db.session, home.id)
    zones = delivery_zones.all_of(db.session, home.id)
    return render_template(
        "admin/windows.html", week=week, windows=found, now=now, monday=monday, today=today, zones=zones,
        rules=window_rules.live_of(db.session, home.id), names=days,
        places=[(f"point:{each.id}", each.name) for each in places] + [(f"zone:{each.id}", f"To {each.name}") for each in zones],
        before=url_for("windows.index", coop=coop, week=monday - timedelta(days=7)),
        after=url_for("windows.index", coop=coop, week=monday + timedelta(days=7)),
    )  # fmt: skip


@door.post("/", who=DESK, action="window.add", again="windows.index")
def add(coop: str) -> Response:
    """A window on one day, or with `weekly` every week on that day from then on."""
    home, read = here().cooperative, Reader(request.form)
    key, day, place = read.once(), read.day("day"), read.text("place", most=60)
    from_minute, to_minute = read.minute("from"), read.minute("until")
    cut_off_days, cut_off_minute = read.whole("cut_off_days", most=14), read.minute("cut_off_time")
    capacity, weekly = read.whole("capacity", least=1, most=CAPACITY_MOST), read.tick("weekly")
    where = _place(read, home, place)
    read.done()
    assert day is not None
    back = url_for("windows.index", coop=coop, week=local_time.monday_of(day))
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    if weekly:
        made = window_rules.repeat(
            db.session, home, place=where.name, weekday=day.weekday(), from_minute=from_minute, to_minute=to_minute,
            cut_off_days=cut_off_days, cut_off_minute=cut_off_minute, capacity=capacity, point_id=where.point_id,
            zone_id=where.zone_id,
        )  # fmt: skip
    else:
        made = windows.open_one(
            db.session, home, place=where.name, day=day, from_minute=from_minute, to_minute=to_minute,
            cut_off_at=local_time.at(day - timedelta(days=cut_off_days), cut_off_minute, home.zone), capacity=capacity,
            point_id=where.point_id, zone_id=where.zone_id,
        )  # fmt: skip
    trail.about(db.session, made.id, place=where.name, day=str(day), weekly=weekly, capacity=capacity)
    db.session.commit()
    flash("The window stands every week." if weekly else "The window is added.", "ok")
    return redirect(back, 303)


@door.post("/<uuid:window_id>/closing", who=DESK, action="window.close", again="windows.index")
def close(coop: str, window_id: UUID) -> Response:
    """Nobody more may choose it; who has chosen it is still expected."""
    Reader(request.form).done()
    window = windows.find(db.session, here().cooperative.id, window_id)
    windows.close(db.session, window)
    trail.about(db.session, window.id, place=window.place, day=str(window.day), booked=window.booked)
    db.session.commit()
    flash(f"Closed. Its {window.booked} orders stay.", "ok")
    return redirect(url_for("windows.index", coop=coop, week=window.day), 303)


@door.post("/rules/<uuid:rule_id>/end", who=DESK, action="window.end-rule", again="windows.index")
def end(coop: str, rule_id: UUID) -> Response:
    """No more windows of this rule; those that stand take no more orders."""
    Reader(request.form).done()
    rule = window_rules.find(db.session, here().cooperative.id, rule_id)
    window_rules.end(db.session, rule)
    trail.about(db.session, rule.id, place=rule.place, weekday=rule.weekday)
    db.session.commit()
    flash("It is not repeated any more. Orders that stand are kept.", "ok")
    return redirect(url_for("windows.index", coop=coop), 303)


@door.post("/zones", who=DESK, action="zone.draw", again="windows.index")
def add_zone(coop: str) -> Response:
    """A place that orders are brought to; its windows come next."""
    home, read = here().cooperative, Reader(request.form)
    key, name, places = read.once(), read.text("zone_name", most=60), read.text("places", most=NOTE_MOST, lines=True)
    read.done()
    back = url_for("windows.index", coop=coop)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    zone = delivery_zones.draw(db.session, home.id, name=name, places=places)
    trail.about(db.session, zone.id, name=name)
    db.session.commit()
    flash("The zone is added. Add its windows next.", "ok")
    return redirect(back, 303)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a window is: at a point, or in a zone."""

    name: str
    point_id: UUID | None = None
    zone_id: UUID | None = None


def _place(read: Reader, home: Cooperative, told: str) -> Where:
    """`point:<id>` or `zone:<id>`, of this cooperative."""
    kind, _, text = told.partition(":")
    try:
        id = UUID(text)
    except ValueError:
        id = NOBODY
    if str(id) == text and kind == "point":
        point = points.find(db.session, home.id, id)
        if point is not None:
            return Where(point.name, point_id=id)
    if str(id) == text and kind == "zone":
        zone = next((zone for zone in delivery_zones.all_of(db.session, home.id) if zone.id == id), None)
        if zone is not None:
            return Where(zone.name, zone_id=id)
    read.fault("place", "Choose one of the list.")
    return Where("")


def _asked_day() -> date | None:
    """The day in the address; another word asks for this week."""
    try:
        found = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
