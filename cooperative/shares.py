"""Shares: a member applies and pays, another person approves, and the money becomes paid-up capital [finance:D01]."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from cooperative import bylaws
from cooperative.members import Member
from cooperative.people import Person
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.money import LARGEST_MINOR, Money
from ledger import history, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg

APPLIED, APPROVED = "share application", "share approval"
"""Kinds of cause, each with the subscription's id."""


class PaidFrom(StrEnum):
    """Where the money came from: the bank, or a settlement that has put it into 2300 already (share build-up)."""

    BANK = "bank"
    PROCEEDS = "proceeds"


class ShareSubscription(OfCooperative, Model):
    """A member's application for shares, paid in full at their par value."""

    __tablename__ = "share_subscription"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "id", "applied_by_id"),
        tenant_key("member_id", "member"),
        CheckConstraint("shares > 0 AND par_minor > 0", "shares"),
        CheckConstraint("amount_minor = shares * par_minor", "amount"),
    )
    append_only = True

    member_id: Mapped[UUID]
    shares: Mapped[int]
    par_minor: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    paid_from: Mapped[PaidFrom]
    applied_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    member: Mapped[Member] = relationship(
        lazy="raise", primaryjoin="foreign(ShareSubscription.member_id) == Member.id", viewonly=True
    )
    applied_by: Mapped[Person] = relationship(
        lazy="raise", primaryjoin="foreign(ShareSubscription.applied_by_id) == Person.id", viewonly=True
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class ShareApproval(OfCooperative, Model):
    """The second person's word. It carries who applied, so that the database itself refuses one person's two hands."""

    __tablename__ = "share_approval"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("subscription_id"),
        ForeignKeyConstraint(
            ["cooperative_id", "subscription_id", "applied_by_id"],
            ["share_subscription.cooperative_id", "share_subscription.id", "share_subscription.applied_by_id"],
            deferrable=True, initially="DEFERRED",
        ),
        CheckConstraint("approved_by_id <> applied_by_id", "second_person"),
    )  # fmt: skip
    append_only = True

    subscription_id: Mapped[UUID]
    applied_by_id: Mapped[UUID]
    approved_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))


def subscribe(
    session: Session,
    book: Book,
    member: Member,
    shares: int,
    par: Money,
    *,
    by: UUID,
    paid_from: PaidFrom = PaidFrom.BANK,
) -> ShareSubscription:
    """Apply for shares: the money waits in 2300 until somebody else approves."""
    if shares < 1:
        raise Refusal(fields={"shares": "At least one share."})
    if par.minor * shares > LARGEST_MINOR:
        raise Refusal(fields={"shares": "These are too many shares."})
    if member.left_on is not None:
        raise Refusal(fields={"shares": "This member has left the cooperative."})
    subscription = ShareSubscription(
        cooperative_id=book.cooperative_id, member_id=member.id, shares=shares, par_minor=par.minor,
        amount_minor=par.minor * shares, currency=par.currency, paid_from=paid_from, applied_by_id=by,
    )  # fmt: skip
    session.add(subscription)
    if paid_from is PaidFrom.BANK:
        leg = Leg(Pot("1020"), Pot("2300", member.id), subscription.amount)
        transfers.post(session, book, APPLIED, subscription.id, [leg], by=by)
    session.flush()
    return subscription


def approve(session: Session, book: Book, subscription_id: UUID, *, by: UUID) -> ShareApproval:
    """Turn an application into paid-up capital, once. Who applied cannot approve; a second approval is a Conflict."""
    subscription = find(session, book.cooperative_id, subscription_id)
    if subscription is None:
        raise Missing("There is no such application.")
    if subscription.applied_by_id == by:
        raise Refusal("You entered this application, so another person approves it.")
    leg = Leg(Pot("2300", subscription.member_id), Pot("3010", subscription.member_id), subscription.amount)
    if transfers.already(session, book, APPROVED, subscription.id):
        raise Conflict("This application was approved already.")
    approval = ShareApproval(
        cooperative_id=book.cooperative_id, subscription_id=subscription.id,
        applied_by_id=subscription.applied_by_id, approved_by_id=by,
    )  # fmt: skip
    session.add(approval)
    transfers.post(session, book, APPROVED, subscription.id, [leg], by=by)
    session.flush()
    return approval


def find(session: Session, cooperative_id: UUID, subscription_id: UUID) -> ShareSubscription | None:
    query = select(ShareSubscription).where(
        ShareSubscription.cooperative_id == cooperative_id, ShareSubscription.id == subscription_id
    )
    return session.scalar(query)


def waiting(session: Session, cooperative_id: UUID, *, member_id: UUID | None = None) -> list[ShareSubscription]:
    """Applications nobody has approved yet, oldest first, each with its member and who entered it."""
    approved = exists().where(
        ShareApproval.cooperative_id == cooperative_id, ShareApproval.subscription_id == ShareSubscription.id
    )
    query = select(ShareSubscription).where(ShareSubscription.cooperative_id == cooperative_id, ~approved)
    if member_id is not None:
        query = query.where(ShareSubscription.member_id == member_id)
    query = query.options(joinedload(ShareSubscription.member), joinedload(ShareSubscription.applied_by))
    return list(session.scalars(query.order_by(ShareSubscription.created_at, ShareSubscription.id)))


def paid_up(session: Session, book: Book, member: Member) -> Money:
    """The member's paid-up share capital."""
    return history.balance(session, book, Pot("3010", member.id))


def register(session: Session, book: Book) -> dict[UUID, Money]:
    """Paid-up capital by member, in one query."""
    return {member_id: money for (member_id, _), money in history.balances(session, book, "3010").items()}


def whole(session: Session, book: Book) -> Money:
    """All paid-up share capital of the cooperative: what a holding is compared with."""
    return history.sum_of(session, book, "3010")


def par(session: Session, cooperative_id: UUID, currency: str, on: date) -> Money | None:
    """What a share costs by the by-law in force that day, or None where the cooperative has not said."""
    bylaw = bylaws.in_force(session, cooperative_id, bylaws.SHARES, on)
    return None if bylaw is None else Money(bylaw.rules["par_minor"], currency)
