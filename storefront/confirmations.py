"""Confirmations: the provider's own record of a checkout is read, and the order becomes paid, stays open, or gives up."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import jobs, tenants
from ground.errors import Refusal
from ground.money import Money
from ground.stripe.answers import CheckoutState
from inventory import holds
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from storefront import (
    alarms,
    cancellations,
    card_payments,
    carts,
    checkouts,
    letters,
    orders,
    papers,
    refunds,
    tellings,
)
from storefront.card_payments import CardPayment, State
from storefront.checkouts import Checkout
from storefront.orders import Order
from storefront.papers import Kind
from storefront.tills import Till


def confirm(session: Session, till: Till, payment: CardPayment, seen: CheckoutState) -> str:
    """Apply what the provider says now; answers in a word what it did. Safe to repeat, in any order.

    Paid only for exactly the amount that was asked [commerce:M03, M15]; exactly once whoever comes first [commerce:M09].
    """
    checkout = _checkout(session, payment)
    if payment.state is State.PAID:
        return "paid before"
    if seen.status == "expired":
        return _give_up(session, payment, checkout)
    if not seen.is_paid:
        card_payments.opened(session, payment.id, seen.id, seen.url)
        return "not paid yet"
    if seen.amount != payment.amount or seen.payment_intent is None:
        return _differs(session, till, payment, checkout, seen.amount)
    fee = seen.fee if seen.fee and seen.fee.currency == payment.currency else None
    moved = card_payments.paid(session, payment.id, session_ref=seen.id, payment_ref=seen.payment_intent, fee=fee)
    if not moved:
        return "paid before"
    _post(session, payment, checkout, fee)
    kept, late = [], []
    for order in orders.of_checkout(session, checkout):
        (kept if _keep(session, order) else late).append(order)
    for order in late:
        _too_late(session, till, checkout, order)
    link = till.link_to(checkout.id)
    for order in (*kept, *late):
        papers.promise(session, Kind.RECEIPT, order.id)
    if kept:
        letters.paid(session, checkout, kept, link)
    if checkout.cart_id is not None:
        bought = [(line.pack_id, line.quantity) for order in kept for line in order.lines]
        carts.empty_of(session, checkout.cart_id, bought)
    return "paid" if not late else "paid, but some goods were gone"


def give_up(session: Session, payment: CardPayment) -> str:
    """Nobody can pay this any more (a definite no from the provider): the goods go back on sale."""
    return _give_up(session, payment, _checkout(session, payment), failed=True)


def _checkout(session: Session, payment: CardPayment) -> Checkout:
    """The checkout, with the cooperatives it touches in sight: this is the shop's own deed, asked for by nobody."""
    checkout = checkouts.find(session, payment.checkout_id)
    assert checkout is not None
    operator = cooperatives.operator(session)
    tenants.allow(session, operator.id, *(part.cooperative_id for part in checkout.parts))
    return checkout


def _give_up(session: Session, payment: CardPayment, checkout: Checkout, *, failed: bool = False) -> str:
    if not failed:
        card_payments.expired(session, payment.id)
    released = cancellations.release(session, checkout, cancellations.UNPAID)
    if released:
        jobs.enqueue(session, tellings.UNPAID, checkout.id)
    return "given up" if released else "given up before"


def _differs(session: Session, till: Till, payment: CardPayment, checkout: Checkout, received: Money) -> str:
    words = f"The provider reports {received} where {payment.amount} was asked. Nothing was booked."
    alarms.ring(session, "amount differs", payment.id, words, detail=f"{received.minor} {received.currency}")
    letters.amount_differs(session, checkout, received, till.link_to(checkout.id))
    return "amount differs"


def _post(session: Session, payment: CardPayment, checkout: Checkout, fee: Money | None) -> None:
    """Operator 1030 → 2600 per cooperative, each cooperative 1040 → 2050 of its order; the fee is shared by the parts."""
    operator = cooperatives.operator(session)
    desk = books.of_cooperative(session, operator.id, payment.currency)
    provider = Pot("1030")
    legs = [Leg(provider, Pot("2600", part.cooperative_id), desk.money(part.total_minor)) for part in checkout.parts]
    transfers.post(session, desk, "card payment", payment.id, legs)
    fees = fee.split([part.total_minor for part in checkout.parts]) if fee else []
    for part in checkout.parts:
        book = books.of_cooperative(session, part.cooperative_id, payment.currency)
        deposit = Leg(Pot("1040"), Pot("2050", part.order_id), book.money(part.total_minor))
        transfers.post(session, book, "card payment", payment.id, [deposit])
    for part, share in zip(checkout.parts, fees, strict=False):
        book = books.of_cooperative(session, part.cooperative_id, payment.currency)
        transfers.post(session, book, "card fee", payment.id, [Leg(Pot("5020"), Pot("1040"), share)])
    if fee:
        owed = [
            Leg(Pot("2600", part.cooperative_id), provider, share)
            for part, share in zip(checkout.parts, fees, strict=True)
        ]
        transfers.post(session, desk, "card fee", payment.id, owed)


def _keep(session: Session, order: Order) -> bool:
    """Fasten the order's holds under its lock; False when the goods are gone [commerce:S08, S10]."""
    order = orders.lock(session, order)
    if order.cancellation is not None:
        return False
    try:
        with session.begin_nested():
            holds.fasten(session, order.cooperative_id, order.id)
    except Refusal:
        return False
    return True


def _too_late(session: Session, till: Till, checkout: Checkout, order: Order) -> None:
    """The money is booked and goes straight back, and buyer and seller are told: no order stays unfilled in silence."""
    order = orders.lock(session, order)
    if order.cancellation is None:
        cancellations.give_up(session, order, cancellations.TOO_LATE)
    refunds.whole(session, order, cancellations.TOO_LATE, by=None)
    alarms.ring(
        session, "paid too late", order.id, f"Order {order.number} was paid after its goods were given back; refunding."
    )
    letters.paid_too_late(session, checkout, order, till.link_to(checkout.id))
