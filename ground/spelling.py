"""Spelling: how figures, amounts, weights and days are written in the language spoken now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import NumberPattern, get_decimal_symbol, parse_pattern

from ground import words

GAP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

DAYS = {
    "long": {
        "en": "d MMMM y", "fr": "d MMMM y", "es": "d 'de' MMMM 'de' y", "sw": "d MMMM y", "rw": "d MMMM y",
    },
    "weekday": {
        "en": "EEEE d MMMM", "fr": "EEEE d MMMM", "es": "EEEE d 'de' MMMM", "sw": "EEEE d MMMM", "rw": "EEEE d MMMM",
    },
    "month": {"en": "MMMM y", "fr": "MMMM y", "es": "MMMM 'de' y", "sw": "MMMM y", "rw": "MMMM y"},
    "short": {},
    "name": {},
    "brief": {},
}  # fmt: skip
"""The order of a day's parts. CLDR's own for Kinyarwanda puts the year first, which nobody in Kigali writes."""
USUAL = {
    "long": "d MMMM y",
    "weekday": "EEEE d MMMM",
    "month": "MMMM y",
    "short": "d MMM",
    "name": "EEE",
    "brief": "EEE d MMM",
}


def decimal(value: Decimal | int, decimals: int | None = None) -> str:
    """A figure with its thousands kept apart, with exactly `decimals` (or as many as it has)."""
    digits = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,f}"
    if words.language() == words.SOURCE:
        return digits
    group, point, alike = _signs(words.language())
    if not alike:
        return digits
    return digits.translate({ord(","): group, ord("."): point})


def whole(value: int) -> str:
    """A count, its thousands kept apart."""
    return decimal(value, 0)


def amount(value: Decimal, currency: str, decimals: int) -> str:
    """An amount by the code of its currency, before or after the figure as the language has it; the minus hugs the figure."""
    figure = (MINUS if value < 0 else "") + decimal(abs(value), decimals)
    return f"{figure}{GAP}{currency}" if _code_last(words.language()) else f"{currency}{GAP}{figure}"


def figure(value: Decimal, decimals: int) -> str:
    """An amount without its currency, for columns whose head names it."""
    return (MINUS if value < 0 else "") + decimal(abs(value), decimals)


def day(value: date, kind: str = "long") -> str:
    """A day: `long` (23 November 2026), `weekday` (Monday 23 November), `month` (November 2026), `short` (23 Nov),
    `name` (Mon), `brief` (Mon 23 Nov)."""
    if words.language() == words.SOURCE:
        return _english(value, kind)
    pattern = DAYS[kind].get(words.language(), USUAL[kind])
    return format_date(value, pattern, locale=words.locale())


def clock(value: time) -> str:
    """The time by 24 hours, which all our languages write alike."""
    return f"{value:%H:%M}"


def together(names: Sequence[str]) -> str:
    """`KES, RWF, and UGX`: a list as the language says it."""
    return format_list(list(names), locale=words.locale())


def _english(value: date, kind: str) -> str:
    return {
        "long": f"{value.day} {value:%B %Y}", "weekday": f"{value:%A} {value.day} {value:%B}",
        "month": f"{value:%B %Y}", "short": f"{value.day} {value:%b}", "name": f"{value:%a}",
        "brief": f"{value:%a} {value.day} {value:%b}",
    }[kind]  # fmt: skip


@lru_cache(maxsize=32)
def _signs(code: str) -> tuple[str, str, bool]:
    """What stands between the thousands and before the decimals; and whether figures are grouped by threes at all."""
    where = words.locale_of(code)
    pattern: NumberPattern = parse_pattern(str(where.decimal_formats[None].pattern))
    symbols = where.number_symbols.get("latn", {})
    return (
        str(symbols.get("group", ",")),
        get_decimal_symbol(where, numbering_system="latn"),
        pattern.grouping == (3, 3),
    )


@lru_cache(maxsize=32)
def _code_last(code: str) -> bool:
    return not str(words.locale_of(code).currency_formats["standard"].pattern).startswith("¤")
