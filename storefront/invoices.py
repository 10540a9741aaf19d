"""Invoices: a company's order, handed over now and paid within its net days."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from cooperative import cooperatives
from cooperative.companies import Company, TradeTerms
from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Missing
from ground.money import Money, split
from inventory import numbering
from ledger import books, history, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg
from storefront import earnings, pickings
from storefront.checkouts import Checkout
from storefront.orders import Order


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
        CheckConstraint("total_minor >= 0", "total"),
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
    order: Mapped[Order] = relationship(
        lazy="raise", primaryjoin="foreign(Invoice.order_id) == Order.id", viewonly=True
    )
    company: Mapped[Company] = relationship(
        lazy="raise", primaryjoin="foreign(Invoice.company_id) == Company.id", viewonly=True
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


def issue(session: Session, book: Book, order: Order, checkout: Checkout, *, by: UUID) -> Invoice:
    """The goods are handed over: the company owes each pool what its lots were sold for (1100 → 2010), tax and fees."""
    assert checkout.company_id is not None
    terms = session.scalars(
        select(TradeTerms)
        .where(TradeTerms.cooperative_id == order.cooperative_id, TradeTerms.company_id == checkout.company_id)
        .where(TradeTerms.created_at <= checkout.created_at)
        .order_by(TradeTerms.created_at.desc(), TradeTerms.id.desc())
        .limit(1)
    ).one()
    owner = session.get_one(cooperatives.Cooperative, order.cooperative_id)
    today = clock.now().astimezone(owner.zone).date()
    invoice = Invoice(
        cooperative_id=order.cooperative_id, number=numbering.next_number(session, order.cooperative_id, "invoice"),
        order_id=order.id, company_id=checkout.company_id, currency=order.currency, total_minor=order.total_minor,
        issued_on=today, due_on=today + timedelta(days=terms.net_days),
    )  # fmt: skip
    session.add(invoice)
    session.flush()
    legs = earnings.on_invoice(book, order, invoice.id, pickings.drawn(session, order))
    transfers.post(session, book, "invoice", invoice.id, legs, by=by)
    return invoice


def loaded_all(session: Session, cooperative_id: UUID, *, most: int = 200) -> list[Invoice]:
    """The cooperative's invoices with company and order, latest first."""
    query = select(Invoice).where(Invoice.cooperative_id == cooperative_id).order_by(Invoice.number.desc()).limit(most)
    return list(session.scalars(query.options(selectinload(Invoice.company), selectinload(Invoice.order))))


def find(session: Session, cooperative_id: UUID, number: int) -> Invoice:
    query = select(Invoice).where(Invoice.cooperative_id == cooperative_id, Invoice.number == number)
    found = session.scalar(query.options(selectinload(Invoice.company), selectinload(Invoice.order)))
    if found is None:
        raise Missing("There is no such invoice.")
    return found


def of_order(session: Session, order: Order) -> Invoice | None:
    return session.scalar(
        select(Invoice).where(Invoice.cooperative_id == order.cooperative_id, Invoice.order_id == order.id)
    )


def lock(session: Session, invoice: Invoice) -> None:
    """Two receipts for one invoice follow each other."""
    session.execute(
        select(Invoice.id)
        .where(Invoice.cooperative_id == invoice.cooperative_id, Invoice.id == invoice.id)
        .with_for_update()
    )


def dues(session: Session, cooperative_id: UUID, currency: str) -> dict[UUID, Money]:
    """What is still due of every invoice that has something due, from the ledger."""
    book = books.of_cooperative(session, cooperative_id, currency)
    found: dict[UUID, Money] = {}
    for (invoice_id, _), left in history.balances(session, book, "1100").items():
        found[invoice_id] = found.get(invoice_id, book.money(0)) + left
    return {invoice_id: left for invoice_id, left in found.items() if left}


def due(session: Session, invoice: Invoice) -> Money:
    book = books.of_cooperative(session, invoice.cooperative_id, invoice.currency)
    return history.sum_of(session, book, "1100", owner_id=invoice.id)


def due_of_company(session: Session, cooperative_id: UUID, company_id: UUID, currency: str) -> Money:
    """What all invoices of one company still owe."""
    ids = session.scalars(
        select(Invoice.id).where(
            Invoice.cooperative_id == cooperative_id, Invoice.company_id == company_id, Invoice.currency == currency
        )
    ).all()
    left = dues(session, cooperative_id, currency) if ids else {}
    return sum((left[id] for id in ids if id in left), Money.zero(currency))


def settle(session: Session, book: Book, invoice: Invoice, amount: Money, source: Pot) -> list[Leg]:
    """Legs that take `amount` off what is due, shared exactly by what each pool is still owed; never more than is due."""
    owed = sorted(
        (pool_id, left.minor)
        for (invoice_id, pool_id), left in history.balances(session, book, "1100").items()
        if invoice_id == invoice.id and left
    )
    assert amount.minor <= sum(minor for _, minor in owed), "more than is due"
    if not amount:
        return []
    parts = split(amount.minor, [minor for _, minor in owed])
    return [
        Leg(source, Pot("1100", invoice.id, pool_id), book.money(part))
        for (pool_id, _), part in zip(owed, parts, strict=True)
    ]


def count_overdue(session: Session, cooperative_id: UUID, left: dict[UUID, Money], today: date) -> int:
    """How many invoices are past their day with something due."""
    late = select(func.count()).where(
        Invoice.cooperative_id == cooperative_id, Invoice.due_on < today, Invoice.id.in_(list(left))
    )
    return int(session.scalar(late) or 0)
