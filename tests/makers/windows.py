"""Makers of windows: a day on which orders are collected or brought, and the weekly rule behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from cooperative import points
from cooperative.cooperatives import Cooperative
from ground import clock, local_time
from storefront import delivery_zones, outlooks, window_rules, windows
from storefront.windows import Window
from tests.makers import cooperative as who


def window(
    session: Session, owner: Cooperative, *, days: int = 3, hours: tuple[int, int] = (8, 12), cut_off_days: int = 1,
    capacity: int = 10, point=None, zone=None,
) -> Window:  # fmt: skip
    """A window so many days from today (there), orders until the same hour so many days before."""
    place = point or zone or next(iter(points.all_of(session, owner.id)), None) or who.point(session, owner)
    day = local_time.day_of(clock.now(), owner.zone) + timedelta(days=days)
    cut_off_at = local_time.at(day - timedelta(days=cut_off_days), hours[0] * 60, owner.zone)
    return windows.open_one(
        session, owner, place=place.name, day=day, from_minute=hours[0] * 60, to_minute=hours[1] * 60, cut_off_at=cut_off_at,
        capacity=capacity, point_id=None if zone else place.id, zone_id=zone.id if zone else None,
    )  # fmt: skip


def weekly(session: Session, owner: Cooperative, *, weekday: int = 5, capacity: int = 10, point=None, **more: Any):
    """A window every week: Saturdays 08:00 to 12:00, orders until Thursday 18:00, unless told otherwise."""
    place = point or who.point(session, owner)
    given: dict[str, Any] = {"from_minute": 480, "to_minute": 720, "cut_off_days": 2, "cut_off_minute": 1080} | more
    return window_rules.repeat(
        session, owner, place=place.name, weekday=weekday, capacity=capacity, point_id=place.id, **given
    )


def zone(session: Session, owner: Cooperative, name: str = "Nairobi west"):
    """Somewhere the cooperative brings orders to."""
    return delivery_zones.draw(session, owner.id, name=name, places="Kilimani\nLavington")


def first_windows(session: Session, owner_ids):
    """What a buyer who takes the first that is free would choose, by cooperative."""
    found = outlooks.of_owners(session, list(owner_ids), clock.now())
    return {id: outlook.first.id for id, outlook in found.items() if outlook.first is not None}
