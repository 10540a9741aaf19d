"""Listings: one row for each product on sale, with all that it is found, counted and sorted by.

A row is there exactly while the product and its cooperative are on the market and one of its packs is shown and has a public
price. It is written anew, whole, in the transaction that changes what it is made of (`inventory/stale.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from cooperative.cooperatives import Cooperative
from cooperative.points import CollectionPoint
from ground import clock, tenants
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.quantity import Unit
from inventory import lexicon, price_lists, pricing, vocabulary
from inventory.heaps import Heap
from inventory.ladders import Ladder
from inventory.listing_words import POSTGRESQL, SQLITE, mark
from inventory.lots import Lot
from inventory.packs import Pack
from inventory.price_bands import band_of
from inventory.price_lists import Holders, PriceList
from inventory.pricing import Level
from inventory.product_words import ProductWords
from inventory.products import Kind, Product
from inventory.vocabulary import BY_LETTERS

NEVER, ALWAYS = date(1, 1, 1), date(9999, 12, 31)
"""Weighed in never, good for ever: values that sort alike on both databases, where a NULL would not."""

A_BATCH = 500


class Listing(OfCooperative, Model):
    """One product on sale. `number` is its place in the index of words; `per_minor` a kilo's, litre's or piece's first price."""

    __tablename__ = "listing"
    __table_args__ = (
        tenant_unique(),
        tenant_key("product_id", "product"),
        UniqueConstraint("product_id"),
        UniqueConstraint("number"),
        Index("ix_listing_best", "is_sold_out", "sort_name", "number"),
        Index("ix_listing_price", "currency", "unit", "per_minor", "number"),
        Index("ix_listing_newest", "listed_at", "number"),
        Index("ix_listing_freshest", "weighed_on", "number"),
        Index("ix_listing_soonest", "expires_on", "number"),
        Index("ix_listing_cooperative", "cooperative_id"),
        CheckConstraint("per_minor >= 0", "per_minor"),
    )
    frozen_columns = ("cooperative_id", "product_id", "number")
    public_read = "true"
    on_the_street = "true"
    own_statements: ClassVar = {"sqlite": SQLITE, "postgresql": POSTGRESQL}

    product_id: Mapped[UUID]
    number: Mapped[int]
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(BY_LETTERS)
    kind: Mapped[Kind]
    unit: Mapped[Unit]
    currency: Mapped[str]
    per_minor: Mapped[int]
    band: Mapped[str]
    county: Mapped[str]
    certificates: Mapped[list[Any]]
    is_sold_out: Mapped[bool]
    listed_at: Mapped[datetime]
    weighed_on: Mapped[date]
    expires_on: Mapped[date]
    name_words: Mapped[str]
    other_words: Mapped[str]
    marks: Mapped[str]
    written_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of a product: whether a pack of it can be had, when it was last weighed in, what of it must go first."""

    is_sold_out: bool
    weighed_on: date
    expires_on: date


def write(session: Session, product_ids: Iterable[UUID]) -> None:
    """Make the listings of these products what they should be now: new, changed, as they are, or gone."""
    wanted = sorted(set(product_ids))
    for start in range(0, len(wanted), A_BATCH):
        some = wanted[start : start + A_BATCH]
        _lock(session, some)
        there = {row.product_id: row for row in session.scalars(_written(some))}
        should = _made(session, some)
        for product_id, row in there.items():
            if product_id not in should:
                session.delete(row)
        new_words: set[str] = set()
        for product_id, values in should.items():
            new_words.update(values["name_words"].split(), values["other_words"].split())
            row = there.get(product_id)
            if row is None:
                session.add(Listing(product_id=product_id, written_at=clock.now(), **values))
                continue
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
            row.written_at = clock.now()
        vocabulary.learn(session, new_words)
        session.flush()


def write_stock(session: Session, product_ids: Iterable[UUID]) -> None:
    """The same where only stock has moved: most moves change nothing that shoppers search by, and then nothing is written."""
    wanted = sorted(set(product_ids))
    for start in range(0, len(wanted), A_BATCH):
        some = wanted[start : start + A_BATCH]
        _lock(session, some)
        left = _stock(session, some)
        for row in session.scalars(_written(some)):
            now = left[row.product_id]
            if (row.is_sold_out, row.weighed_on, row.expires_on) != (now.is_sold_out, now.weighed_on, now.expires_on):
                row.is_sold_out, row.weighed_on, row.expires_on = now.is_sold_out, now.weighed_on, now.expires_on
                row.marks = _marks(row.__dict__)
    session.flush()


def follow(session: Session, rows: Mapping[str, set[UUID]], heaps: set[UUID]) -> None:
    """Write again what is made of these rows (by table) and heaps."""
    for cooperative_id in rows.get("cooperative", ()):
        tenants.allow(session, cooperative_id)  # Whoever may change a cooperative's row changes what it shows with it.
    whole = (
        rows.get("product", set())
        | rows.get("pack", set())
        | rows.get("product_words", set())
        | set(_behind(session, rows))
    )
    write(session, whole)
    if heaps:
        moved = set(session.scalars(select(Heap.product_id).where(Heap.id.in_(heaps), _mine(session, Heap))))
        write_stock(session, moved - whole)


def _behind(session: Session, rows: Mapping[str, set[UUID]]) -> Iterator[UUID]:
    packs = set(rows.get("ladder", ()))
    if keys := rows.get("rung"):
        packs |= set(session.scalars(select(Ladder.pack_id).where(Ladder.id.in_(keys), _mine(session, Ladder))))
    if keys := rows.get("price_list"):
        packs |= set(
            session.scalars(select(Ladder.pack_id).where(Ladder.price_list_id.in_(keys), _mine(session, Ladder)))
        )
    if packs:
        yield from session.scalars(select(Pack.product_id).where(Pack.id.in_(packs), _mine(session, Pack)))
    if keys := rows.get("cooperative"):
        yield from session.scalars(select(Product.id).where(Product.cooperative_id.in_(keys)))
    if keys := rows.get("collection_point"):
        yield from session.scalars(select(Heap.product_id).where(Heap.point_id.in_(keys), _mine(session, Heap)))


def _mine(session: Session, model: type[Any]) -> Any:
    """The first wall: rows of cooperatives that this session may see; a worker's sees all of them."""
    allowed = tenants.allowed(session)
    return model.cooperative_id.in_(allowed) if allowed else model.cooperative_id.is_not(None)


