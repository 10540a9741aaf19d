"""Money is a whole number of minor units of one currency: no floats, and no cent ever goes missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from ground import spelling
from ground.errors import Refusal
from ground.words import _

DECIMALS = {
    "BIF": 0, "CHF": 2, "EUR": 2, "GBP": 2, "GTQ": 2, "KES": 2, "KWD": 3, "MGA": 2, "NPR": 2, "RWF": 0, "TZS": 2,
    "UGX": 0, "USD": 2, "XAF": 0, "XOF": 0, "ZMW": 2, "CAD": 2, "INR": 2, "ETB": 2, "HNL": 2, "PHP": 2, "JPY": 0,
}  # fmt: skip
"""Digits after the point in our books [finance:E25]. Sources disagree on MGA, so a book pins its own when it is opened."""

CASH_STEP_MINOR = {"CHF": 5, "CAD": 5, "TZS": 100}
"""The smallest cash there is, in minor units [finance:E22–E25]; 1 where not named."""

AMOUNT = re.compile(r"-?(?=\.?[0-9])[0-9]{0,16}\.?[0-9]{0,6}")

LARGEST_MINOR = 10**15
"""No single amount is larger: far above any cooperative's year, far below 64 bits even when 9,000 of them are summed."""


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """`minor` whole minor units of `currency` (ISO 4217). Amounts of two currencies neither add nor compare."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        assert type(self.minor) is int, "Money is whole; round before you make it."
        assert self.currency in DECIMALS, f"unknown currency {self.currency!r}"

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str, *, field: str = "amount") -> Money:
        """Read `1234.50` exactly; a Refusal names `field` when it is no amount, or finer than the currency's smallest coin."""
        cleaned = text.strip()
        if not AMOUNT.fullmatch(cleaned):
            raise Refusal(
                fields={
                    field: _(
                        "Write an amount in %(currency)s, such as 1250 or 12.50, in plain digits.", currency=currency
                    )
                }
            )
        scaled = Decimal(cleaned).scaleb(DECIMALS[currency])
        if scaled != scaled.to_integral_value():
            raise Refusal(
                fields={
                    field: _(
                        "%(currency)s has %(decimals)s decimals; this amount is finer than that.",
                        currency=currency,
                        decimals=DECIMALS[currency],
                    )
                }
            )
        if abs(scaled) > LARGEST_MINOR:
            raise Refusal(fields={field: _("This amount is too large.")})
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly, with all its decimals."""
        return Decimal(self.minor).scaleb(-DECIMALS[self.currency])

    def _same(self, other: Money) -> int:
        assert self.currency == other.currency, f"{self.currency} and {other.currency} do not mix"
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> Money:
        assert type(count) is int
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, rate: Fraction) -> Money:
        """`rate` of it, rounded once, half away from zero: the only rounding a line ever gets [finance:A05]."""
        return Money(round_half_up(self.minor * rate), self.currency)

    def split(self, weights: Sequence[int | Fraction]) -> list[Money]:
        """Share by weight; the parts sum to the whole exactly. See `split`."""
        return [Money(part, self.currency) for part in split(self.minor, weights)]

    def in_cash(self) -> Money:
        """The nearest amount that coins can pay; only a cash total is ever rounded so [finance:E22–E24]."""
        step = CASH_STEP_MINOR.get(self.currency, 1)
        return Money(round_half_up(Fraction(self.minor, step)) * step, self.currency)

    def spoken(self) -> str:
        """As the language spoken now writes it; `str` is the books' own spelling, the same everywhere."""
        return spelling.amount(self.decimal, self.currency, DECIMALS[self.currency])

    def __str__(self) -> str:
        sign = "\N{MINUS SIGN}" if self.minor < 0 else ""
        return f"{self.currency}\N{NO-BREAK SPACE}{sign}{abs(self.decimal):,.{DECIMALS[self.currency]}f}"


def split(amount: int, weights: Sequence[int | Fraction]) -> list[int]:
    """`amount` whole units by exact `weights`: largest remainder, ties to the first listed (list by member number).

    A zero weight gets zero; weights that sum to zero are a Refusal. Split once and store the parts: the split of another
    total is not monotone [finance:E16], and a rounded percentage loses money [finance:E18]. A negative amount is the
    negated split of the positive one.
    """
    if amount < 0:
        return [-part for part in split(-amount, weights)]
    scale = lcm(*(Fraction(weight).denominator for weight in weights)) if weights else 1
    whole = [int(weight * scale) for weight in weights]
    assert all(weight >= 0 for weight in whole), "weights are never negative"
    total = sum(whole)
    if total == 0:
        raise Refusal("There is nothing to share by: all weights are zero.")
    parts = [amount * weight // total for weight in whole]
    by_remainder = sorted(range(len(whole)), key=lambda i: -(amount * whole[i] % total))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def round_half_up(value: int | Fraction) -> int:
    """The nearest whole number, halves away from zero: what people expect of a bill."""
    above, below = value.numerator, value.denominator  # In whole numbers: a page of prices rounds five hundred times.
    half = (2 * abs(above) + below) // (2 * below)
    return -half if above < 0 else half
