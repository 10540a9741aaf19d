"""Refunds: part of a line's money given back, with a reason, the way it was paid."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.money import Money


class Way(StrEnum):
    """How the money goes back: to the card, out of the cash box, or off the invoice."""

    CARD = "card"
    CASH = "cash"
    CREDIT_NOTE = "credit_note"


class State(StrEnum):
    """Ready → sending → paid | failed; unknown: it may have reached the provider, so it is looked up and never sent blind."""

    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"


class Refund(OfCooperative, Model):
    """Its provider key is made of its own id and attempt, so two refunds of one amount are two refunds [commerce:R02]."""

    __tablename__ = "refund"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("provider_ref"),
        UniqueConstraint("cooperative_id", "request_key"),
        Index("ix_refund_order", "cooperative_id", "order_id"),
        Index("ix_refund_state", "state"),
        tenant_key("order_id", "customer_order"),
        tenant_key("line_id", "order_line"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("attempt >= 1", "attempt"),
        CheckConstraint("length(reason) >= 1", "reason"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", "paid_at"),
        CheckConstraint("state <> 'paid' OR way <> 'card' OR provider_ref IS NOT NULL", "card_has_reference"),
    )
    frozen_columns = (
        "cooperative_id",
        "order_id",
        "line_id",
        "way",
        "amount_minor",
        "currency",
        "reason",
        "by_id",
        "request_key",
    )

    order_id: Mapped[UUID]
    line_id: Mapped[UUID]
    request_key: Mapped[UUID]
    way: Mapped[Way]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    state: Mapped[State]
    attempt: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    provider_ref: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def key(self) -> str:
        """The provider's idempotency key of this attempt."""
        return f"refund:{self.id}:{self.attempt}"
