"""Provider payouts: what the payment provider paid into the operator's bank account, as the bank's statement says."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import cooperatives
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Conflict, Refusal
from ground.money import LARGEST_MINOR, Money
from ledger import history, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg


class ProviderPayout(OfCooperative, Model):
    """One line of the operator's bank statement; the bank's own reference makes it unique."""

    __tablename__ = "provider_payout"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "reference"),
        CheckConstraint(f"amount_minor BETWEEN 1 AND {LARGEST_MINOR}", "amount"),
        CheckConstraint("length(reference) >= 1", "reference"),
    )
    append_only = True

    reference: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    received_on: Mapped[date] = mapped_column(Date())
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def held(session: Session, book: Book) -> Money:
    """What the provider holds for the operator: card payments less fees, refunds and earlier payouts."""
    return history.balance(session, book, Pot("1030"))


def record(
    session: Session, book: Book, *, reference: str, amount: Money, received_on: date, by: UUID
) -> ProviderPayout:
    """Book the payout (1020 ← 1030), once per reference, and never more than the provider holds for us."""
    cooperatives.lock(session, book.cooperative_id)
    known = select(ProviderPayout).where(
        ProviderPayout.cooperative_id == book.cooperative_id, ProviderPayout.reference == reference
    )
    if (before := session.scalar(known)) is not None:
        raise Conflict(fields={"reference": f"The bank's reference {reference} was booked already: {before.amount}."})
    most = held(session, book)
    if amount > most:
        raise Refusal(fields={"amount": f"The provider holds {most} for us; more than that is not its payout."})
    payout = ProviderPayout(
        cooperative_id=book.cooperative_id, reference=reference, amount_minor=amount.minor, currency=amount.currency,
        received_on=received_on, by_id=by,
    )  # fmt: skip
    session.add(payout)
    session.flush()
    transfers.post(session, book, "provider payout", payout.id, [Leg(Pot("1020"), Pot("1030"), amount)], by=by)
    return payout


def latest(session: Session, cooperative_id: UUID, *, most: int = 50) -> list[ProviderPayout]:
    """The latest payouts, newest first."""
    query = select(ProviderPayout).where(ProviderPayout.cooperative_id == cooperative_id)
    return list(
        session.scalars(query.order_by(ProviderPayout.received_on.desc(), ProviderPayout.id.desc()).limit(most))
    )
