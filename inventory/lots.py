"""Lots: numbered physical quantities, and the moves that filled and emptied them. First expired, first out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money, split
from inventory import heaps, holds, lot_moves, numbering, pools
from inventory.heaps import Heap
from inventory.lot_moves import Channel, LotMove, MoveKind
from inventory.pools import Pool
from inventory.products import Product


class Lot(OfCooperative, Model):
    """One day's deliveries of one pool on one heap. `quantity_left` moves by conditional UPDATE, its moves say why."""

    __tablename__ = "lot"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "number"),
        UniqueConstraint("pool_id", "heap_id", "good_from"),
        tenant_key("pool_id", "pool"),
        tenant_key("heap_id", "heap"),
        Index("ix_lot_heap", "heap_id"),
        CheckConstraint("quantity_left >= 0", "quantity_left"),
        CheckConstraint("expires_on IS NULL OR expires_on >= good_from", "expires_on"),
    )
    frozen_columns = ("cooperative_id", "number", "pool_id", "heap_id", "good_from")

    number: Mapped[int]
    pool_id: Mapped[UUID]
    heap_id: Mapped[UUID]
    good_from: Mapped[date]
    expires_on: Mapped[date | None]
    quantity_left: Mapped[int]


@dataclass(frozen=True, slots=True)
class Draw:
    """What one order line took of one lot, and the part of the line's net that its pool earned."""

    lot_id: UUID
    pool_id: UUID
    quantity: int
    net: Money


def receive(
    session: Session,
    pool: Pool,
    product: Product,
    heap: Heap,
    quantity: int,
    *,
    on: date,
    delivery_id: UUID,
    by: UUID | None,
) -> Lot:
    """Put a delivery on the heap, into the day's lot of its pool; the first of the day opens the lot."""
    moved = heaps.shift(
        session, heap.cooperative_id, heap.id, on_hand=quantity
    )  # First: the heap's row guards its lots.
    assert moved, "more on a heap never breaks a promise"
    asked = select(Lot).where(
        Lot.cooperative_id == pool.cooperative_id, Lot.pool_id == pool.id, Lot.heap_id == heap.id, Lot.good_from == on
    )
    lot = session.scalar(asked)
    if lot is None:
        native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        row = {
            "id": new_id(),
            "created_at": clock.now(),
            "cooperative_id": pool.cooperative_id,
            "number": numbering.next_number(session, pool.cooperative_id, "lot"),
            "pool_id": pool.id,
            "heap_id": heap.id,
            "good_from": on,
            "quantity_left": 0,
            "expires_on": on + timedelta(days=product.keeps_days) if product.keeps_days else None,
        }
        session.execute(native.insert(Lot), row)
        lot = session.scalars(asked).one()
    lot_moves.write(session, lot, MoveKind.RECEIVE, quantity, currency=pool.currency, delivery_id=delivery_id, by_id=by)
    return lot


def draw(
    session: Session,
    heap_id: UUID,
    quantity: int,
    *,
    cooperative_id: UUID,
    cause_id: UUID,
    channel: Channel | str,
    net: Money,
    by: UUID | None,
    held_by: UUID | None = None,
    on: date | None = None,
) -> list[Draw]:
    """Take `quantity` base units off a heap for an order line: first expired, first out; `net` shared exactly by quantity.

    `held_by` is the order whose hold is used up with it; without one only what is not promised can be taken. Lots that
    are past their date, or whose pool is closed, are left where they are: Refusal says so.
    """
    assert quantity > 0, "a draw of nothing"
    holds.consume(session, cooperative_id=cooperative_id, heap_id=heap_id, quantity=quantity, cause_id=held_by)
    today = on or clock.now().date()
    taken: list[tuple[Lot, int]] = []
    missing = quantity
    for lot in session.scalars(_first_expired_first(cooperative_id, heap_id, today)).all():
        part = min(lot.quantity_left, missing)
        taken.append((lot, part))
        missing -= part
        if missing == 0:
            break
    if missing:
        heap = heaps.find(session, cooperative_id, heap_id)
        raise Refusal(
            f"{heap.quantity(missing)} of {heap.product.name} are past their date or of a closed pool: write them off first."
        )
    kept_open = pools.keep_open(session, cooperative_id, {lot.pool_id for lot, _ in taken})
    if any(lot.pool_id not in kept_open for lot, _ in taken):
        raise Conflict("A pool was closed meanwhile; please try again.")
    parts = split(net.minor, [part for _, part in taken])
    drawn = []
    for (lot, part), minor in zip(taken, parts, strict=True):
        lot_moves.write(
            session,
            lot,
            MoveKind.SELL,
            -part,
            currency=net.currency,
            cause_id=cause_id,
            channel=Channel(channel),
            net_minor=minor,
            by_id=by,
        )
        drawn.append(Draw(lot.id, lot.pool_id, part, Money(minor, net.currency)))
    return drawn


