"""Card payments: one per checkout, from the intent to the provider's confirmed answer; a known state never goes back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ground.db import Model, points_at
from ground.money import Money


class State(StrEnum):
    """Ready (intent written) → sending → open (the buyer can pay) → paid | expired. Unknown: it may have reached the provider.

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
    """What was asked of the provider, and what it answered. Its ids are unique: one provider object has one payment of ours."""

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
    success_url: Mapped[str]
    cancel_url: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    fee_minor: Mapped[int | None]
    trouble: Mapped[str] = mapped_column(default="")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
