"""Cancellations: an order that will not be filled gives its goods back; what was paid for it goes back too."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ground import tenants
from ground.barriers import barrier
from ground.errors import Conflict
from inventory import holds
from storefront import card_payments, letters, orders, refunds, vouchers, windows
from storefront.card_payments import CardPayment, State
from storefront.checkouts import Checkout, CheckoutPart, How
from storefront.orders import Cancellation, Order
from storefront.tills import Till

UNPAID = "It was not paid in time."
REPLACED = "The buyer changed the basket and checked out again."
TOO_LATE = "The payment came after the goods had gone back on sale."


def cancel(session: Session, till: Till, order: Order, reason: str, *, by: UUID | None) -> Cancellation:
    """Somebody of the office (or the seller's clock) cancels an order that is not picked yet; a card is paid back in full."""
    order = orders.lock(session, order)
    if order.cancellation is not None:
        raise Conflict("This order was cancelled already.")
    if order.picking is not None:
        raise Conflict("This order is picked already: give money back line by line instead.")
    made = give_up(session, order, reason, by=by)
    checkout = session.get_one(Checkout, order.checkout_id)
    payment = card_payments.of_checkout(session, checkout.id) if checkout.how is How.CARD else None
    if payment is not None and payment.state is State.PAID:
        refunds.whole(session, order, reason, by=by)
    letters.cancelled(session, checkout, order, reason, till.link_to(checkout.id))
    barrier("cancellation: written")
    return made


def release(session: Session, checkout: Checkout, reason: str) -> list[Order]:
    """Give back the goods of an unpaid checkout; orders that are cancelled already stay as they are."""
    released = []
    for order in orders.of_checkout(session, checkout):
        order = orders.lock(session, order)
        if order.cancellation is None and order.picking is None:
            give_up(session, order, reason)
            released.append(order)
    return released


def give_up(session: Session, order: Order, reason: str, *, by: UUID | None = None) -> Cancellation:
    """The order, locked by the caller, lets go of its goods and of its place in the window."""
    made = Cancellation(cooperative_id=order.cooperative_id, order_id=order.id, reason=reason, by_id=by)
    session.add(made)
    session.flush()
    vouchers.give_back(session, order)  # Before the heaps, as placing takes them.
    if order.window_id is not None:
        windows.give_back(session, order.cooperative_id, order.window_id)
    holds.release(session, order.cooperative_id, order.id)
    session.expire(order, ["cancellation"])
    return made


def unpaid_attempts(session: Session, cart_id: UUID) -> list[CheckoutPart]:
    """The parts of this cart's card checkouts that may still be paid: their holds are this buyer's own."""
    query = (
        select(CheckoutPart)
        .join(Checkout, Checkout.id == CheckoutPart.checkout_id)
        .join(CardPayment, CardPayment.checkout_id == Checkout.id)
        .where(Checkout.cart_id == cart_id)
        .where(CardPayment.state.not_in((State.PAID, State.EXPIRED, State.FAILED)))
        .order_by(CheckoutPart.cooperative_id, CheckoutPart.id)
    )
    return list(session.scalars(query))


def replace_attempts(session: Session, cart_id: UUID) -> list[UUID]:
    """The buyer starts anew: earlier unpaid attempts let go of their goods. Their payment pages must be closed after commit."""
    attempts = unpaid_attempts(session, cart_id)
    # Their own orders: row security shows a guest none of them otherwise.
    tenants.allow(session, *(part.cooperative_id for part in attempts))
    checkout_ids = {part.checkout_id for part in attempts}
    query = select(Checkout).where(Checkout.id.in_(sorted(checkout_ids))).options(selectinload(Checkout.parts))
    closing = []
    for checkout in session.scalars(query.order_by(Checkout.id)):
        if release(session, checkout, REPLACED):
            payment = card_payments.of_checkout(session, checkout.id)
            assert payment is not None
            closing.append(payment.id)
    return closing
