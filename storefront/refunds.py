"""Refunds: part of a line's money given back, with a reason, the way it was paid."""

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
from inventory import lots, pools
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg
from storefront import collections, invoices, letters, orders, papers
from storefront.checkouts import Checkout, How
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
    line_id: UUID,
    amount: Money,
    reason: str,
    *,
    by: UUID,
    request_key: UUID,
) -> Refund:
    """Give back part of one line of a picked and paid order; at most what was paid for it less earlier refunds.

    The pools that earned the money give it back (2010, or 1240 once they are closed, → 2050); cash and credit notes are
    finished at once, a card's refund is an intent until the provider confirms it.
    """
    order = orders.lock(session, order)
    line = next((line for line in order.lines if line.id == line_id), None)
    if line is None:
        raise Missing("There is no such line in this order.")
    if order.cancellation is not None:
        raise Conflict("This order was cancelled: its money went back already.")
    if order.picking is None:
        raise Refusal("This order is not picked yet. Cancel it instead: then everything paid goes back.")
    checkout = session.get_one(Checkout, order.checkout_id)
    way = {How.CARD: Way.CARD, How.COLLECTION: Way.CASH, How.INVOICE: Way.CREDIT_NOTE}[checkout.how]
    if way is not Way.CARD and order.collection is None:
        raise Refusal("Nothing has been paid for this order yet.")
    refund = _intend(session, order, line, amount, reason, way, by, request_key)
    book = books.of_cooperative(session, order.cooperative_id, order.currency)
    borne = lots.give_back(session, cooperative_id=order.cooperative_id, cause_id=line.id, amount=amount, by=by)
    still_open = pools.keep_open(session, order.cooperative_id, {pool_id for pool_id, _ in borne})
    by_pool: dict[UUID, Money] = {}
    for pool_id, part in borne:
        by_pool[pool_id] = by_pool.get(pool_id, book.money(0)) + part
    legs = [
        Leg(Pot("2010" if pool_id in still_open else "1240", pool_id), Pot("2050", order.id), by_pool[pool_id])
        for pool_id in sorted(by_pool)
    ]
    transfers.post(session, book, "refund", refund.id, legs, by=by, reason=reason)
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
    for line in order.lines:
        if line.refundable:
            refund = _intend(session, order, line, line.refundable, reason, Way.CARD, by, new_id())
            jobs.enqueue(session, JOB, refund.id)
            made.append(refund)
    return made


def _intend(
    session: Session, order: Order, line: OrderLine, amount: Money, reason: str, way: Way, by: UUID | None, key: UUID
) -> Refund:
    if amount.currency != line.currency or amount.minor < 1:
        raise Refusal(fields={"amount": f"Write an amount in {line.currency} above zero."})
    taken = session.scalar(
        update(OrderLine)
        .where(OrderLine.cooperative_id == order.cooperative_id, OrderLine.id == line.id)
        .where(OrderLine.refunded_minor + amount.minor <= OrderLine.line_minor)
        .values(refunded_minor=OrderLine.refunded_minor + amount.minor)
        .returning(OrderLine.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        session.refresh(line, ["refunded_minor"])
        raise Refusal(fields={"amount": f"At most {line.refundable} of this line is left to give back."})
    session.expire(line, ["refunded_minor"])
    refund = Refund(
        cooperative_id=order.cooperative_id, order_id=order.id, line_id=line.id, request_key=key, way=way,
        amount_minor=amount.minor, currency=amount.currency, reason=reason, by_id=by, state=State.READY,
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
