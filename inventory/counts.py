"""Counts: "± n because", and "I counted N": what the stock table corrects, never without a reason."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ground.errors import Conflict, Refusal
from inventory import heaps, lot_moves
from inventory.heaps import Heap
from inventory.lot_moves import MoveKind
from inventory.lots import Lot, by_expiry
from inventory.pools import Pool


def adjust(
    session: Session,
    heap: Heap,
    change: int,
    kind: MoveKind,
    *,
    reason: str,
    currency: str,
    by: UUID | None,
    seen: int | None = None,
) -> None:
    """What was counted or spoiled ("± n because"). Less comes off the lots that expire first, more goes to the newest.

    `seen` is the figure the counter looked at: if the heap moved since, Conflict shows both numbers [commerce:S13].
    """
    assert kind in (MoveKind.COUNT, MoveKind.SPOIL) and change != 0 and reason
    if not heaps.shift(session, heap.cooperative_id, heap.id, on_hand=change, seen=seen):
        now = heaps.find(session, heap.cooperative_id, heap.id)
        if seen is not None and now.on_hand != seen:
            raise Conflict(
                f"You saw {heap.quantity(seen)} here; now there are {heap.quantity(now.on_hand)}. Please count again."
            )
        free = max(0, min(now.on_hand, now.available))
        raise Refusal(
            fields={
                "change": f"{heap.quantity(now.held)} are promised to buyers: at most {heap.quantity(free)} can be taken off."
            }
        )
    every = (
        select(Lot)
        .where(Lot.cooperative_id == heap.cooperative_id, Lot.heap_id == heap.id)
        .execution_options(populate_existing=True)
    )
    if change > 0:
        newest = session.scalar(
            every.join(Pool, Pool.id == Lot.pool_id)
            .where(Pool.closed_at.is_(None))
            .order_by(Lot.good_from.desc(), Lot.number.desc())
            .limit(1)
        )
        if newest is None:
            raise Refusal(fields={"change": "Nothing was ever delivered here: record a delivery instead."})
        lot_moves.write(session, newest, kind, change, currency=currency, reason=reason, by_id=by)
        return
    missing = -change
    for lot in session.scalars(by_expiry(every.where(Lot.quantity_left > 0))).all():
        part = min(lot.quantity_left, missing)
        lot_moves.write(session, lot, kind, -part, currency=currency, reason=reason, by_id=by)
        missing -= part
        if missing == 0:
            return
    raise AssertionError("a heap held more than its lots")


def counted(session: Session, heap: Heap, count: int, *, seen: int, currency: str, by: UUID | None) -> None:
    """Let the books follow a count ("I counted N"), if they still say what the counter saw; else Conflict with both numbers."""
    if count == seen:
        if heap.on_hand != seen:
            raise Conflict(
                f"You saw {heap.quantity(seen)} here; now there are {heap.quantity(heap.on_hand)}. Please count again."
            )
        return
    adjust(
        session,
        heap,
        count - seen,
        MoveKind.COUNT,
        reason=f"counted {heap.quantity(count)}",
        currency=currency,
        by=by,
        seen=seen,
    )
