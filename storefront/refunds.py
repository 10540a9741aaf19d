"""Refunds: part of a line's or a fee's money given back, with a reason, the way it was paid."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock, jobs
from ground.barriers import barrier
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.ids import new_id
from ground.money import Money
from ground.words import _
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.books import Book
from storefront import collections, invoices, letters, orders, papers, refund_parts
from storefront.checkouts import Checkout, How
from storefront.order_charges import OrderFee
from storefront.orders import Order, OrderLine
from storefront.papers import Kind
from storefront.tills import Till


class Way(StrEnum):
    """How the money goes back: to the card, out of the cash box, or off the invoice."""

    CARD = "card"
    CASH = "cash"
    CREDIT_NOTE = "credit_note"


class State(StrEnum):
    """Ready → sending → paid | failed; unknown: it may have got through, so it is never sent blind."""

    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"


class Refund(OfCooperative, Model):
    """Its provider key is made of its own id and attempt, so two of one amount are two [commerce:R02]."""

    __tablename__ = "refund"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("provider_ref"),
        UniqueConstraint("cooperative_id", "request_key"),
        Index("ix_refund_order", "cooperative_id", "order_id"),
        Index("ix_refund_state", "state"),
        tenant_key("order_id", "customer_order"),
        tenant_key("line_id", "order_line"),
        tenant_key("fee_id", "order_fee"),
        CheckConstraint("(line_id IS NULL) <> (fee_id IS NULL)", "one_item"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("tax_minor BETWEEN 0 AND amount_minor AND gift_minor >= 0", "parts"),
        CheckConstraint("attempt >= 1", "attempt"),
        CheckConstraint("length(reason) >= 1", "reason"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", "paid_at"),
        CheckConstraint("state <> 'paid' OR way <> 'card' OR provider_ref IS NOT NULL", "card_has_reference"),
    )
    frozen_columns = (
        "cooperative_id",
        "order_id",
        "line_id",
        "fee_id",
        "way",
        "amount_minor",
        "currency",
        "reason",
        "by_id",
        "request_key",
        "goodwill",
    )

    order_id: Mapped[UUID]
    line_id: Mapped[UUID | None]
    fee_id: Mapped[UUID | None]
    request_key: Mapped[UUID]
    way: Mapped[Way]
    amount_minor: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(default=0)  # What of it the tax authority gives back,
    gift_minor: Mapped[int] = mapped_column(default=0)  # and what goes back to the cooperative on top of it.
    goodwill: Mapped[bool] = mapped_column(default=False)  # The cooperative bears it, not whoever earned it (0015).
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

    def told(self, number: int) -> str:
        """One sentence for the buyer: how much of which order was given back, and the way it went."""
        amount = self.amount
        match self.way:
            case Way.CARD:
                return _(
                    "We have given back %(amount)s of order %(number)s to your card; banks take up to ten days to show it.",
                    amount=amount, number=number,
                )  # fmt: skip
            case Way.CASH:
                return _("We have given back %(amount)s of order %(number)s in cash.", amount=amount, number=number)
            case Way.CREDIT_NOTE:
                return _(
                    "We have given back %(amount)s of order %(number)s by taking it off your invoice.",
                    amount=amount, number=number,
                )  # fmt: skip

    @property
    def key(self) -> str:
        """The provider's idempotency key of this attempt."""
        return f"refund:{self.id}:{self.attempt}"


JOB = "refund"
"""The job that sends a card's refund; its subject is the refund."""


