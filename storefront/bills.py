"""Bills: what goods, fees, taxes and gifts come to, reckoned purely once; page, order, letter and invoice read the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from uuid import UUID

from ground.ids import NOBODY
from ground.money import Money, split
from inventory.products import TaxClass
from storefront import charges, taxes
from storefront.charges import BPS, Charge, Good, Terms
from storefront.taxes import Priced, Rate, Taxed, TaxRules


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """How a fee is taxed: under a class of its own, or like the goods it is charged on; in its amount or on top."""

    tax_class: TaxClass | None = TaxClass.EXEMPT
    included: bool = True


@dataclass(frozen=True, slots=True)
class Article:
    """One line of goods with what a bill must know of it."""

    good: Good
    tax_class: TaxClass = TaxClass.EXEMPT
    product_id: UUID = NOBODY


@dataclass(frozen=True, slots=True)
class Gift:
    """What the cooperative gives towards an order: a voucher, or a fee below zero.

    `bps` of what it applies to, or a flat amount; never more than that. With `product_ids` it applies to those lines alone.
    """

    words: str
    flat: Money | None = None
    bps: int = 0
    product_ids: frozenset[UUID] = frozenset()
    voucher_id: UUID | None = None
    fee_id: UUID | None = None

    def worth(self, of: Money) -> Money:
        """Rounded once, at most what it applies to [food:voucher-flat-capped-at-total, food:voucher-percent]."""
        return min(self.flat if self.flat is not None else of.times(Fraction(self.bps, BPS)), of)


@dataclass(frozen=True, slots=True)
class Item:
    """A line or a fee on the bill. `discount` is its part of all gifts, `discount_tax` the tax within that part."""

    taxed: Taxed
    discount: Money
    discount_tax: Money

    @property
    def paid(self) -> Money:
        """What the buyer pays for it."""
        return self.taxed.gross - self.discount

    @property
    def earned(self) -> Money:
        """What its pool, carrier or the cooperative receives: gifts and taxes never lessen it."""
        return self.taxed.net

    @property
    def tax(self) -> Money:
        """What is owed to the tax authority: on what is really paid."""
        return self.taxed.tax - self.discount_tax


@dataclass(frozen=True, slots=True)
class FeeItem:
    """A fee above zero with its terms."""

    charge: Charge
    item: Item


@dataclass(frozen=True, slots=True)
class Given:
    """A gift as it counts on this bill."""

    gift: Gift
    amount: Money


@dataclass(frozen=True, slots=True)
class TaxSum:
    """All tax of one rate on the bill, after gifts."""

    rate: Rate
    tax: Money


@dataclass(frozen=True, slots=True)
class Bill:
    """One cooperative's part, whole. `goods` stand in the order they were given."""

    goods: tuple[Item, ...]
    fees: tuple[FeeItem, ...]
    given: tuple[Given, ...]
    taxes: tuple[TaxSum, ...]
    currency: str

    @property
    def items(self) -> list[Item]:
        return [*self.goods, *(fee.item for fee in self.fees)]

    @property
    def total(self) -> Money:
        return self._sum(item.paid for item in self.items)

    @property
    def goods_total(self) -> Money:
        """The goods as priced, before anything else."""
        return self._sum(item.taxed.amount for item in self.goods)

    @property
    def tax_added(self) -> Money:
        """What tax puts on top of the prices shown."""
        return self._sum(item.taxed.added for item in self.items)

    @property
    def is_plain(self) -> bool:
        """Whether nothing stands between the lines and the total."""
        return not (self.fees or self.given or self.taxes)

    def _sum(self, amounts: Iterable[Money]) -> Money:
        return sum(amounts, Money.zero(self.currency))


