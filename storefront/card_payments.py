"""Card payments: one per checkout, from the intent to the provider's confirmed answer; paid never goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock
from ground.db import Model, points_at
from ground.money import Money
from storefront.checkouts import Checkout


class State(StrEnum):
    """Ready (intent written) → sending → open (the buyer can pay) → paid | expired; unknown: it may have got through.

    Failed is a definite refusal before anything could be paid. Paid is the end and is reached from anywhere.
    """

    READY = "ready"
    SENDING = "sending"
    OPEN = "open"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class CardPayment(Model):
    """What was asked of the provider, and what it answered. Its ids are unique: one of theirs has one of ours."""

    __tablename__ = "card_payment"
    __table_args__ = (
        UniqueConstraint("checkout_id"),
        UniqueConstraint("session_ref"),
        UniqueConstraint("payment_ref"),
        Index("ix_card_payment_state", "state"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("tries >= 0", "tries"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", "paid_at"),
        CheckConstraint("state <> 'paid' OR payment_ref IS NOT NULL", "paid_has_reference"),
        CheckConstraint("state <> 'open' OR session_ref IS NOT NULL", "open_has_session"),
        CheckConstraint("fee_minor BETWEEN 0 AND amount_minor", "fee"),
    )
    frozen_columns = ("checkout_id", "amount_minor", "currency")

    checkout_id: Mapped[UUID] = mapped_column(points_at("checkout.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[State]
    session_ref: Mapped[str | None]
    payment_ref: Mapped[str | None]
    url: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    fee_minor: Mapped[int | None]
    trouble: Mapped[str] = mapped_column(default="")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


LEASE = timedelta(minutes=1)
"""Who began sending has so long; after it another may ask the provider again, with the same key."""


def key_of(payment_id: UUID) -> str:
    """The provider's idempotency key: purpose and row id."""
    return f"checkout:{payment_id}"


def intend(session: Session, checkout: Checkout) -> CardPayment:
    """Write down that this checkout will be asked of the provider; committed before anything is asked."""
    payment = CardPayment(
        checkout_id=checkout.id, amount_minor=checkout.total_minor, currency=checkout.currency, state=State.READY
    )
    session.add(payment)
    return payment


def of_checkout(session: Session, checkout_id: UUID) -> CardPayment | None:
    return session.scalar(
        select(CardPayment).where(CardPayment.checkout_id == checkout_id).execution_options(populate_existing=True)
    )


def states_of(session: Session, checkout_ids: Iterable[UUID]) -> dict[UUID, State]:
    """How the card payments of these checkouts stand; those paid otherwise are left out."""
    query = select(CardPayment.checkout_id, CardPayment.state)
    found = session.execute(query.where(CardPayment.checkout_id.in_(sorted(set(checkout_ids)))))
    return {row[0]: row[1] for row in found}


def of_reference(session: Session, session_ref: str, client_reference: str | None) -> CardPayment | None:
    """The payment of a provider's session: by the id we noted, or by our own reference when it answered before we noted."""
    found = session.scalar(select(CardPayment).where(CardPayment.session_ref == session_ref))
    if found is not None or client_reference is None:
        return found
    try:
        return of_checkout(session, UUID(client_reference))
    except ValueError:
        return None


def begin_sending(session: Session, payment_id: UUID) -> CardPayment | None:
    """Take the lease on sending; None when it is taken, done or over. Commit before asking."""
    now = clock.now()
    waiting = or_(
        CardPayment.state.in_((State.READY, State.UNKNOWN)),
        and_(CardPayment.state == State.SENDING, CardPayment.sent_at < now - LEASE),
    )
    if not _move(session, payment_id, waiting, state=State.SENDING, sent_at=now, tries=CardPayment.tries + 1):
        return None
    return session.get(CardPayment, payment_id, populate_existing=True)


def opened(session: Session, payment_id: UUID, session_ref: str, url: str | None) -> bool:
    """The provider has a page for it. A payment that is known to be more than open stays so."""
    unsure = CardPayment.state.in_((State.READY, State.SENDING, State.UNKNOWN))
    return _move(session, payment_id, unsure, state=State.OPEN, session_ref=session_ref, url=url, trouble="")


def unsure(session: Session, payment_id: UUID, trouble: str) -> bool:
    """No answer we may act on: it may have got through."""
    return _move(session, payment_id, CardPayment.state == State.SENDING, state=State.UNKNOWN, trouble=trouble[:500])


def refused(session: Session, payment_id: UUID, trouble: str) -> bool:
    """The provider said a definite no before anybody could pay."""
    return _move(
        session,
        payment_id,
        CardPayment.state.in_((State.SENDING, State.UNKNOWN)),
        state=State.FAILED,
        trouble=trouble[:500],
    )


def expired(session: Session, payment_id: UUID) -> bool:
    """Its page is closed for good; nobody can pay there any more."""
    return _move(session, payment_id, CardPayment.state.not_in((State.PAID, State.EXPIRED)), state=State.EXPIRED)


def paid(session: Session, payment_id: UUID, *, session_ref: str, payment_ref: str, fee: Money | None) -> bool:
    """Confirmed by the provider's own record. True for the one caller who moved it: the others undo nothing [commerce:M09]."""
    values = {"session_ref": session_ref, "payment_ref": payment_ref, "fee_minor": fee.minor if fee else None}
    return _move(
        session,
        payment_id,
        CardPayment.state != State.PAID,
        state=State.PAID,
        paid_at=clock.now(),
        trouble="",
        **values,
    )


def to_send(session: Session, *, most: int = 50) -> list[UUID]:
    """Intents that a crash or a silent provider left behind."""
    before = clock.now() - LEASE
    waiting = or_(
        and_(CardPayment.state == State.READY, CardPayment.created_at < before),
        and_(CardPayment.state.in_((State.SENDING, State.UNKNOWN)), CardPayment.sent_at < before),
    )
    return list(session.scalars(select(CardPayment.id).where(waiting).order_by(CardPayment.created_at).limit(most)))


def _move(session: Session, payment_id: UUID, condition: ColumnElement[bool], **values: Any) -> bool:
    moving = update(CardPayment).where(CardPayment.id == payment_id, condition).values(**values)
    moved = session.scalar(moving.returning(CardPayment.id).execution_options(synchronize_session=False))
    held = session.identity_map.get(session.identity_key(CardPayment, payment_id))
    if held is not None:
        session.expire(held)
    return moved is not None
