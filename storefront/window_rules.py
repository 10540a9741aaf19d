"""Window rules: every week at this place on this day; the worker makes the windows of the coming weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from cooperative import cooperatives
from cooperative.cooperatives import Cooperative
from ground import clock, local_time
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Missing, Refusal
from ground.ids import new_id
from storefront import windows
from storefront.windows import CAPACITY_MOST, Window

WEEKS_AHEAD = 4
"""So far ahead shoppers can choose; the worker fills up what is missing."""


class WindowRule(OfCooperative, Model):
    """Times are minutes after midnight on the clocks there, and the day 0 (Monday) to 6: the rule outlives daylight saving.

    Orders close `cut_off_days` before, at `cut_off_minute`. It never changes: an ended rule makes way for a new one.
    """

    __tablename__ = "window_rule"
    __table_args__ = (
        tenant_unique(),
        tenant_key("point_id", "collection_point"),
        tenant_key("zone_id", "delivery_zone"),
        CheckConstraint("(point_id IS NULL) <> (zone_id IS NULL)", "one_place"),
        CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
        CheckConstraint("from_minute >= 0 AND to_minute > from_minute AND to_minute <= 1440", "span"),
        CheckConstraint("cut_off_days BETWEEN 0 AND 14 AND cut_off_minute BETWEEN 0 AND 1440", "cut_off"),
        CheckConstraint("cut_off_days > 0 OR cut_off_minute <= from_minute", "cut_off_before_start"),
        CheckConstraint(f"capacity BETWEEN 1 AND {CAPACITY_MOST}", "capacity"),
    )
    frozen_columns = (
        "cooperative_id", "point_id", "zone_id", "place", "weekday", "from_minute", "to_minute", "cut_off_days",
        "cut_off_minute", "capacity",
    )  # fmt: skip
    public_read = "true"
    on_the_street = "true"

    point_id: Mapped[UUID | None]
    zone_id: Mapped[UUID | None]
    place: Mapped[str]
    weekday: Mapped[int]
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    cut_off_days: Mapped[int]
    cut_off_minute: Mapped[int]
    capacity: Mapped[int]
    ended_at: Mapped[datetime | None]


def repeat(
    session: Session, owner: Cooperative, *, place: str, weekday: int, from_minute: int, to_minute: int, cut_off_days: int,
    cut_off_minute: int, capacity: int, point_id: UUID | None = None, zone_id: UUID | None = None,
) -> WindowRule:  # fmt: skip
    """From now on every week, with its windows of the coming weeks made at once."""
    wrong: dict[str, str] = {}
    if to_minute <= from_minute:
        wrong["until"] = "It ends after it begins."
    if cut_off_days == 0 and cut_off_minute > from_minute:
        wrong["cut_off_days"] = "Orders close before the goods are handed over."
    if wrong:
        raise Refusal(fields=wrong)
    rule = WindowRule(
        cooperative_id=owner.id, point_id=point_id, zone_id=zone_id, place=place, weekday=weekday, from_minute=from_minute,
        to_minute=to_minute, cut_off_days=cut_off_days, cut_off_minute=cut_off_minute, capacity=capacity, ended_at=None,
    )  # fmt: skip
    session.add(rule)
    session.flush()
    _fill(session, rule, owner, clock.now())
    return rule


def live_of(session: Session, cooperative_id: UUID) -> list[WindowRule]:
    """The rules that go on, by day and hour."""
    query = select(WindowRule).where(WindowRule.cooperative_id == cooperative_id, WindowRule.ended_at.is_(None))
    return list(session.scalars(query.order_by(WindowRule.weekday, WindowRule.from_minute, WindowRule.id)))


def find(session: Session, cooperative_id: UUID, rule_id: UUID) -> WindowRule:
    found = session.scalar(
        select(WindowRule).where(WindowRule.cooperative_id == cooperative_id, WindowRule.id == rule_id)
    )
    if found is None:
        raise Missing("There is no such rule.")
    return found


def end(session: Session, rule: WindowRule) -> None:
    """No more windows of it. Those that stand keep their orders and take no more: whoever chose one is still expected."""
    now = clock.now()
    rule.ended_at = rule.ended_at or now
    session.flush()
    query = select(Window).where(
        Window.cooperative_id == rule.cooperative_id, Window.rule_id == rule.id, Window.starts_at > now
    )
    for window in session.scalars(query):
        windows.close(session, window)


def materialise(session: Session, now: datetime) -> int:
    """Make what is missing of the coming weeks, of every rule the session sees; how many windows were made."""
    rules = list(session.scalars(select(WindowRule).where(WindowRule.ended_at.is_(None)).order_by(WindowRule.id)))
    owners = cooperatives.find_many(session, sorted({rule.cooperative_id for rule in rules}))
    return sum(_fill(session, rule, owners[rule.cooperative_id], now) for rule in rules)


def _fill(session: Session, rule: WindowRule, owner: Cooperative, now: datetime) -> int:
    """Each day once: the rule and the day are a unique key, so that two workers make one window."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made, today = 0, local_time.day_of(now, owner.zone)
    first = today + timedelta(days=(rule.weekday - today.weekday()) % 7)
    for week in range(WEEKS_AHEAD):
        day = first + timedelta(weeks=week)
        starts_at = local_time.at(day, rule.from_minute, owner.zone)
        ends_at = local_time.at(day, rule.to_minute, owner.zone)
        closes_on = day - timedelta(days=rule.cut_off_days)
        cut_off_at = min(local_time.at(closes_on, rule.cut_off_minute, owner.zone), starts_at)
        if starts_at <= now or ends_at <= starts_at:  # Over already, or all of it in the hour that clocks skip.
            continue
        row = {
            "id": new_id(), "created_at": now, "cooperative_id": rule.cooperative_id, "point_id": rule.point_id,
            "zone_id": rule.zone_id, "rule_id": rule.id, "day": day, "place": rule.place, "starts_at": starts_at,
            "ends_at": ends_at, "cut_off_at": cut_off_at, "capacity": rule.capacity, "booked": 0, "closed_at": None,
        }  # fmt: skip
        insert = native.insert(Window).values(row).on_conflict_do_nothing().returning(Window.id)
        made += session.scalar(insert) is not None
    return made
