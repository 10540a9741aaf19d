"""Packs: what a buyer takes home, a content in base units: a 1 kg bag and a 50 kg sack draw on one heap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, select, tuple_
from sqlalchemy.orm import Mapped, Session, joinedload, relationship

from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Missing, Refusal
from ground.quantity import LARGEST, Quantity
from inventory.heaps import Heap
from inventory.products import Kind, Product, slugged


class Pack(OfCooperative, Model):
    """`content` base units of its heap, under a name and a SKU. A pack is shown while it and its product are listed."""

    __tablename__ = "pack"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "sku"),
        Index("ix_pack_heap", "heap_id"),
        Index("ix_pack_product", "product_id"),
        tenant_key("heap_id", "heap"),
        tenant_key("product_id", "product"),
        CheckConstraint(f"content > 0 AND content <= {LARGEST}", "content"),
        CheckConstraint("length(name) > 0", "named"),
    )
    # Stock is promised and drawn by the content; another content is another pack.
    frozen_columns = ("cooperative_id", "heap_id", "product_id", "content")
    public_read = "is_listed"
    on_the_street = "true"

    heap_id: Mapped[UUID]
    product_id: Mapped[UUID]
    name: Mapped[str]
    sku: Mapped[str]
    content: Mapped[int]
    is_listed: Mapped[bool]

    heap: Mapped[Heap] = relationship(primaryjoin="foreign(Pack.heap_id) == Heap.id", viewonly=True, lazy="raise")
    product: Mapped[Product] = relationship(
        primaryjoin="foreign(Pack.product_id) == Product.id", viewonly=True, lazy="raise"
    )

    @property
    def quantity(self) -> Quantity:
        """The content of one pack; needs `product` loaded, as every finder here does."""
        return Quantity(self.content, self.product.unit)

    @property
    def available(self) -> int:
        """Whole packs that may still be promised."""
        return max(0, self.heap.available // self.content)


def _loaded(query: Select[Pack]) -> Select[Pack]:
    return query.options(joinedload(Pack.heap), joinedload(Pack.product)).execution_options(populate_existing=True)


def add(session: Session, heap: Heap, name: str, content: int, *, sku: str = "", listed: bool = True) -> Pack:
    """A new pack of this heap; Refusal names `sku` where another pack has it, `content` where it is nothing."""
    if not 0 < content <= LARGEST:
        raise Refusal(fields={"content": "A pack holds more than nothing."})
    sku = sku or slugged(f"{name}-{heap.id.hex[-6:]}")
    if session.scalar(select(Pack.id).where(Pack.cooperative_id == heap.cooperative_id, Pack.sku == sku)):
        raise Refusal(fields={"sku": f"Another pack has the code {sku}."})
    pack = Pack(
        cooperative_id=heap.cooperative_id,
        heap_id=heap.id,
        product_id=heap.product_id,
        name=name,
        sku=sku,
        content=content,
        is_listed=listed,
    )
    session.add(pack)
    return pack


def find(session: Session, cooperative_id: UUID, pack_id: UUID) -> Pack:
    found = session.scalar(_loaded(select(Pack).where(Pack.cooperative_id == cooperative_id, Pack.id == pack_id)))
    if found is None:
        raise Missing("There is no such pack.")
    return found


def of_product(session: Session, cooperative_id: UUID, product_id: UUID, *, listed_only: bool = False) -> list[Pack]:
    """The packs of one product with where they lie, smallest first."""
    query = select(Pack).where(Pack.cooperative_id == cooperative_id, Pack.product_id == product_id)
    if listed_only:
        query = query.where(Pack.is_listed.is_(True))
    query = _loaded(query.order_by(Pack.content, Pack.name)).options(joinedload(Pack.heap).joinedload(Heap.point))
    return list(session.scalars(query))


def all_of(session: Session, cooperative_id: UUID) -> list[Pack]:
    query = select(Pack).join(Product, Product.id == Pack.product_id).where(Pack.cooperative_id == cooperative_id)
    return list(session.scalars(_loaded(query.order_by(Product.name, Pack.content, Pack.name))))


def find_listed(
    session: Session,
    cooperative_id: UUID | None = None,
    *,
    words: str = "",
    kinds: Sequence[Kind] = (),
    cooperative_ids: Sequence[UUID] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[Pack]:
    """What the shop shows, by product and size: of one cooperative, or of the whole market where None is said on purpose."""
    query = (
        select(Pack)
        .join(Product, Product.id == Pack.product_id)
        .where(Pack.is_listed.is_(True), Product.listed_at.is_not(None))
    )
    if cooperative_id is not None:
        query = query.where(Pack.cooperative_id == cooperative_id)
    if cooperative_ids:
        query = query.where(Pack.cooperative_id.in_(list(cooperative_ids)))
    if kinds:
        query = query.where(Product.kind.in_(list(kinds)))
    for word in words.split()[:8]:
        query = query.where(
            Product.name.icontains(word, autoescape=True) | Product.description.icontains(word, autoescape=True)
        )
    query = query.order_by(Product.name, Pack.cooperative_id, Pack.content, Pack.id)
    return list(session.scalars(_loaded(query.limit(limit).offset(offset))))


def find_for_basket(session: Session, keys: Iterable[tuple[UUID, UUID]]) -> dict[UUID, Pack]:
    """The packs of `(cooperative_id, pack_id)` pairs that may be sold now, with where they lie; what is unlisted or unknown
    is left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    query = (
        select(Pack)
        .join(Product, Product.id == Pack.product_id)
        .where(
            tuple_(Pack.cooperative_id, Pack.id).in_(wanted), Pack.is_listed.is_(True), Product.listed_at.is_not(None)
        )
    )
    query = _loaded(query).options(joinedload(Pack.heap).joinedload(Heap.point))
    return {pack.id: pack for pack in session.scalars(query)}
