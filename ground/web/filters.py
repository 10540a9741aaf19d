"""Filters: how templates spell money, weights and moments. Integers become words here and nowhere else."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g

from ground import spelling
from ground.money import DECIMALS, Money, round_half_up
from ground.quantity import Quantity, Unit


def money(amount: Money | None) -> str:
    """`KES 1,450.00`; an en dash where there is none."""
    return "–" if amount is None else amount.spoken()


def figure(amount: Money | None) -> str:
    """The amount without its currency, for table columns whose head names it."""
    return "–" if amount is None else spelling.figure(amount.decimal, DECIMALS[amount.currency])


def quantity(amount: int, unit: str = "g") -> str:
    """Base units as people say them: `1,250 kg`."""
    return Quantity(amount, Unit(unit)).spoken()


def weighed(amount: int, unit: str = "g") -> str:
    """Base units as the scale showed them: `98.0 kg`."""
    return Quantity(amount, Unit(unit)).weighed()


def per_unit(price: Money, content: int, unit: str = "g") -> str:
    """A pack's price per kg, litre or piece, rounded for the eye only."""
    base = Unit(unit)
    each = Money(round_half_up(Fraction(price.minor * base.per_size, content)), price.currency)
    return f"{each.spoken()} / {base.said}"


def zone() -> ZoneInfo:
    """The time zone of the cooperative at hand, else the shop's."""
    where = getattr(g.get("here"), "cooperative", None)
    return ZoneInfo(where.timezone if where is not None else current_app.config["TIME_ZONE"])


def _local(value: date | datetime) -> date:
    return value.astimezone(zone()).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """`23 November 2026`, local."""
    return "–" if value is None else spelling.day(_local(value))


def weekday(value: date | datetime) -> str:
    """`Monday 23 November`, local."""
    return spelling.day(_local(value), "weekday")


def short_day(value: date | datetime | None) -> str:
    """`23 Nov`, for tables."""
    return "–" if value is None else spelling.day(_local(value), "short")


def clock_time(value: datetime | None) -> str:
    return "–" if value is None else spelling.clock(value.astimezone(zone()).time())


def moment(value: datetime | None) -> str:
    """`23 November 2026, 14:05`, local."""
    return "–" if value is None else f"{day(value)}, {clock_time(value)}"


def plain_decimal(amount: Money) -> str:
    """What an input field holds: `1450.00`."""
    return f"{amount.decimal:.{DECIMALS[amount.currency]}f}"


def plain_quantity(amount: int, unit: str = "g") -> str:
    """What an input field holds: `12.5`."""
    return f"{Quantity(amount, Unit(unit)).decimal.normalize():f}"


def init_app(app: Flask) -> None:
    """Give every template these filters."""
    for function in (
        money,
        figure,
        quantity,
        weighed,
        per_unit,
        day,
        short_day,
        weekday,
        clock_time,
        moment,
        plain_decimal,
        plain_quantity,
    ):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["grams"] = quantity
    app.jinja_env.filters["per_kg"] = per_unit
