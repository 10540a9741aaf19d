"""Order cycles: the dated times in which a cooperative sells something; outside of them its lines wait in the basket."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, joinedload, relationship, selectinload

from cooperative.cooperatives import Cooperative
from ground import clock, local_time
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Missing, Refusal
from ground.words import _


class Sells(StrEnum):
    """To whom a cycle sells."""

    EVERYBODY = "everybody"
    RETAIL = "retail"
    WHOLESALE = "wholesale"


class OrderCycle(OfCooperative, Model):
    """Open from `opens_at` until before `closes_at` (UTC); without both dates it is a draft and opens nothing.

    No goods named: it sells all. Whatever no dated cycle names is always on sale, so a shop without cycles is always open.
    `processed_at`: the office looked at what it brought; a new closing in the future asks for it anew.
    """

    __tablename__ = "order_cycle"
    __table_args__ = (
        tenant_unique(),
        Index("ix_order_cycle_cooperative", "cooperative_id"),
        CheckConstraint("name <> ''", "named"),
        CheckConstraint("closes_at > opens_at", "closes_after_opening"),
    )
    public_read = "true"
    on_the_street = "true"

    name: Mapped[str]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    sells: Mapped[Sells]
    processed_at: Mapped[datetime | None]
    goods: Mapped[list[CycleGoods]] = relationship(
        lazy="raise",
        primaryjoin="foreign(CycleGoods.cycle_id) == OrderCycle.id",
        viewonly=True,
        order_by="CycleGoods.id",
    )

    @property
    def is_dated(self) -> bool:
        return self.opens_at is not None and self.closes_at is not None

    def is_open(self, now: datetime) -> bool:
        """An undated one is never open [food:cycle-undated-never-open]."""
        return self.opens_at is not None and self.closes_at is not None and self.opens_at <= now < self.closes_at

    def is_for(self, product_id: UUID, buyers: Collection[Sells]) -> bool:
        """Whether it is about this product when one of these buys."""
        to_them = self.sells is Sells.EVERYBODY or self.sells in buyers
        return to_them and (not self.goods or any(each.product_id == product_id for each in self.goods))

    def date(self, opens_at: datetime | None, closes_at: datetime | None) -> None:
        """New dates, or none. Closing later than before, and not yet, asks the office anew [food:cycle-reopen-resets]."""
        if opens_at is not None and closes_at is not None and closes_at <= opens_at:
            raise Refusal(fields={"closes": _("It closes after it opens.")})
        if closes_at is not None and closes_at > clock.now() and (self.closes_at is None or closes_at > self.closes_at):
            self.processed_at = None
        self.opens_at, self.closes_at = opens_at, closes_at


class CycleGoods(OfCooperative, Model):
    """A product that a cycle sells."""

    __tablename__ = "cycle_goods"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cycle_id", "product_id"),
        tenant_key("cycle_id", "order_cycle"),
        tenant_key("product_id", "product"),
    )
    public_read = "true"
    on_the_street = "true"

    cycle_id: Mapped[UUID]
    product_id: Mapped[UUID]


def add(
    session: Session, cooperative_id: UUID, *, name: str, opens_at: datetime | None = None,
    closes_at: datetime | None = None, sells: Sells = Sells.EVERYBODY, product_ids: Iterable[UUID] = (),
) -> OrderCycle:  # fmt: skip
    """A cycle; without goods it sells everything [food:cycle-close-after-open]."""
    cycle = OrderCycle(
        cooperative_id=cooperative_id, name=name, opens_at=None, closes_at=None, sells=sells, processed_at=None
    )
    cycle.date(opens_at, closes_at)
    session.add(cycle)
    session.flush()
    _name_goods(session, cycle, product_ids)
    return find(session, cooperative_id, cycle.id)


def change(session: Session, cycle: OrderCycle, *, sells: Sells, product_ids: Iterable[UUID]) -> None:
    """To whom and what it sells from now on; orders that were placed stay as they are."""
    cycle.sells, wanted = sells, set(product_ids)
    gone = [each.id for each in cycle.goods if each.product_id not in wanted]
    mine = (CycleGoods.cooperative_id == cycle.cooperative_id, CycleGoods.id.in_(gone))
    session.execute(delete(CycleGoods).where(*mine).execution_options(synchronize_session=False))
    _name_goods(session, cycle, wanted - {each.product_id for each in cycle.goods})


def copy(session: Session, cycle: OrderCycle) -> OrderCycle:
    """The same once more, undated: whoever copies it says when [food:cycle-clone]."""
    goods = [each.product_id for each in cycle.goods]
    return add(session, cycle.cooperative_id, name=f"Copy of {cycle.name}"[:80], sells=cycle.sells, product_ids=goods)


def _name_goods(session: Session, cycle: OrderCycle, product_ids: Iterable[UUID]) -> None:
    for product_id in sorted(set(product_ids)):
        session.add(CycleGoods(cooperative_id=cycle.cooperative_id, cycle_id=cycle.id, product_id=product_id))
    session.flush()
    session.expire(cycle, ["goods"])


def find(session: Session, cooperative_id: UUID, cycle_id: UUID) -> OrderCycle:
    query = select(OrderCycle).where(OrderCycle.cooperative_id == cooperative_id, OrderCycle.id == cycle_id)
    found = session.scalar(query.options(selectinload(OrderCycle.goods)).execution_options(populate_existing=True))
    if found is None:
        raise Missing("There is no such cycle.")
    return found


def all_of(session: Session, cooperative_id: UUID) -> list[OrderCycle]:
    """The cooperative's cycles, drafts first, then those that close last."""
    query = (
        select(OrderCycle).where(OrderCycle.cooperative_id == cooperative_id).options(selectinload(OrderCycle.goods))
    )
    order = (OrderCycle.closes_at.is_not(None), OrderCycle.closes_at.desc(), OrderCycle.id)
    return list(session.scalars(query.order_by(*order).execution_options(populate_existing=True)))


