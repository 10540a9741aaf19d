"""Bank receipts: money that came into the cooperative's bank account for an invoice, typed from the bank's statement."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.money import LARGEST_MINOR, Money


class BankReceipt(OfCooperative, Model):
    """The bank's own reference is unique per cooperative: the same line of the statement is booked once."""

    __tablename__ = "bank_receipt"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "reference"),
        tenant_key("invoice_id", "invoice"),
        CheckConstraint(f"amount_minor BETWEEN 1 AND {LARGEST_MINOR}", "amount"),
        CheckConstraint("length(reference) >= 1", "reference"),
    )
    append_only = True

    invoice_id: Mapped[UUID]
    reference: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    received_on: Mapped[date] = mapped_column(Date())
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
