"""Pool splits: what became of the money of each closed pool, written once at its close, for everybody to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.money import DECIMALS, Money

PARTS = ("growers", "cooperative", "transport", "fees", "waiting")
"""Always told in this order; `waiting` is kept back for bills that are late or were given back."""
TOLD_FROM_GROWERS = 5
"""Fewer are not counted in public: what so few were paid is nearly what one of them was."""


class PoolSplit(OfCooperative, Model):
    """Whole minor units: what buyers paid and kept paid (`whole_minor`) and its parts, which sum to it and what was `lost`.

    Copied from the settlement's own lines in the transaction that closes the pool, so that no later rule changes it.
    """

    __tablename__ = "pool_split"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("pool_id"),
        tenant_key("pool_id", "pool"),
        tenant_key("product_id", "product"),
        Index("ix_pool_split_product", "product_id", "closed_at"),
        CheckConstraint(
            "growers_minor + cooperative_minor + transport_minor + fees_minor + waiting_minor = whole_minor + lost_minor",
            "all_told",
        ),
        CheckConstraint(
            "growers_minor >= 0 AND cooperative_minor >= 0 AND transport_minor >= 0 AND fees_minor >= 0"
            " AND waiting_minor >= 0 AND lost_minor >= 0 AND growers >= 0",
            "signs",
        ),
    )
    append_only = True
    public_read = "true"
    on_the_street = "true"

    pool_id: Mapped[UUID]
    product_id: Mapped[UUID]
    season: Mapped[str]
    closed_at: Mapped[datetime]
    currency: Mapped[str]
    whole_minor: Mapped[int]
    growers_minor: Mapped[int]
    cooperative_minor: Mapped[int]
    transport_minor: Mapped[int]
    fees_minor: Mapped[int]
    waiting_minor: Mapped[int]
    lost_minor: Mapped[int]
    growers: Mapped[int]


@dataclass(frozen=True, slots=True)
class Told:
    """Of every `hundred` that was paid so much went to each of PARTS: they sum to it. No parts: costs were more than was paid."""

    hundred: Money
    parts: dict[str, Money]
    season: str
    closed_at: datetime
    growers: int  # 0 where they are too few to be counted in public
    pools: int


def of_product(session: Session, cooperative_id: UUID, product_id: UUID) -> Told | None:
    """The split of the pool of this product that was closed last; None before any was."""
    mine = (PoolSplit.cooperative_id == cooperative_id, PoolSplit.product_id == product_id)
    query = select(PoolSplit).where(*mine).order_by(PoolSplit.closed_at.desc(), PoolSplit.id.desc()).limit(1)
    found = session.scalar(query)
    return told([found]) if found is not None else None


def of_cooperative(session: Session, cooperative_id: UUID) -> Told | None:
    """The splits of what was closed last of each product, taken together."""
    rank = func.row_number().over(
        partition_by=PoolSplit.product_id, order_by=(PoolSplit.closed_at.desc(), PoolSplit.id.desc())
    )
    latest = select(PoolSplit.id, rank.label("rank")).where(PoolSplit.cooperative_id == cooperative_id).subquery()
    query = select(PoolSplit).join(latest, latest.c.id == PoolSplit.id).where(latest.c.rank == 1)
    found = session.scalars(query.order_by(PoolSplit.closed_at.desc(), PoolSplit.id.desc())).all()
    return told(found) if found else None


def told(splits: Sequence[PoolSplit]) -> Told:
    """These splits of one currency as parts of a hundred, by the one exact split; the first of them names season and day."""
    latest = splits[0]
    hundred = hundred_of(latest.currency)
    sums = [sum(getattr(each, f"{part}_minor") for each in splits) for part in PARTS]
    lost = sum(each.lost_minor for each in splits)
    shares = not lost and sum(sums) > 0
    parts = dict(zip(PARTS, hundred.split(sums), strict=True)) if shares else {}
    counted = latest.growers if len(splits) == 1 and latest.growers >= TOLD_FROM_GROWERS else 0
    return Told(hundred, parts, latest.season, latest.closed_at, counted, len(splits))


def hundred_of(currency: str) -> Money:
    """A hundred, or where money has no decimals a thousand, so that small parts stay visible."""
    return Money(100 * 10 ** DECIMALS[currency] if DECIMALS[currency] else 1_000, currency)
