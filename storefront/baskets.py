"""Baskets: a cart with today's prices, its reasons, what changed since it was last seen, and what stands in the way of buying."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cooperative import cooperatives
from cooperative.cooperatives import Cooperative
from ground import clock, spelling, tenants
from ground.errors import Refusal
from ground.money import Money
from ground.quantity import Quantity, Unit
from ground.words import _
from inventory import packs, price_lists, pricing
from inventory.holds import Hold
from inventory.packs import Pack
from inventory.price_lists import Holders
from inventory.pricing import PriceTag
from storefront import bills, cancellations, cart_vouchers, cycles, extras, fees, outlooks, tax_rules
from storefront.bills import Article, Bill
from storefront.carts import Cart
from storefront.charges import Good
from storefront.cycles import Sells
from storefront.extras import Extras
from storefront.orders import Order
from storefront.taxes import TaxMode
from storefront.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class Line:
    """One pack, so many times. `pack` is None when it is no longer sold; `problem` says why the line cannot be bought."""

    cooperative: Cooperative
    pack_id: UUID
    pack: Pack | None
    quantity: int
    tag: PriceTag | None
    seen: Money
    problem: str
    suggestions: tuple[int, ...]

    @property
    def changed(self) -> bool:
        """Whether it costs another sum than when the buyer last saw it [commerce:C01]."""
        return self.tag is not None and self.tag.total != self.seen

    @property
    def name(self) -> str:
        return f"{self.pack.product.name}, {self.pack.name}" if self.pack else _("Something that is no longer sold")

    @property
    def called(self) -> str:
        """`name` for the reader; that one is frozen on the order, as the cooperative's people know it."""
        return f"{self.pack.product.said.name}, {self.pack.name}" if self.pack else self.name


@dataclass(frozen=True, slots=True)
class Part:
    """What one cooperative sells of the basket."""

    cooperative: Cooperative
    lines: tuple[Line, ...]
    bill: Bill
    tax_mode: TaxMode = TaxMode.LINE
    voucher: Voucher | None = None
    voucher_problem: str = ""

    @property
    def total(self) -> Money:
        """The goods with fees, tax and gifts: what is paid."""
        return self.bill.total

    @property
    def extras(self) -> Extras:
        return extras.of_bill(self.bill)


@dataclass(frozen=True, slots=True)
class Basket:
    """The whole answer for a cart. `total` is None while it is empty, or holds more than one currency."""

    parts: tuple[Part, ...]
    total: Money | None

    @property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines]

    @property
    def cooperative_ids(self) -> tuple[UUID, ...]:
        return tuple(sorted(part.cooperative.id for part in self.parts))

    @property
    def problem(self) -> str:
        """The first thing in the way of buying it, or nothing."""
        if not self.parts:
            return _("Your basket is empty.")
        for line in self.lines:
            if line.problem:
                return f"{line.called}: {line.problem}"
        if self.total is None:
            names = spelling.together(sorted({part.cooperative.currency for part in self.parts}))
            return _(
                "Your basket holds prices in %(currencies)s. Please check out one currency at a time.",
                currencies=names,
            )
        return ""

    def refuse_problems(self) -> None:
        """Raise the words of what stands in the way, tied to its line."""
        for line in self.lines:
            if line.problem:
                raise Refusal(f"{line.called}: {line.problem}", fields={f"line-{line.pack_id}": line.problem})
        if self.problem:
            raise Refusal(self.problem)


