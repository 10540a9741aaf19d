"""Bank receipts: money that came into the cooperative's bank account for an invoice, as its statement says."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal
from ground.money import LARGEST_MINOR, Money
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from storefront import invoices
from storefront.invoices import Invoice


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


def record(
    session: Session, invoice: Invoice, *, reference: str, amount: Money, received_on: date, by: UUID
) -> tuple[BankReceipt, Money]:
    """Book money from the bank's statement (1020 → 1100), once per reference; returns it with what is left due.

    Less than is due leaves the rest due. What is over is the buyer's: it stays in their deposit (2050) and the second
    figure is negative, so that the page can say so [commerce:M21].
    """
    if amount.currency != invoice.currency:
        raise Refusal(fields={"amount": f"This invoice is in {invoice.currency}."})
    invoices.lock(session, invoice)
    known = session.scalar(
        select(BankReceipt).where(
            BankReceipt.cooperative_id == invoice.cooperative_id, BankReceipt.reference == reference
        )
    )
    if known is not None:
        raise Conflict(
            fields={"reference": f"The bank's reference {reference} was booked already: {known.amount}."},
        )
    left = invoices.due(session, invoice)
    receipt = BankReceipt(
        cooperative_id=invoice.cooperative_id, invoice_id=invoice.id, reference=reference, amount_minor=amount.minor,
        currency=amount.currency, received_on=received_on, by_id=by,
    )  # fmt: skip
    session.add(receipt)
    session.flush()
    book = books.of_cooperative(session, invoice.cooperative_id, invoice.currency)
    on_invoice = min(amount, left)
    legs = invoices.settle(session, book, invoice, on_invoice, Pot("1020"))
    legs.append(Leg(Pot("1020"), Pot("2050", invoice.order_id), amount - on_invoice))
    transfers.post(session, book, "bank receipt", receipt.id, legs, by=by)
    return receipt, left - amount


def of_invoice(session: Session, invoice: Invoice) -> list[BankReceipt]:
    query = select(BankReceipt).where(
        BankReceipt.cooperative_id == invoice.cooperative_id, BankReceipt.invoice_id == invoice.id
    )
    return list(session.scalars(query.order_by(BankReceipt.received_on, BankReceipt.id)))
