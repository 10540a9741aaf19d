"""Sales tax: what is inside a price and what comes on top, to the coin, in each of the three ways of rounding."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ground.money import Money
from inventory.products import TaxClass
from storefront import taxes
from storefront.taxes import Priced, Rate, TaxMode, TaxRules


def eur(text):
    return Money.parse(text, "EUR")


def vat(percent):
    return (Rate("VAT", int(Fraction(percent) * 100)),)


def one(amount, rates, *, included, mode=TaxMode.LINE):
    return taxes.assess([Priced(eur(amount), rates, included)], mode)[0]


@pytest.mark.parametrize(
    ("amount", "percent", "inside", "on_top"),
    [
        pytest.param("10.00", 10, "0.91", "1.00", marks=pytest.mark.case("food:tax-included-10")),
        pytest.param("10.00", 10, "0.91", "1.00", marks=pytest.mark.case("food:tax-added-10")),
        pytest.param("50.00", 25, "10.00", "12.50", marks=pytest.mark.case("food:tax-included-on-shipping-25")),
        pytest.param("50.00", 10, "4.55", "5.00", marks=pytest.mark.case("food:tax-included-on-fee")),
    ],
)  # fmt: skip
def test_tax_is_taken_out_of_a_price_or_put_on_top(amount, percent, inside, on_top):
    included, added = one(amount, vat(percent), included=True), one(amount, vat(percent), included=False)
    assert (included.tax, included.gross, included.added) == (eur(inside), eur(amount), eur("0"))
    assert (added.tax, added.net, added.gross) == (eur(on_top), eur(amount), eur(amount) + eur(on_top))


@pytest.mark.case("food:tax-seller-not-registered")
def test_a_cooperative_that_is_not_registered_charges_nothing():
    rates = {TaxClass.STANDARD: vat(10)}
    assert one("10.00", TaxRules(registered=False, rates=rates).on(TaxClass.STANDARD), included=True).tax == eur("0")
    assert one("10.00", TaxRules(registered=True, rates=rates).on(TaxClass.STANDARD), included=True).tax == eur("0.91")


@pytest.mark.case("food:tax-two-rates-added")
def test_two_taxes_on_one_price_are_told_apart():
    found = one("100.00", (Rate("State", 150), Rate("County", 250)), included=False)
    assert [tax for _, tax in found.by_rate] == [eur("1.50"), eur("2.50")]
    assert found.gross == eur("104.00")


@pytest.mark.case("food:tax-net-from-gross")
def test_the_net_of_a_gross_price_is_exact_to_the_coin():
    found = one("100.00", vat(10), included=True)
    assert found.net == eur("90.91")
    assert Fraction(100) / (1 + Fraction(10, 100)) == Fraction(1000, 11)


@pytest.mark.case("food:tax-net-sum-mode")
def test_an_invoice_summed_by_net_is_its_net_sum_and_its_tax():
    goods = [Priced(eur("17.45"), vat(10), included=False), Priced(eur("17.45"), vat(10), included=False)]
    found = taxes.assess([*goods, Priced(eur("0.05"))], TaxMode.SUM_BY_NET)
    net, tax = sum((each.net for each in found), eur("0")), sum((each.tax for each in found), eur("0"))
    assert (net, tax) == (eur("34.95"), eur("3.49"))
    assert sum((each.gross for each in found), eur("0")) == eur("38.44")
    alone = taxes.assess([*goods, Priced(eur("0.05"))], TaxMode.LINE)
    assert sum((each.tax for each in alone), eur("0")) == eur("3.50"), "line by line each 1.745 is rounded up"


def test_prices_that_are_kept_move_a_coin_between_net_and_tax():
    prices = [Priced(eur("100.00"), vat(19)) for _ in range(5)]
    line, kept, moved = (taxes.assess(prices, mode) for mode in (TaxMode.LINE, TaxMode.KEEP_GROSS, TaxMode.SUM_BY_NET))
    assert [each.tax for each in line] == [eur("15.97")] * 5
    assert [each.gross for each in kept] == [eur("100.00")] * 5
    assert sum((each.tax for each in kept), eur("0")) == eur("79.83")
    assert sum((each.gross for each in moved), eur("0")) == eur("499.98")
    assert [each.net for each in moved] == [eur("84.03")] * 5


@given(
    some.lists(some.tuples(some.integers(0, 10**9), some.integers(1, 4_000), some.booleans()), max_size=8),
    some.sampled_from(TaxMode),
)
def test_no_coin_is_lost_whatever_the_mode(lines, mode):
    priced = [Priced(Money(minor, "EUR"), (Rate("VAT", bps),), included) for minor, bps, included in lines]
    for before, after in zip(priced, taxes.assess(priced, mode), strict=True):
        assert after.gross == after.net + after.tax
        assert after.tax.minor >= 0
        assert after.net.minor >= 0
        if mode is not TaxMode.SUM_BY_NET and before.included:
            assert after.gross == before.amount
        if not before.included and mode is TaxMode.LINE:
            assert after.net == before.amount


@given(some.lists(some.fractions(0, 1000), max_size=9))
def test_whole_parts_stay_within_one_unit_of_the_exact_ones(exact):
    parts = taxes.to_whole(exact)
    assert abs(sum(parts) - sum(exact)) <= Fraction(1, 2)
    assert all(abs(part - each) < 1 for part, each in zip(parts, exact, strict=True))


def test_rules_are_written_down_and_read_back_alike():
    rules = TaxRules(True, TaxMode.KEEP_GROSS, True, "P051", {TaxClass.STANDARD: vat(16), TaxClass.REDUCED: vat(8)})
    assert TaxRules.parse(rules.as_rules()) == rules
    with pytest.raises(AssertionError):
        TaxRules.parse(rules.as_rules() | {"surprise": str(date.today())})