def _lock(session: Session, product_ids: Sequence[UUID]) -> None:
    """The product's row is the lock: two who sell the last of two heaps, or list and price one product, follow each other.

    It is taken last in every transaction and in one order, so nobody waits in a ring. SQLite's writers queue anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        rows = select(Product.id).where(Product.id.in_(product_ids), _mine(session, Product)).order_by(Product.id)
        session.execute(rows.with_for_update(key_share=True))


def _written(product_ids: Sequence[UUID]) -> Any:
    query = select(Listing).where(Listing.product_id.in_(product_ids))
    return query.execution_options(populate_existing=True)


def _made(session: Session, product_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The rows that should be there for these products, by product."""
    found = session.execute(
        select(Product, Cooperative)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
        .where(Product.id.in_(product_ids), Product.listed_at.is_not(None))
        .where(Cooperative.listed_at.is_not(None), Cooperative.closed_at.is_(None))
        .execution_options(populate_existing=True)
    ).all()
    packs: dict[UUID, list[Pack]] = defaultdict(list)
    shown = select(Pack).where(Pack.product_id.in_([product.id for product, _ in found]), Pack.is_listed.is_(True))
    loaded = shown.options(joinedload(Pack.heap), joinedload(Pack.product)).execution_options(populate_existing=True)
    for pack in session.scalars(loaded.order_by(Pack.content, Pack.id)):
        packs[pack.product_id].append(pack)
    every = [pack for of_product in packs.values() for pack in of_product]
    ladders = price_lists.ladders_for(session, every, holders=Holders(), at=clock.now())
    heaps = {pack.heap.point_id for pack in every}
    points = {row.id: row for row in session.scalars(select(CollectionPoint).where(CollectionPoint.id.in_(heaps)))}
    left = _stock(session, [product.id for product, _ in found])
    said: dict[UUID, list[ProductWords]] = defaultdict(list)
    for each in session.scalars(
        select(ProductWords).where(ProductWords.product_id.in_(left), _mine(session, ProductWords))
    ):
        said[each.product_id].append(each)
    made = {}
    for product, owner in found:
        for pack in packs[product.id]:
            tag = pricing.first_price(ladders[pack.id], owner.currency)
            if tag is not None:
                places = [points[each.heap.point_id] for each in packs[product.id]]
                per_minor = tag.per(product.unit.per_size).minor
                made[product.id] = _row(product, owner, said[product.id], places, per_minor, left[product.id])
                break
    return made