def dated(session: Session, cooperative_ids: Iterable[UUID]) -> list[OrderCycle]:
    """The dated cycles of these cooperatives with their goods: what decides whether something is on sale."""
    ids = sorted(set(cooperative_ids))
    if not ids:
        return []
    query = (
        select(OrderCycle)
        .where(OrderCycle.cooperative_id.in_(ids), OrderCycle.opens_at.is_not(None), OrderCycle.closes_at.is_not(None))
        .options(joinedload(OrderCycle.goods))
        .order_by(OrderCycle.opens_at, OrderCycle.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)).unique())


def why_shut(
    of: Iterable[OrderCycle], owner: Cooperative, product_id: UUID, buyers: Collection[Sells], now: datetime
) -> str:
    """In words why this cannot be ordered now, or nothing: a cycle names it and none of those is open."""
    about = [cycle for cycle in of if cycle.cooperative_id == owner.id and cycle.is_for(product_id, buyers)]
    if not about or any(cycle.is_open(now) for cycle in about):
        return ""
    next_one = next((cycle.opens_at for cycle in about if cycle.opens_at is not None and cycle.opens_at > now), None)
    closed = [cycle.closes_at for cycle in about if cycle.closes_at is not None and cycle.closes_at <= now]
    words = (
        _("Ordering closed on %(moment)s.", moment=local_time.short_words(max(closed), owner.zone, now))
        if closed
        else _("Not open yet.")
    )
    if next_one is not None:
        opens = local_time.short_words(next_one, owner.zone, now)
        return f"{words} {_('It opens again %(moment)s: leave it for then, or remove it.', moment=opens)}"
    return f"{words} {_('Please remove it, or ask for the next date.')}"


def closing(
    of: Iterable[OrderCycle], owner_id: UUID, product_id: UUID, buyers: Collection[Sells], now: datetime
) -> datetime | None:
    """When what is open now for this product closes; None where nothing closes it."""
    about = [
        cycle.closes_at for cycle in of
        if cycle.cooperative_id == owner_id and cycle.is_for(product_id, buyers) and cycle.is_open(now)
    ]  # fmt: skip
    return max((moment for moment in about if moment is not None), default=None)
