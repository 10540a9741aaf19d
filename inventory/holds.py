"""Holds: stock set aside for an order, with an expiry until its money is certain. One conditional UPDATE per heap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, select, text, update
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Refusal
from ground.words import _
from inventory import heaps


class Ended(StrEnum):
    """How a hold ended: given back, or drawn for its order."""

    RELEASED = "released"
    CONSUMED = "consumed"


LIVE = text("ended_at IS NULL")


class Hold(OfCooperative, Model):
    """`quantity` base units of a heap for one cause (an order), of which `consumed` were drawn. No expiry: it is fast."""

    __tablename__ = "hold"
    __table_args__ = (
        tenant_unique(),
        tenant_key("heap_id", "heap"),
        # One live hold per heap and order: a second attempt to pay never stands in its own way [commerce:S09].
        Index("uq_hold_live", "heap_id", "cause_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_hold_cause", "cause_id"),
        Index("ix_hold_expiry", "expires_at", sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("quantity > 0 AND consumed >= 0 AND consumed <= quantity", "consumed"),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", "ended_together"),
        CheckConstraint("ended_how <> 'consumed' OR consumed = quantity", "consumed_whole"),
    )
    frozen_columns = ("cooperative_id", "heap_id", "quantity", "cause_id")

    heap_id: Mapped[UUID]
    quantity: Mapped[int]
    consumed: Mapped[int]
    cause_id: Mapped[UUID]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[Ended | None]


def hold(
    session: Session,
    cooperative_id: UUID,
    wants: Mapping[UUID, int],
    cause_id: UUID,
    expires_at: datetime | None = None,
) -> list[Hold]:
    """Set `wants` (heap → base units) aside for this cause, all or nothing.

    Refusal names the product that is short and what is left of it; the caller rolls back. What this cause holds already
    is given back first, so that asking twice is asking once.
    """
    release(session, cooperative_id, cause_id)
    placed = []
    for heap_id in heaps.in_order(wants):
        quantity = wants[heap_id]
        assert quantity > 0, "a hold of nothing"
        if not heaps.shift(session, cooperative_id, heap_id, held=quantity):
            raise short(session, cooperative_id, heap_id)
        placed.append(
            Hold(
                cooperative_id=cooperative_id, heap_id=heap_id, quantity=quantity, consumed=0, cause_id=cause_id,
                expires_at=expires_at, ended_at=None, ended_how=None,
            )
        )  # fmt: skip
    session.add_all(placed)
    session.flush()
    return placed


def short(session: Session, cooperative_id: UUID, heap_id: UUID) -> Refusal:
    """What to say when a heap cannot give what was asked."""
    heap = heaps.find(session, cooperative_id, heap_id)
    if heap.available <= 0:
        return Refusal(_("%(product)s is sold out.", product=heap.product.said.name))
    return Refusal(
        _(
            "Only %(amount)s of %(product)s are left.",
            amount=heap.quantity(heap.available),
            product=heap.product.said.name,
        )
    )


def fasten(session: Session, cooperative_id: UUID, cause_id: UUID) -> None:
    """The money is about to be certain: this cause's holds no longer expire.

    What lapsed meanwhile is held again if it is still there; else Refusal names it, before anything is charged [commerce:S08].
    """
    mine = session.scalars(
        select(Hold).where(Hold.cooperative_id == cooperative_id, Hold.cause_id == cause_id).order_by(Hold.created_at, Hold.id)
        .execution_options(populate_existing=True)
    ).all()  # fmt: skip
    assert mine, "nothing was ever held for this cause"
    latest = {each.heap_id: each for each in mine}
    kept = session.execute(
        update(Hold)
        .where(Hold.cooperative_id == cooperative_id, Hold.cause_id == cause_id, Hold.ended_at.is_(None))
        .values(expires_at=None)
        .returning(Hold.heap_id)
        .execution_options(synchronize_session=False)
    ).scalars()
    live = set(kept)
    lapsed = [each for each in latest.values() if each.heap_id not in live and each.ended_how is Ended.RELEASED]
    for each in sorted(lapsed, key=lambda each: each.heap_id):
        if not heaps.shift(session, cooperative_id, each.heap_id, held=each.quantity):
            raise short(session, cooperative_id, each.heap_id)
        session.add(
            Hold(
                cooperative_id=cooperative_id, heap_id=each.heap_id, quantity=each.quantity, consumed=0, cause_id=cause_id,
                expires_at=None, ended_at=None, ended_how=None,
            )
        )  # fmt: skip
    session.flush()
    for each in mine:
        session.expire(each)


def release(session: Session, cooperative_id: UUID, cause_id: UUID) -> bool:
    """Give back what this cause still holds; False when it held nothing. Doing it twice does it once."""
    return bool(_end(session, Hold.cooperative_id == cooperative_id, Hold.cause_id == cause_id))


def consume(session: Session, *, cooperative_id: UUID, heap_id: UUID, quantity: int, cause_id: UUID | None) -> None:
    """Goods leave the heap: `on_hand` and the cause's hold fall together, in one UPDATE each.

    Without a cause (a sale at the counter) what leaves must be free of promises.
    """
    if cause_id is None:
        if not heaps.shift(session, cooperative_id, heap_id, on_hand=-quantity):
            raise short(session, cooperative_id, heap_id)
        return
    after = Hold.consumed + quantity
    live = (
        Hold.cooperative_id == cooperative_id,
        Hold.heap_id == heap_id,
        Hold.cause_id == cause_id,
        Hold.ended_at.is_(None),
    )
    taken = session.scalar(
        update(Hold)
        .where(*live, after <= Hold.quantity)
        .values(consumed=after)
        .returning(Hold.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise Refusal("This was not set aside for the order, or was drawn already.")
    session.execute(
        update(Hold).where(*live, Hold.consumed == Hold.quantity).values(ended_at=clock.now(), ended_how=Ended.CONSUMED)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if not heaps.shift(session, cooperative_id, heap_id, on_hand=-quantity, held=-quantity):
        heap = heaps.find(session, cooperative_id, heap_id)
        raise Refusal(f"Only {heap.quantity(heap.on_hand)} of {heap.product.name} are on hand.")


def expire_due(session: Session, now: datetime) -> list[UUID]:
    """Give back every hold whose time is over, in every cooperative the session sees; the causes that lost theirs."""
    return sorted({cause_id for cause_id, _ in _end(session, Hold.expires_at <= now)})


def _end(session: Session, *which: ColumnElement[bool]) -> list[tuple[UUID, UUID]]:
    """End live holds as released, then lower their heaps in ascending order; (cause, heap) of each."""
    ended = session.execute(
        update(Hold)
        .where(*which, Hold.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_how=Ended.RELEASED)
        .returning(Hold.cooperative_id, Hold.heap_id, Hold.cause_id, Hold.quantity - Hold.consumed)
        .execution_options(synchronize_session=False)
    ).all()
    falls: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for cooperative_id, heap_id, _cause, quantity in ended:
        falls[heap_id, cooperative_id] += quantity
    for (heap_id, cooperative_id), quantity in sorted(falls.items()):
        moved = heaps.shift(session, cooperative_id, heap_id, held=-quantity)
        assert moved, "a heap held less than its holds"
    return [(cause_id, heap_id) for _, heap_id, cause_id, _ in ended]