def start(
    session: Session,
    till: Till,
    order: Order,
    item_id: UUID,
    amount: Money,
    reason: str,
    *,
    by: UUID,
    request_key: UUID,
    goodwill: bool = False,
) -> Refund:
    """Give back part of one line or fee of a picked and paid order; at most what was paid for it less earlier refunds.

    Who earned the money gives it back (a pool from 2010, or 1240 once it is closed, → 2050), the tax within it comes back
    from 2030, and what the cooperative had put in goes back to it; `goodwill` is the cooperative's own (5100 → 2050). Cash
    and credit notes are finished at once, a card's refund is an intent until the provider confirms it.
    """
    order = orders.lock(session, order)
    item = next((item for item in order.items if item.id == item_id), None)
    if item is None:
        raise Missing("There is no such line in this order.")
    if order.cancellation is not None:
        raise Conflict("This order was cancelled: its money went back already.")
    if order.picking is None:
        raise Refusal("This order is not picked yet. Cancel it instead: then everything paid goes back.")
    checkout = session.get_one(Checkout, order.checkout_id)
    way = {How.CARD: Way.CARD, How.COLLECTION: Way.CASH, How.INVOICE: Way.CREDIT_NOTE}[checkout.how]
    if way is not Way.CARD and order.collection is None:
        raise Refusal("Nothing has been paid for this order yet.")
    refund = _intend(session, order, item, amount, reason, way, by, request_key, goodwill=goodwill)
    book = books.of_cooperative(session, order.cooperative_id, order.currency)
    transfers.post(
        session, book, "refund", refund.id, refund_parts.legs(session, book, order, item, refund), by=by, reason=reason
    )
    if way is Way.CARD:
        jobs.enqueue(session, JOB, refund.id)
    else:
        _finish_here(session, till, book, order, checkout, refund)
    barrier("refund: intent written")
    return refund


def whole(session: Session, order: Order, reason: str, *, by: UUID | None) -> list[Refund]:
    """Give back all of a paid order whose goods were never drawn: its money still lies in its deposit (2050)."""
    assert order.picking is None
    made = []
    for item in order.items:
        if item.refundable:
            refund = _intend(session, order, item, item.refundable, reason, Way.CARD, by, new_id())
            jobs.enqueue(session, JOB, refund.id)
            made.append(refund)
    return made


def _intend(
    session: Session,
    order: Order,
    item: OrderLine | OrderFee,
    amount: Money,
    reason: str,
    way: Way,
    by: UUID | None,
    key: UUID,
    *,
    goodwill: bool = False,
) -> Refund:
    if amount.currency != item.currency or amount.minor < 1:
        raise Refusal(fields={"amount": f"Write an amount in {item.currency} above zero."})
    kind = type(item)
    taken = session.scalar(
        update(kind)
        .where(kind.cooperative_id == order.cooperative_id, kind.id == item.id)
        .where(kind.refunded_minor + amount.minor <= item.paid.minor)
        .values(refunded_minor=kind.refunded_minor + amount.minor)
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        session.refresh(item, ["refunded_minor"])
        raise Refusal(fields={"amount": f"At most {item.refundable} of this line is left to give back."})
    session.expire(item, ["refunded_minor"])
    refund = Refund(
        cooperative_id=order.cooperative_id, order_id=order.id, line_id=item.id if isinstance(item, OrderLine) else None,
        fee_id=item.id if isinstance(item, OrderFee) else None, request_key=key, way=way, amount_minor=amount.minor,
        currency=amount.currency, reason=reason, by_id=by, state=State.READY, goodwill=goodwill,
    )  # fmt: skip
    session.add(refund)
    session.flush()
    return refund


def _finish_here(session: Session, till: Till, book: Book, order: Order, checkout: Checkout, refund: Refund) -> None:
    """Cash out of the box, or a credit note off the invoice; what an invoice no longer owes stays in the buyer's deposit."""
    deposit = Pot("2050", order.id)
    if refund.way is Way.CASH:
        legs = collections.cash_out(book, Pot("1010", order.point_id), deposit, refund.amount, refund.amount.in_cash())
    else:
        invoice = invoices.of_order(session, order)
        assert invoice is not None, "a collected order on terms has an invoice"
        invoices.lock(session, invoice)
        legs = invoices.settle(session, book, invoice, min(refund.amount, invoices.due(session, invoice)), deposit)
    transfers.post(session, book, "refund paid", refund.id, legs, by=refund.by_id)
    refund.state, refund.paid_at = State.PAID, clock.now()
    papers.promise(session, Kind.CREDIT_NOTE, refund.id)
    letters.refunded(session, checkout, order, refund, till.link_to(checkout.id))


def of_order(session: Session, order: Order) -> list[Refund]:
    query = select(Refund).where(Refund.cooperative_id == order.cooperative_id, Refund.order_id == order.id)
    return list(session.scalars(query.order_by(Refund.created_at, Refund.id)))


def find(session: Session, cooperative_id: UUID, refund_id: UUID) -> Refund:
    found = session.scalar(select(Refund).where(Refund.cooperative_id == cooperative_id, Refund.id == refund_id))
    if found is None:
        raise Missing("There is no such refund.")
    return found
