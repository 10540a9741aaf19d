"""The sandbox's page does what Stripe's does: pays, declines, asks the bank, expires, and never charges twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from ground.errors import Missing, Refusal
from ground.money import Money
from ground.stripe import CheckoutLine, Refused
from ground.stripe.sandbox_transport import SANDBOX_KEY
from tests.ground.stripe.shop import ASKS_BANK, DECLINED, EXPIRED, GOOD, INSUFFICIENT, Shop


def client(shop: Shop) -> stripe.StripeClient:
    return stripe.StripeClient(SANDBOX_KEY, http_client=shop.sandbox.transport())


def charges(shop: Shop) -> list[str]:
    return [charge["status"] for charge in client(shop).v1.charges.list().to_dict()["data"]]


def test_the_page_shows_what_is_paid_for_and_where_to_go_next(shop: Shop):
    lines = (CheckoutLine("Meru Highlands", Money(10_000, "KES")), CheckoutLine("Kilifi Coast", Money(2_500, "KES")))
    made = shop.open(lines=lines, email="amina@example.org")
    page = shop.sandbox.page(made.id)
    assert page is not None
    assert made.url == f"http://127.0.0.1:8000/sandbox/checkout/{made.id}"
    assert (page.amount, page.email, page.status) == (Money(12_500, "KES"), "amina@example.org", "open")
    assert [(line.name, line.amount.minor) for line in page.lines] == [
        ("Meru Highlands", 10_000),
        ("Kilifi Coast", 2_500),
    ]
    assert page.success_url == f"http://127.0.0.1:8000/thanks?session={made.id}"
    assert page.expires_at == made.expires_at
    assert len({card.number for card in page.cards}) == len(page.cards)
    assert shop.sandbox.page("cs_test_none") is None


@pytest.mark.parametrize(
    ("card", "why"),
    [
        (DECLINED, "declined"),
        (INSUFFICIENT, "insufficient"),
        (EXPIRED, "expired"),
        ("5555555555554444", "test cards"),
        ("", "test cards"),
    ],
)
def test_a_declined_card_says_why_and_another_may_follow_on_the_same_page(shop: Shop, card: str, why: str):
    made = shop.open()
    outcome = shop.sandbox.pay(made.id, card)
    assert outcome.status == "declined"
    assert why in outcome.reason
    page = shop.sandbox.page(made.id)
    assert page is not None
    assert page.problem == outcome.reason
    assert shop.sandbox.pay(made.id, GOOD).status == "paid"
    assert charges(shop) == ["succeeded", "failed"]


def test_the_bank_is_asked_and_its_yes_pays(shop: Shop):
    made = shop.open()
    assert shop.sandbox.pay(made.id, ASKS_BANK).status == "needs_3ds"
    page = shop.sandbox.page(made.id)
    assert page is not None
    assert page.asks_bank
    assert charges(shop) == []
    assert shop.sandbox.authenticate(made.id, True).status == "paid"
    assert shop.gateway.fetch_checkout(made.id).is_paid


def test_the_banks_no_is_a_decline_and_leaves_the_page_open(shop: Shop):
    made = shop.open()
    shop.sandbox.pay(made.id, ASKS_BANK)
    assert shop.sandbox.authenticate(made.id, False).status == "declined"
    with pytest.raises(Refusal, match="no question"):
        shop.sandbox.authenticate(made.id, True)
    assert shop.gateway.fetch_checkout(made.id).status == "open"


def test_a_page_sent_twice_pays_once(shop: Shop):
    made = shop.open()
    others = [Shop(shop.path) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda other: other.sandbox.pay(made.id, GOOD).status, others))
    assert outcomes == ["paid"] * 4
    assert charges(shop) == ["succeeded"]


def test_a_page_expires_with_its_time_and_takes_no_money_then(shop: Shop, turn: Callable[[timedelta], None]):
    made, waiting = shop.open(1), shop.open(2)
    shop.sandbox.pay(waiting.id, ASKS_BANK)
    turn(timedelta(hours=1, seconds=1))
    with pytest.raises(Refusal, match="expired"):
        shop.sandbox.pay(made.id, GOOD)
    assert shop.gateway.fetch_checkout(made.id).status == "expired"
    shop.sandbox.deliver_due()
    with pytest.raises(Refusal, match="expired"):
        shop.sandbox.authenticate(waiting.id, True)
    assert shop.sandbox.undelivered().count("checkout.session.expired") == 2
    assert charges(shop) == []


def test_turning_back_leaves_the_page_open_as_at_stripe(shop: Shop):
    made = shop.open()
    assert shop.sandbox.abandon(made.id) == "http://127.0.0.1:8000/cart"
    assert shop.gateway.fetch_checkout(made.id).status == "open"


def test_a_page_that_is_not_there_cannot_be_paid(shop: Shop):
    with pytest.raises(Missing):
        shop.sandbox.pay("cs_test_none", GOOD)
    assert shop.sandbox.abandon("cs_test_none") is None


def test_two_processes_share_one_sandbox(shop: Shop):
    worker = Shop(shop.path)
    made = shop.open()
    worker.sandbox.pay(made.id, GOOD)
    assert shop.gateway.fetch_checkout(made.id).is_paid
    assert worker.sandbox.secret == shop.sandbox.secret


def test_all_who_start_at_once_share_one_sandbox(tmp_path: Path):
    with ThreadPoolExecutor(8) as starters:
        for start in range(20):
            shops = list(starters.map(Shop, [tmp_path / str(start)] * 8))
            assert len({shop.sandbox.secret for shop in shops}) == 1


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"lines": (CheckoutLine("Free", Money(0, "KES")),)}, "line_items"),
        ({"lines": (CheckoutLine("Cheap", Money(49, "USD")),)}, "line_items"),
        ({"lines": (CheckoutLine("Farm", Money(100_000_000, "USD")),)}, "line_items"),
        ({"lines": (CheckoutLine("A", Money(100, "USD")), CheckoutLine("B", Money(100, "KES")))}, "line_items"),
        ({"success_url": "/thanks"}, "success_url"),
        ({"client_reference": "C" * 201}, "client_reference_id"),
        ({"metadata": {"k": "v" * 501}}, "metadata"),
    ],
)
def test_stripes_limits_on_a_checkout_hold_here_too(shop: Shop, changes: dict[str, Any], param: str):
    with pytest.raises(Refused) as refused:
        shop.open(**changes)
    assert refused.value.param == param


@pytest.mark.parametrize("hours", [0.2, 24.5])
def test_a_page_lives_between_half_an_hour_and_a_day(shop: Shop, hours: float):
    intent = shop.checkout()
    with pytest.raises(Refused) as refused:
        shop.open(2, expires_at=intent.recorded_at + timedelta(hours=hours))
    assert refused.value.param == "expires_at"


def test_a_request_stripe_does_not_know_is_refused_and_its_key_stays_free(shop: Shop):
    sale = shop.sell()
    key: Any = {"idempotency_key": "refund:00000001"}
    assert sale.payment_intent
    wrong: Any = {"payment_intent": sale.payment_intent, "amnount": 5}
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        client(shop).v1.refunds.create(wrong, key)
    right: Any = {"payment_intent": sale.payment_intent, "amount": 500}
    assert client(shop).v1.refunds.create(right, key).amount == 500


def test_what_the_sandbox_does_not_play_is_said_and_not_ignored(shop: Shop):
    with pytest.raises(stripe.APIError, match="sandbox has no POST /v1/customers"):
        client(shop).v1.customers.create({"name": "Amina"})
    with pytest.raises(stripe.APIError, match="does not play 'reverse_transfer'"):
        client(shop).v1.refunds.create({"charge": "ch_1", "reverse_transfer": True})


def test_the_balance_is_what_came_less_fees_and_what_left(shop: Shop):
    sale = shop.sell()
    shop.gateway.refund(shop.refund(sale, 500))
    balance = client(shop).v1.balance.retrieve().to_dict()
    assert [(held["currency"], held["amount"]) for held in balance["available"]] == [("kes", 12_500 - 363 - 500)]


def test_lists_are_paged_newest_first_without_gap_or_repeat(shop: Shop):
    made = [shop.open(number).id for number in range(1, 6)]
    pages = client(shop).v1.checkout.sessions.list({"limit": 2})
    assert [session.id for session in pages.auto_paging_iter()] == made[::-1]
