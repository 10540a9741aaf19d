"""A settlement by-law is read strictly: an unknown word is refused by name, and nothing is guessed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from ground.errors import Refusal
from proceeds import rules
from proceeds.rules import ClaimRule, Loss, Take


def test_the_starter_bylaw_is_read_whole():
    read = rules.parse(rules.STARTER)
    assert [step.key for step in read.pool] == ["late-refunds", "transport", "handling", "levy", "margin"]
    assert read.loss is Loss.MARGIN and read.claims is ClaimRule.QUANTITY
    assert [step.key for step in read.recorded] == ["transport", "handling"]
    assert read.member[2].take is Take.OWED and read.member[2].cap_percent == 50
    assert read.caps[0].percent == 20


def _change(path: tuple[Any, ...], value: Any) -> Callable[[dict], None]:
    def change(raw: dict) -> None:
        place = raw
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_change(("schema",), 2), "schema 1"),
        (_change(("surprise",), 1), "'surprise'"),
        (_change(("loss",), "nobody"), "'nobody'"),
        (_change(("pool", 3, "percent"), 1.5), "an exact number"),
        (_change(("pool", 3, "percent"), "1e2"), "an exact number"),
        (_change(("pool", 3, "percent"), "101"), "between 0 and 100"),
        (_change(("pool", 3, "percent"), "-1"), "between 0 and 100"),
        (_change(("pool", 3, "of"), "moonlight"), "of is one of"),
        (_change(("pool", 3, "payee"), ""), "who is paid"),
        (_change(("pool", 3, "step"), 2), "not in order"),
        (_change(("pool", 3, "key"), "margin"), "one key"),
        (_change(("pool", 3, "take"), "owed"), "nobody knows"),
        (_change(("pool", 3, "to"), "savings"), "wrong place"),
        (_change(("member", 0, "step"), 9), "numbered 10 to 18"),
        (_change(("caps", 0, "keys"), ["nothing"]), "names steps of the pool"),
        (_change(("claims",), {"by": "index"}), "one value for each grade"),
        (_change(("claims",), {"by": "index", "index": {"A": "-1"}}), "never negative"),
        (_change(("claims",), {"by": "quantity", "index": {"A": "1"}}), "'index'"),
        (_change(("payout_min_minor",), "100"), "a whole number"),
        (_change(("pool",), []), "a list of rows"),
    ],
)
def test_what_a_bylaw_may_not_say_is_refused_with_its_place(change: Callable[[dict], None], words: str):
    raw = copy.deepcopy(rules.STARTER)
    change(raw)
    with pytest.raises(Refusal) as refusal:
        rules.parse(raw)
    assert words in str(refusal.value)


def test_percentages_are_exact_and_never_floats():
    raw = copy.deepcopy(rules.STARTER)
    raw["pool"][3]["percent"] = "0.1"
    assert rules.parse(raw).pool[3].percent == Fraction(1, 10)
