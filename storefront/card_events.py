"""The worker's side of cards: intents are sent, events are looked into, and what a crash left is finished or freed.

Every function opens its own units of work and commits between its steps; each is safe to run twice and at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground.barriers import barrier
from ground.inbox import NotYet, ProviderEvent
from ground.money import Money
from ground.stripe.answers import CheckoutIntent, CheckoutLine, CheckoutPage, CheckoutState
from ground.stripe.decimals import to_stripe
from ground.stripe.failures import KeyReused, Refused, Stale, Unknown
from storefront import alarms, card_payments, checkouts, confirmations, refund_events, refunds
from storefront.card_payments import CardPayment
from storefront.checkouts import Checkout
from storefront.tills import Till

CLOSE_PAGE = "close payment page"
TRIES_BEFORE_ALARM = 10

CHECKOUT_KINDS = (
    "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
)  # fmt: skip
REFUND_KINDS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
DISPUTE_KINDS = ("charge.dispute.created", "charge.dispute.closed")


def handlers(till: Till) -> dict[tuple[str, str], Callable[[ProviderEvent], str]]:
    """What the inbox hands over, by provider and kind."""
    found: dict[tuple[str, str], Callable[[ProviderEvent], str]] = {}
    for kinds, handler in (
        (CHECKOUT_KINDS, handle_checkout),
        (REFUND_KINDS, refund_events.handle),
        (DISPUTE_KINDS, handle_dispute),
    ):
        found |= {("stripe", kind): partial(handler, till) for kind in kinds}
    return found


def jobs(till: Till) -> dict[str, Callable[[UUID], None]]:
    """The jobs that sales promise."""
    return {refunds.JOB: partial(refund_events.send, till), CLOSE_PAGE: partial(close_page, till)}


def send(till: Till, payment_id: UUID) -> str | None:
    """Ask the provider for a payment page: lease (commit), call, result (commit). The page's address, if there is one now.

    The very function that the sweeper runs for what a crash left.
    """
    barrier("checkout: placed")
    with till.unit() as session:
        payment = card_payments.begin_sending(session, payment_id)
        checkout = checkouts.find(session, payment.checkout_id) if payment else None
        intent = _intent(session, till, payment, checkout) if payment and checkout else None
        session.commit()
    barrier("checkout: intent committed")
    if intent is None:
        return _url(till, payment_id)
    found: CheckoutPage | CheckoutState | None = None
    refusal, trouble = "", ""
    try:
        found = _ask(till, intent)
    except Refused as no:
        refusal = str(no)
    except Unknown as unknown:
        trouble = str(unknown) or type(unknown).__name__
    barrier("checkout: provider called")
    with till.unit() as session:
        payment = session.get_one(CardPayment, payment_id)
        if found is not None:
            card_payments.opened(session, payment_id, found.id, found.url)
        elif refusal:
            if card_payments.refused(session, payment_id, refusal):
                confirmations.give_up(session, payment)
        else:
            card_payments.unsure(session, payment_id, trouble)
            if payment.tries >= TRIES_BEFORE_ALARM:
                alarms.ring(session, "provider silent", payment_id, f"No answer after {payment.tries} tries: {trouble}")
        session.commit()
    barrier("checkout: result committed")
    return found.url if found else None


def _ask(till: Till, intent: CheckoutIntent) -> CheckoutPage | CheckoutState:
    try:
        return till.gateway.create_checkout(intent)
    except (Stale, KeyReused) as trouble:
        # The key is known with other words where the shop's address or a seller's name changed since the first asking.
        found = till.gateway.find_checkout(intent.client_reference)
        if found is not None:
            return found
        if isinstance(trouble, KeyReused):
            raise
        raise Refused("The intent is too old and never reached the provider.") from None


def _intent(session: Session, till: Till, payment: CardPayment, checkout: Checkout) -> CheckoutIntent:
    names = cooperatives.find_many(session, [part.cooperative_id for part in checkout.parts])
    assert checkout.expires_at is not None
    link = till.link_to(checkout.id)
    return CheckoutIntent(
        key=card_payments.key_of(payment.id), recorded_at=payment.created_at, client_reference=str(checkout.id),
        lines=tuple(
            CheckoutLine(names[part.cooperative_id].name, Money(part.total_minor, checkout.currency))
            for part in checkout.parts
        ),
        success_url=link, cancel_url=f"{till.base_url}/basket", expires_at=checkout.expires_at, email=checkout.email or None,
    )  # fmt: skip


def _url(till: Till, payment_id: UUID) -> str | None:
    with till.unit() as session:
        return session.get_one(CardPayment, payment_id).url


def handle_checkout(till: Till, event: ProviderEvent) -> str:
    """Something happened to a payment page: fetch it and act on what it is now, never on what the event says."""
    seen = _fetch(till, event.object_key)
    with till.unit() as session:
        payment = card_payments.of_reference(session, seen.id, seen.client_reference)
        if payment is None:
            raise NotYet(f"no payment for {seen.id} yet")  # Kept and tried again, never forgotten [commerce:M04].
        told = _told(event)
        if told is not None and told != (to_stripe(payment.amount), payment.currency.lower()):
            words = (
                f"Event {event.event_key} tells of {told[0]} {told[1]} where {payment.amount} was asked. Not applied."
            )
            alarms.ring(session, "event differs", payment.id, words, detail=event.event_key)
            session.commit()
            return "amount differs"
        outcome = confirmations.confirm(session, till, payment, seen)
        barrier("payment: confirmed, not committed")
        session.commit()
    barrier("payment: committed")
    return outcome


def _fetch(till: Till, session_ref: str) -> CheckoutState:
    try:
        return till.gateway.fetch_checkout(session_ref)
    except Unknown as unknown:
        raise NotYet(str(unknown)) from None
    except Refused as no:
        raise NotYet(f"the provider does not show {session_ref}: {no}") from None


def _told(event: ProviderEvent) -> tuple[int, str] | None:
    """The amount that the event itself tells, only to compare it [commerce:M03]."""
    thing = json.loads(event.body)["data"]["object"]
    amount, currency = thing.get("amount_total"), thing.get("currency")
    return (amount, currency) if isinstance(amount, int) and isinstance(currency, str) else None


def close_page(till: Till, payment_id: UUID) -> None:
    """Close the page of an attempt that was replaced or whose time is over; if it was paid first, that counts."""
    with till.unit() as session:
        session_ref = session.get_one(CardPayment, payment_id).session_ref
    if session_ref is None:
        return  # The sweeper learns of it and comes back.
    try:
        seen = till.gateway.expire_checkout(session_ref)
    except Refused:
        seen = till.gateway.fetch_checkout(session_ref)
    with till.unit() as session:
        confirmations.confirm(session, till, session.get_one(CardPayment, payment_id), seen)
        session.commit()


def handle_dispute(till: Till, event: ProviderEvent) -> str:
    """A chargeback needs a person: evidence is asked for within days."""
    seen = till.gateway.fetch_dispute(event.object_key)
    with till.unit() as session:
        payment = session.scalar(select(CardPayment).where(CardPayment.payment_ref == (seen.payment_intent or "")))
        if payment is None:
            raise NotYet("the payment of this dispute is not known yet")
        words = f"A buyer's bank disputes {seen.amount} ({seen.reason}): {seen.status}."
        alarms.ring(session, "dispute", payment.id, words, detail=f"{seen.id} {seen.status}")
        session.commit()
    return "alarm"
