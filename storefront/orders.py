"""Orders: one cooperative's part of a checkout, with prices, packs and place as they were when it was placed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from cooperative.cooperatives import Cooperative
from cooperative.points import CollectionPoint
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Missing
from ground.money import Money
from ground.quantity import Quantity, Unit
from storefront.checkouts import Checkout, CheckoutPart
from storefront.order_charges import CHARGED, Charged, OrderFee, OrderGift, charged_checks
from storefront.taxes import TaxMode
from storefront.windows import Window


class Channel(StrEnum):
    """Through which door it was sold; settlement explains a sale by it."""

    RETAIL = "retail"
    WHOLESALE = "wholesale"


class Order(OfCooperative, Model):
    """What happened to it stands in rows of their own (picking, collection, cancellation); it never changes."""

    __tablename__ = "customer_order"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "number"),
        UniqueConstraint("checkout_id", "cooperative_id"),
        tenant_key("point_id", "collection_point"),
        tenant_key("window_id", "collection_window"),
        Index("ix_customer_order_window", "window_id"),
        CheckConstraint("number >= 1", "number"),
        CheckConstraint("total_minor >= 0", "total"),
        CheckConstraint("tax_minor >= 0", "tax"),
    )
    frozen_columns = (
        "cooperative_id", "number", "checkout_id", "point_id", "window_id", "channel", "currency", "total_minor", "tax_mode",
        "tax_minor", "taxes",
    )  # fmt: skip
    own_row = "EXISTS (SELECT 1 FROM checkout c WHERE c.id = checkout_id AND c.person_id = seeing_person())"

    number: Mapped[int]
    checkout_id: Mapped[UUID] = mapped_column(points_at("checkout.id"))
    point_id: Mapped[UUID]
    window_id: Mapped[UUID | None]
    channel: Mapped[Channel]
    currency: Mapped[str]
    total_minor: Mapped[int]
    tax_mode: Mapped[TaxMode] = mapped_column(default=TaxMode.LINE)
    tax_minor: Mapped[int] = mapped_column(default=0)
    taxes: Mapped[list[Any]] = mapped_column(default=list)  # [name, bps, minor] of each rate
    lines: Mapped[list[OrderLine]] = relationship(
        lazy="raise", primaryjoin="foreign(OrderLine.order_id) == Order.id", viewonly=True, order_by="OrderLine.id"
    )
    fees: Mapped[list[OrderFee]] = relationship(
        lazy="raise", primaryjoin="foreign(OrderFee.order_id) == Order.id", viewonly=True, order_by="OrderFee.id"
    )
    gifts: Mapped[list[OrderGift]] = relationship(
        lazy="raise", primaryjoin="foreign(OrderGift.order_id) == Order.id", viewonly=True, order_by="OrderGift.id"
    )
    picking: Mapped[Picking | None] = relationship(
        lazy="raise", primaryjoin="foreign(Picking.order_id) == Order.id", viewonly=True, uselist=False
    )
    collection: Mapped[Collection | None] = relationship(
        lazy="raise", primaryjoin="foreign(Collection.order_id) == Order.id", viewonly=True, uselist=False
    )
    cancellation: Mapped[Cancellation | None] = relationship(
        lazy="raise", primaryjoin="foreign(Cancellation.order_id) == Order.id", viewonly=True, uselist=False
    )

    point: Mapped[CollectionPoint] = relationship(
        lazy="raise", primaryjoin="foreign(Order.point_id) == CollectionPoint.id", viewonly=True
    )
    window: Mapped[Window | None] = relationship(
        lazy="raise", primaryjoin="foreign(Order.window_id) == Window.id", viewonly=True
    )
    cooperative: Mapped[Cooperative] = relationship(
        lazy="raise", primaryjoin="foreign(Order.cooperative_id) == Cooperative.id", viewonly=True
    )
    checkout: Mapped[Checkout] = relationship(
        lazy="raise", primaryjoin="foreign(Order.checkout_id) == Checkout.id", viewonly=True
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def tax(self) -> Money:
        """All tax within the total, after gifts."""
        return Money(self.tax_minor, self.currency)

    @property
    def items(self) -> list[OrderLine | OrderFee]:
        """All that is paid for: lines, then fees."""
        return [*self.lines, *self.fees]


class OrderLine(Charged, OfCooperative, Model):
    """So many packs at a price frozen with its reason; only `refunded_minor` moves, by conditional UPDATE."""

    __tablename__ = "order_line"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("order_id", "pack_id"),
        tenant_key("order_id", "customer_order"),
        tenant_key("pack_id", "pack"),
        tenant_key("heap_id", "heap"),
        CheckConstraint("quantity >= 1", "quantity"),
        CheckConstraint("content >= 1", "content"),
        CheckConstraint("line_minor >= 1", "line"),
        *charged_checks("line_minor"),
    )
    frozen_columns = (
        "cooperative_id", "order_id", "pack_id", "heap_id", "name", "quantity", "content", "unit",
        "unit_price_minor", "line_minor", "currency", "because", *CHARGED,
    )  # fmt: skip

    order_id: Mapped[UUID]
    pack_id: Mapped[UUID]
    heap_id: Mapped[UUID]
    name: Mapped[str]
    quantity: Mapped[int]
    content: Mapped[int]
    unit: Mapped[Unit]
    unit_price_minor: Mapped[int]
    line_minor: Mapped[int]
    because: Mapped[str]

    @property
    def shown_minor(self) -> int:
        return self.line_minor

    @property
    def line_total(self) -> Money:
        return Money(self.line_minor, self.currency)

    @property
    def unit_price(self) -> Money:
        return Money(self.unit_price_minor, self.currency)

    @property
    def takes(self) -> Quantity:
        """What all packs of the line draw from the heap."""
        return Quantity(self.quantity * self.content, self.unit)


class Picking(OfCooperative, Model):
    """Somebody drew the lots and packed the order. Once per order."""

    __tablename__ = "picking"
    __table_args__ = (tenant_unique(), UniqueConstraint("order_id"), tenant_key("order_id", "customer_order"))
    append_only = True

    order_id: Mapped[UUID]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))


class Collection(OfCooperative, Model):
    """The buyer fetched it. `cash_minor` is what was taken then, in coins there are; null when paid otherwise."""

    __tablename__ = "collection"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("order_id"),
        tenant_key("order_id", "customer_order"),
        CheckConstraint("cash_minor >= 0", "cash"),
    )
    append_only = True

    order_id: Mapped[UUID]
    cash_minor: Mapped[int | None]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))


class Cancellation(OfCooperative, Model):
    """The order will not be filled: its goods went back on sale. `by_id` is null when nobody paid in time."""

    __tablename__ = "cancellation"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("order_id"),
        tenant_key("order_id", "customer_order"),
        Index("ix_cancellation_cooperative", "cooperative_id"),
    )
    append_only = True

    order_id: Mapped[UUID]
    reason: Mapped[str]
    by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))


def cash_of(orders: Sequence[Order]) -> Money:
    """What they cost in coins: each is fetched, and rounded, by itself [finance:E23]."""
    return sum((order.total.in_cash() for order in orders[1:]), orders[0].total.in_cash())


def listed(query: Select[Order]) -> Select[Order]:
    """With everything a list reads of orders: one statement for them and all they have one of, one for their lines."""
    return query.options(
        selectinload(Order.lines), joinedload(Order.picking), joinedload(Order.collection), joinedload(Order.cancellation),
        joinedload(Order.point), joinedload(Order.checkout), joinedload(Order.window), joinedload(Order.cooperative),
    ).execution_options(populate_existing=True)  # fmt: skip


def loaded(query: Select[Order]) -> Select[Order]:
    """With everything a page or a verb reads of an order: what comes on top of its goods too."""
    return listed(query).options(selectinload(Order.fees), selectinload(Order.gifts))


def find(session: Session, cooperative_id: UUID, number: int) -> Order:
    """The cooperative's order of this number; another's is missing in the same words."""
    found = session.scalar(loaded(select(Order).where(Order.cooperative_id == cooperative_id, Order.number == number)))
    if found is None:
        raise Missing("There is no such order.")
    return found


def by_id(cooperative_id: UUID, order_id: UUID) -> Select[Order]:
    return loaded(select(Order).where(Order.cooperative_id == cooperative_id, Order.id == order_id))


def lock(session: Session, order: Order) -> Order:
    """This order for ourselves until commit, as it stands now."""
    mine = (Order.cooperative_id == order.cooperative_id, Order.id == order.id)
    session.execute(select(Order.id).where(*mine).with_for_update())
    return session.scalars(loaded(select(Order).where(*mine))).one()


def of_checkout(session: Session, checkout: Checkout, *, goods_only: bool = False) -> list[Order]:
    """The orders of a checkout, by cooperative; `goods_only` leaves out what came on top of the goods."""
    sellers = select(CheckoutPart.cooperative_id).where(CheckoutPart.checkout_id == checkout.id)
    query = select(Order).where(Order.cooperative_id.in_(sellers), Order.checkout_id == checkout.id)
    query = query.order_by(Order.cooperative_id)
    return list(session.scalars(listed(query) if goods_only else loaded(query)))


def recent(session: Session, cooperative_id: UUID, *, most: int = 50, offset: int = 0) -> list[Order]:
    query = select(Order).where(Order.cooperative_id == cooperative_id).order_by(Order.number.desc())
    return list(session.scalars(listed(query.limit(most).offset(offset))))
