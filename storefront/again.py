"""Order again: what an order would be today, each difference shown first, then into the basket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from ground.money import Money
from inventory import packs
from inventory.packs import Pack
from inventory.price_lists import Holders
from storefront import baskets, carts
from storefront.baskets import Basket, Line
from storefront.carts import Cart, CartLine
from storefront.orders import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of then and its answer of now; `instead` are other packs of the same goods where it cannot be bought."""

    then: OrderLine
    now: Line
    instead: tuple[Pack, ...]

    @property
    def difference(self) -> Money | None:
        """Above zero where it is dearer today; None where it has no price today."""
        return self.now.tag.total - self.then.line_total if self.now.tag else None

    @property
    def to_be_had(self) -> bool:
        return self.now.tag is not None and not self.now.problem


def imagined(lines: Sequence[OrderLine], quantities: Sequence[int] | None = None) -> Cart:
    """A cart that is nowhere written, with these lines as they were seen then: the one price function prices it like any."""
    cart = Cart(token_hash="", person_id=None)
    counts = quantities or [line.quantity for line in lines]
    wanted = [
        CartLine(
            cart_id=cart.id, cooperative_id=line.cooperative_id, pack_id=line.pack_id, quantity=count,
            seen_minor=line.line_minor,
        )
        for line, count in zip(lines, counts, strict=True) if count
    ]  # fmt: skip
    for line in wanted:
        set_committed_value(line, "typed", None)
    set_committed_value(cart, "lines", wanted)
    return cart


def offers(session: Session, orders: Sequence[Order], *, holders: Holders) -> tuple[list[Offer], Basket]:
    """Every line of these orders at today's price, with today's rules and stock [commerce:C01]; nothing is written."""
    lines = [line for order in orders for line in order.lines]
    basket = baskets.price(session, imagined(lines), holders=holders)
    now = {line.pack_id: line for line in basket.lines}
    found = []
    for line in lines:
        answer = now[line.pack_id]
        instead = _instead(session, line) if answer.pack is None or (answer.problem and not answer.suggestions) else ()
        found.append(Offer(line, answer, instead))
    return found, basket


def refill(session: Session, cart: Cart, found: Sequence[Offer]) -> int:
    """Put what can be had into the basket; how many lines. Where the basket holds more of a pack already, more stays."""
    have = {line.pack_id: line.quantity for line in cart.lines}
    wanted = [offer for offer in found if offer.to_be_had]
    for offer in wanted:
        assert offer.now.pack is not None and offer.now.tag is not None
        quantity = max(offer.now.quantity, have.get(offer.now.pack_id, 0))
        carts.put(session, cart, offer.now.pack, quantity, offer.now.tag.total)
    return len(wanted)


def _instead(session: Session, line: OrderLine) -> tuple[Pack, ...]:
    """Other packs of the product on sale, nearest in size first."""
    product_id = session.scalar(
        select(Pack.product_id).where(Pack.cooperative_id == line.cooperative_id, Pack.id == line.pack_id)
    )
    assert product_id is not None, "an order's line names a pack of its cooperative"
    others = packs.of_product(session, line.cooperative_id, product_id, listed_only=True)
    keys = [(pack.cooperative_id, pack.id) for pack in others if pack.id != line.pack_id]
    on_sale = packs.find_for_basket(session, keys)
    fit = [pack for pack in on_sale.values() if pack.heap.available >= pack.content]
    return tuple(sorted(fit, key=lambda pack: (abs(pack.content - line.content), pack.id)))[:3]
