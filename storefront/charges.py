"""Charges: what one fee comes to on a basket, reckoned purely; the words of a fee are made here too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from ground.ids import NOBODY
from ground.money import Money, round_half_up

BPS = 10_000
"""Basis points in a whole: 250 are 2.5 %."""

MILLIGRAMS_PER_KG = 1_000_000
MILLIGRAMS_PER_LB = 453_600
"""A trade pound as the cases weigh it [food:fee-weight-lb]."""


class Kind(StrEnum):
    """What the fee is for."""

    PACKING = "packing"
    TRANSPORT = "transport"
    SERVICE = "service"
    PAYMENT = "payment"

    @property
    def words(self) -> str:
        return self.value.capitalize()


class Basis(StrEnum):
    """What it is counted on. Each rounds once, at the sum it names; a percent of each item rounds per item."""

    ORDER = "order"
    LINE = "line"
    ITEM = "item"
    WEIGHT = "weight"
    PERCENT = "percent"
    ITEM_PERCENT = "item_percent"
    TIERED = "tiered"
    SACK = "sack"


class PayableTo(StrEnum):
    """Who earns it: the cooperative's own income (4070), or somebody who carries the goods (2040)."""

    COOPERATIVE = "cooperative"
    TRANSPORTER = "transporter"


@dataclass(frozen=True, slots=True)
class Good:
    """One line of goods as fees see it. Weights in milligrams; None is a weight nobody knows, which weighs nothing.

    `milligrams_weighed` is the whole line's real weight and counts before the nominal one [food:fee-weight-uses-final-weight].
    """

    price: Money
    quantity: int
    total: Money
    milligrams: int | None = None
    milligrams_weighed: int | None = None

    @property
    def weight(self) -> int:
        if self.milligrams_weighed is not None:
            return self.milligrams_weighed
        return (self.milligrams or 0) * self.quantity


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of one fee. `amount` is the flat sum or the rate per unit, and may be negative: a subsidy.

    `more` is each further item (tiered) or the sum from `threshold` on (price sack); `items_most` caps what is counted.
    """

    name: str
    kind: Kind
    basis: Basis
    amount: Money
    bps: int = 0
    more: Money | None = None
    items_most: int | None = None
    threshold: Money | None = None
    per_milligrams: int = MILLIGRAMS_PER_KG
    payable_to: PayableTo = PayableTo.COOPERATIVE
    payee: str = ""
    fee_id: UUID = NOBODY

    @property
    def rule(self) -> str:
        """How it is counted, for people: `KES 50.00 per order`."""
        percent = f"{Fraction(self.bps, 100).__float__():g}\N{NO-BREAK SPACE}%"
        unit = "lb" if self.per_milligrams == MILLIGRAMS_PER_LB else "kg"
        return {
            Basis.ORDER: f"{self.amount} per order",
            Basis.LINE: f"{self.amount} per line",
            Basis.ITEM: f"{self.amount} per item",
            Basis.WEIGHT: f"{self.amount} per {unit}",
            Basis.PERCENT: f"{percent} of the goods",
            Basis.ITEM_PERCENT: f"{percent} of each item",
            Basis.TIERED: f"{self.amount} for the first item, {self.more} for each further one"
            + (f", nothing from the {self.items_most + 1}th on" if self.items_most else ""),
            Basis.SACK: f"{self.amount}, or {self.more} from {self.threshold} on",
        }[self.basis]

    def on(self, goods: Sequence[Good]) -> Money:
        """What it comes to on these goods, rounded once, half away from zero."""
        zero = Money.zero(self.amount.currency)
        total = sum((good.total for good in goods), zero)
        items = sum(good.quantity for good in goods)
        match self.basis:
            case Basis.ORDER:
                return self.amount
            case Basis.LINE:
                return self.amount * len(goods)
            case Basis.ITEM:
                return self.amount * items
            case Basis.WEIGHT:
                return self.amount.times(Fraction(sum(good.weight for good in goods), self.per_milligrams))
            case Basis.PERCENT:
                return total.times(Fraction(self.bps, BPS))
            case Basis.ITEM_PERCENT:
                each = (round_half_up(Fraction(good.price.minor * self.bps, BPS)) * good.quantity for good in goods)
                return Money(sum(each), zero.currency)
            case Basis.TIERED:
                assert self.more is not None
                counted = min(items, self.items_most or items)
                return self.amount + self.more * (counted - 1)
            case Basis.SACK:
                assert self.more is not None and self.threshold is not None
                return self.amount if total < self.threshold else self.more


@dataclass(frozen=True, slots=True)
class Charge:
    """One fee as it stands on a bill: whose terms, and how much; a negative one is the cooperative's gift."""

    terms: Terms
    amount: Money

    @property
    def words(self) -> str:
        return self.terms.name


def charge(fees: Iterable[Terms], goods: Sequence[Good]) -> list[Charge]:
    """Every fee on these goods; those of nothing are not named, negative ones are kept [food:fee-zero-dropped-negative-kept]."""
    if not goods:
        return []
    charges = [Charge(terms, terms.on(goods)) for terms in fees]
    return [each for each in charges if each.amount]
