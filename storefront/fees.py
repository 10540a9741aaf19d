"""Fees: what a cooperative charges beyond its goods, as dated versions. A version is never edited; a new one follows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.ids import new_id
from ground.money import LARGEST_MINOR, Money
from inventory.products import TaxClass
from storefront.bills import TaxTerms
from storefront.charges import BPS, Basis, Kind, PayableTo, Terms


class FeeTax(StrEnum):
    """How a fee is taxed: like the goods it is charged on, or under a class of its own."""

    GOODS = "goods"
    EXEMPT = "exempt"
    ZERO = "zero"
    REDUCED = "reduced"
    STANDARD = "standard"


class Fee(OfCooperative, Model):
    """One version; versions of one fee share `thread_id`. Only its end is written later. Everybody may read it."""

    __tablename__ = "fee"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("thread_id", "version"),
        CheckConstraint("version >= 1", "version"),
        CheckConstraint("length(name) >= 1", "named"),
        CheckConstraint(f"amount_minor BETWEEN -{LARGEST_MINOR} AND {LARGEST_MINOR}", "amount"),
        CheckConstraint("amount_minor >= 0 OR payable_to = 'cooperative'", "only_we_give"),
        CheckConstraint(f"bps BETWEEN 0 AND {BPS}", "bps"),
        CheckConstraint("(basis IN ('percent', 'item_percent')) = (bps > 0)", "percent_has_bps"),
        CheckConstraint("(basis IN ('tiered', 'sack')) = (more_minor IS NOT NULL)", "steps"),
        CheckConstraint("(basis = 'sack') = (threshold_minor IS NOT NULL)", "threshold"),
        CheckConstraint("more_minor >= 0 AND items_most >= 1 AND threshold_minor >= 1", "positive"),
        CheckConstraint("per_milligrams >= 1", "weight"),
        CheckConstraint("(payable_to = 'transporter') = (payee <> '')", "payee"),
        CheckConstraint("ended_at IS NULL OR ended_at >= starts_at", "window"),
    )
    frozen_columns = (
        "cooperative_id", "thread_id", "version", "name", "kind", "basis", "amount_minor", "bps", "more_minor",
        "items_most", "threshold_minor", "per_milligrams", "tax_class", "tax_included", "payable_to", "payee", "currency",
        "starts_at", "by_id",
    )  # fmt: skip
    public_read = "true"

    thread_id: Mapped[UUID]
    version: Mapped[int]
    name: Mapped[str]
    kind: Mapped[Kind]
    basis: Mapped[Basis]
    amount_minor: Mapped[int]
    bps: Mapped[int]
    more_minor: Mapped[int | None]
    items_most: Mapped[int | None]
    threshold_minor: Mapped[int | None]
    per_milligrams: Mapped[int]
    tax_class: Mapped[FeeTax]
    tax_included: Mapped[bool]
    payable_to: Mapped[PayableTo]
    payee: Mapped[str]
    currency: Mapped[str]
    starts_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))

    @property
    def terms(self) -> Terms:
        def money(minor: int | None) -> Money | None:
            return None if minor is None else Money(minor, self.currency)

        return Terms(
            self.name, self.kind, self.basis, Money(self.amount_minor, self.currency), self.bps, money(self.more_minor),
            self.items_most, money(self.threshold_minor), self.per_milligrams, self.payable_to, self.payee, self.id,
        )  # fmt: skip

    @property
    def tax_terms(self) -> TaxTerms:
        return TaxTerms(None if self.tax_class is FeeTax.GOODS else TaxClass(self.tax_class.value), self.tax_included)

    def runs(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ended_at is None or self.ended_at > at)


def add(
    session: Session,
    cooperative_id: UUID,
    terms: Terms,
    *,
    by: UUID | None,
    tax: FeeTax = FeeTax.EXEMPT,
    tax_included: bool = True,
    starts_at: datetime | None = None,
    follows: Fee | None = None,
) -> Fee:
    """A new fee, or with `follows` the next version of one: the old one ends when this begins. Orders placed keep theirs.

    Conflict when somebody else ended or replaced it meanwhile; Refusal names the field where a version cannot begin then.
    """
    begins = max(starts_at or clock.now(), clock.now())
    version = 1
    if follows is not None:
        assert follows.cooperative_id == cooperative_id
        end(session, follows, at=begins)
        newest = select(func.max(Fee.version)).where(
            Fee.cooperative_id == cooperative_id, Fee.thread_id == follows.thread_id
        )
        version = int(session.scalars(newest).one()) + 1
    fee = Fee(
        cooperative_id=cooperative_id, thread_id=follows.thread_id if follows else new_id(), version=version,
        name=terms.name, kind=terms.kind, basis=terms.basis, amount_minor=terms.amount.minor, bps=terms.bps,
        more_minor=terms.more.minor if terms.more else None, items_most=terms.items_most,
        threshold_minor=terms.threshold.minor if terms.threshold else None, per_milligrams=terms.per_milligrams,
        tax_class=tax, tax_included=tax_included, payable_to=terms.payable_to, payee=terms.payee,
        currency=terms.amount.currency, starts_at=begins, by_id=by,
    )  # fmt: skip
    session.add(fee)
    session.flush()
    return fee


def end(session: Session, fee: Fee, *, at: datetime | None = None) -> None:
    """Charge it no more from then on; Conflict when it was ended before, whoever did it."""
    moment = at or clock.now()
    if moment < fee.starts_at:
        raise Refusal(fields={"starts_on": "The version before begins later than that."})
    ended = session.scalar(
        update(Fee)
        .where(Fee.cooperative_id == fee.cooperative_id, Fee.id == fee.id, Fee.ended_at.is_(None))
        .values(ended_at=moment)
        .returning(Fee.id)
        .execution_options(synchronize_session=False)
    )
    session.expire(fee, ["ended_at"])
    if ended is None:
        raise Conflict("This fee was ended or changed already. Please look again.")


def in_force(session: Session, cooperative_ids: Iterable[UUID], at: datetime) -> dict[UUID, list[Fee]]:
    """Every fee these cooperatives charge now, in the order they were thought of. One query."""
    found: dict[UUID, list[Fee]] = {id: [] for id in sorted(set(cooperative_ids))}
    query = select(Fee).where(
        Fee.cooperative_id.in_(list(found)), Fee.starts_at <= at, or_(Fee.ended_at.is_(None), Fee.ended_at > at)
    )
    for fee in session.scalars(query.order_by(Fee.thread_id)) if found else ():
        found[fee.cooperative_id].append(fee)
    return found


def all_of(session: Session, cooperative_id: UUID) -> list[Fee]:
    """Every version, the newest of each fee first."""
    query = select(Fee).where(Fee.cooperative_id == cooperative_id)
    return list(session.scalars(query.order_by(Fee.thread_id, Fee.version.desc())))


def find(session: Session, cooperative_id: UUID, fee_id: UUID) -> Fee:
    found = session.scalar(select(Fee).where(Fee.cooperative_id == cooperative_id, Fee.id == fee_id))
    if found is None:
        raise Missing("There is no such fee.")
    return found
