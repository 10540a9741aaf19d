"""Withdrawals: a buyer gives up an order while nobody has begun to pack it; stock and money go back exactly."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from ground import clock
from ground.errors import Conflict
from ground.words import _, _l
from storefront import cancellations
from storefront.card_payments import CardPayment, State
from storefront.checkouts import How
from storefront.orders import Cancellation, Order
from storefront.tills import Till

BY_BUYER = _l("The buyer cancelled it.")


def obstacle(order: Order, payment: CardPayment | None) -> str:
    """Why its buyer cannot cancel this order now; nothing where they can."""
    if order.cancellation is not None:
        return _("This order was cancelled already.")
    if order.picking is not None:
        return _("This order is packed already. If something is wrong with it, tell the people who hand it over.")
    if order.window is not None and order.window.cut_off_at <= clock.now():
        return _("Ordering for this time is closed, and what was ordered is being got ready. Ask where you collect it.")
    if order.checkout.how is How.CARD and (payment is None or payment.state is not State.PAID):
        return _("Your payment is not confirmed yet. What nobody pays for goes back on sale by itself.")
    return ""


def withdraw(
    session: Session, till: Till, order: Order, payment: CardPayment | None, *, by: UUID | None
) -> Cancellation:
    """Give it up whole. Conflict where somebody began to pack it: `cancellations.cancel` asks again under the order's lock."""
    words = obstacle(order, payment)
    if words:
        raise Conflict(words)
    return cancellations.cancel(session, till, order, str(BY_BUYER), by=by)
