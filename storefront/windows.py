"""Windows: when orders are collected at a point, or brought to a zone: until when they are taken, and how many fit."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session

from cooperative.cooperatives import Cooperative
from ground import clock, local_time
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Missing, Refusal
from ground.words import _

CAPACITY_MOST = 10_000
"""Orders in one window: more is two windows."""


class Window(OfCooperative, Model):
    """Moments are UTC; `day` is the date there and `place` the words for it, frozen: an order that names it stays true.

    `booked` counts the orders that are not cancelled; it moves by conditional UPDATE only. Closed: nobody more may choose it.
    """

    __tablename__ = "collection_window"
    __table_args__ = (
        tenant_unique(),
        tenant_key("point_id", "collection_point"),
        tenant_key("zone_id", "delivery_zone"),
        tenant_key("rule_id", "window_rule"),
        UniqueConstraint("rule_id", "day"),
        Index("ix_collection_window_start", "cooperative_id", "starts_at"),
        CheckConstraint("(point_id IS NULL) <> (zone_id IS NULL)", "one_place"),
        CheckConstraint(f"capacity BETWEEN 1 AND {CAPACITY_MOST}", "capacity"),
        CheckConstraint("booked BETWEEN 0 AND capacity", "booked"),
        CheckConstraint("ends_at > starts_at", "ends_after_start"),
        CheckConstraint("cut_off_at <= starts_at", "cut_off_before_start"),
    )
    frozen_columns = (
        "cooperative_id", "point_id", "zone_id", "rule_id", "day", "place", "starts_at", "ends_at", "cut_off_at",
    )  # fmt: skip
    public_read = "true"
    # A page shows whether it can be chosen, not how many have.
    on_the_street = (
        "(old.booked >= old.capacity) <> (new.booked >= new.capacity)"
        " OR (old.closed_at IS NULL) <> (new.closed_at IS NULL)"
    )

    point_id: Mapped[UUID | None]
    zone_id: Mapped[UUID | None]
    rule_id: Mapped[UUID | None]
    day: Mapped[date]
    place: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cut_off_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int]
    closed_at: Mapped[datetime | None]

    @property
    def is_delivery(self) -> bool:
        return self.zone_id is not None

    @property
    def left(self) -> int:
        return self.capacity - self.booked

    def takes_orders(self, now: datetime) -> bool:
        """Whether it may still be chosen, full or not."""
        return self.closed_at is None and self.cut_off_at > now

    def words(self, zone: ZoneInfo) -> str:
        """`Saturday 28 November, 08:00–12:00`: the places are told beside it."""
        return _(
            "%(day)s, %(from)s–%(until)s",
            **{"day": local_time.day_words(self.starts_at, zone), "from": local_time.clock_words(self.starts_at, zone)},
            until=local_time.clock_words(self.ends_at, zone),
        )

    def order_by_words(self, zone: ZoneInfo, now: datetime) -> str:
        """`Thu 18:00`: until when it takes orders."""
        return local_time.short_words(self.cut_off_at, zone, now)


def open_one(
    session: Session, owner: Cooperative, *, place: str, day: date, from_minute: int, to_minute: int, cut_off_at: datetime,
    capacity: int, point_id: UUID | None = None, zone_id: UUID | None = None,
) -> Window:  # fmt: skip
    """A window on one day; minutes after midnight, as clocks there show them."""
    starts_at, ends_at = local_time.at(day, from_minute, owner.zone), local_time.at(day, to_minute, owner.zone)
    wrong: dict[str, str] = {}
    if ends_at <= starts_at:
        wrong["until"] = "It ends after it begins."
    if starts_at <= clock.now():
        wrong["day"] = "This time is over already."
    if cut_off_at > starts_at:
        wrong["cut_off_days"] = "Orders close before the goods are handed over."
    if wrong:
        raise Refusal(fields=wrong)
    window = Window(
        cooperative_id=owner.id, point_id=point_id, zone_id=zone_id, rule_id=None, day=day, place=place, starts_at=starts_at,
        ends_at=ends_at, cut_off_at=cut_off_at, capacity=capacity, booked=0, closed_at=None,
    )  # fmt: skip
    session.add(window)
    session.flush()
    return window


def find(session: Session, cooperative_id: UUID, window_id: UUID) -> Window:
    query = select(Window).where(Window.cooperative_id == cooperative_id, Window.id == window_id)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Missing("There is no such window.")
    return found


def between(session: Session, cooperative_id: UUID, since: datetime, until: datetime) -> list[Window]:
    """Every window that begins in this time, closed or not: the office's week."""
    query = select(Window).where(
        Window.cooperative_id == cooperative_id, Window.starts_at >= since, Window.starts_at < until
    )
    return list(session.scalars(query.order_by(Window.starts_at, Window.id).execution_options(populate_existing=True)))


def close(session: Session, window: Window) -> None:
    """Nobody more may choose it; who has chosen it keeps it."""
    window.closed_at = window.closed_at or clock.now()
    session.flush()


def room(now: datetime):  # noqa: ANN201  (a boolean expression of SQLAlchemy)
    """The one guard of a window: it takes orders, and one more fits."""
    return (Window.closed_at.is_(None)) & (Window.cut_off_at > now) & (Window.booked < Window.capacity)


def book(session: Session, cooperative_id: UUID, window_id: UUID, now: datetime) -> bool:
    """One order more, by one conditional UPDATE; False (and nothing moved) where it is full, closed or past its cut-off."""
    return _move(session, cooperative_id, window_id, 1, room(now))


def give_back(session: Session, cooperative_id: UUID, window_id: UUID) -> None:
    """One order less: it was cancelled, once, as its cancellation's unique key sees to."""
    moved = _move(session, cooperative_id, window_id, -1, Window.booked > 0)
    assert moved, "a window had fewer orders than were booked"


def _move(session: Session, cooperative_id: UUID, window_id: UUID, by: int, condition) -> bool:  # noqa: ANN001
    moved = session.scalar(
        update(Window)
        .where(Window.cooperative_id == cooperative_id, Window.id == window_id, condition)
        .values(booked=Window.booked + by)
        .returning(Window.id)
        .execution_options(synchronize_session=False)
    )
    held = session.identity_map.get(session.identity_key(Window, window_id))
    if held is not None:
        session.expire(held, ["booked"])
    return moved is not None