def _row(
    product: Product,
    owner: Cooperative,
    said: list[ProductWords],
    places: list[CollectionPoint],
    per_minor: int,
    left: Stock,
) -> dict[str, Any]:
    """Every language's name is a name of it: whoever reads in Swahili finds what the cooperative calls it in Swahili."""
    name = lexicon.words(" ".join([product.name, *sorted(each.name for each in said)]))
    county = places[0].county or owner.county
    told = [
        product.kind.value,
        product.description,
        *sorted(each.description for each in said),
        *product.certificates,
        owner.name,
        owner.place,
        owner.county,
        owner.country,
    ]
    told += [word for place in places for word in (place.name, place.county)]
    other = dict.fromkeys(lexicon.other_names(name) + lexicon.words(" ".join(told)))
    values: dict[str, Any] = {
        "cooperative_id": product.cooperative_id,
        "number": product.id.int & (1 << 62) - 1,  # Its random end: what is found first of too many is a fair sample.
        "name": product.name,
        "sort_name": lexicon.fold(product.name),
        "kind": product.kind,
        "unit": product.unit,
        "currency": owner.currency,
        "per_minor": per_minor,
        "band": band_of(per_minor, owner.currency, product.unit),
        "county": county,
        "certificates": sorted(product.certificates),
        "is_sold_out": left.is_sold_out,
        "listed_at": product.listed_at,
        "weighed_on": left.weighed_on,
        "expires_on": left.expires_on,
        "name_words": " ".join(dict.fromkeys(name)),
        "other_words": " ".join(word for word in other if word not in name),
    }
    return values | {"marks": _marks(values)}


def _marks(values: Mapping[str, Any]) -> str:
    """What the filters ask for, as words that nobody can type."""
    marks = [
        mark("kind", values["kind"].value), mark("from", str(values["cooperative_id"])), mark("place", values["county"]),
        mark("price", values["band"]), *(mark("certificate", each) for each in values["certificates"]),
    ]  # fmt: skip
    return " ".join(marks + [mark("now", "1")] * (not values["is_sold_out"]))


def _stock(session: Session, product_ids: Sequence[UUID]) -> dict[UUID, Stock]:
    """How much of each product is there to be had. A pack that is left out of the shop does not count."""
    free = Heap.on_hand + Heap.oversell_limit - Heap.held
    had = select(Pack.product_id).join(Heap, Heap.id == Pack.heap_id).where(Pack.product_id.in_(product_ids))
    there = set(session.scalars(had.where(Pack.is_listed.is_(True), free >= Pack.content).distinct()))
    lots = (
        select(Heap.product_id, func.max(Lot.good_from), func.min(Lot.expires_on))
        .join(Lot, Lot.heap_id == Heap.id)
        .where(Heap.product_id.in_(product_ids), _mine(session, Heap), Lot.quantity_left > 0)
        .group_by(Heap.product_id)
    )
    days = {product_id: (last or NEVER, first or ALWAYS) for product_id, last, first in session.execute(lots)}
    return {id: Stock(id not in there, *days.get(id, (NEVER, ALWAYS))) for id in product_ids}


def rebuild(session: Session) -> int:
    """Write every listing again from nothing, with the vocabulary; how many there are. The session must see every cooperative."""
    session.execute(delete(Listing))
    vocabulary.forget_all(session)
    session.expire_all()
    write(session, session.scalars(select(Product.id).where(Product.listed_at.is_not(None))))
    return int(session.scalar(select(func.count()).select_from(Listing)) or 0)


def differences(session: Session) -> list[UUID]:
    """The products whose listing is not what it should be: the audit, in full."""
    wrong: list[UUID] = []
    ids = sorted(session.scalars(select(Product.id)))
    for start in range(0, len(ids), A_BATCH):
        some = ids[start : start + A_BATCH]
        there = {row.product_id: row for row in session.scalars(_written(some))}
        should = _made(session, some)
        wrong += there.keys() ^ should.keys()
        wrong += [id for id in there.keys() & should.keys() if _differs(there[id], should[id])]
    return sorted(wrong)


def _differs(row: Listing, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def follow_the_calendar(session: Session, now: datetime) -> int:
    """A public list that began or ended in the last days changes prices without a write: its products are listed anew, once."""
    since = now - timedelta(days=2)
    begun, ended = PriceList.valid_from.between(since, now), PriceList.valid_until.between(since, now)
    late = (
        select(Pack.product_id)
        .join(Ladder, Ladder.pack_id == Pack.id)
        .join(PriceList, PriceList.id == Ladder.price_list_id)
        .outerjoin(Listing, Listing.product_id == Pack.product_id)
        .where(PriceList.level == Level.PUBLIC, or_(begun, ended))
        .where(
            or_(
                Listing.id.is_(None),
                begun & (Listing.written_at < PriceList.valid_from),
                ended & (Listing.written_at < PriceList.valid_until),
            )
        )
        .distinct()
    )
    found = list(session.scalars(late))
    write(session, found)
    return len(found)


__all__ = [
    "ALWAYS",
    "NEVER",
    "Listing",
    "differences",
    "follow",
    "follow_the_calendar",
    "rebuild",
    "write",
    "write_stock",
]
