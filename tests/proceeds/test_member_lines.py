"""A member's lines: in order, within their caps, oldest first, and never below zero."""

from __future__ import annotations

from typing import Any

import pytest

from ground.ids import new_id
from ground.money import Money
from ground.quantity import Unit
from proceeds import member_lines, rules
from proceeds.member_lines import Debt, MemberInputs, MemberResult, take_in_order


def owed(step: int, key: str, to: str, **more: Any) -> dict[str, Any]:
    return {"step": step, "key": key, "name": key, "take": "owed", "to": to, **more}


def settle(
    claim: int,
    debts: dict[str, list[int]],
    *steps: dict[str, Any],
    amount: int = 0,
    reached: dict[str, int] | None = None,
) -> MemberResult:
    law = rules.parse(rules.STARTER | {"member": list(steps)})
    given = MemberInputs(
        new_id(), 7, Unit.GRAM, amount, Money(claim, "RWF"),
        {key: [Debt(f"{key} {n}", minor) for n, minor in enumerate(minors, 1)] for key, minors in debts.items()}, reached or {},
    )  # fmt: skip
    return member_lines.run(given, law)


@pytest.mark.case("finance:D16")
def test_sources_give_in_order_until_the_target_is_reached():
    assert take_in_order([30, 50, 40], 100) == [30, 50, 20]
    assert sum(take_in_order([30, 50, 10], 100)) < 100


@pytest.mark.case("finance:D20")
def test_deductions_stop_at_what_there_is_and_the_rest_is_carried():
    result = settle(
        30_000, {"inputs": [12_000, 8_000], "loans": [25_000], "charges": [3_000]},
        owed(13, "inputs", "input_credit"), owed(14, "loans", "loan"), owed(16, "charges", "fines"),
    )  # fmt: skip
    taken = {
        key: -sum(line.amount.minor for line in result.lines if line.key == key)
        for key in ("inputs", "loans", "charges")
    }
    assert taken == {"inputs": 20_000, "loans": 10_000, "charges": 0}
    assert result.due.minor == 0
    assert sum(line.carried.minor for line in result.lines) == 18_000


def test_input_credit_takes_at_most_its_percentage_of_what_is_left_oldest_first():
    result = settle(66_510, {"inputs": [30_000, 50_000]}, owed(13, "inputs", "input_credit", cap_percent="50"))
    assert [line.amount.minor for line in result.lines] == [-30_000, -3_255]
    assert result.due.minor == 33_255 and "46,745 stays for later" in result.lines[1].words


def test_the_minimum_take_home_stays_with_the_member():
    result = settle(
        10_000, {"inputs": [9_000]}, owed(13, "inputs", "input_credit", cap_percent="90", take_home_min_minor=4_000)
    )
    assert result.due.minor == 4_000 and "at least RWF" in result.lines[0].words


def test_an_advance_that_was_too_high_pays_nothing_and_is_carried():
    result = settle(
        5_000, {"advance": [8_000], "inputs": [100]}, owed(11, "advance", "advance"), owed(13, "inputs", "input_credit")
    )
    assert result.due.minor == 0 and result.over_advance.minor == 3_000


def test_share_build_up_ends_at_its_target():
    step = {
        "step": 17,
        "key": "shares",
        "name": "Shares",
        "take": "target",
        "to": "shares",
        "percent": "10",
        "minor": 5_000,
    }
    assert settle(10_000, {}, step, reached={"shares": 0}).due.minor == 9_000
    assert settle(10_000, {}, step, reached={"shares": 4_700}).due.minor == 9_700
    assert settle(10_000, {}, step, reached={"shares": 6_000}).due.minor == 10_000


def test_a_retain_per_kilogram_and_a_tax_of_the_claim_come_first():
    result = settle(
        10_000, {"advance": [9_000]},
        {"step": 10, "key": "retain", "name": "Retain", "take": "per_unit", "minor": 2, "to": "retain"},
        owed(11, "advance", "advance"),
        {"step": 12, "key": "tax", "name": "Tax", "take": "percent", "of": "claim", "percent": "3", "to": "tax", "payee": "KRA"},
        amount=100_000,
    )  # fmt: skip
    assert [line.amount.minor for line in result.lines] == [-200, -9_000, -300]
    assert result.due.minor == 500
