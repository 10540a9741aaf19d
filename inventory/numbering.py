"""Numbering: consecutive numbers of each cooperative (receipts, lots, orders, invoices), without gaps."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model, OfCooperative, tenant_unique
from ground.ids import new_id


class Numbering(OfCooperative, Model):
    """The last number given in one series. Who takes the next holds the row until commit, so a rollback leaves no gap."""

    __tablename__ = "numbering"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "series"),
        CheckConstraint("last >= 0", "last"),
    )
    frozen_columns = ("cooperative_id", "series")

    series: Mapped[str]
    last: Mapped[int]


def wait_turn(session: Session, cooperative_id: UUID, series: str) -> None:
    """Hold this series until our commit without taking a number: what is read after it was committed before it."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = {"id": new_id(), "created_at": clock.now(), "cooperative_id": cooperative_id, "series": series, "last": 0}
    mine = (Numbering.cooperative_id == cooperative_id, Numbering.series == series)
    if session.scalar(select(Numbering.id).where(*mine).with_for_update()) is None:
        session.execute(native.insert(Numbering).on_conflict_do_nothing(), first)
        session.execute(select(Numbering.id).where(*mine).with_for_update())


def next_number(session: Session, cooperative_id: UUID, series: str) -> int:
    """The next number of this series, from 1. Whoever else wants one waits for our commit."""
    step = (
        update(Numbering)
        .where(Numbering.cooperative_id == cooperative_id, Numbering.series == series)
        .values(last=Numbering.last + 1)
        .returning(Numbering.last)
        .execution_options(synchronize_session=False)
    )
    taken = session.scalar(step)
    if taken is None:
        wait_turn(session, cooperative_id, series)
        taken = session.scalar(step)
    assert taken is not None
    return int(taken)
