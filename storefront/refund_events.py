"""The worker's side of refunds: intents are sent, and what the provider says of a refund is looked into.

Every function opens its own units of work and commits between its steps; each is safe to run twice and at once.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import clock, tenants
from ground.barriers import barrier
from ground.inbox import NotYet, ProviderEvent
from ground.stripe.answers import RefundIntent, RefundState
from ground.stripe.failures import Refused, Stale, Unknown
from storefront import alarms, refund_sendings
from storefront.card_payments import CardPayment
from storefront.checkouts import CheckoutPart
from storefront.refunds import Refund
from storefront.tills import Till

TRIES_BEFORE_ALARM = 10


def send(till: Till, refund_id: UUID) -> None:
    """Ask the provider to give money back: lease (commit), call, result (commit); unknown is looked up by our key."""
    with till.unit() as session:
        refund = refund_sendings.begin_sending(session, refund_id)
        payment_ref = _payment_ref(session, refund) if refund else None
        session.commit()
    if refund is None or payment_ref is None:
        return
    barrier("refund: intent committed")
    seen: RefundState | None = None
    refusal, trouble = "", ""
    try:
        seen = _ask(till, refund, payment_ref)
    except Refused as no:
        refusal = str(no)
    except Unknown as unknown:
        trouble = str(unknown) or type(unknown).__name__
    barrier("refund: provider called")
    with till.unit() as session:
        refund = _in_sight(session, refund_id)
        if seen is not None:
            apply(session, till, refund, seen)
        elif refusal:
            refund_sendings.failed(session, refund_id, refusal)
            alarms.ring(session, "refund failed", refund_id, refusal, detail=str(refund.attempt))
        else:
            refund_sendings.unsure(session, refund_id, trouble)
            if refund.tries >= TRIES_BEFORE_ALARM:
                alarms.ring(session, "provider silent", refund_id, f"No answer after {refund.tries} tries: {trouble}")
        session.commit()
    barrier("refund: result committed")


def _ask(till: Till, refund: Refund, payment_ref: str) -> RefundState:
    if refund.provider_ref:
        return till.gateway.fetch_refund(refund.provider_ref)
    intent = RefundIntent(refund.key, refund.created_at, payment_ref, refund.amount)
    try:
        return till.gateway.refund(intent)
    except Stale:
        found = till.gateway.find_refund(refund.key, payment_intent=payment_ref)
        # Looked up in vain, so it may be sent as if written now.
        return found or till.gateway.refund(RefundIntent(refund.key, clock.now(), payment_ref, refund.amount))


def apply(session: Session, till: Till, refund: Refund, seen: RefundState) -> str:
    """What the provider says of a refund now; only the exact amount counts."""
    if seen.amount != refund.amount:
        alarms.ring(
            session, "refund differs", refund.id, f"{seen.amount} was given back where {refund.amount} was asked."
        )
        return "amount differs"
    if seen.status == "succeeded":
        return "paid" if refund_sendings.paid(session, till, refund, seen.id) else "paid before"
    if seen.status in ("failed", "canceled"):
        kind = (
            "refund failed"
            if refund_sendings.failed(session, refund.id, seen.status)
            else "refund failed after it was paid"
        )
        alarms.ring(session, kind, refund.id, f"The refund of {refund.amount} {seen.status}.", detail=seen.id)
        return "failed"
    refund_sendings.unsure(session, refund.id, "on its way", provider_ref=seen.id)
    return "on its way"


def handle(till: Till, event: ProviderEvent) -> str:
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
            if payment is None:
                raise NotYet("the payment of this refund is not known yet")  # Else every copy of the event rings anew.
            words = f"A refund of {seen.amount} was made on the provider's own page; give it a reason here [{seen.id}]."
            alarms.ring(session, "refund not ours", payment.id, words, detail=seen.id)
            session.commit()
            return "not ours"
        tenants.allow(session, cooperatives.operator(session).id, refund.cooperative_id)
        outcome = apply(session, till, refund, seen)
        session.commit()
    return outcome


def _in_sight(session: Session, refund_id: UUID) -> Refund:
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
