"""Nobody gets back more than they paid, two refunds are two, and one that is on its way counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ground.money import Money
from ground.stripe import Refused
from tests.ground.stripe.shop import DECLINED, DISPUTED, FAILING_REFUND, SLOW_REFUND, Shop


@pytest.mark.case("commerce:R02")
def test_two_refunds_of_the_same_amount_are_two_refunds(shop: Shop):
    sale = shop.sell()
    first, second = (shop.gateway.refund(shop.refund(sale, 500, number)) for number in (1, 2))
    assert first.id != second.id
    assert first.amount == second.amount == Money(500, "KES")
    with pytest.raises(Refused):
        shop.gateway.refund(shop.refund(sale, 11_501, 3))


def test_the_whole_is_refunded_once(shop: Shop):
    sale = shop.sell()
    assert shop.gateway.refund(shop.refund(sale, 12_500, 1)).status == "succeeded"
    with pytest.raises(Refused) as refused:
        shop.gateway.refund(shop.refund(sale, 1, 2))
    assert refused.value.code == "charge_already_refunded"


def test_a_refused_refund_is_refused_again_under_its_key(shop: Shop):
    sale = shop.sell()
    over = shop.refund(sale, 12_501)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            shop.gateway.refund(over)
        assert (refused.value.code, refused.value.param) == ("amount_too_large", "amount")
    assert shop.gateway.find_refund(over.key) is None


@pytest.mark.case("commerce:R07")
def test_a_pending_refund_counts_against_what_is_left(shop: Shop):
    sale = shop.sell(card=SLOW_REFUND)
    pending = shop.gateway.refund(shop.refund(sale, 10_000, 1))
    assert pending.status == "pending"
    with pytest.raises(Refused):
        shop.gateway.refund(shop.refund(sale, 2_501, 2))
    assert shop.gateway.refund(shop.refund(sale, 2_500, 3)).status == "pending"
    shop.sandbox.turn_clock(120)
    shop.sandbox.deliver_due()
    assert shop.gateway.fetch_refund(pending.id).status == "succeeded"
    assert shop.sandbox.undelivered().count("refund.updated") == 2


def test_a_refund_that_fails_later_gives_its_amount_back(shop: Shop, turn: Callable[[timedelta], None]):
    sale = shop.sell(card=FAILING_REFUND)
    refund = shop.gateway.refund(shop.refund(sale, 12_500, 1))
    assert refund.status == "succeeded"
    shop.sandbox.turn_clock(120)
    shop.sandbox.deliver_due()
    assert shop.gateway.fetch_refund(refund.id).status == "failed"
    assert "refund.failed" in shop.sandbox.undelivered()
    assert shop.gateway.refund(shop.refund(sale, 12_500, 2)).id != refund.id


def test_what_was_never_paid_or_was_charged_back_is_not_refunded(shop: Shop):
    page = shop.open(1)
    shop.sandbox.pay(page.id, DECLINED)
    unpaid, disputed = shop.gateway.fetch_checkout(page.id), shop.sell(2, card=DISPUTED)
    for number, sale in enumerate((unpaid, disputed), 1):
        with pytest.raises(Refused):
            shop.gateway.refund(shop.refund(sale, 100, number))


@pytest.mark.case("commerce:R05")
def test_a_refund_made_in_the_dashboard_names_its_own_charge_and_no_key_of_ours(shop: Shop):
    first, second = shop.sell(1), shop.sell(2)
    assert second.charge
    made = shop.gateway._client.v1.refunds.create({"charge": second.charge})
    found = shop.gateway.fetch_refund(made.id)
    assert (found.charge, found.payment_intent, found.key) == (second.charge, second.payment_intent, None)
    assert found.charge != first.charge
    assert found.amount == second.amount
