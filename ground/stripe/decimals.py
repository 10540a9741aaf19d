"""How Stripe writes an amount: its own decimals per currency, not always our books' [commerce:M18, attack:A095]."""

from __future__ import annotations

from typing import Literal

from ground.errors import Refusal
from ground.money import DECIMALS, Money

Use = Literal["charge", "payout"]

STRIPE_DECIMALS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"], 0
    ),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3),
}
"""Digits after the point in Stripe's amounts; 2 where not named (docs.stripe.com/currencies, read November 2026).

Stripe's page also lists UGX among the currencies without decimals, but its special cases say that UGX and ISK are
still written with two, which must be zeros: 5 shillings are 500. MGA is whole at Stripe whatever our books keep.
"""

STRIPE_STEP = {
    **dict.fromkeys(["ISK", "UGX"], 100),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 10),
}
"""Every amount is a multiple of this, in Stripe's units: whole krónur and shillings; the card networks take no third
decimal.
"""

PAYOUT_STEP = {"HUF": 100, "TWD": 100}
"""Charged in hundredths, but paid out in whole units only."""


def stripe_decimals(currency: str) -> int:
    """Digits after the point in Stripe's amounts of `currency` (ISO 4217, any case)."""
    return STRIPE_DECIMALS.get(currency.upper(), 2)


def stripe_step(currency: str, use: Use = "charge") -> int:
    """The smallest difference between two amounts that Stripe takes, in its own units."""
    code = currency.upper()
    return max(STRIPE_STEP.get(code, 1), PAYOUT_STEP.get(code, 1) if use == "payout" else 1)


def to_stripe(money: Money, use: Use = "charge") -> int:
    """`money` in Stripe's units, exactly; a Refusal where Stripe cannot write it. Nothing is ever rounded."""
    ours, theirs = 10 ** DECIMALS[money.currency], 10 ** stripe_decimals(money.currency)
    amount, rest = divmod(money.minor * theirs, ours)
    if rest or amount % stripe_step(money.currency, use):
        raise Refusal(
            f"{money} cannot be paid through Stripe to the last digit: round the amount to a coarser step first."
        )
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """Stripe's `amount` of `currency` (any case) as our money, exactly; a Refusal where our books are coarser or lack
    the currency.
    """
    code = currency.upper()
    if code not in DECIMALS:
        raise Refusal(f"Our books keep no {code}.")
    minor, rest = divmod(amount * 10 ** DECIMALS[code], 10 ** stripe_decimals(code))
    if rest:
        raise Refusal(f"Stripe's amount {amount} {code} is finer than our books keep it.")
    return Money(minor, code)
