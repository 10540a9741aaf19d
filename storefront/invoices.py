"""Invoices: a company's order, handed over now and paid within its net days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.money import Money


class Invoice(OfCooperative, Model):
    """Issued when the goods are handed over; what is still due is read from the ledger (1100 of this invoice)."""

    __tablename__ = "invoice"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "number"),
        UniqueConstraint("order_id"),
        tenant_key("order_id", "customer_order"),
        Index("ix_invoice_company", "cooperative_id", "company_id"),
        CheckConstraint("number >= 1", "number"),
        CheckConstraint("total_minor > 0", "total"),
        CheckConstraint("due_on >= issued_on", "due"),
    )
    frozen_columns = (
        "cooperative_id",
        "number",
        "order_id",
        "company_id",
        "currency",
        "total_minor",
        "issued_on",
        "due_on",
    )

    number: Mapped[int]
    order_id: Mapped[UUID]
    company_id: Mapped[UUID] = mapped_column(points_at("company.id"))
    currency: Mapped[str]
    total_minor: Mapped[int]
    issued_on: Mapped[date] = mapped_column(Date())
    due_on: Mapped[date] = mapped_column(Date())

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)
