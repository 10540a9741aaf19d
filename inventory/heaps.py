"""Heaps: the stock of one product and grade at one place, in base units. Every pack of it draws from the same heap."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, relationship, selectinload

from cooperative.points import CollectionPoint
from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Missing, Refusal
from ground.ids import new_id
from ground.quantity import Quantity, Unit
from inventory import stale
from inventory.products import Product


class Heap(OfCooperative, Model):
    """`available = on_hand + oversell_limit − held`; the CHECKs are the second wall behind the conditional UPDATEs."""

    __tablename__ = "heap"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("product_id", "grade", "point_id"),
        tenant_key("product_id", "product"),
        tenant_key("point_id", "collection_point"),
        CheckConstraint("on_hand >= 0", "on_hand"),
        CheckConstraint("held >= 0", "held"),
        CheckConstraint("oversell_limit >= 0", "oversell_limit"),
        CheckConstraint("held <= on_hand + oversell_limit", "promises_within_stock"),
    )
    frozen_columns = ("cooperative_id", "product_id", "grade", "point_id", "unit")
    public_read = "EXISTS (SELECT 1 FROM product p WHERE p.id = heap.product_id AND p.listed_at IS NOT NULL)"
    # A shelf shows whether a pack can be had. How much is left of it is asked for by the pages that say so (`free`).
    on_the_street = (
        "EXISTS (SELECT 1 FROM pack p WHERE p.heap_id = new.id AND p.is_listed"
        " AND (old.on_hand + old.oversell_limit - old.held >= p.content)"
        " <> (new.on_hand + new.oversell_limit - new.held >= p.content))"
    )

    product_id: Mapped[UUID]
    point_id: Mapped[UUID]
    grade: Mapped[str]
    unit: Mapped[Unit]
    on_hand: Mapped[int]
    held: Mapped[int]
    oversell_limit: Mapped[int]

    product: Mapped[Product] = relationship(
        primaryjoin="foreign(Heap.product_id) == Product.id", viewonly=True, lazy="raise"
    )
    point: Mapped[CollectionPoint] = relationship(
        primaryjoin="foreign(Heap.point_id) == CollectionPoint.id", viewonly=True, lazy="raise"
    )

    @property
    def available(self) -> int:
        """Base units that may still be promised."""
        return self.on_hand + self.oversell_limit - self.held

    def quantity(self, amount: int) -> Quantity:
        return Quantity(amount, self.unit)


def find_or_open(session: Session, product: Product, grade: str, point_id: UUID) -> Heap:
    """The heap of this product, grade and place. Two openers at once: the unique key lets one win."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "id": new_id(),
        "created_at": clock.now(),
        "cooperative_id": product.cooperative_id,
        "product_id": product.id,
        "point_id": point_id,
        "grade": grade,
        "unit": product.unit,
        "on_hand": 0,
        "held": 0,
        "oversell_limit": 0,
    }
    asked = select(Heap).where(
        Heap.cooperative_id == product.cooperative_id,
        Heap.product_id == product.id,
        Heap.grade == grade,
        Heap.point_id == point_id,
    )
    found = session.scalar(asked)
    if found is None:
        session.execute(native.insert(Heap).on_conflict_do_nothing(), row)
        found = session.scalars(asked).one()
    return found


def all_of(session: Session, cooperative_id: UUID) -> list[Heap]:
    """Every heap with its product, by product, grade and place."""
    query = select(Heap).join(Product, Product.id == Heap.product_id).where(Heap.cooperative_id == cooperative_id)
    return list(session.scalars(query.options(selectinload(Heap.product)).order_by(Product.name, Heap.grade, Heap.id)))


def find(session: Session, cooperative_id: UUID, heap_id: UUID) -> Heap:
    query = (
        select(Heap)
        .where(Heap.cooperative_id == cooperative_id, Heap.id == heap_id)
        .options(selectinload(Heap.product))
    )
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Missing("There is no such heap.")
    return found


def free(session: Session, heap_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Base units that may still be promised, of heaps whose products the street shows."""
    query = select(Heap.id, Heap.on_hand + Heap.oversell_limit - Heap.held).where(Heap.id.in_(sorted(set(heap_ids))))
    return {id: int(amount) for id, amount in session.execute(query)}


def promises_kept(on_hand: int = 0, held: int = 0) -> ColumnElement[bool]:
    """The one guard of stock: after these changes nothing is below zero, and what is promised is within what may be."""
    after_hand, after_held = Heap.on_hand + on_hand, Heap.held + held
    return (after_hand >= 0) & (after_held >= 0) & (after_held <= after_hand + Heap.oversell_limit)


def shift(
    session: Session, cooperative_id: UUID, heap_id: UUID, *, on_hand: int = 0, held: int = 0, seen: int | None = None
) -> bool:
    """Move a heap's figures by one conditional UPDATE; False (and nothing moved) where a promise would break.

    `seen` makes it compare-and-set: it moves only while `on_hand` is still what the asker saw [commerce:S13].
    """
    unchanged = [] if seen is None else [Heap.on_hand == seen]
    moved = session.scalar(
        update(Heap)
        .where(Heap.cooperative_id == cooperative_id, Heap.id == heap_id, promises_kept(on_hand, held), *unchanged)
        .values(on_hand=Heap.on_hand + on_hand, held=Heap.held + held)
        .returning(Heap.id)
        .execution_options(synchronize_session=False)
    )
    _forget(session, heap_id)
    return moved is not None


def allow_oversell(session: Session, cooperative_id: UUID, heap_id: UUID, limit: int) -> None:
    """Promise up to `limit` base units that are still in the field [commerce:S20]; never less than is promised already."""
    moved = session.scalar(
        update(Heap)
        .where(Heap.cooperative_id == cooperative_id, Heap.id == heap_id, Heap.held <= Heap.on_hand + limit)
        .values(oversell_limit=limit)
        .returning(Heap.id)
        .execution_options(synchronize_session=False)
    )
    _forget(session, heap_id)
    if moved is None:
        raise Refusal(fields={"oversell": "More than that is promised to buyers already."})


def _forget(session: Session, heap_id: UUID) -> None:
    """What this session read of the heap is old now; `lazy="raise"` does not stop a column from being read again."""
    stale.stock_moved(session, heap_id)
    heap = session.identity_map.get(session.identity_key(Heap, heap_id))
    if heap is not None:
        session.expire(heap, ["on_hand", "held", "oversell_limit"])


def in_order(heap_ids: Iterable[UUID]) -> list[UUID]:
    """Heaps are always touched in ascending id, so that two buyers never wait for each other in a ring."""
    return sorted(set(heap_ids))
