"""Picking: somebody takes an order's goods from the lots that expire first; a paid order's money reaches its pools."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ground import clock
from ground.barriers import barrier
from ground.errors import Conflict, Refusal
from ground.quantity import Quantity
from inventory import lots
from inventory.lots import Draw, Lot, LotMove, MoveKind
from inventory.pools import Pool
from ledger import books, transfers
from storefront import card_payments, earnings, letters, orders
from storefront.card_payments import CardPayment, State
from storefront.checkouts import Checkout, How
from storefront.orders import Cancellation, Collection, Order, OrderLine, Picking
from storefront.tills import Till


@dataclass(frozen=True, slots=True)
class Take:
    """So much of one lot: what the picker's list says."""

    lot_number: int
    expires_on: date | None
    quantity: Quantity


def to_pick(session: Session, cooperative_id: UUID, *, most: int = 200) -> list[Order]:
    """Orders that may be packed: not cancelled, not packed yet, and paid where they are paid by card. Oldest first."""
    query = (
        select(Order)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .outerjoin(CardPayment, CardPayment.checkout_id == Checkout.id)
        .where(Order.cooperative_id == cooperative_id)
        .where(or_(Checkout.how != How.CARD, CardPayment.state == State.PAID))
        .where(~select(Picking.id).where(Picking.order_id == Order.id).exists())
        .where(~select(Cancellation.id).where(Cancellation.order_id == Order.id).exists())
        .order_by(Order.number)
        .limit(most)
    )
    return list(session.scalars(orders.listed(query)))


def packed(session: Session, cooperative_id: UUID, *, most: int = 200) -> list[Order]:
    """Orders that wait to be handed over, oldest first."""
    query = (
        select(Order)
        .where(Order.cooperative_id == cooperative_id)
        .where(select(Picking.id).where(Picking.order_id == Order.id).exists())
        .where(~select(Collection.id).where(Collection.order_id == Order.id).exists())
        .order_by(Order.number)
        .limit(most)
    )
    return list(session.scalars(orders.loaded(query)))


def suggestions(session: Session, waiting: list[Order]) -> dict[UUID, list[Take]]:
    """For each line of these orders the lots to take from, first expired first, as if they were packed in this order."""
    lines = [line for order in waiting for line in order.lines]
    if not lines:
        return {}
    query = (
        select(Lot)
        .join(Pool, Pool.id == Lot.pool_id)
        .where(Lot.cooperative_id.in_({line.cooperative_id for line in lines}))
        .where(Lot.heap_id.in_({line.heap_id for line in lines}), Lot.quantity_left > 0, Pool.closed_at.is_(None))
        .where(or_(Lot.expires_on.is_(None), Lot.expires_on >= clock.now().date()))
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.good_from, Lot.number)
    )
    by_heap: dict[UUID, list[Lot]] = defaultdict(list)
    left: dict[UUID, int] = {}
    for lot in session.scalars(query):
        by_heap[lot.heap_id].append(lot)
        left[lot.id] = lot.quantity_left
    return {line.id: _takes(line, by_heap[line.heap_id], left) for line in lines}


def _takes(line: OrderLine, of_heap: list[Lot], left: dict[UUID, int]) -> list[Take]:
    missing, takes = line.takes.amount, []
    for lot in of_heap:
        part = min(missing, left[lot.id])
        if part:
            left[lot.id] -= part
            missing -= part
            takes.append(Take(lot.number, lot.expires_on, Quantity(part, line.unit)))
    return takes


def pick(session: Session, till: Till, order: Order, *, by: UUID) -> Picking:
    """Draw the lots of every line, once. A card's money is now earned: 2050 → 2010 by what each pool gave, and the rest."""
    order = orders.lock(session, order)
    if order.cancellation is not None:
        raise Conflict("This order was cancelled.")
    if order.picking is not None:
        raise Conflict("This order is picked already.")
    checkout = session.get_one(Checkout, order.checkout_id)
    if checkout.how is How.CARD:
        payment = card_payments.of_checkout(session, checkout.id)
        if payment is None or payment.state is not State.PAID:
            raise Refusal("This order is not paid yet: its goods stay where they are.")
    picking = Picking(cooperative_id=order.cooperative_id, order_id=order.id, by_id=by)
    session.add(picking)
    session.flush()
    draws: list[Draw] = []
    for line in sorted(order.lines, key=lambda line: (line.heap_id, line.id)):
        draws += lots.draw(
            session, line.heap_id, line.takes.amount, cooperative_id=order.cooperative_id, cause_id=line.id,
            channel=order.channel.value, net=line.earned, by=by, held_by=order.id,
        )  # fmt: skip
    barrier("picking: lots drawn")
    if checkout.how is How.CARD:
        book = books.of_cooperative(session, order.cooperative_id, order.currency)
        legs = earnings.from_deposit(book, order, [(draw.pool_id, draw.net.minor) for draw in draws])
        transfers.post(session, book, "picking", picking.id, legs, by=by)
    letters.ready(session, checkout, order, order.point.name, till.link_to(checkout.id))
    barrier("picking: written")
    return picking


def drawn(session: Session, order: Order) -> list[tuple[UUID, int]]:
    """(pool, net minor units) of everything drawn for the order, as it was split at picking."""
    query = (
        select(Lot.pool_id, LotMove.net_minor)
        .join(Lot, Lot.id == LotMove.lot_id)
        .where(LotMove.cooperative_id == order.cooperative_id, LotMove.kind == MoveKind.SELL)
        .where(LotMove.cause_id.in_([line.id for line in order.lines]))
    )
    return [(pool_id, minor) for pool_id, minor in session.execute(query)]
