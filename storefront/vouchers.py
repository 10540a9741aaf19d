"""Vouchers: a word that takes something off, within the limits its cooperative set; each use counts once [commerce:M16]."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, UniqueConstraint, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.money import LARGEST_MINOR, Money
from ground.words import _
from storefront.bills import Gift
from storefront.charges import BPS
from storefront.checkouts import Checkout
from storefront.order_charges import OrderGift
from storefront.orders import Order


class Voucher(OfCooperative, Model):
    """A fixed sum or a percentage. `used` moves by conditional UPDATE only, so that the last use has one winner.

    `product_ids` names the products it is for; none named: all. Who knows the code may use it: it is read on the street.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "code"),
        CheckConstraint("length(code) >= 3", "code"),
        CheckConstraint("(amount_minor IS NULL) <> (bps IS NULL)", "one_worth"),
        CheckConstraint(f"amount_minor BETWEEN 1 AND {LARGEST_MINOR}", "amount"),
        CheckConstraint(f"bps BETWEEN 1 AND {BPS}", "bps"),
        CheckConstraint("least_minor >= 0", "least"),
        CheckConstraint("uses_most >= 1 AND uses_most_each >= 1", "limits"),
        CheckConstraint("used >= 0", "used"),
        CheckConstraint("uses_most IS NULL OR used <= uses_most", "never_more_uses"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", "window"),
    )
    frozen_columns = (
        "cooperative_id", "code", "amount_minor", "bps", "currency", "least_minor", "starts_at", "ends_at", "uses_most",
        "uses_most_each", "product_ids", "by_id",
    )  # fmt: skip
    public_read = "stopped_at IS NULL"

    code: Mapped[str]
    amount_minor: Mapped[int | None]
    bps: Mapped[int | None]
    currency: Mapped[str]
    least_minor: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    uses_most: Mapped[int | None]
    uses_most_each: Mapped[int | None]
    product_ids: Mapped[list[Any]]
    used: Mapped[int] = mapped_column(default=0)
    stopped_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def least(self) -> Money:
        return Money(self.least_minor, self.currency)

    @property
    def gift(self) -> Gift:
        return Gift(
            _("Voucher %(code)s", code=self.code), flat=self.amount, bps=self.bps or 0,
            product_ids=frozenset(UUID(id) for id in self.product_ids), voucher_id=self.id,
        )  # fmt: skip

    def problem(self, goods: Money, at: datetime, *, mine: int = 0) -> str:
        """Why it does not count on goods of this much now, or nothing. `mine` uses of an unpaid attempt come back first."""
        if self.stopped_at is not None or (self.ends_at is not None and self.ends_at <= at):
            return _("This voucher is over.")
        if self.starts_at > at:
            return _("This voucher counts later.")
        if self.uses_most is not None and self.used - mine >= self.uses_most:
            return _("This voucher was used up.")
        if goods < self.least:
            return _("This voucher counts from %(least)s of goods on.", least=self.least)
        return ""


def add(
    session: Session,
    cooperative_id: UUID,
    code: str,
    *,
    by: UUID | None,
    amount: Money | None = None,
    bps: int | None = None,
    currency: str,
    least: Money | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    uses_most: int | None = None,
    uses_most_each: int | None = None,
    product_ids: Iterable[UUID] = (),
) -> Voucher:
    """A new voucher; a Refusal names `code` where the cooperative had one of that word, even a stopped one."""
    word = spelled(code)
    if session.scalar(select(Voucher.id).where(Voucher.cooperative_id == cooperative_id, Voucher.code == word)):
        raise Refusal(fields={"code": f"There is, or was, a voucher {word}. Take another word."})
    voucher = Voucher(
        cooperative_id=cooperative_id, code=word, amount_minor=amount.minor if amount else None, bps=bps, currency=currency,
        least_minor=least.minor if least else 0, starts_at=starts_at or clock.now(), ends_at=ends_at, uses_most=uses_most,
        uses_most_each=uses_most_each, product_ids=[str(id) for id in sorted(set(product_ids))], by_id=by,
    )  # fmt: skip
    session.add(voucher)
    session.flush()
    return voucher


def spelled(code: str) -> str:
    """A code as it is kept: nobody should lose their gift to a small letter."""
    return code.strip().upper()


