"""The falling bars of a settlement: where each shilling of the sales went, down to what is due to members now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ground.money import Money


class Line(Protocol):
    """A line of the pool, reckoned now or stored at the close."""

    @property
    def step(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def amount(self) -> Money: ...
    @property
    def left(self) -> Money: ...


@dataclass(frozen=True, slots=True)
class Fall:
    """One row: its words, its signed amount, and the bar from `start`, `value` long, both in minor units and never below 0."""

    name: str
    words: str
    amount: Money
    kind: str
    start: int
    value: int
    whole: bool = False


_KINDS = {1: "fee", 3: "fee", 5: "fee"}
"""Colours of the split by step of DOMAIN 6: refunds, payment fees and levies leave the house; the rest stays in it."""


def of_pool(lines: Sequence[Line], claims: Money, due: Money) -> tuple[list[Fall], int, Fall]:
    """The rows, the length of the longest bar, and the last row: what is due to members now."""
    first = lines[0]
    rows = [Fall(first.name, first.words, first.amount, "grow", 0, max(first.amount.minor, 0), whole=True)]
    for line in lines[1:]:
        kind = "move" if line.key == "transport" else _KINDS.get(line.step, "coop")
        before = line.left.minor - line.amount.minor
        low, high = sorted((max(before, 0), max(line.left.minor, 0)))
        rows.append(Fall(line.name, line.words, line.amount, kind, low, high - low))
    rows.append(Fall("The members’ share", "", claims, "grow", 0, claims.minor, whole=True))
    taken = due - claims
    if taken.minor:
        words = "Advances they had at the scale, and debts taken back"
        rows.append(Fall("Already given to members", words, taken, "grow", due.minor, -taken.minor))
    most = max(rows[0].value, claims.minor, 1)
    return rows, most, Fall("Due to members now", "", due, "coop", 0, due.minor)
