"""Price seeds: products, packs and ladders of a new cooperative from the latest market quotes, in one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from ground.errors import Refusal
from ground.quantity import Quantity, Unit
from inventory import heaps, ladders, market_quotes, packs, price_lists, products
from inventory.deliveries import Home
from inventory.ladders import LadderForm
from inventory.market_quotes import MarketQuote, PriceType
from inventory.packs import Pack
from inventory.products import Kind, Product


@dataclass(frozen=True, slots=True)
class Seeded:
    """What one commodity became: its product and packs, each with a ladder in the public list."""

    product: Product
    packs: tuple[Pack, ...]


def seed(
    session: Session,
    cooperative: Home,
    commodities: Sequence[str],
    *,
    point_id: UUID,
    market: str | None = None,
    grade: str = "A",
) -> list[Seeded]:
    """For each commodity a bag at the latest retail price and a sack at the latest wholesale price, from one heap.

    The bag's ladder falls to the wholesale price once a buyer takes as many bags as a sack holds, where that is less.
    Products and packs that exist already keep their prices. Refusal names what has no quote in the cooperative's currency.
    """
    seeded = []
    for commodity in commodities:
        retail = market_quotes.latest(
            session, commodity, PriceType.RETAIL, currency=cooperative.currency, market=market
        )
        wholesale = market_quotes.latest(
            session, commodity, PriceType.WHOLESALE, currency=cooperative.currency, market=market
        )
        quotes = [quote for quote in (retail, wholesale) if quote is not None]
        if not quotes:
            raise Refusal(fields={"commodity": f"No market quote for {commodity} in {cooperative.currency}."})
        product = products.find_by_slug(session, cooperative.id, products.slugged(commodity))
        unit = product.unit if product else quotes[0].unit
        quotes = [quote for quote in quotes if quote.unit is unit]
        if product is None:
            product = products.add(
                session, cooperative.id, commodity, kind=_kind(quotes[0]), unit=unit, grades=(grade,), listed=True
            )
            session.flush()
        if quotes:
            seeded.append(Seeded(product, _packs(session, cooperative, product, quotes, point_id, grade)))
    return seeded


def _packs(
    session: Session, cooperative: Home, product: Product, quotes: list[MarketQuote], point_id: UUID, grade: str
) -> tuple[Pack, ...]:
    heap = heaps.find_or_open(session, product, grade, point_id)
    there = {pack.content for pack in packs.of_product(session, cooperative.id, product.id)}
    shop = price_lists.public(session, cooperative.id)
    made = []
    by_content = {quote.content: quote for quote in reversed(quotes)}
    sack = max(quotes, key=lambda quote: quote.content)
    for content, quote in sorted(by_content.items()):
        if content in there:
            continue
        pack = packs.add(session, heap, pack_name(Quantity(content, product.unit)), content)
        session.flush()
        bags = sack.content // content
        bulk = sack.price_of(content)
        rungs = [(1, quote.price.minor)]
        if bags > 1 and sack.content % content == 0 and 0 < bulk.minor < quote.price.minor:
            rungs.append((bags, bulk.minor))
        ladders.set_ladder(session, shop, pack, LadderForm(rungs=tuple(rungs)))
        made.append(pack)
    return tuple(made)


def pack_name(content: Quantity) -> str:
    """`1 kg bag`, `50 kg sack`, `500 ml bottle`, `1 piece`."""
    if content.unit is Unit.PIECE:
        return "1 piece" if content.amount == 1 else f"{content.amount} pieces"
    size = (
        f"{content.decimal.normalize():f} {content.unit.per}"
        if content.amount >= content.unit.per_size
        else f"{content.amount} {content.unit.value}"
    )
    if content.unit is Unit.MILLILITRE:
        return f"{size} bottle"
    return f"{size} {'sack' if content.amount >= 20_000 else 'bag'}"


def _kind(quote: MarketQuote) -> Kind:
    try:
        return Kind(quote.category)
    except ValueError:
        return Kind.OTHER
