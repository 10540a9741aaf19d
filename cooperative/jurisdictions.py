"""Jurisdictions: the legal limits a cooperative lives under, as dated and sourced data (`jurisdictions.toml`), never code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from importlib.resources import files
from typing import Any


class Bound(StrEnum):
    """How a limit binds: not less, not more, or exactly."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of one law: `rate` of `base`. `note` is what a manager reads; `source` is where it was found, `case` its test."""

    key: str
    bound: Bound
    rate: Fraction
    base: str
    law: str
    source: str
    case: str
    recorded_on: date
    in_force_since: date | None
    note: str

    def allows(self, part: int, whole: int) -> bool:
        """Whether `part` of `whole` keeps the limit, compared in integers: a boundary is never lost to rounding [finance:B07]."""
        left, right = part * self.rate.denominator, whole * self.rate.numerator
        return (
            left >= right
            if self.bound is Bound.AT_LEAST
            else left <= right
            if self.bound is Bound.AT_MOST
            else left == right
        )


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The law of one place, as far as we know it. `leaver_months` is the time to repay one who leaves, where a law says so."""

    code: str
    name: str
    limits: tuple[Limit, ...]
    leaver_months: int | None
    refund_day: str  # When patronage refunds must be paid, as the law words it; empty where it does not say.

    def limit(self, key: str) -> Limit | None:
        """The limit of this name, or None where this law has none."""
        return next((limit for limit in self.limits if limit.key == key), None)


def load(text: str) -> dict[str, Jurisdiction]:
    """Read the data file; anything unknown or missing in it is our mistake (KeyError, ValueError, AssertionError)."""
    return {code: _jurisdiction(code, raw) for code, raw in tomllib.loads(text).items()}


def _jurisdiction(code: str, raw: dict[str, Any]) -> Jurisdiction:
    unknown = set(raw) - {"name", "limits", "leaver_months", "refund_day"}
    assert not unknown, f"{code} says {unknown}, which nobody reads"
    limits = tuple(_limit(key, limit) for key, limit in raw.get("limits", {}).items())
    return Jurisdiction(code, raw["name"], limits, raw.get("leaver_months"), raw.get("refund_day", ""))


def _limit(key: str, raw: dict[str, Any]) -> Limit:
    raw = dict(raw)
    bounds = [bound for bound in Bound if bound.value in raw]
    assert len(bounds) == 1, f"{key} binds in exactly one way"
    limit = Limit(
        key=key, bound=bounds[0], rate=Fraction(raw.pop(bounds[0].value)), base=raw.pop("of"), law=raw.pop("law"),
        source=raw.pop("source"), case=raw.pop("case", ""), recorded_on=raw.pop("recorded_on"),
        in_force_since=raw.pop("in_force_since", None), note=raw.pop("note"),
    )  # fmt: skip
    assert not raw, f"{key} says {set(raw)}, which nobody reads"
    assert 0 <= limit.rate <= 1 and isinstance(limit.recorded_on, date)
    return limit


def of(code: str) -> Jurisdiction:
    """The jurisdiction of this code; every code in the database was checked when it was written."""
    return ALL[code]


ALL = load(files("cooperative").joinpath("jurisdictions.toml").read_text("utf-8"))
