"""Consecutive numbers per cooperative: orders and invoices are counted 1, 2, 3, and a rolled-back one is given back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model, OfCooperative, tenant_unique
from ground.ids import new_id


class NumberSeries(OfCooperative, Model):
    """The last number given out of one series ("order", "invoice") of one cooperative."""

    __tablename__ = "number_series"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "series"),
        CheckConstraint("last >= 1", "last"),
    )

    series: Mapped[str]
    last: Mapped[int]


def take(session: Session, cooperative_id: UUID, series: str) -> int:
    """The next number of the series; its row stays locked until the end of the transaction, so numbers have no gap."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = native.insert(NumberSeries).values(
        id=new_id(), created_at=clock.now(), cooperative_id=cooperative_id, series=series, last=1
    )
    statement = statement.on_conflict_do_update(
        index_elements=["cooperative_id", "series"], set_={"last": NumberSeries.last + 1}
    ).returning(NumberSeries.last)
    return int(session.execute(statement).scalar_one())
