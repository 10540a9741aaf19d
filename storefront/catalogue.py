"""The catalogue: what is on sale in the whole market, with the price of one kilo and how it falls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.money import Money, round_half_up
from ground.quantity import Unit
from inventory import price_lists, pricing
from inventory.packs import Pack
from inventory.price_lists import Holders
from inventory.pricing import LadderView, PriceTag, RungShown
from inventory.products import Kind, Product

A_PAGE = 24
WORDS_MOST = 8


@dataclass(frozen=True, slots=True)
class Offered:
    """A product on its shelf: the pack it starts from, that pack's price and what one kilo of it costs."""

    product: Product
    cooperative: Cooperative
    pack: Pack
    quantity: int
    tag: PriceTag
    per: Money
    cheapest: Money | None
    available: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the catalogue, and how many products there are in all."""

    offered: tuple[Offered, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // A_PAGE))


@dataclass(frozen=True, slots=True)
class Step:
    """One rung as the product page draws it; the price of one kilo, litre or piece."""

    value: int
    until: int | None
    per: Money
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A pack's whole answer for one quantity: the tag, or the words why not, and the ladder to draw."""

    pack: Pack
    quantity: int
    tag: PriceTag | None
    per: Money | None
    problem: str
    suggestions: tuple[int, ...]
    steps: tuple[Step, ...]


def find(
    session: Session,
    *,
    holders: Holders,
    words: str = "",
    cooperative_ids: Sequence[UUID] = (),
    kinds: Sequence[Kind] = (),
    page: int = 1,
    counted: bool = True,
) -> Shelf:
    """A page of the listed products of listed cooperatives; every word must be in a name or a description.

    `counted=False` saves the count of all of them: `total` is then how many are on this page.
    """
    wanted = _on_sale(words, cooperative_ids, kinds)
    total = int(session.scalar(select(func.count()).select_from(wanted.subquery())) or 0) if counted else 0
    query = wanted.order_by(Product.name, Product.cooperative_id).limit(A_PAGE).offset((page - 1) * A_PAGE)
    found = [(product, owner) for product, owner in session.execute(query.add_columns(Cooperative))]
    return Shelf(tuple(_offered(session, found, holders)), total if counted else len(found), page)


def counts(session: Session, *, words: str = "", kinds: Sequence[Kind] = ()) -> dict[UUID, int]:
    """How many products of each cooperative the same words find: the filter's figures."""
    wanted = _on_sale(words, (), kinds).subquery()
    query = select(wanted.c.cooperative_id, func.count()).group_by(wanted.c.cooperative_id)
    return {id: int(count) for id, count in session.execute(query)}


def kind_counts(session: Session, *, words: str = "", cooperative_ids: Sequence[UUID] = ()) -> dict[Kind, int]:
    """How many products stand on each shelf, of what the same words find."""
    wanted = _on_sale(words, cooperative_ids, ()).subquery()
    query = select(wanted.c.kind, func.count()).group_by(wanted.c.kind)
    return {kind: int(count) for kind, count in session.execute(query)}


def _on_sale(words: str, cooperative_ids: Sequence[UUID], kinds: Sequence[Kind]) -> Select[Product]:
    query = (
        select(Product)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
        .where(Cooperative.listed_at.is_not(None), Cooperative.closed_at.is_(None), Product.listed_at.is_not(None))
        .where(select(Pack.id).where(Pack.product_id == Product.id, Pack.is_listed.is_(True)).exists())
    )
    for word in words.split()[:WORDS_MOST]:
        named = Product.name.icontains(word, autoescape=True) | Product.description.icontains(word, autoescape=True)
        query = query.where(or_(named, Cooperative.name.icontains(word, autoescape=True)))
    if cooperative_ids:
        query = query.where(Product.cooperative_id.in_(list(cooperative_ids)))
    if kinds:
        query = query.where(Product.kind.in_(list(kinds)))
    return query


def _offered(session: Session, products: list[tuple[Product, Cooperative]], holders: Holders) -> list[Offered]:
    """Two queries for a page of cards: packs with their heaps, and ladders."""
    if not products:
        return []
    by_id = {product.id: product for product, _ in products}
    query = select(Pack).where(
        Pack.cooperative_id.in_({product.cooperative_id for product in by_id.values()}),
        Pack.product_id.in_(list(by_id)),
        Pack.is_listed.is_(True),
    )
    loaded = query.options(joinedload(Pack.heap)).execution_options(populate_existing=True)
    by_product: dict[UUID, list[Pack]] = defaultdict(list)
    for pack in session.scalars(loaded.order_by(Pack.content, Pack.id)):
        set_committed_value(pack, "product", by_id[pack.product_id])
        by_product[pack.product_id].append(pack)
    every = [pack for of_product in by_product.values() for pack in of_product]
    ladders = price_lists.ladders_for(session, every, holders=holders, at=clock.now())
    cards = (_card(product, owner, by_product[product.id], ladders) for product, owner in products)
    return [card for card in cards if card is not None]


def _card(
    product: Product, owner: Cooperative, of_product: list[Pack], ladders: dict[UUID, tuple[LadderView, ...]]
) -> Offered | None:
    """The smallest pack that has a price, at the least of it that can be bought."""
    for pack in of_product:
        answer = answer_for(pack, owner.currency, ladders[pack.id], 1, bargains=False)
        if answer.tag is None and answer.suggestions:
            answer = answer_for(pack, owner.currency, ladders[pack.id], answer.suggestions[0], bargains=False)
        if answer.tag is not None and answer.per is not None:
            others = (other for other in of_product if other is not pack)
            steps = [
                *answer.steps,
                *(step for other in others for step in _steps(other, owner.currency, ladders[other.id], 1)),
            ]
            lowest = min((step.per for step in steps), default=answer.per)
            cheapest = lowest if lowest < answer.per else None
            free = any(other.available > 0 for other in of_product)
            return Offered(product, owner, pack, answer.quantity, answer.tag, answer.per, cheapest, free, answer)
    return None


def answer_for(
    pack: Pack, currency: str, ladders: Sequence[LadderView], quantity: int, *, bargains: bool = True
) -> Answer:
    """The price of so many packs, the ladder it climbs, and what stands in the way."""
    steps = _steps(pack, currency, ladders, quantity)
    try:
        tag = (pricing.answer if bargains else pricing.tag)(ladders, quantity, currency)
    except pricing.QuantityRefused as refused:
        return Answer(pack, quantity, None, None, str(refused), refused.suggestions, steps)
    return Answer(pack, quantity, tag, per_unit(tag, pack.product.unit), "", (), steps)


def _steps(pack: Pack, currency: str, ladders: Sequence[LadderView], quantity: int) -> tuple[Step, ...]:
    return tuple(_step(pack, rung) for rung in pricing.rungs_shown(ladders, quantity, currency))


def _step(pack: Pack, rung: RungShown) -> Step:
    per = _per(rung.unit_price, pack.content, pack.product.unit)
    return Step(rung.quantity_min, rung.quantity_until, per, rung.unit_words, rung.chosen)


def per_unit(tag: PriceTag, unit: Unit) -> Money:
    """What one kilo, litre or piece of it costs at this quantity, rounded for the eye only."""
    return _per(tag.total, tag.content_total, unit)


def _per(price: Money, content: int, unit: Unit) -> Money:
    return Money(round_half_up(Fraction(price.minor * unit.per_size, content)), price.currency)
