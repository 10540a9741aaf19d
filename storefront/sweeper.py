"""The sweeper: finishes or frees what a crash, a lost answer or a buyer who left has left open. A timer of the worker."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from ground import clock
from ground.stripe.failures import Refused, Unknown
from storefront import card_events, card_payments, confirmations, refund_events, refund_sendings
from storefront.card_payments import CardPayment, State
from storefront.checkouts import Checkout, CheckoutPart
from storefront.orders import Cancellation
from storefront.tills import Till

log = structlog.get_logger()

QUIET = timedelta(minutes=10)
"""An open page of which no event has told for so long is looked up: a webhook may be lost for good."""


def sweep(till: Till) -> int:
    """One round; how many things it touched. One that fails is logged and waits for the next round [commerce:M11]."""
    with till.unit() as session:
        to_send = card_payments.to_send(session)
        to_close = _overdue(session)
        to_look_at = _quiet(session)
        to_refund = refund_sendings.to_send(session)
        session.commit()
    rounds = ((card_events.send, to_send), (card_events.close_page, to_close), (look_up, to_look_at))
    done = 0
    for work, ids in (*rounds, (refund_events.send, to_refund)):
        for id in ids:
            try:
                work(till, id)
                done += 1
            except (Unknown, Refused) as trouble:
                log.warning("sweeper.later", work=work.__name__, subject_id=str(id), trouble=str(trouble))
            except Exception:
                log.exception("sweeper.failed", work=work.__name__, subject_id=str(id))
    return done


def look_up(till: Till, payment_id: UUID) -> None:
    """Ask how an open page stands, without closing it."""
    with till.unit() as session:
        session_ref = session.get_one(CardPayment, payment_id).session_ref
    if session_ref is None:
        return
    seen = till.gateway.fetch_checkout(session_ref)
    with till.unit() as session:
        confirmations.confirm(session, till, session.get_one(CardPayment, payment_id), seen)
        session.commit()


def _overdue(session: Session) -> list[UUID]:
    """Open pages whose time is over, or whose order was replaced meanwhile."""
    cancelled = (
        exists()
        .where(CheckoutPart.checkout_id == CardPayment.checkout_id)
        .where(Cancellation.order_id == CheckoutPart.order_id)
    )
    query = (
        select(CardPayment.id)
        .join(Checkout, Checkout.id == CardPayment.checkout_id)
        .where(CardPayment.state == State.OPEN, or_(Checkout.expires_at < clock.now(), cancelled))
    )
    return list(session.scalars(query.order_by(CardPayment.created_at).limit(50)))


def _quiet(session: Session) -> list[UUID]:
    before = clock.now() - QUIET
    query = (
        select(CardPayment.id)
        .join(Checkout, Checkout.id == CardPayment.checkout_id)
        .where(and_(CardPayment.state == State.OPEN, CardPayment.sent_at < before, Checkout.expires_at >= clock.now()))
    )
    return list(session.scalars(query.order_by(CardPayment.created_at).limit(50)))
