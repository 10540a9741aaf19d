"""The pool's waterfall: every unit that came in is a cost, a levy, a margin or somebody's, and the lines add up."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from ground.quantity import Unit
from proceeds import rules, waterfall
from proceeds.rules import Loss, Rules, To
from proceeds.waterfall import Delivered, PoolInputs


def bylaw(*pool: dict[str, Any], **more: Any) -> Rules:
    steps = pool or (
        {
            "step": 6,
            "key": "margin",
            "name": "Margin",
            "take": "percent",
            "of": "net_sales",
            "percent": "0",
            "to": "margin",
        },
    )
    member = [{"step": 11, "key": "advance", "name": "Advance", "take": "owed", "to": "advance"}]
    base = {"schema": 1, "pool": list(steps), "member": member, "loss": "margin", "claims": {"by": "quantity"}}
    return rules.parse(base | more)


def pool(
    deliveries: list[tuple[int, str, int]], *, retail: int = 0, wholesale: int = 0, refund: int = 0, currency: str = "KES",
    unit: Unit = Unit.PIECE, **more: Any,
) -> PoolInputs:  # fmt: skip
    rows = [Delivered(number, grade, amount, new_id()) for number, grade, amount in deliveries]
    sales = {"retail": Money(retail, currency), "wholesale": Money(wholesale, currency)}
    return PoolInputs(currency, unit, sales, {"retail": Money(refund, currency)}, rows, **more)


RELATIVE = [(1, "A", 1200), (2, "A", 800), (2, "B", 500), (3, "B", 1500)]


@pytest.mark.case("finance:A22")
def test_the_cent_that_does_not_divide_goes_to_the_largest_remainder():
    result = waterfall.run(
        pool(RELATIVE, retail=1_000_001),
        bylaw(claims={"by": "differential", "differential_minor": {"A": 60, "B": -40}}),
    )
    assert result.base_price == Fraction(960001, 4000)
    assert [part.claim.minor for part in result.parts] == [360000, 240000, 100000, 300001]


@pytest.mark.case("finance:A23")
def test_a_better_grade_counts_for_more_by_its_index():
    result = waterfall.run(
        pool(RELATIVE, retail=1_000_000), bylaw(claims={"by": "index", "index": {"A": "1.5", "B": "1.0"}})
    )
    assert [part.claim.minor for part in result.parts] == [360000, 240000, 100000, 300000]


@pytest.mark.case("finance:A19")
def test_costs_above_the_cap_are_not_the_growers_to_bear():
    costs = {"step": 4, "key": "costs", "name": "Society costs", "take": "recorded", "to": "costs", "payee": "Society"}
    law = bylaw(costs, caps=[{"name": "society costs", "of": "gross_sales", "percent": "20", "keys": ["costs"]}])
    result = waterfall.run(pool([(1, "A", 10)], retail=100_000_000, recorded={"costs": 23_650_000}), law)
    assert result.lines[-1].amount.minor == -20_000_000
    assert result.net.minor == 80_000_000
    assert "KES\N{NO-BREAK SPACE}36,500.00 is not charged" in result.lines[-1].words


def test_a_cap_counts_all_the_steps_that_it_names_together():
    steps = [
        {"step": 4, "key": key, "name": key, "take": "recorded", "to": "costs", "payee": "Society"}
        for key in ("lorry", "store")
    ]
    law = bylaw(*steps, caps=[{"name": "costs", "of": "gross_sales", "percent": "20", "keys": ["lorry", "store"]}])
    result = waterfall.run(pool([(1, "A", 10)], retail=1_000, recorded={"lorry": 150, "store": 150}), law)
    assert [line.amount.minor for line in result.lines[1:]] == [-150, -50]


def test_costs_above_sales_leave_claims_of_zero_and_go_by_the_loss_rule():
    costs = {"step": 4, "key": "lorry", "name": "Lorry", "take": "recorded", "to": "costs", "payee": "Lorry"}
    for loss in Loss:
        result = waterfall.run(
            pool([(1, "A", 10), (2, "A", 5)], retail=100, recorded={"lorry": 160}), bylaw(costs, loss=loss)
        )
        assert result.loss.minor == 60 and result.loss_rule is loss
        assert [part.claim.minor for part in result.parts] == [0, 0]
        assert result.lines[-1].left.minor == 0


def test_a_pool_that_sold_nothing_has_claims_of_zero():
    result = waterfall.run(pool([(1, "A", 10)]), bylaw())
    assert result.lines[0].words == "Nothing was sold"
    assert [part.claim.minor for part in result.parts] == [0]


def test_money_without_deliveries_is_refused_instead_of_shared_among_nobody():
    with pytest.raises(Refusal, match="nobody to share"):
        waterfall.run(pool([], retail=100), bylaw())


def test_a_grade_the_bylaw_does_not_know_is_refused():
    with pytest.raises(Refusal, match="nothing about grade C"):
        waterfall.run(pool([(1, "C", 10)], retail=100), bylaw(claims={"by": "index", "index": {"A": "1"}}))


def test_a_difference_that_makes_a_grade_worth_less_than_nothing_is_refused():
    law = bylaw(claims={"by": "differential", "differential_minor": {"A": 0, "B": -50}})
    with pytest.raises(Refusal, match="grade B would be worth less than nothing"):
        waterfall.run(pool([(1, "A", 10), (2, "B", 10)], retail=100), law)


def test_late_refunds_of_older_pools_take_no_more_than_this_pool_has():
    old, older = new_id(), new_id()
    late = {"step": 1, "key": "late", "name": "Late refunds", "take": "late_refunds", "to": "late_refunds"}
    result = waterfall.run(pool([(1, "A", 1)], retail=100, late=[(older, 70), (old, 50)]), bylaw(late))
    assert [(line.pool_id, line.amount.minor) for line in result.lines[1:]] == [(older, -70), (old, -30)]


def test_a_levy_per_kilogram_is_rounded_once_on_the_whole():
    levy = {"step": 5, "key": "levy", "name": "Levy", "take": "per_unit", "minor": 3, "to": "levies", "payee": "County"}
    result = waterfall.run(pool([(1, "A", 1_500), (2, "A", 1_000)], retail=100, unit=Unit.GRAM), bylaw(levy))
    assert result.lines[1].amount.minor == -8  # 3 a kg on 2.5 kg is 7.5


ROWS = some.tuples(some.integers(1, 40), some.sampled_from("AB"), some.integers(1, 10**7))


@for_all(
    some.lists(ROWS, min_size=1, max_size=30, unique_by=lambda row: row[:2]),
    some.integers(0, 10**10), some.integers(0, 10**6), some.integers(0, 10**8), some.sampled_from(["quantity", "index"]),
)  # fmt: skip
def test_no_unit_of_money_is_lost_or_made(rows: list, retail: int, refund: int, cost: int, by: str):
    law = bylaw(
        {"step": 4, "key": "lorry", "name": "Lorry", "take": "recorded", "to": "costs", "payee": "Lorry"},
        {
            "step": 5,
            "key": "levy",
            "name": "Levy",
            "take": "percent",
            "of": "net_sales",
            "percent": "1.25",
            "to": "levies",
            "payee": "County",
        },
        {
            "step": 7,
            "key": "fund",
            "name": "Fund",
            "take": "percent",
            "of": "left",
            "percent": "2",
            "to": "stabilisation",
        },
        claims={"by": by} | ({"index": {"A": "1.3", "B": "0.7"}} if by == "index" else {}),
    )
    refund = min(refund, retail)
    result = waterfall.run(pool(rows, retail=retail, refund=refund, recorded={"lorry": cost}), law)
    assert (
        sum(line.amount.minor for line in result.lines)
        == result.net.minor
        == sum(part.claim.minor for part in result.parts)
    )
    given_away = sum(-line.amount.minor for line in result.lines if line.to)
    assert retail - refund + result.loss.minor == given_away + result.net.minor
    assert all(part.claim.minor >= 0 for part in result.parts) and result.net.minor >= 0


def test_every_line_says_what_was_left_after_it():
    law = rules.parse(rules.STARTER)
    result = waterfall.run(pool(RELATIVE, retail=5_000, wholesale=3_000, refund=100, recorded={"transport": 400}), law)
    left = 0
    for line in result.lines:
        left += line.amount.minor
        assert line.left.minor == left and line.words and line.name
    assert {line.to for line in result.lines} == {None, To.COSTS, To.LEVIES, To.MARGIN}
