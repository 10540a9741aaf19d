"""Taxes: what part of a price is tax, by the rates and the rounding that a cooperative is bound to; reckoned purely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from ground.money import Money, round_half_up
from inventory.products import TaxClass
from storefront.charges import BPS

BYLAW = "taxes"
"""The by-law kind under which a cooperative's tax rules are adopted, dated and sourced."""


class TaxMode(StrEnum):
    """Where tax is rounded: at each line, or once at the sum of the nets; then gross prices may move by a coin, or are kept."""

    LINE = "line"
    SUM_BY_NET = "sum_by_net"
    KEEP_GROSS = "sum_by_net_keep_gross"

    @property
    def words(self) -> str:
        return {
            TaxMode.LINE: "line by line",
            TaxMode.SUM_BY_NET: "once, on the sum of the net prices",
            TaxMode.KEEP_GROSS: "once, on the sum, and shown prices stay",
        }[self]


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """One tax, in basis points of the net price."""

    name: str
    bps: int

    @property
    def percent(self) -> str:
        return f"{self.bps / 100:g}\N{NO-BREAK SPACE}%"


@dataclass(frozen=True, slots=True)
class TaxRules:
    """What a cooperative charges; nothing, whatever the rates, where it is not registered [food:tax-seller-not-registered]."""

    registered: bool = False
    mode: TaxMode = TaxMode.LINE
    prices_include: bool = True
    number: str = ""
    rates: Mapping[TaxClass, tuple[Rate, ...]] = field(default_factory=dict)

    def on(self, tax_class: TaxClass) -> tuple[Rate, ...]:
        return self.rates.get(tax_class, ()) if self.registered else ()

    @classmethod
    def parse(cls, rules: dict[str, Any]) -> TaxRules:
        """Read an adopted by-law strictly: what is unknown or missing is our mistake (KeyError, ValueError, AssertionError)."""
        assert set(rules) == {"registered", "mode", "prices_include", "number", "rates"}, sorted(rules)
        rates = {
            TaxClass(each): tuple(Rate(rate["name"], rate["bps"]) for rate in listed)
            for each, listed in rules["rates"].items()
        }
        assert all(type(rate.bps) is int and 0 < rate.bps <= BPS for listed in rates.values() for rate in listed)
        return cls(rules["registered"], TaxMode(rules["mode"]), rules["prices_include"], rules["number"], rates)

    def as_rules(self) -> dict[str, Any]:
        """The same as it is written down."""
        rates = {
            each.value: [{"name": rate.name, "bps": rate.bps} for rate in listed]
            for each, listed in sorted(self.rates.items())
        }
        return {
            "registered": self.registered, "mode": self.mode.value, "prices_include": self.prices_include,
            "number": self.number, "rates": rates,
        }  # fmt: skip


UNTAXED = TaxRules()
"""A cooperative that has adopted no tax rules."""


@dataclass(frozen=True, slots=True)
class Priced:
    """An amount as it stands in a price list, never negative, and the rates on it; `included` when they are in it already."""

    amount: Money
    rates: tuple[Rate, ...] = ()
    included: bool = True


@dataclass(frozen=True, slots=True)
class Taxed:
    """A priced amount with its tax. `added` is what tax puts on top of the amount: nothing where it is included."""

    amount: Money
    added: Money
    by_rate: tuple[tuple[Rate, Money], ...] = ()

    @property
    def tax(self) -> Money:
        return sum((part for _, part in self.by_rate), Money.zero(self.amount.currency))

    @property
    def gross(self) -> Money:
        return self.amount + self.added

    @property
    def net(self) -> Money:
        return self.gross - self.tax


def assess(priced: Sequence[Priced], mode: TaxMode) -> list[Taxed]:
    """The tax of each amount; in the two sum modes amounts under the same rates are rounded together, as exact parts."""
    answers: list[Taxed] = [Taxed(each.amount, each.amount * 0) for each in priced]
    groups: dict[tuple[Rate, ...], list[int]] = defaultdict(list)
    for place, each in enumerate(priced):
        assert each.amount.minor >= 0, "a gift is no price"
        if each.rates:
            groups[each.rates].append(place)
    for rates, places in sorted(groups.items()):
        for place, taxed in zip(places, _group([priced[place] for place in places], rates, mode), strict=True):
            answers[place] = taxed
    return answers


def _group(priced: list[Priced], rates: tuple[Rate, ...], mode: TaxMode) -> list[Taxed]:
    alone = [_alone(each, rates) for each in priced]
    if mode is TaxMode.LINE:
        return alone
    whole = Fraction(sum(rate.bps for rate in rates), BPS)
    if mode is TaxMode.SUM_BY_NET:
        columns = [to_whole([Fraction(each.net.minor * rate.bps, BPS) for each in alone]) for rate in rates]
        parts = list(zip(*columns, strict=True))
        return [
            Taxed(each.amount, each.net + _money(each, sum(part)) - each.amount, _named(each, rates, part))
            for each, part in zip(alone, parts, strict=True)
        ]
    sums = to_whole([each.gross.minor * whole / (1 + whole) for each in alone])
    return [
        Taxed(each.amount, each.added, _named(each, rates, _shared(tax, rates)))
        for each, tax in zip(alone, sums, strict=True)
    ]


def _alone(priced: Priced, rates: tuple[Rate, ...]) -> Taxed:
    """One amount by itself: each tax on top is rounded for itself, taxes inside are rounded once and shared."""
    amount = priced.amount
    if priced.included:
        whole = Fraction(sum(rate.bps for rate in rates), BPS)
        inside = _shared(amount.times(whole / (1 + whole)).minor, rates)
        return Taxed(amount, amount * 0, _named(amount, rates, inside))
    on_top = [amount.times(Fraction(rate.bps, BPS)).minor for rate in rates]
    return Taxed(amount, Money(sum(on_top), amount.currency), _named(amount, rates, on_top))


def _shared(tax: int, rates: tuple[Rate, ...]) -> list[int]:
    whole = sum(rate.bps for rate in rates)
    return to_whole([Fraction(tax * rate.bps, whole) for rate in rates])


def _money(like: Taxed, minor: int) -> Money:
    return Money(minor, like.amount.currency)


def _named(like: Taxed | Money, rates: tuple[Rate, ...], parts: Sequence[int]) -> tuple[tuple[Rate, Money], ...]:
    currency = like.currency if isinstance(like, Money) else like.amount.currency
    return tuple((rate, Money(part, currency)) for rate, part in zip(rates, parts, strict=True))


def to_whole(exact: Sequence[Fraction]) -> list[int]:
    """Exact parts as whole units whose sum is the exact sum, rounded once: largest remainder, ties to the first listed.

    No part moves by a whole unit or more, so a part of something never grows larger than it.
    """
    assert all(part >= 0 for part in exact)
    parts = [int(part) for part in exact]
    missing = round_half_up(sum(exact, Fraction(0))) - sum(parts)
    for place in sorted(range(len(exact)), key=lambda place: parts[place] - exact[place])[:missing]:
        parts[place] += 1
    return parts