def stop(session: Session, voucher: Voucher) -> None:
    """Nobody can use it from now on; orders placed keep it."""
    voucher.stopped_at = voucher.stopped_at or clock.now()
    session.flush()


def all_of(session: Session, cooperative_id: UUID) -> list[Voucher]:
    query = select(Voucher).where(Voucher.cooperative_id == cooperative_id)
    return list(session.scalars(query.order_by(Voucher.created_at.desc(), Voucher.id)))


def find(session: Session, cooperative_id: UUID, voucher_id: UUID) -> Voucher:
    found = session.scalar(select(Voucher).where(Voucher.cooperative_id == cooperative_id, Voucher.id == voucher_id))
    if found is None:
        raise Missing("There is no such voucher.")
    return found


def find_by_code(session: Session, cooperative_ids: Iterable[UUID], code: str) -> list[Voucher]:
    """What this word opens at these cooperatives: usually one voucher, or none."""
    query = select(Voucher).where(
        Voucher.cooperative_id.in_(sorted(set(cooperative_ids))), Voucher.code == spelled(code)
    )
    return list(session.scalars(query.where(Voucher.stopped_at.is_(None)).order_by(Voucher.cooperative_id)))


def claim(session: Session, order: Order, checkout: Checkout, voucher_id: UUID) -> None:
    """Count one use by one conditional UPDATE; whoever comes too late is told, and nothing of theirs is written.

    The UPDATE also makes claims of one voucher follow each other, so that the count of one person's uses is exact.
    """
    now = clock.now()
    mine = and_(Voucher.cooperative_id == order.cooperative_id, Voucher.id == voucher_id)
    taken = session.execute(
        update(Voucher)
        .where(mine, free_to_use(now))
        .values(used=Voucher.used + 1)
        .returning(Voucher.code, Voucher.uses_most_each)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        raise Conflict(_("The voucher was used up or ended meanwhile. Please look at the new total and confirm."))
    code, each = taken
    if each is not None and uses_of(session, order.cooperative_id, voucher_id, checkout) >= each:
        raise Refusal(
            _("You have used the voucher %(code)s as often as one person may. Please take it off.", code=code)
        )


def free_to_use(now: datetime) -> ColumnElement[bool]:
    """The guard of a claim: running, and not used up."""
    return and_(
        Voucher.stopped_at.is_(None), Voucher.starts_at <= now, or_(Voucher.ends_at.is_(None), Voucher.ends_at > now),
        or_(Voucher.uses_most.is_(None), Voucher.used < Voucher.uses_most),
    )  # fmt: skip


def uses_of(session: Session, cooperative_id: UUID, voucher_id: UUID, checkout: Checkout) -> int:
    """How often this person, by account or by address, has used it in orders that still stand."""
    same = func.lower(Checkout.email) == checkout.email.lower()
    if checkout.person_id is not None:
        same = or_(same, Checkout.person_id == checkout.person_id)
    query = (
        select(func.count())
        .select_from(OrderGift)
        .join(Order, Order.id == OrderGift.order_id)
        .join(Checkout, Checkout.id == Order.checkout_id)
        .where(OrderGift.cooperative_id == cooperative_id, OrderGift.voucher_id == voucher_id)
        .where(OrderGift.returned_at.is_(None), Checkout.id != checkout.id, same)
    )
    return int(session.scalars(query).one())


def give_back(session: Session, order: Order) -> None:
    """The order, locked by the caller, was given up: its vouchers may be used again. A second time changes nothing."""
    returned = session.scalars(
        update(OrderGift)
        .where(OrderGift.cooperative_id == order.cooperative_id, OrderGift.order_id == order.id)
        .where(OrderGift.voucher_id.is_not(None), OrderGift.returned_at.is_(None))
        .values(returned_at=clock.now())
        .returning(OrderGift.voucher_id)
        .execution_options(synchronize_session=False)
    ).all()
    for voucher_id in sorted(id for id in returned if id is not None):
        session.execute(
            update(Voucher)
            .where(Voucher.cooperative_id == order.cooperative_id, Voucher.id == voucher_id)
            .values(used=Voucher.used - 1)
            .execution_options(synchronize_session=False)
        )
