"""Splits: every unit goes to somebody, as near to their exact share as whole units allow, whatever the order of the list."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground.errors import Refusal
from ground.money import Money, split
from tests import cases

CASES = cases.read("finance")
PLAIN = [name for name in CASES if {"amount_minor", "weights", "parts"} <= CASES[name].keys()]

weights = st.lists(
    st.one_of(st.integers(0, 10**12), st.fractions(0, 1_000, max_denominator=1_000)), min_size=1, max_size=40
).filter(lambda given: sum(given) > 0)
amounts = st.integers(0, 10**15)


def exact(weights: list[int | str]) -> list[Fraction]:
    return [Fraction(weight) for weight in weights]


@pytest.mark.parametrize("case", [pytest.param(name, marks=pytest.mark.case(f"finance:{name}")) for name in PLAIN])
def test_the_figures_of_the_field_come_out(case: str):
    worked = CASES[case]
    parts = split(worked["amount_minor"], exact(worked["weights"]))
    assert parts == worked["parts"]
    assert sum(parts) == worked["amount_minor"]


@pytest.mark.case("finance:E16")
def test_a_larger_total_may_give_somebody_less_so_a_split_is_stored_and_never_done_again():
    worked = CASES["E16"]
    assert split(25, worked["weights"]) == worked["at_25"]
    assert split(26, worked["weights"]) == worked["at_26"]
    assert any(more < less for less, more in zip(worked["at_25"], worked["at_26"], strict=True))


@pytest.mark.case("finance:E18")
def test_rounding_the_percentage_first_would_lose_money_that_the_exact_split_does_not():
    worked = CASES["E18"]
    total = sum(worked["weights"])
    percents = [Fraction(round(Fraction(w * 10_000, total))) / 10_000 for w in worked["weights"]]
    naive = [int(worked["amount_minor"] * percent) for percent in percents]
    assert naive == worked["naive_minor"]
    assert worked["amount_minor"] - sum(naive) == worked["naive_residue_minor"]
    assert sum(split(worked["amount_minor"], worked["weights"])) == worked["amount_minor"]


@pytest.mark.case("finance:E20")
def test_interest_on_shares_follows_share_days_and_never_pays_out_more_than_there_is():
    worked = CASES["E20"]
    days = [lot["shares"] * (worked["period_end"] - lot["on"]).days for lot in worked["bought"]]
    assert days == worked["share_days"]
    shares_of_a_year = [Fraction(day, 366) for day in days]
    amount = Money(worked["amount_minor"], "USD")
    assert [part.minor for part in amount.split(days)] == worked["parts"]
    assert amount.split(shares_of_a_year) == amount.split(days), "share-years are the same weights"
    alone = [Fraction(worked["amount_minor"] * 100 * day, sum(days)) for day in days]
    rounded = [Fraction(round(part), 10_000) for part in alone]
    assert rounded == exact(worked["rounded_alone"])
    assert sum(rounded) == Fraction(worked["rounded_alone_sum"]) > 50_000


@given(amounts, weights)
def test_the_parts_sum_to_the_whole(amount: int, weights: list[int | Fraction]):
    assert sum(split(amount, weights)) == amount


@given(amounts, weights)
def test_nobody_is_a_whole_unit_away_from_their_exact_share(amount: int, weights: list[int | Fraction]):
    total = sum(weights)
    for part, weight in zip(split(amount, weights), weights, strict=True):
        assert abs(part - Fraction(amount) * weight / total) < 1


@given(amounts, weights, st.integers(0, 40))
def test_who_brought_nothing_gets_nothing(amount: int, weights: list[int | Fraction], at: int):
    place = at % (len(weights) + 1)
    assert split(amount, [*weights[:place], 0, *weights[place:]])[place] == 0


@given(amounts, weights)
def test_who_brought_more_never_gets_less(amount: int, weights: list[int | Fraction]):
    parts = split(amount, weights)
    by_weight = sorted(zip(weights, parts, strict=True))
    assert all(less[1] <= more[1] for less, more in itertools.pairwise(by_weight) if less[0] < more[0])


@given(amounts, weights, st.randoms(use_true_random=False))
def test_listed_by_member_number_the_order_of_arrival_changes_nothing(
    amount: int, weights: list[int | Fraction], chance
):
    members = list(enumerate(weights, start=1))
    arrived = members[:]
    chance.shuffle(arrived)
    listed = sorted(arrived)
    again = dict(zip([number for number, _ in listed], split(amount, [weight for _, weight in listed]), strict=True))
    assert again == dict(zip(range(1, len(weights) + 1), split(amount, weights), strict=True))


@given(amounts, weights)
def test_taking_it_all_back_takes_from_each_what_each_was_given(amount: int, weights: list[int | Fraction]):
    assert [-part for part in split(amount, weights)] == split(-amount, weights)


@given(amounts, weights, st.integers(1, 10**6))
def test_weights_in_grams_or_in_kilograms_share_alike(amount: int, weights: list[int | Fraction], scale: int):
    assert split(amount, weights) == split(amount, [weight * scale for weight in weights])


@pytest.mark.parametrize("nothing", [[], [0], [0, 0, 0], [Fraction(0)]])
def test_where_nobody_brought_anything_there_is_nothing_to_share_by(nothing: list[int]):
    with pytest.raises(Refusal, match="nothing to share by"):
        split(100, nothing)


def test_a_negative_weight_is_our_mistake_even_where_its_neighbour_hides_it():
    with pytest.raises(AssertionError):
        split(100, [3, -1])
