"""Fees: every basis counts and rounds as the trade does, nothing is named that costs nothing, and a gift is kept."""

from __future__ import annotations

import pytest

from ground.money import Money
from storefront import charges
from storefront.charges import MILLIGRAMS_PER_LB, Basis, Good, Kind, Terms


def eur(text):
    return Money.parse(text, "EUR")


def fee(basis, amount="0", **more):
    money = {key: eur(more.pop(key)) for key in ("more", "threshold") if key in more}
    return Terms("Fee", Kind.SERVICE, basis, eur(amount), **money, **more)


def good(price="1", quantity=1, *, grams=None, weighed=None):
    return Good(
        eur(price),
        quantity,
        eur(price) * quantity,
        None if grams is None else int(grams * 1_000),
        None if weighed is None else int(weighed * 1_000),
    )


@pytest.mark.case("food:fee-flat-percent-per-item")
def test_a_percent_of_each_item_is_rounded_per_item_and_then_counted():
    assert fee(Basis.ITEM_PERCENT, bps=2_000).on([good("50.00", 2)]) == eur("20.00")
    thirds = [good("0.33", 3)]
    assert fee(Basis.ITEM_PERCENT, bps=1_000).on(thirds) == eur("0.09")
    assert fee(Basis.PERCENT, bps=1_000).on(thirds) == eur("0.10")


@pytest.mark.case("food:fee-flat-rate-is-per-order")
def test_a_flat_rate_is_charged_once_and_a_rate_per_item_for_each():
    per_item = [fee(Basis.ITEM, "20.00"), fee(Basis.ITEM, "3.00")]
    once = fee(Basis.ORDER, "2.00")
    assert sum((each.amount for each in charges.charge(per_item, [good()])), eur("0")) == eur("23.00")
    assert [each.amount for each in charges.charge([once], [good(quantity=4), good()])] == [eur("2.00")]
    assert fee(Basis.LINE, "2.00").on([good(quantity=4), good()]) == eur("4.00")


@pytest.mark.case("food:fee-zero-dropped-negative-kept")
def test_a_fee_of_nothing_is_not_named_and_a_subsidy_is():
    listed = charges.charge([fee(Basis.ORDER, "0.00"), fee(Basis.ORDER, "-1.23")], [good()])
    assert [each.amount for each in listed] == [eur("-1.23")]


def test_an_empty_basket_costs_nothing_beyond_itself():
    assert charges.charge([fee(Basis.ORDER, "2.00")], []) == []


@pytest.mark.parametrize(("quantity", "expected"), [(4, "4.00"), (2, "3.00"), (3, "4.00"), (1, "2.00")])
@pytest.mark.case("food:fee-tiered-first-additional-above-max")
@pytest.mark.case("food:fee-tiered-below-max")
def test_a_tiered_fee_counts_the_first_the_further_ones_and_none_beyond_its_cap(quantity, expected):
    assert fee(Basis.TIERED, "2", more="1", items_most=3).on([good(quantity=quantity)]) == eur(expected)


@pytest.mark.parametrize(
    ("threshold", "normal", "reduced", "total", "expected"),
    [
        pytest.param("5", "10", "1", "12.00", "1.00", marks=pytest.mark.case("food:fee-price-sack-above")),
        pytest.param("16.5", "5", "1", "16.00", "5.00", marks=pytest.mark.case("food:fee-price-sack-decimal-threshold-below")),
        pytest.param("16.5", "5", "1", "17.00", "1.00", marks=pytest.mark.case("food:fee-price-sack-decimal-threshold-above")),
        ("16.5", "5", "1", "16.50", "1.00"),
    ],
)  # fmt: skip
def test_a_price_sack_is_cheaper_from_its_threshold_on(threshold, normal, reduced, total, expected):
    assert fee(Basis.SACK, normal, more=reduced, threshold=threshold).on([good(total)]) == eur(expected)


@pytest.mark.case("food:fee-weight-per-kg")
def test_weight_is_paid_per_kilogram_and_what_nobody_weighed_adds_nothing():
    goods = [good(grams=10_000), good(quantity=3, grams=20_000), good(quantity=5)]
    assert fee(Basis.WEIGHT, "5").on(goods) == eur("350.00")


@pytest.mark.case("food:fee-weight-uses-final-weight")
def test_real_weight_counts_before_the_nominal_one():
    assert fee(Basis.WEIGHT, "5").on([good(quantity=2, grams=10_000)]) == eur("100.00")
    assert fee(Basis.WEIGHT, "5").on([good(quantity=2, grams=10_000, weighed=18_000)]) == eur("90.00")


@pytest.mark.case("food:fee-weight-lb")
def test_weight_may_be_paid_per_pound():
    assert fee(Basis.WEIGHT, "5", per_milligrams=MILLIGRAMS_PER_LB).on([good(grams=50_000)]) == eur("551.15")


@pytest.mark.case("food:fee-weight-lb-unit-product")
def test_a_pound_sold_by_its_real_weight_is_paid_by_the_kilogram():
    assert fee(Basis.WEIGHT, "6").on([good(quantity=2, grams=453.6, weighed=680.4)]) == eur("4.08")


@pytest.mark.case("food:pay-fee-follows-total")
@pytest.mark.parametrize(("total", "expected"), [("10.00", "1.00"), ("20.00", "2.00")])
def test_a_percent_follows_what_the_goods_cost(total, expected):
    ten_percent = Terms("Card", Kind.PAYMENT, Basis.PERCENT, eur("0"), bps=1_000)
    assert ten_percent.on([good(total)]) == eur(expected)


def test_a_fee_says_in_words_how_it_is_counted():
    kes = Money.parse("50", "KES")
    assert Terms("Packing", Kind.PACKING, Basis.ORDER, kes).rule == "KES\N{NO-BREAK SPACE}50.00 per order"
    assert Terms("Lorry", Kind.TRANSPORT, Basis.WEIGHT, kes).rule == "KES\N{NO-BREAK SPACE}50.00 per kg"
    assert Terms("Desk", Kind.SERVICE, Basis.PERCENT, kes, bps=250).rule == "2.5\N{NO-BREAK SPACE}% of the goods"
