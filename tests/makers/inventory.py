"""Makers of what we have: products with packs and ladders, pools, deliveries, stock on a heap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from cooperative.members import Member
from cooperative.people import Person
from cooperative.points import CollectionPoint
from ground.ids import NOBODY, new_id
from ground.money import Money
from ground.quantity import Unit
from inventory import deliveries, heaps, ladders, packs, pools, price_lists, products
from inventory.deliveries import Delivery, DeliveryForm
from inventory.heaps import Heap
from inventory.ladders import LadderForm
from inventory.packs import Pack
from inventory.pools import Pool
from inventory.pricing import Level
from inventory.products import Kind, Product
from tests.makers import cooperative as who


def product(
    session: Session,
    name: str = "Maize",
    prices: Mapping[int, str] | None = None,
    *,
    cooperative: Cooperative | None = None,
    grades: tuple[str, ...] = ("A",),
    unit: Unit = Unit.GRAM,
    content: int = 1_000,
    keeps_days: int | None = None,
    kind: Kind = Kind.CEREALS,
    point: CollectionPoint | None = None,
    listed: bool = True,
) -> Product:
    """`make.product("Maize", {1: "3.00", 10: "2.50"})`: a listed product; with prices a pack and its public ladder."""
    home = cooperative or who.cooperative(session)
    made = products.add(
        session, home.id, name, kind=kind, unit=unit, grades=grades, keeps_days=keeps_days, listed=listed
    )
    session.flush()
    if prices:
        pack(session, made, prices, content=content, cooperative=home, point=point)
    return made


def heap(session: Session, product: Product, *, grade: str = "", point: CollectionPoint | None = None) -> Heap:
    """The heap of a product at a point (its cooperative's first one, or a new one)."""
    query = select(CollectionPoint).where(CollectionPoint.cooperative_id == product.cooperative_id)
    place = point or session.scalar(query.order_by(CollectionPoint.created_at).limit(1))
    if place is None:
        place = CollectionPoint(
            cooperative_id=product.cooperative_id,
            code="P1",
            name="Main store",
            county="Meru",
            latitude_udeg=None,
            longitude_udeg=None,
        )
        session.add(place)
        session.flush()
    return heaps.find_or_open(session, product, grade or product.grades[0], place.id)


def pack(
    session: Session,
    product: Product,
    prices: Mapping[int, str] | None = None,
    *,
    name: str = "",
    content: int = 1_000,
    cooperative: Cooperative | None = None,
    grade: str = "",
    point: CollectionPoint | None = None,
    currency: str = "KES",
    **rules,
) -> Pack:
    """A listed pack of a product, with its public ladder where prices are given; `rules` go to the ladder's form."""
    made = packs.add(
        session, heap(session, product, grade=grade, point=point), name or f"{content / 1000:g} kg bag", content
    )
    session.flush()
    if prices:
        ladder(session, made, prices, currency=cooperative.currency if cooperative else currency, **rules)
    return packs.find(session, product.cooperative_id, made.id)


def ladder(
    session: Session,
    pack: Pack,
    prices: Mapping[int, str],
    *,
    currency: str = "KES",
    level: Level = Level.PUBLIC,
    holder_id=NOBODY,
    list_name: str = "",
    **rules,
):
    """A ladder of this pack in the public list, or in a list of its own for a holder."""
    if level is Level.PUBLIC and not list_name:
        price_list = price_lists.public(session, pack.cooperative_id)
    else:
        price_list = price_lists.open_list(session, pack.cooperative_id, level, holder_id, list_name or level.value)
    rungs = tuple((least, Money.parse(price, currency).minor) for least, price in prices.items())
    return ladders.set_ladder(session, price_list, pack, LadderForm(rungs=rungs, **rules))


def pool(
    session: Session, product: Product, season: str = "2026 A", *, currency: str = "KES", advance: str = "0", **more
) -> Pool:
    """The product's open pool; `advance` is per kg."""
    return pools.open_pool(
        session, product, season, currency=currency, advance_minor=Money.parse(advance, currency).minor, **more
    )


def delivery(
    session: Session,
    cooperative: Cooperative,
    member: Member,
    product: Product,
    kilograms: str | int,
    *,
    by: Person,
    grade: str = "",
    tare: str | int = 0,
    point: CollectionPoint | None = None,
    at: datetime | None = None,
) -> Delivery:
    """A member's delivery of so many kilograms net, into the product's open pool."""
    size = product.unit.per_size
    form = DeliveryForm(
        id=new_id(), member_id=member.id, point_id=heap(session, product, grade=grade, point=point).point_id,
        product_id=product.id, grade=grade or product.grades[0],
        gross=int((Fraction(kilograms) + Fraction(tare)) * size), tare=int(Fraction(tare) * size),
    )  # fmt: skip
    return deliveries.record(session, cooperative, form, by=by.id, delivered_at=at)


def stock(
    session: Session,
    cooperative: Cooperative,
    product: Product,
    kilograms: str | int,
    *,
    by: Person | None = None,
    **more,
) -> Heap:
    """So many kilograms on the product's heap, delivered by a new member into its open pool (opened where there is none)."""
    open_pools = select(Pool.id).where(Pool.product_id == product.id, Pool.closed_at.is_(None))
    if not session.scalar(open_pools.where(Pool.cooperative_id == cooperative.id)):
        pool(session, product, currency=cooperative.currency)
    giver, collector = who.member(session, cooperative), by or who.person(session)
    delivery(session, cooperative, giver, product, kilograms, by=collector, **more)
    at = heap(session, product, grade=more.get("grade", ""), point=more.get("point"))
    return heaps.find(session, cooperative.id, at.id)
