"""Pools: the deliveries of one product and season that are sold as one and share what they earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, relationship, selectinload

from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.money import LARGEST_MINOR, Money
from inventory.products import Product
from ledger.books import of_cooperative
from ledger.history import sum_of


class RevenueBasis(StrEnum):
    """Whose sale it is: the members' through the cooperative as agent, or the cooperative's own as principal."""

    AGENT = "agent"
    PRINCIPAL = "principal"


OPEN = text("closed_at IS NULL")


class Pool(OfCooperative, Model):
    """One open pool per product, closed once, for good. `advance_minor` is due on delivery per kg (litre, piece)."""

    __tablename__ = "pool"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("product_id", "season"),
        tenant_key("product_id", "product"),
        Index("uq_pool_open", "product_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint(f"advance_minor >= 0 AND advance_minor <= {LARGEST_MINOR}", "advance"),
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", "closed_after_opened"),
        CheckConstraint("length(season) > 0", "season"),
    )
    frozen_columns = ("cooperative_id", "product_id", "season", "opened_at", "revenue_basis", "currency")

    product_id: Mapped[UUID]
    season: Mapped[str]
    opened_at: Mapped[datetime]
    revenue_basis: Mapped[RevenueBasis]
    currency: Mapped[str]
    advance_minor: Mapped[int]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None]

    product: Mapped[Product] = relationship(
        primaryjoin="foreign(Pool.product_id) == Product.id", viewonly=True, lazy="raise"
    )

    @property
    def advance(self) -> Money:
        """Per comparison unit (kg, litre, piece)."""
        return Money(self.advance_minor, self.currency)

    def close(self, *, by: UUID) -> None:
        """Closed for good: late money is borne by rule, never by reopening. The caller holds `lock`."""
        if self.closed_at is not None:
            raise Conflict("This pool is closed already.")
        self.closed_at, self.closed_by_id = clock.now(), by


@dataclass(frozen=True, slots=True)
class PoolDelivery:
    """What one member brought into a pool of one grade, in base units."""

    member_id: UUID
    member_number: int
    grade: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PoolLot:
    """One lot of a pool: what came in and what is left of it, in base units."""

    id: UUID
    number: int
    heap_id: UUID
    grade: str
    good_from: date
    expires_on: date | None
    received: int
    quantity_left: int


@dataclass(frozen=True, slots=True)
class PoolSales:
    """What a pool's lots earned, by channel ("retail", "wholesale"), and how much of it no buyer has paid yet."""

    gross: dict[str, Money]
    refunds: dict[str, Money]
    quantity: dict[str, int]  # base units drawn
    unpaid: Money  # owed on invoices

    @property
    def net(self) -> Money:
        """Gross less refunds, over both channels."""
        zero = Money.zero(self.unpaid.currency)
        return sum(self.gross.values(), zero) - sum(self.refunds.values(), zero)


def open_pool(
    session: Session,
    product: Product,
    season: str,
    *,
    currency: str,
    advance_minor: int = 0,
    revenue_basis: RevenueBasis = RevenueBasis.AGENT,
    opened_at: datetime | None = None,
) -> Pool:
    """A new pool; Refusal where the product's last pool is still open, or had this season's name."""
    earlier = session.scalars(
        select(Pool).where(Pool.cooperative_id == product.cooperative_id, Pool.product_id == product.id)
    ).all()
    if any(pool.closed_at is None for pool in earlier):
        raise Refusal(fields={"product_id": f"{product.name} has an open pool already; close it first."})
    if any(pool.season == season for pool in earlier):
        raise Refusal(fields={"season": f"There was a pool {season} of {product.name}."})
    pool = Pool(
        cooperative_id=product.cooperative_id, product_id=product.id, season=season, opened_at=opened_at or clock.now(),
        revenue_basis=revenue_basis, currency=currency, advance_minor=advance_minor, closed_at=None, closed_by_id=None,
    )  # fmt: skip
    session.add(pool)
    session.flush()
    return pool


def find(session: Session, cooperative_id: UUID, pool_id: UUID) -> Pool:
    return _found(session, _asked(cooperative_id, pool_id))


def all_of(session: Session, cooperative_id: UUID) -> list[Pool]:
    """Every pool with its product: open ones first, then the latest."""
    query = select(Pool).where(Pool.cooperative_id == cooperative_id).options(selectinload(Pool.product))
    return list(session.scalars(query.order_by(Pool.closed_at.is_not(None), Pool.opened_at.desc(), Pool.id)))


