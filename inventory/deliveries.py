"""Deliveries: what a member brought and a collector weighed. Each joins the open pool, the day's lot, and earns the advance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.money import Money
from ground.quantity import LARGEST
from inventory import heaps, lots, numbering, pools, products
from ledger.accounts import Pot
from ledger.books import of_cooperative
from ledger.transfers import Leg, post


class Home(Protocol):
    """What a delivery needs to know of its cooperative."""

    id: UUID
    timezone: str
    currency: str


class Delivery(OfCooperative, Model):
    """Weights in base units; `net = gross − tare`. The id is made on the device that weighed, so that it lands once."""

    __tablename__ = "delivery"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "receipt_no"),
        tenant_key("member_id", "member"),
        tenant_key("point_id", "collection_point"),
        tenant_key("product_id", "product"),
        tenant_key("pool_id", "pool"),
        tenant_key("lot_id", "lot"),
        Index("ix_delivery_pool_member", "pool_id", "member_id"),
        Index("ix_delivery_day", "cooperative_id", "delivered_at"),
        Index("ix_delivery_member", "member_id"),
        CheckConstraint(f"gross > 0 AND gross <= {LARGEST}", "gross"),
        CheckConstraint("tare >= 0", "tare"),
        CheckConstraint("net > 0 AND net = gross - tare", "net"),
        CheckConstraint("receipt_no >= 1", "receipt_no"),
        CheckConstraint("advance_minor >= 0", "advance"),
    )
    append_only = True

    receipt_no: Mapped[int]
    member_id: Mapped[UUID]
    point_id: Mapped[UUID]
    product_id: Mapped[UUID]
    grade: Mapped[str]
    gross: Mapped[int]
    tare: Mapped[int]
    net: Mapped[int]
    pool_id: Mapped[UUID]
    lot_id: Mapped[UUID]
    collector_id: Mapped[UUID]
    delivered_at: Mapped[datetime]
    device_at: Mapped[datetime | None]
    advance_minor: Mapped[int]
    currency: Mapped[str]

    @property
    def advance(self) -> Money:
        """What the pool's advance came to for this delivery, rounded once."""
        return Money(self.advance_minor, self.currency)


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    """What the weighing page (or a phone that was offline) sends; weights in base units of the product."""

    id: UUID
    member_id: UUID
    point_id: UUID
    product_id: UUID
    grade: str
    gross: int
    tare: int = 0
    device_at: datetime | None = None


def record(
    session: Session, cooperative: Home, form: DeliveryForm, *, by: UUID, delivered_at: datetime | None = None
) -> Delivery:
    """Write a delivery: receipt, pool, lot, stock and advance (1200 → 2020), all or nothing.

    The same id with the same body is the same delivery, answered again; with another body it is a Conflict [commerce:S14].
    Refusal names `tare`, `grade` or `product_id` (no open pool). The member must belong to the cooperative: the database
    refuses another's.
    """
    numbering.wait_turn(session, cooperative.id, "receipt")
    if (earlier := _landed(session, cooperative.id, form)) is not None:
        return earlier
    product = products.find(session, cooperative.id, form.product_id)
    wrong = {}
    if form.gross <= 0:
        wrong["gross"] = "The weight must be more than 0."
    elif not 0 <= form.tare < form.gross:
        wrong["tare"] = "The empty container cannot weigh as much as the full one."
    if form.grade not in product.grades:
        wrong["grade"] = f"{product.name} is graded {', '.join(product.grades)}."
    if wrong:
        raise Refusal(fields=wrong)
    pool = pools.find_open(session, product)
    at, net = delivered_at or clock.now(), form.gross - form.tare
    heap = heaps.find_or_open(session, product, form.grade, form.point_id)
    today = at.astimezone(ZoneInfo(cooperative.timezone)).date()
    lot = lots.receive(session, pool, product, heap, net, on=today, delivery_id=form.id, by=by)
    advance = pool.advance.times(Fraction(net, product.unit.per_size))
    delivery = Delivery(
        id=form.id,
        cooperative_id=cooperative.id,
        receipt_no=numbering.next_number(session, cooperative.id, "receipt"),
        member_id=form.member_id,
        point_id=form.point_id,
        product_id=product.id,
        grade=form.grade,
        gross=form.gross,
        tare=form.tare,
        net=net,
        pool_id=pool.id,
        lot_id=lot.id,
        collector_id=by,
        delivered_at=at,
        device_at=form.device_at,
        advance_minor=advance.minor,
        currency=pool.currency,
    )
    session.add(delivery)
    session.flush()
    book = of_cooperative(session, cooperative.id, pool.currency)
    post(
        session,
        book,
        "advance",
        delivery.id,
        [Leg(Pot("1200", form.member_id, pool.id), Pot("2020", form.member_id), advance)],
        by=by,
    )
    return delivery


def _landed(session: Session, cooperative_id: UUID, form: DeliveryForm) -> Delivery | None:
    """This delivery, when it was recorded before; Conflict where the same id says something else."""
    earlier = session.scalar(select(Delivery).where(Delivery.cooperative_id == cooperative_id, Delivery.id == form.id))
    if earlier is None:
        return None
    same = all(
        getattr(earlier, name) == getattr(form, name)
        for name in ("member_id", "point_id", "product_id", "grade", "gross", "tare")
    )
    if not same:
        raise Conflict(f"Receipt {earlier.receipt_no} was recorded under this id with other figures.")
    return earlier


def find(session: Session, cooperative_id: UUID, delivery_id: UUID) -> Delivery:
    found = session.scalar(
        select(Delivery).where(Delivery.cooperative_id == cooperative_id, Delivery.id == delivery_id)
    )
    if found is None:
        raise Missing("There is no such delivery.")
    return found


def between(
    session: Session, cooperative_id: UUID, since: datetime, until: datetime, *, limit: int = 500
) -> list[Delivery]:
    """The deliveries of a stretch of time, latest first."""
    query = select(Delivery).where(
        Delivery.cooperative_id == cooperative_id, Delivery.delivered_at >= since, Delivery.delivered_at < until
    )
    return list(session.scalars(query.order_by(Delivery.receipt_no.desc()).limit(limit)))


def of_pool(session: Session, cooperative_id: UUID, pool_id: UUID, *, limit: int = 500) -> list[Delivery]:
    query = select(Delivery).where(Delivery.cooperative_id == cooperative_id, Delivery.pool_id == pool_id)
    return list(session.scalars(query.order_by(Delivery.receipt_no.desc()).limit(limit)))


def of_member(
    session: Session, cooperative_id: UUID, member_id: UUID, *, pool_id: UUID | None = None
) -> list[Delivery]:
    """One member's deliveries, oldest first: what the statement lists."""
    query = select(Delivery).where(Delivery.cooperative_id == cooperative_id, Delivery.member_id == member_id)
    if pool_id is not None:
        query = query.where(Delivery.pool_id == pool_id)
    return list(session.scalars(query.order_by(Delivery.delivered_at, Delivery.receipt_no)))
