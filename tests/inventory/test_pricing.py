"""The ladder promises: more never costs more per pack, and nobody pays more for fewer without being told."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground.money import Money
from inventory.pricing import LadderView, Level, Mode, QuantityRefused, RungView, Want, answer, answers, rungs_shown


def ladder(prices: dict[int, str], name: str = "Shop prices", level: Level = Level.PUBLIC, **rules) -> LadderView:
    """`prices` in major units of a currency with two decimals."""
    rungs = tuple(RungView(least, Fraction(Decimal(price)) * 100) for least, price in prices.items())
    return LadderView(name=name, level=level, rungs=rungs, **rules)


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


LADDER = ladder({1: "3.00", 10: "2.50"})


@pytest.mark.case("commerce:P03")
def test_a_price_without_any_bound_is_found_at_every_quantity():
    assert answer([ladder({1: "7.00"})], 5, "EUR").total == eur("35.00")
    assert answer([ladder({1: "7.00"})], 999_999, "EUR").unit_price == eur("7.00")


@pytest.mark.case("commerce:P08")
def test_a_contract_decides_even_where_the_shop_is_cheaper_and_says_so():
    tag = answer([ladder({1: "6.50"}), ladder({1: "7.00"}, "Contract C-12", Level.CONTRACT)], 50, "EUR")
    assert tag.unit_price == eur("7.00")
    assert tag.because == "Contract C-12, from 1"


def test_a_list_that_starts_above_the_quantity_falls_through_to_the_next_level():
    contract = ladder({50: "5.00"}, "Contract C-12", Level.CONTRACT)
    assert answer([LADDER, contract], 49, "EUR").because == "Shop prices, from 10"
    assert answer([LADDER, contract], 50, "EUR").because == "Contract C-12, from 50"


def test_the_lowest_wins_only_inside_one_level():
    group, other = ladder({1: "4.00"}, "Schools", Level.GROUP), ladder({1: "3.90"}, "Co-op friends", Level.GROUP)
    assert answer([ladder({1: "1.00"}), group, other], 2, "EUR").because == "Co-op friends, from 1"


@pytest.mark.case("commerce:P09")
def test_a_tier_of_an_overriding_list_is_applied():
    override = ladder({1: "2.90", 10: "2.20"}, "Nyota Schools", Level.COMPANY)
    assert answer([LADDER, override], 12, "EUR").total == eur("26.40")


@pytest.mark.case("commerce:P10")
def test_between_two_rungs_the_lower_one_pays_so_no_quantity_is_without_a_price():
    tiers = ladder({1: "5.00", 51: "4.00"})
    assert [answer([tiers], q, "EUR").unit_price for q in (20, 21, 50)] == [eur("5.00")] * 3
    assert answer([tiers], 100, "EUR").unit_price == eur("4.00")


@pytest.mark.case("commerce:P11")
def test_five_grey_and_five_blue_are_ten_only_where_they_are_counted_together():
    apart = [Want(5, (ladder({10: "1.00"}, increment=10, scope=f"pack:{colour}"),)) for colour in ("grey", "blue")]
    assert all(isinstance(each, QuantityRefused) and each.suggestions == (10,) for each in answers(apart, "EUR"))
    together = [Want(5, (ladder({10: "1.00"}, increment=10, scope="mix:boxes"),)) for _ in range(2)]
    totals = [tag.total for tag in answers(together, "EUR") if not isinstance(tag, QuantityRefused)]
    assert totals == [eur("5.00"), eur("5.00")]


@pytest.mark.case("commerce:P13")
def test_a_quantity_off_the_new_increment_is_refused_with_what_would_do():
    with pytest.raises(QuantityRefused, match="take 6, or remove it") as refused:
        answer([ladder({1: "1.00"}, increment=6)], 4, "EUR")
    assert refused.value.suggestions == (6,)
    assert answer([ladder({1: "1.00"}, increment=6)], 6, "EUR").total == eur("6.00")


def test_a_largest_order_is_kept_and_the_largest_allowed_is_offered():
    with pytest.raises(QuantityRefused) as refused:
        answer([ladder({2: "1.00"}, increment=2, quantity_max=9)], 10, "EUR")
    assert refused.value.suggestions == (8,)


def test_below_every_list_the_smallest_order_is_named():
    with pytest.raises(QuantityRefused, match="smallest order is 12") as refused:
        answer([ladder({10: "1.00"}, increment=6)], 3, "EUR")
    assert refused.value.suggestions == (12,)


def test_nothing_and_less_than_nothing_have_no_price():
    for quantity in (0, -1):
        with pytest.raises(QuantityRefused):
            answer([LADDER], quantity, "EUR")
    with pytest.raises(QuantityRefused, match="no price"):
        answer([], 1, "EUR")


@pytest.mark.case("commerce:P14")
def test_sixteen_pay_what_sixteen_cost_and_are_told_that_twenty_cost_less():
    tag = answer([ladder({10: "8.00", 20: "6.00"})], 16, "EUR")
    assert tag.total == eur("128.00")
    assert tag.bargain is not None
    assert (tag.bargain.quantity, tag.bargain.total) == (20, eur("120.00"))


def test_a_quote_just_below_a_rung_points_at_the_bargain_above_it():
    assert answer([LADDER], 8, "EUR").bargain is None
    assert answer([LADDER], 9, "EUR").bargain == answer([LADDER], 10, "EUR")


@pytest.mark.case("commerce:P15")
def test_bands_add_up_and_their_average_is_shown_but_never_multiplied_back():
    tag = answer([ladder({1: "1.00", 11: "0.50"}, mode=Mode.GRADUATED)], 15, "EUR")
    assert tag.total == eur("12.50")
    assert tag.unit_words == "average EUR\N{NO-BREAK SPACE}0.8333"
    assert tag.unit_price * 15 != tag.total


@pytest.mark.case("commerce:P16")
def test_a_price_finer_than_a_coin_is_rounded_once_on_the_line():
    loose = LadderView("Shop prices", Level.PUBLIC, (RungView(1, Fraction("33.3") * Fraction(5, 2)),), content=2_500)
    tags = [answer([loose], quantity, "EUR") for quantity in (1, 2, 3)]
    assert [tag.total for tag in tags] == [eur("0.83"), eur("1.67"), eur("2.50")]
    assert sum((tag.total for tag in tags), eur("0")) == eur("5.00")


def test_the_rungs_of_a_page_are_the_bands_that_are_charged():
    shown = rungs_shown([LADDER], 12, "EUR")
    assert [(rung.quantity_min, rung.quantity_until, rung.unit_price, rung.chosen) for rung in shown] == [
        (1, 9, eur("3.00"), False),
        (10, None, eur("2.50"), True),
    ]


@st.composite
def falling_ladders(draw):
    starts = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=5)))
    prices = sorted(draw(st.sets(st.integers(1, 900), min_size=len(starts), max_size=len(starts))), reverse=True)
    return LadderView(
        "Any",
        Level.PUBLIC,
        tuple(RungView(s, Fraction(p)) for s, p in zip(starts, prices, strict=True)),
        mode=draw(st.sampled_from(Mode)),
    )


@given(falling_ladders(), st.integers(1, 120))
def test_nobody_pays_more_for_fewer_without_being_told(ladder, quantity):
    if quantity < ladder.start:
        return
    tag = answer([ladder], quantity, "EUR")
    cheapest_above = min(answer([ladder], more, "EUR").total.minor for more in range(quantity, 125))
    if cheapest_above < tag.total.minor:
        assert tag.bargain is not None and tag.bargain.total.minor == cheapest_above
    else:
        assert tag.bargain is None


@given(falling_ladders(), st.integers(1, 119))
def test_one_more_never_costs_more_per_pack(ladder, quantity):
    if quantity < ladder.start:
        return
    count = quantity + 1
    assert ladder.exact_total(count, count) * quantity <= ladder.exact_total(quantity, quantity) * count