def find_open(session: Session, product: Product) -> Pool:
    """The open pool of this product, kept open until our commit (a share lock that a closing pool waits for)."""
    query = select(Pool).where(
        Pool.cooperative_id == product.cooperative_id, Pool.product_id == product.id, Pool.closed_at.is_(None)
    )
    query = query.options(selectinload(Pool.product)).with_for_update(read=True)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Refusal(fields={"product_id": f"No pool is open for {product.name}. Open one under Pools first."})
    return found


def lock(session: Session, cooperative_id: UUID, pool_id: UUID) -> Pool:
    """This pool for ourselves until commit: no delivery joins it and no lot of it is drawn meanwhile."""
    return _found(session, _asked(cooperative_id, pool_id).with_for_update().execution_options(populate_existing=True))


def _asked(cooperative_id: UUID, pool_id: UUID) -> Select[Pool]:
    mine = (Pool.cooperative_id == cooperative_id, Pool.id == pool_id)
    return select(Pool).where(*mine).options(selectinload(Pool.product))


def _found(session: Session, asked: Select[Pool]) -> Pool:
    found = session.scalar(asked)
    if found is None:
        raise Missing("There is no such pool.")
    return found


def keep_open(session: Session, cooperative_id: UUID, pool_ids: set[UUID]) -> set[UUID]:
    """Those of these pools that are open, and stay so until our commit."""
    query = select(Pool.id).where(
        Pool.cooperative_id == cooperative_id, Pool.id.in_(sorted(pool_ids)), Pool.closed_at.is_(None)
    )
    return set(session.scalars(query.order_by(Pool.id).with_for_update(read=True)))


# Deliveries and lots import this file, so their tables are read by name here.
def deliveries_of(session: Session, pool: Pool) -> list[PoolDelivery]:
    """What each member brought of each grade, by member number: the weights of the claims."""
    delivery, member = Model.metadata.tables["delivery"], Model.metadata.tables["member"]
    query = (
        select(delivery.c.member_id, member.c.number, delivery.c.grade, func.sum(delivery.c.net))
        .join(member, member.c.id == delivery.c.member_id)
        .where(delivery.c.cooperative_id == pool.cooperative_id, delivery.c.pool_id == pool.id)
        .group_by(delivery.c.member_id, member.c.number, delivery.c.grade)
        .order_by(member.c.number, delivery.c.grade)
    )
    return [
        PoolDelivery(member_id, number, grade, int(net)) for member_id, number, grade, net in session.execute(query)
    ]


def sales_of(session: Session, pool: Pool) -> PoolSales:
    """What the lots of this pool earned and gave back, from the lot moves, and what invoices still owe, from the ledger."""
    lot, move = Model.metadata.tables["lot"], Model.metadata.tables["lot_move"]
    query = (
        select(move.c.channel, move.c.kind, func.sum(move.c.net_minor), func.sum(move.c.quantity))
        .join(lot, lot.c.id == move.c.lot_id)
        .where(
            move.c.cooperative_id == pool.cooperative_id, lot.c.pool_id == pool.id, move.c.kind.in_(("sell", "refund"))
        )
        .group_by(move.c.channel, move.c.kind)
    )
    gross: dict[str, Money] = {}
    refunds: dict[str, Money] = {}
    quantity: dict[str, int] = {}
    for channel, kind, minor, moved in session.execute(query):
        if kind == "sell":
            gross[str(channel)], quantity[str(channel)] = Money(int(minor), pool.currency), -int(moved)
        else:
            refunds[str(channel)] = Money(-int(minor), pool.currency)
    book = of_cooperative(session, pool.cooperative_id, pool.currency)
    return PoolSales(gross, refunds, quantity, sum_of(session, book, "1100", subject_id=pool.id))


def lots_of(session: Session, pool: Pool) -> list[PoolLot]:
    """The lots of this pool by number, with what came into each."""
    lot, move, heap = (Model.metadata.tables[name] for name in ("lot", "lot_move", "heap"))
    received = (
        select(move.c.lot_id, func.sum(move.c.quantity).label("quantity"))
        .where(move.c.cooperative_id == pool.cooperative_id, move.c.kind == "receive")
        .group_by(move.c.lot_id)
        .subquery()
    )
    query = (
        select(
            lot.c.id,
            lot.c.number,
            lot.c.heap_id,
            heap.c.grade,
            lot.c.good_from,
            lot.c.expires_on,
            func.coalesce(received.c.quantity, 0),
            lot.c.quantity_left,
        )
        .join(heap, heap.c.id == lot.c.heap_id)
        .outerjoin(received, received.c.lot_id == lot.c.id)
        .where(lot.c.cooperative_id == pool.cooperative_id, lot.c.pool_id == pool.id)
        .order_by(lot.c.number)
    )
    return [PoolLot(*row[:6], int(row[6]), int(row[7])) for row in session.execute(query)]