def price(
    session: Session,
    cart: Cart | None,
    *,
    holders: Holders,
    buyers: Collection[Sells] | None = None,
    own: Order | None = None,
) -> Basket:
    """Every line at the price of this moment, counted together where its ladder says so, with all that comes on top.

    Five queries, whatever its length; more where a voucher was typed or something is short. `buyers` says as whom it is
    bought, where that is known; the goods of its `own` order are free.
    """
    rows = list(cart.lines) if cart is not None else []
    owners = cooperatives.find_many(session, sorted({row.cooperative_id for row in rows}))
    found = packs.find_for_basket(session, [(row.cooperative_id, row.pack_id) for row in rows])
    ladders = price_lists.ladders_for(session, found.values(), holders=holders, at=clock.now()) if found else {}
    tags = _tags([(row.pack_id, row.quantity, owners[row.cooperative_id].currency) for row in rows], ladders)
    dated, who = cycles.dated(session, owners), outlooks.buyers_of(holders) if buyers is None else buyers
    wanted: dict[UUID, int] = defaultdict(int)
    for row in rows:
        if row.pack_id in found:
            wanted[found[row.pack_id].heap_id] += row.quantity * found[row.pack_id].content
    free = _free(session, cart, found.values(), wanted, own) if cart is not None else {}
    by_owner: dict[UUID, list[Line]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        owner, pack, tag = owners[row.cooperative_id], found.get(row.pack_id), tags.get(row.pack_id)
        shut = cycles.why_shut(dated, owner, pack.product_id, who, clock.now()) if pack else ""
        problem, suggestions = (shut, ()) if shut else _problem(owner, pack, tag, wanted, free)
        priced = tag if isinstance(tag, PriceTag) else None
        seen = Money(row.seen_minor, owner.currency)
        by_owner[owner.id].append(Line(owner, row.pack_id, pack, row.quantity, priced, seen, problem, suggestions))
    typed = cart_vouchers.named(session, {row.cooperative_id: row.typed.voucher_id for row in rows if row.typed})
    parts = (
        _parts(session, cart, [(owners[id], lines) for id, lines in by_owner.items()], typed)
        if cart is not None
        else []
    )
    currencies = {part.cooperative.currency for part in parts}
    total = _sum((part.total for part in parts), currencies.pop()) if len(currencies) == 1 else None
    return Basket(tuple(parts), total)


def _parts(
    session: Session,
    cart: Cart,
    owned: list[tuple[Cooperative, list[Line]]],
    typed: Mapping[UUID, Voucher],
) -> list[Part]:
    """Each cooperative's lines with its bill: its fees, its taxes, and the voucher that the buyer typed."""
    owners, now = [owner for owner, _ in owned], clock.now()
    charged = fees.in_force(session, [owner.id for owner in owners], now)
    rules = tax_rules.in_force(session, owners)
    parts = []
    for owner, lines in sorted(owned, key=lambda each: each[0].name):
        articles = [_article(line) for line in lines if line.tag is not None]
        voucher, problem = typed.get(owner.id), ""
        if voucher is not None:
            goods = _sum((article.good.total for article in articles), owner.currency)
            problem = voucher.problem(goods, now, mine=cart_vouchers.mine_pending(session, cart.id, voucher))
        bill = bills.reckon(
            articles,
            [(fee.terms, fee.tax_terms) for fee in charged[owner.id]],
            [voucher.gift] if voucher is not None and not problem else [],
            rules[owner.id],
            owner.currency,
        )
        parts.append(Part(owner, tuple(lines), bill, rules[owner.id].mode, voucher, problem))
    return parts


def _article(line: Line) -> Article:
    assert line.pack is not None and line.tag is not None
    grams = line.pack.content if line.pack.product.unit is Unit.GRAM else None
    good = Good(line.tag.unit_price, line.quantity, line.tag.total, grams * 1_000 if grams is not None else None)
    return Article(good, line.pack.product.tax_class, line.pack.product_id)


def _tags(
    wants: list[tuple[UUID, int, str]], ladders: dict[UUID, tuple[pricing.LadderView, ...]]
) -> dict[UUID, PriceTag | pricing.QuantityRefused]:
    answers: dict[UUID, PriceTag | pricing.QuantityRefused] = {}
    for currency in {want[2] for want in wants}:
        of_this = [(id, count) for id, count, each in wants if each == currency and id in ladders]
        asked = [pricing.Want(count, ladders[id]) for id, count in of_this]
        answers |= dict(zip((id for id, _ in of_this), pricing.answers(asked, currency), strict=True))
    return answers


def _problem(
    owner: Cooperative,
    pack: Pack | None,
    tag: PriceTag | pricing.QuantityRefused | None,
    wanted: dict[UUID, int],
    free: dict[UUID, int],
) -> tuple[str, tuple[int, ...]]:
    if owner.listed_at is None or owner.closed_at is not None:
        return _("%(cooperative)s does not sell at the moment. Please remove it.", cooperative=owner.name), ()
    if pack is None or tag is None:
        return _("This is no longer sold. Please remove it."), ()
    if isinstance(tag, pricing.QuantityRefused):
        return str(tag), tag.suggestions
    left = free[pack.heap_id]
    if wanted[pack.heap_id] > left:
        # All packs of one heap share what is left of it [commerce:S03].
        words = (
            _("Only %(amount)s are left.", amount=Quantity(left, pack.product.unit))
            if left > 0
            else _("This is sold out. Please remove it.")
        )
        return words, (left // pack.content,) if left >= pack.content else ()
    return "", ()


def _free(
    session: Session, cart: Cart, of: Iterable[Pack], wanted: Mapping[UUID, int], own: Order | None
) -> dict[UUID, int]:
    """What this buyer may take of each heap: what is free, and what their unpaid attempt or `own` order holds [commerce:S09].

    Whose the holds are is asked only where less is free than is wanted.
    """
    free = {pack.heap_id: pack.heap.available for pack in of}
    if all(count <= free[heap_id] for heap_id, count in wanted.items()):
        return free
    mine = [(part.cooperative_id, part.order_id) for part in cancellations.unpaid_attempts(session, cart.id)]
    tenants.allow(session, *(cooperative_id for cooperative_id, _ in mine))  # Their own orders.
    mine += [(own.cooperative_id, own.id)] if own else []
    if mine:
        held = session.execute(
            select(Hold.heap_id, func.sum(Hold.quantity - Hold.consumed))
            .where(
                Hold.cooperative_id.in_({cooperative_id for cooperative_id, _ in mine}),
                Hold.cause_id.in_([order_id for _, order_id in mine]),
                Hold.ended_at.is_(None),
            )
            .group_by(Hold.heap_id)
        )
        for heap_id, quantity in held:
            if heap_id in free:
                free[heap_id] += int(quantity)
    return free


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))
