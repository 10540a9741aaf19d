"""Money: whole minor units of one currency, read exactly, rounded once, and only in coins where coins are paid."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground.errors import Refusal
from ground.money import CASH_STEP_MINOR, DECIMALS, Money, round_half_up
from tests import cases

CASES = cases.read("finance")


@pytest.mark.case("finance:E22")
def test_coins_round_the_total_once_and_a_card_pays_it_exactly():
    worked = CASES["E22"]
    net = Money(sum(worked["prices_minor"]), "CAD")
    total = net.times(1 + Fraction(worked["tax"]))
    assert total.minor == worked["card_minor"]
    assert total.in_cash().minor == worked["cash_minor"]
    assert (total.in_cash() - total).minor == worked["difference_minor"]


@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=pytest.mark.case(f"finance:{name}")) for name in ("E23", "E24")]
)
def test_cash_totals_go_to_the_nearest_coin(case: str):
    worked = CASES[case]
    assert [Money(total, worked["currency"]).in_cash().minor for total in worked["totals_minor"]] == worked[
        "cash_minor"
    ]


@pytest.mark.case("finance:E25")
def test_each_currency_has_the_decimals_that_our_books_pin():
    worked = CASES["E25"]
    assert {code: DECIMALS[code] for code in worked["digits"]} == worked["digits"]
    assert {code: CASH_STEP_MINOR[code] for code in worked["cash_step_minor"]} == worked["cash_step_minor"]


@pytest.mark.case("finance:E26")
def test_an_amount_is_read_at_the_scale_of_its_currency():
    worked = CASES["E26"]
    assert [Money.parse(text, currency).minor for text, currency in worked["amounts"]] == worked["minor"]


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(DECIMALS)))
def test_what_is_written_reads_back_as_the_same_amount(minor: int, currency: str):
    amount = Money(minor, currency)
    assert Money.parse(f"{amount.decimal:f}", currency) == amount


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(CASH_STEP_MINOR)))
def test_cash_is_never_more_than_half_a_coin_away(minor: int, currency: str):
    step = CASH_STEP_MINOR[currency]
    cash = Money(minor, currency).in_cash().minor
    assert cash % step == 0
    assert abs(cash - minor) * 2 <= step


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", ".", "1.2.3", "--5", "1e3", "1_000", "1,000", "0x10", "+5", "NaN", "Infinity", "١٢", "１２", "²", "12.345",
     "1" * 18, "9999999999999999", "5\0", "KES 5", "1 000"],
)  # fmt: skip
def test_what_is_no_amount_in_shillings_is_refused_in_words(text: str):
    with pytest.raises(Refusal) as refusal:
        Money.parse(text, "KES", field="price")
    assert set(refusal.value.fields) == {"price"}
    assert str(refusal.value)


def test_francs_have_no_cents():
    assert Money.parse("1250", "RWF") == Money(1250, "RWF")
    with pytest.raises(Refusal, match="0 decimals"):
        Money.parse("12.5", "RWF")


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_neither_add_nor_compare(operation: str):
    with pytest.raises(AssertionError, match="do not mix"):
        getattr(Money(1, "KES"), operation)(Money(1, "UGX"))


@pytest.mark.parametrize("fraction", [1.0, 1.5, "5", True, None])
def test_money_is_made_of_whole_numbers_only(fraction: object):
    with pytest.raises(AssertionError):
        Money(fraction, "KES")  # ty: ignore[invalid-argument-type]  (what must be refused)


@pytest.mark.parametrize(
    ("exact", "rounded"), [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("5/2", 3), ("49/100", 0), ("-3/2", -2)]
)
def test_halves_go_away_from_zero(exact: str, rounded: int):
    assert round_half_up(Fraction(exact)) == rounded


def test_pages_show_thousands_and_a_real_minus():
    assert str(Money(123456789, "KES")) == "KES\N{NO-BREAK SPACE}1,234,567.89"
    assert str(Money(-500, "RWF")) == "RWF\N{NO-BREAK SPACE}\N{MINUS SIGN}500"
    assert str(Money(1234, "KWD")) == "KWD\N{NO-BREAK SPACE}1.234"
