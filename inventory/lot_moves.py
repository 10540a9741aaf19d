"""Lot moves: every change of a lot, written once with its reason; a sale keeps what settlement needs to explain it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, FromClause, Index, UniqueConstraint, text, update
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict

if TYPE_CHECKING:
    from inventory.lots import Lot


class MoveKind(StrEnum):
    """Why a lot changed. A refund moves money only; goods that come back are counted in."""

    RECEIVE = "receive"
    SELL = "sell"
    REFUND = "refund"
    SPOIL = "spoil"
    COUNT = "count"


class Channel(StrEnum):
    """Where it was sold: settlement explains a sale by this, without knowing orders."""

    RETAIL = "retail"
    WHOLESALE = "wholesale"


class LotMove(OfCooperative, Model):
    """One change of one lot: `quantity` in signed base units; a sale also keeps its order line, channel and net amount."""

    __tablename__ = "lot_move"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("delivery_id"),
        tenant_key("lot_id", "lot"),
        tenant_key("delivery_id", "delivery"),
        Index("ix_lot_move_lot", "lot_id"),
        Index("ix_lot_move_cause", "cause_id"),
        Index(
            "uq_lot_move_sell",
            "lot_id",
            "cause_id",
            unique=True,
            sqlite_where=text("kind = 'sell'"),
            postgresql_where=text("kind = 'sell'"),
        ),
        CheckConstraint(
            "(kind = 'receive' AND quantity > 0 AND delivery_id IS NOT NULL)"
            " OR (kind = 'sell' AND quantity < 0 AND net_minor >= 0) OR (kind = 'refund' AND quantity = 0 AND net_minor < 0)"
            " OR (kind = 'spoil' AND quantity < 0) OR (kind = 'count' AND quantity <> 0)",
            "shape",
        ),
        CheckConstraint(
            "(kind IN ('sell', 'refund')) = (channel IS NOT NULL AND cause_id IS NOT NULL)", "sale_explained"
        ),
        CheckConstraint("kind IN ('sell', 'refund') OR net_minor = 0", "money_of_sales_only"),
        CheckConstraint("kind NOT IN ('spoil', 'count') OR reason <> ''", "reason"),
    )
    append_only = True

    lot_id: Mapped[UUID]
    kind: Mapped[MoveKind]
    quantity: Mapped[int]
    delivery_id: Mapped[UUID | None]
    cause_id: Mapped[UUID | None]
    channel: Mapped[Channel | None]
    net_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[UUID | None]


def enough_left(lots: FromClause, change: int) -> ColumnElement[bool]:
    """A lot never gives more than it has."""
    return lots.c.quantity_left + change >= 0


def write(
    session: Session,
    lot: Lot,
    kind: MoveKind,
    quantity: int,
    *,
    currency: str,
    delivery_id: UUID | None = None,
    cause_id: UUID | None = None,
    channel: Channel | None = None,
    net_minor: int = 0,
    reason: str = "",
    by_id: UUID | None = None,
) -> None:
    lots = lot.metadata.tables[lot.__tablename__]
    moved = session.scalar(
        update(lots)
        .where(lots.c.cooperative_id == lot.cooperative_id, lots.c.id == lot.id, enough_left(lots, quantity))
        .values(quantity_left=lots.c.quantity_left + quantity)
        .returning(lots.c.id)
    )
    if moved is None:
        raise Conflict("This lot was drawn by someone else meanwhile; please try again.")
    session.add(
        LotMove(
            cooperative_id=lot.cooperative_id,
            lot_id=lot.id,
            kind=kind,
            quantity=quantity,
            delivery_id=delivery_id,
            cause_id=cause_id,
            channel=channel,
            net_minor=net_minor,
            currency=currency,
            reason=reason,
            by_id=by_id,
        )
    )
    session.flush()
    session.expire(lot, ["quantity_left"])
