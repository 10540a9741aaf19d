"""Price bands: the few steps by which shoppers narrow the price of a kilo, in round figures of each currency."""

from __future__ import annotations

from ground.money import DECIMALS, Money
from ground.quantity import Unit

STEPS = (50, 100, 200, 500)
"""In Kenyan shillings; other currencies take the same steps at the power of ten that lies nearest."""

SHIFTS = {"KES": 0, "RWF": 1, "UGX": 1, "TZS": 1, "ZMW": -1, "NPR": 0, "GTQ": -1, "USD": -2, "EUR": -2, "KWD": -2}


def bounds(currency: str) -> tuple[int, ...]:
    """Where the bands of a currency part, in minor units."""
    shift = SHIFTS.get(currency, 0) + DECIMALS[currency]
    return tuple(step * 10**shift if shift >= 0 else step // 10**-shift for step in STEPS)


def band_of(per_minor: int, currency: str, unit: Unit) -> str:
    """`KES2`; nothing for what is sold by the piece, since an egg and a pumpkin compare badly."""
    if unit is Unit.PIECE:
        return ""
    return f"{currency}{sum(per_minor >= bound for bound in bounds(currency))}"


def ends(band: str) -> tuple[Money | None, Money | None] | None:
    """The prices between which a band lies (None: open); None where the words name no band."""
    currency, number = band[:3], band[3:]
    if currency not in DECIMALS or number not in tuple("01234"):
        return None
    limits = [None, *(Money(bound, currency) for bound in bounds(currency)), None]
    return limits[int(number)], limits[int(number) + 1]