def give_back(
    session: Session, *, cooperative_id: UUID, cause_id: UUID, amount: Money, by: UUID | None
) -> list[tuple[UUID, Money]]:
    """Return part of an order line's money: split over what each lot earned of it, less what was given back before.

    Never more than was earned (Refusal). Returns (pool, amount), one per lot that bears a part.
    """
    assert amount.minor > 0
    sold = session.execute(
        select(LotMove.lot_id, Lot.pool_id, LotMove.channel)
        .join(Lot, Lot.id == LotMove.lot_id)
        .where(LotMove.cooperative_id == cooperative_id, LotMove.cause_id == cause_id, LotMove.kind == MoveKind.SELL)
        .order_by(Lot.number)
    ).all()
    # The lots' rows are the lock: two refunds of one line follow each other.
    locked = sorted(lot_id for lot_id, _, _ in sold)
    session.execute(
        select(Lot.id)
        .where(Lot.cooperative_id == cooperative_id, Lot.id.in_(locked))
        .order_by(Lot.id)
        .with_for_update()
    )
    earned = select(LotMove.lot_id, func.sum(LotMove.net_minor)).where(
        LotMove.cooperative_id == cooperative_id,
        LotMove.cause_id == cause_id,
        LotMove.kind.in_((MoveKind.SELL, MoveKind.REFUND)),
    )
    left = {lot_id: int(minor) for lot_id, minor in session.execute(earned.group_by(LotMove.lot_id))}
    whole = sum(left.values())
    if amount.minor > whole:
        raise Refusal(f"At most {Money(whole, amount.currency)} of this line can be given back.")
    parts = split(amount.minor, [left[lot_id] for lot_id, _, _ in sold])
    borne = []
    for (lot_id, pool_id, channel), minor in zip(sold, parts, strict=True):
        if minor:
            session.add(
                LotMove(
                    cooperative_id=cooperative_id,
                    lot_id=lot_id,
                    kind=MoveKind.REFUND,
                    quantity=0,
                    delivery_id=None,
                    cause_id=cause_id,
                    channel=channel,
                    net_minor=-minor,
                    currency=amount.currency,
                    reason="",
                    by_id=by,
                )
            )
            borne.append((pool_id, Money(minor, amount.currency)))
    session.flush()
    return borne


def of_heap(session: Session, cooperative_id: UUID, heap_id: UUID) -> list[Lot]:
    """Every lot of a heap, newest first."""
    query = select(Lot).where(Lot.cooperative_id == cooperative_id, Lot.heap_id == heap_id)
    return list(session.scalars(query.order_by(Lot.number.desc())))


def moves_of(session: Session, cooperative_id: UUID, heap_id: UUID, *, limit: int = 50) -> list[tuple[LotMove, int]]:
    """The latest moves of a heap's lots, each with its lot's number."""
    query = (
        select(LotMove, Lot.number)
        .join(Lot, Lot.id == LotMove.lot_id)
        .where(LotMove.cooperative_id == cooperative_id, Lot.heap_id == heap_id)
        .order_by(LotMove.created_at.desc(), LotMove.id.desc())
        .limit(limit)
    )
    return [(move, number) for move, number in session.execute(query)]


def _first_expired_first(cooperative_id: UUID, heap_id: UUID, today: date) -> Select[Lot]:
    fit = (
        select(Lot)
        .join(Pool, Pool.id == Lot.pool_id)
        .where(
            Lot.cooperative_id == cooperative_id,
            Lot.heap_id == heap_id,
            Lot.quantity_left > 0,
            Pool.closed_at.is_(None),
        )
        .where(or_(Lot.expires_on.is_(None), Lot.expires_on >= today))
    )
    return by_expiry(fit).execution_options(populate_existing=True)


def by_expiry(query: Select[Lot]) -> Select[Lot]:
    return query.order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.good_from, Lot.number)
