"""An amount means the same on both sides: each currency in Stripe's own decimals, exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground import money
from ground.errors import Refusal
from ground.money import DECIMALS, Money
from ground.stripe.decimals import from_stripe, stripe_decimals, stripe_step, to_stripe
from tests.ground.stripe.shop import GOOD, Shop


@pytest.mark.case("commerce:M18")
@pytest.mark.case("attack:A095")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Money(500, "JPY"), 500),
        (Money(100, "UGX"), 10_000),
        (Money(5_000, "RWF"), 5_000),
        (Money(1_230, "KWD"), 1_230),
        (Money(1_050, "KES"), 1_050),
        (Money(700, "MGA"), 7),
        (Money(1_000_00, "TZS"), 1_000_00),
    ],
)
def test_each_currency_is_written_as_stripe_writes_it(ours: Money, theirs: int):
    assert to_stripe(ours) == theirs
    assert from_stripe(theirs, ours.currency.lower()) == ours


@pytest.mark.case("commerce:M18")
def test_kronur_are_hundredths_at_stripe_and_forints_are_paid_out_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(money.DECIMALS, "ISK", 0)
    monkeypatch.setitem(money.DECIMALS, "HUF", 2)
    assert to_stripe(Money(100, "ISK")) == 10_000
    assert to_stripe(Money(100_50, "HUF")) == 100_50
    assert to_stripe(Money(100_00, "HUF"), "payout") == 100_00
    with pytest.raises(Refusal):
        to_stripe(Money(100_50, "HUF"), "payout")


@pytest.mark.case("commerce:M18")
@pytest.mark.parametrize("amount", [Money(1_234, "KWD"), Money(150, "MGA")])
def test_what_stripe_cannot_write_to_the_last_digit_is_refused_and_never_rounded(amount: Money):
    with pytest.raises(Refusal, match="last digit"):
        to_stripe(amount)


@pytest.mark.parametrize(("amount", "currency"), [(12_345, "ugx"), (1, "xyz")])
def test_an_answer_that_our_books_cannot_hold_is_refused(amount: int, currency: str):
    with pytest.raises(Refusal):
        from_stripe(amount, currency)


@pytest.mark.case("attack:A095")
@given(st.sampled_from(sorted(DECIMALS)), st.integers(1, 10**9))
def test_every_amount_survives_the_way_there_and_back(currency: str, steps: int):
    theirs = steps * stripe_step(currency)
    ours = from_stripe(theirs, currency)
    assert to_stripe(ours) == theirs
    assert ours.decimal * 10 ** stripe_decimals(currency) == theirs


@pytest.mark.case("commerce:M18")
@pytest.mark.parametrize("total", [Money(5_000, "UGX"), Money(5_000, "RWF"), Money(5_000, "KWD"), Money(5_000, "KES")])
def test_the_order_and_the_provider_agree_on_what_was_paid_and_what_was_given_back(shop: Shop, total: Money):
    sale = shop.sell(1, total, GOOD)
    assert sale.amount == total
    assert shop.gateway.refund(shop.refund(sale, 1_000)).amount == Money(1_000, total.currency)
    page = shop.sandbox.page(sale.id)
    assert page is not None
    assert page.amount == total