def reckon(
    articles: Sequence[Article],
    fees: Sequence[tuple[Terms, TaxTerms]],
    gifts: Sequence[Gift],
    rules: TaxRules,
    currency: str,
) -> Bill:
    """Fees on the goods, tax on both, then gifts off the sum: first fees below zero, then vouchers in the order given."""
    goods = [article.good for article in articles]
    by_fee = {id(terms): how for terms, how in fees}
    charged = charges.charge([terms for terms, _ in fees], goods)
    above = [each for each in charged if each.amount.minor > 0]
    below = [each for each in charged if each.amount.minor < 0]
    priced = [Priced(a.good.total, rules.on(a.tax_class), rules.prices_include) for a in articles]
    spans: list[list[Priced]] = [_fee_prices(each, by_fee[id(each.terms)], articles, rules) for each in above]
    taxed = taxes.assess([*priced, *(part for span in spans for part in span)], rules.mode)
    items = [Item(each, each.amount * 0, each.amount * 0) for each in taxed[: len(articles)]]
    place = len(articles)
    for span in spans:
        together = _together(taxed[place : place + len(span)])
        items.append(Item(together, together.amount * 0, together.amount * 0))
        place += len(span)
    subsidies = [Gift(each.words, flat=-each.amount, fee_id=each.terms.fee_id) for each in below]
    given: list[Given] = []
    for gift in (*subsidies, *gifts):
        items, amount = _give(items, gift, [article.product_id for article in articles], currency)
        if amount:
            given.append(Given(gift, amount))
    return Bill(
        tuple(items[: len(articles)]),
        tuple(FeeItem(each, item) for each, item in zip(above, items[len(articles) :], strict=True)),
        tuple(given),
        _tax_sums(items, currency),
        currency,
    )


def _fee_prices(each: Charge, how: TaxTerms, articles: Sequence[Article], rules: TaxRules) -> list[Priced]:
    """A fee taxed like its goods is shared over their classes by what they cost [food:tax-fee-inherits-added]."""
    if how.tax_class is not None:
        return [Priced(each.amount, rules.on(how.tax_class), how.included)]
    worth: dict[TaxClass, int] = {}
    for article in articles:
        worth[article.tax_class] = worth.get(article.tax_class, 0) + article.good.total.minor
    classes = sorted(worth)
    parts = each.amount.split([worth[each_class] for each_class in classes])
    return [Priced(part, rules.on(each_class), how.included) for each_class, part in zip(classes, parts, strict=True)]


def _together(parts: Sequence[Taxed]) -> Taxed:
    if len(parts) == 1:
        return parts[0]
    by_rate: dict[Rate, Money] = {}
    for rate, tax in (pair for part in parts for pair in part.by_rate):
        by_rate[rate] = by_rate[rate] + tax if rate in by_rate else tax
    zero = parts[0].amount * 0
    return Taxed(
        sum((part.amount for part in parts), zero),
        sum((part.added for part in parts), zero),
        tuple(sorted(by_rate.items())),
    )


def _give(items: list[Item], gift: Gift, products: Sequence[UUID], currency: str) -> tuple[list[Item], Money]:
    """Take a gift off what it applies to: shared exactly by what each item still costs, its tax by the tax within."""
    chosen = [
        place
        for place in range(len(items))
        if items[place].paid
        and (not gift.product_ids or (place < len(products) and products[place] in gift.product_ids))
    ]
    whole = sum((items[place].paid for place in chosen), Money.zero(currency))
    if not whole:
        return items, whole
    amount = gift.worth(whole)
    parts = split(amount.minor, [items[place].paid.minor for place in chosen])
    within = taxes.to_whole(
        [
            Fraction(part * items[place].tax.minor, items[place].paid.minor)
            for place, part in zip(chosen, parts, strict=True)
        ]
    )
    after = list(items)
    for place, part, tax in zip(chosen, parts, within, strict=True):
        item = items[place]
        after[place] = replace(
            item,
            discount=item.discount + Money(part, currency),
            discount_tax=item.discount_tax + Money(tax, currency),
        )
    return after, amount


def _tax_sums(items: Sequence[Item], currency: str) -> tuple[TaxSum, ...]:
    sums: dict[Rate, int] = {}
    for item in items:
        rates = [rate for rate, _ in item.taxed.by_rate]
        inside = [tax.minor for _, tax in item.taxed.by_rate]
        off = split(item.discount_tax.minor, inside) if any(inside) else inside
        for rate, tax, less in zip(rates, inside, off, strict=True):
            sums[rate] = sums.get(rate, 0) + tax - less
    return tuple(TaxSum(rate, Money(sums[rate], currency)) for rate in sorted(sums))
