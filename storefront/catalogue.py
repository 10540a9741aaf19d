"""The catalogue: what is on sale in the whole market, with the price of one kilo and how it falls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.money import Money, round_half_up
from ground.quantity import Quantity, Unit
from inventory import price_lists, pricing
from inventory.packs import Pack
from inventory.price_lists import Holders
from inventory.pricing import LadderView, PriceTag, RungShown
from inventory.products import Kind, Product
from storefront import finder
from storefront.finder import A_PAGE, Found, Question


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

    @property
    def falls(self) -> tuple[tuple[Quantity, Money], ...]:
        """From how much on one kilo of it costs less, and what: the ladder above its first rung, at most three steps of it."""
        above = [step for step in self.answer.steps if step.value > self.quantity]
        shown = [*above[:2], *above[2:][-1:]]
        return tuple((Quantity(step.value * self.pack.content, self.product.unit), step.per) for step in shown)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the catalogue, and how many products there are in all; `is_more` where there are more than were counted."""

    offered: tuple[Offered, ...]
    total: int
    page: int
    is_more: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)
    """Words that nothing is called, and what was looked for in their place."""

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
) -> Shelf:
    """A page of what is on sale, what is in store first; `words` as somebody typed them."""
    question = Question.of(words, cooperative_ids=tuple(cooperative_ids), kinds=tuple(kinds), page=page)
    return shelf(session, finder.find(session, question), holders)


def shelf(session: Session, found: Found, holders: Holders) -> Shelf:
    """The cards of what was found, at the prices of whoever asks."""
    offered = tuple(_offered(session, found.product_ids, holders))
    return Shelf(offered, found.total, found.page, found.is_more, found.understood.instead)


def _offered(session: Session, product_ids: Sequence[UUID], holders: Holders) -> list[Offered]:
    """Two statements for a page of cards: packs with all they stand in, and ladders."""
    if not product_ids:
        return []
    query = (
        select(Pack, Cooperative)
        .join(Cooperative, Cooperative.id == Pack.cooperative_id)
        .where(Pack.product_id.in_(product_ids), Pack.is_listed.is_(True))
        .options(joinedload(Pack.heap), joinedload(Pack.product))
        .order_by(Pack.content, Pack.id)
        .execution_options(populate_existing=True)
    )
    by_product: dict[UUID, list[Pack]] = defaultdict(list)
    owners: dict[UUID, Cooperative] = {}
    for pack, owner in session.execute(query):
        by_product[pack.product_id].append(pack)
        owners[pack.cooperative_id] = owner
    every = [pack for of_product in by_product.values() for pack in of_product]
    ladders = price_lists.ladders_for(session, every, holders=holders, at=clock.now())
    cards = (
        _card(of_product[0].product, owners[of_product[0].cooperative_id], of_product, ladders)
        for of_product in (by_product[id] for id in product_ids if by_product[id])
    )
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
