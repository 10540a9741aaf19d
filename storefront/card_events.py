"""The worker's side of cards: intents are sent, events are looked into, and what a crash left is finished or freed.

Every function opens its own units of work and commits between its steps; each is safe to run twice and at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import clock, tenants
from ground.barriers import barrier
from ground.inbox import NotYet, ProviderEvent
from ground.money import Money
from ground.stripe.answers import CheckoutIntent, CheckoutLine, CheckoutPage, CheckoutState, RefundIntent, RefundState
from ground.stripe.decimals import to_stripe
from ground.stripe.failures import Refused, Stale, Unknown
from storefront import alarms, card_payments, checkouts, confirmations, refunds
from storefront.card_payments import CardPayment
from storefront.checkouts import Checkout, CheckoutPart
from storefront.refunds import Refund
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
        (REFUND_KINDS, handle_refund),
        (DISPUTE_KINDS, handle_dispute),
    ):
        found |= {("stripe", kind): partial(handler, till) for kind in kinds}
    return found


def jobs(till: Till) -> dict[str, Callable[[UUID], None]]:
    """The jobs that sales promise."""
    return {refunds.JOB: partial(send_refund, till), CLOSE_PAGE: partial(close_page, till)}


def send(till: Till, payment_id: UUID) -> str | None:
    """Ask the provider for a payment page: lease (commit), call, result (commit). The page's address, if there is one now.

    The very function that the sweeper runs for what a crash left.
    """
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
    except Stale:
        found = till.gateway.find_checkout(intent.client_reference)
        if found is None:
            raise Refused("The intent is too old and never reached the provider.") from None
        return found


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


def send_refund(till: Till, refund_id: UUID) -> None:
    """Ask the provider to give money back: lease (commit), call, result (commit); unknown is looked up by our key."""
    with till.unit() as session:
        refund = refunds.begin_sending(session, refund_id)
        payment_ref = _payment_ref(session, refund) if refund else None
        session.commit()
    if refund is None or payment_ref is None:
        return
    barrier("refund: intent committed")
    seen: RefundState | None = None
    refusal, trouble = "", ""
    try:
        seen = _ask_refund(till, refund, payment_ref)
    except Refused as no:
        refusal = str(no)
    except Unknown as unknown:
        trouble = str(unknown) or type(unknown).__name__
    barrier("refund: provider called")
    with till.unit() as session:
        refund = _refund(session, refund_id)
        if seen is not None:
            apply_refund(session, till, refund, seen)
        elif refusal:
            refunds.failed(session, refund_id, refusal)
            alarms.ring(session, "refund failed", refund_id, refusal, detail=str(refund.attempt))
        else:
            refunds.unsure(session, refund_id, trouble)
            if refund.tries >= TRIES_BEFORE_ALARM:
                alarms.ring(session, "provider silent", refund_id, f"No answer after {refund.tries} tries: {trouble}")
        session.commit()
    barrier("refund: result committed")


def _ask_refund(till: Till, refund: Refund, payment_ref: str) -> RefundState:
    if refund.provider_ref:
        return till.gateway.fetch_refund(refund.provider_ref)
    intent = RefundIntent(refund.key, refund.created_at, payment_ref, refund.amount)
    try:
        return till.gateway.refund(intent)
    except Stale:
        found = till.gateway.find_refund(refund.key, payment_intent=payment_ref)
        # Looked up in vain, so it may be sent as if written now.
        return found or till.gateway.refund(RefundIntent(refund.key, clock.now(), payment_ref, refund.amount))


def apply_refund(session: Session, till: Till, refund: Refund, seen: RefundState) -> str:
    """What the provider says of a refund now; only the exact amount counts."""
    if seen.amount != refund.amount:
        alarms.ring(
            session, "refund differs", refund.id, f"{seen.amount} was given back where {refund.amount} was asked."
        )
        return "amount differs"
    if seen.status == "succeeded":
        return "paid" if refunds.paid(session, till, refund, seen.id) else "paid before"
    if seen.status in ("failed", "canceled"):
        kind = "refund failed" if refunds.failed(session, refund.id, seen.status) else "refund failed after it was paid"
        alarms.ring(session, kind, refund.id, f"The refund of {refund.amount} {seen.status}.", detail=seen.id)
        return "failed"
    refunds.unsure(session, refund.id, "on its way", provider_ref=seen.id)
    return "on its way"


def handle_refund(till: Till, event: ProviderEvent) -> str:
    try:
        seen = till.gateway.fetch_refund(event.object_key)
    except (Unknown, Refused) as trouble:
        raise NotYet(str(trouble)) from None
    with till.unit() as session:
        known = Refund.provider_ref == seen.id
        if seen.key and seen.key.startswith("refund:"):
            known = or_(known, Refund.id == UUID(seen.key.split(":")[1]))
        refund = session.scalar(select(Refund).where(known))
        if refund is None:
            payment = session.scalar(select(CardPayment).where(CardPayment.payment_ref == (seen.payment_intent or "")))
            subject = payment.id if payment else event.id
            words = f"A refund of {seen.amount} was made on the provider's own page; give it a reason here [{seen.id}]."
            alarms.ring(session, "refund not ours", subject, words, detail=seen.id)
            session.commit()
            return "not ours"
        tenants.allow(session, cooperatives.operator(session).id, refund.cooperative_id)
        outcome = apply_refund(session, till, refund, seen)
        session.commit()
    return outcome


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


def _refund(session: Session, refund_id: UUID) -> Refund:
    """The refund with its cooperative and the operator in sight: the shop's own deed, asked for by an id we made."""
    refund = session.get_one(Refund, refund_id)
    tenants.allow(session, cooperatives.operator(session).id, refund.cooperative_id)
    return refund


def _payment_ref(session: Session, refund: Refund) -> str | None:
    """The provider's id of the payment that this refund gives back of."""
    query = (
        select(CardPayment.payment_ref)
        .join(CheckoutPart, CheckoutPart.checkout_id == CardPayment.checkout_id)
        .where(CheckoutPart.order_id == refund.order_id)
    )
    return session.scalar(query)
