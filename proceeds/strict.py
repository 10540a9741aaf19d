"""Strict reading of a by-law's values: each reader takes what is exactly right, or refuses and names the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from ground.errors import Refusal

Kind = TypeVar("Kind", bound=StrEnum)


def hold(good: bool, where: str, words: str) -> None:
    if not good:
        raise Refusal(fields={"rules": f"By-law, {where}: {words}."})


def only(row: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(row) - known)
    hold(not unknown, where, f"nobody knows {', '.join(map(repr, unknown))}")


def rows(raw: Mapping[str, Any], name: str, *, needed: bool = True) -> list[Any]:
    rows = raw.get(name) if needed else raw.get(name, [])
    hold(isinstance(rows, list) and (bool(rows) or not needed), name, "a list of rows is missing")
    assert isinstance(rows, list)
    return rows


def mapping(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    hold(isinstance(value, Mapping) and bool(value), name, "one value for each grade is missing")
    assert isinstance(value, Mapping)
    return value


def one_of(kind: type[Kind], value: Any, where: str) -> Kind:
    hold(value in set(kind), where, f"{value!r} is none of {', '.join(kind)}")
    return kind(value)


def text(value: Any, where: str) -> str:
    hold(isinstance(value, str) and 0 < len(value.strip()) <= 120, where, "some words are missing")
    return value.strip()


def whole(value: Any, where: str) -> int:
    hold(type(value) is int and 0 <= value <= 10**12, where, "a whole number, zero or more")
    return value


def exact(value: Any, where: str) -> Fraction:
    """A whole number, or a decimal written as text: JSON's own decimals are floats and have lost their last digit."""
    good = type(value) is int or (
        isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", value) is not None
    )
    hold(good, where, 'an exact number, such as "1.5" or 60')
    return Fraction(value)


def percent(value: Any, where: str) -> Fraction:
    percent = exact(value, where)
    hold(0 <= percent <= 100, where, "between 0 and 100 percent")
    return percent
