"""The gateway's promises: asking twice does it once, no answer is never a no, and a look-up says "none" only when it is sure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ground import clock
from ground.money import Money
from ground.stripe import CheckoutLine, Gateway, KeyReused, Refused, ReversalIntent, Stale, TransferIntent, Unknown
from ground.stripe import gateway as gateway_module
from ground.stripe.sandbox_faults import Fault
from tests.ground.stripe.shop import ASKS_BANK, DECLINED, DISPUTED, GOOD, Shop

SESSIONS, REFUNDS = "/v1/checkout/sessions", "/v1/refunds"
HEALING: list[Fault] = ["lost_request", "lost_response", "server_error", "late_server_error"]
"""The SDK asks again by itself after these."""


def test_asking_for_the_same_checkout_twice_opens_one_page(shop: Shop):
    intent = shop.checkout()
    assert shop.gateway.create_checkout(intent) == shop.gateway.create_checkout(intent)
    assert shop.sandbox.requests("post", SESSIONS) == [intent.key, intent.key]


def test_the_same_key_with_another_body_is_an_alarm_and_never_a_failure(shop: Shop):
    intent = shop.checkout()
    shop.gateway.create_checkout(intent)
    with pytest.raises(KeyReused):
        shop.gateway.create_checkout(replace(intent, lines=(CheckoutLine("Meru Highlands", Money(1, "KES")),)))


def test_a_paid_checkout_says_so_with_its_amount_charge_and_fee(shop: Shop):
    page = shop.open(7, lines=(CheckoutLine("Meru", Money(10_000, "KES")), CheckoutLine("Kilifi", Money(2_500, "KES"))))
    before = shop.gateway.fetch_checkout(page.id)
    assert (before.status, before.payment_status, before.charge, before.is_paid) == ("open", "unpaid", None, False)
    shop.sandbox.pay(page.id, GOOD)
    after = shop.gateway.fetch_checkout(page.id)
    assert after.is_paid
    assert (after.amount, after.client_reference, after.url) == (Money(12_500, "KES"), "C-7", None)
    assert after.charge
    assert after.fee == Money(363, "KES")


@pytest.mark.parametrize("card", [DECLINED, ASKS_BANK])
def test_a_checkout_whose_card_did_not_pay_stays_open_and_unpaid(shop: Shop, card: str):
    page = shop.open()
    shop.sandbox.pay(page.id, card)
    state = shop.gateway.fetch_checkout(page.id)
    assert (state.status, state.is_paid, state.fee) == ("open", False, None)


@pytest.mark.case("attack:A282")
@pytest.mark.parametrize("kind", HEALING)
def test_one_broken_line_is_mended_by_asking_again_with_the_same_key(shop: Shop, kind: Fault):
    sale = shop.sell()
    shop.sandbox.set_fault(kind, method="post", path=REFUNDS)
    shop.gateway.refund(shop.refund(sale, 500))
    page = shop.gateway._client.v1.refunds.list().to_dict()
    assert [refund["amount"] for refund in page["data"]] == [500]


@pytest.mark.case("attack:A282")
@pytest.mark.parametrize("kind", [*HEALING, "rate_limited", "garbled"])
def test_no_answer_is_unknown_and_the_same_intent_later_refunds_once(shop: Shop, kind: Fault):
    sale = shop.sell()
    intent = shop.refund(sale, 500)
    shop.sandbox.set_fault(kind, method="post", path=REFUNDS, times=3)
    with pytest.raises(Unknown):
        shop.gateway.refund(intent)
    shop.sandbox.clear_faults()
    assert shop.gateway.refund(intent).amount == Money(500, "KES")
    with pytest.raises(Refused):
        shop.gateway.refund(shop.refund(sale, 12_001, 2))
    assert shop.gateway.refund(shop.refund(sale, 12_000, 3)).status == "succeeded"


def test_a_slow_answer_is_waited_for_and_a_slower_one_is_unknown(shop: Shop):
    patient = Gateway("sk_test_sandbox", [shop.sandbox.secret], shop.sandbox.transport(timeout_seconds=0.05))
    shop.sandbox.set_fault("slow", seconds=0.01)
    assert patient.create_checkout(shop.checkout()).url
    shop.sandbox.set_fault("slow", seconds=9, times=3)
    with pytest.raises(Unknown):
        patient.create_checkout(shop.checkout(2))
    assert patient.find_checkout("C-2") is not None


def test_a_lost_answer_is_found_again_by_looking_up(shop: Shop):
    sale = shop.sell()
    intent = shop.refund(sale, 500)
    shop.sandbox.set_fault("lost_response", method="post", times=6)
    with pytest.raises(Unknown):
        shop.gateway.refund(intent)
    with pytest.raises(Unknown):
        shop.gateway.create_checkout(shop.checkout(2))
    found = shop.gateway.find_refund(intent.key, payment_intent=sale.payment_intent)
    assert found is not None
    assert (found.key, found.amount, found.payment_intent) == (intent.key, Money(500, "KES"), sale.payment_intent)
    page = shop.gateway.find_checkout("C-2", since=clock.now() - timedelta(hours=1))
    assert page is not None
    assert page.status == "open"


def test_what_never_arrived_is_surely_none(shop: Shop):
    sale = shop.sell()
    assert shop.gateway.find_checkout("C-99") is None
    assert shop.gateway.find_checkout("C-1", since=clock.now() + timedelta(hours=1)) is None
    assert shop.gateway.find_refund("refund:99999999", payment_intent=sale.payment_intent) is None


def test_a_look_up_reads_every_page_and_one_that_was_cut_short_is_unknown(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    with shop.sandbox.state.write() as records:
        for number in range(230):
            records.new("refund", "re", metadata={"key": f"refund:{number:08}"}, status="succeeded", amount=1, currency="kes",
                        charge=None, payment_intent=None)  # fmt: skip
    found = shop.gateway.find_refund("refund:00000000")
    assert found is not None
    monkeypatch.setattr(gateway_module, "LOOK_BACK_PAGES", 2)
    assert shop.gateway.find_refund("refund:00000100") is not None
    with pytest.raises(Unknown):
        shop.gateway.find_refund("refund:00000000")


def test_an_intent_of_more_than_twenty_hours_is_looked_up_and_not_sent(shop: Shop, turn: Callable[[timedelta], None]):
    sale = shop.sell()
    intent = shop.refund(sale, 500)
    turn(timedelta(hours=19, minutes=59))
    assert shop.gateway.refund(intent).status == "succeeded"
    turn(timedelta(minutes=2))
    with pytest.raises(Stale):
        shop.gateway.refund(intent)
    assert shop.gateway.find_refund(intent.key) is not None
    assert shop.sandbox.requests("post", REFUNDS) == [intent.key]


def test_a_key_is_forgotten_after_a_day_and_then_a_blind_retry_would_pay_twice(shop: Shop):
    sale = shop.sell()
    intent = shop.refund(sale, 500)
    first = shop.gateway.refund(intent)
    shop.sandbox.turn_clock(24 * 3600 - 60)
    assert shop.gateway.refund(intent).id == first.id
    shop.sandbox.turn_clock(24 * 3600 + 60)
    assert shop.gateway.refund(intent).id != first.id


def test_an_open_page_is_closed_once_and_a_paid_one_never(shop: Shop):
    page = shop.open()
    assert shop.gateway.expire_checkout(page.id).status == "expired"
    with pytest.raises(Refused):
        shop.gateway.expire_checkout(page.id)
    with pytest.raises(Refused):
        shop.gateway.expire_checkout(shop.sell(2).id)


def test_an_unknown_id_is_a_definite_no(shop: Shop):
    ask = shop.gateway
    for fetch in (ask.fetch_checkout, ask.fetch_refund, ask.fetch_dispute, ask.fetch_transfer):
        with pytest.raises(Refused) as refused:
            fetch("nothing_1")
        assert refused.value.code == "resource_missing"


@pytest.mark.case("attack:A246")
def test_a_refused_key_is_an_operators_matter_and_is_not_shown(shop: Shop):
    wrong = Gateway("sk_live_verysecret", [shop.sandbox.secret], shop.sandbox.transport())
    with pytest.raises(Unknown) as unknown:
        wrong.create_checkout(shop.checkout())
    assert "verysecret" not in str(unknown.value)
    assert unknown.value.__cause__ is None
    assert unknown.value.__suppress_context__


def test_a_dispute_can_be_fetched_with_its_charge_and_amount(shop: Shop):
    sale = shop.sell(card=DISPUTED)
    found = shop.gateway._client.v1.disputes.list().to_dict()["data"]
    dispute = shop.gateway.fetch_dispute(found[0]["id"])
    assert (dispute.charge, dispute.amount, dispute.status) == (sale.charge, sale.amount, "needs_response")
    shop.sandbox.close_dispute(dispute.id, won=False)
    assert shop.gateway.fetch_dispute(dispute.id).status == "lost"


def test_transfers_are_found_by_our_reference_and_reversed_no_further_than_they_went(shop: Shop):
    sale, now = shop.sell(), clock.now()
    wanted = TransferIntent("transfer:0001", now, "acct_meru", Money(9_000, "KES"), "P-1", sale.charge)
    sent = shop.gateway.transfer(wanted)
    assert shop.gateway.transfer(wanted) == sent
    assert shop.gateway.find_transfers("P-1") == [sent]
    assert shop.gateway.find_transfers("P-2") == []
    with pytest.raises(Refused):
        shop.gateway.transfer(replace(wanted, key="transfer:0002", amount=Money(3_501, "KES")))
    back = shop.gateway.reverse_transfer(ReversalIntent("reversal:0001", now, sent.id, Money(4_000, "KES")))
    assert back.reversed == Money(4_000, "KES")
    with pytest.raises(Refused):
        shop.gateway.reverse_transfer(ReversalIntent("reversal:0002", now, sent.id, Money(5_001, "KES")))
    assert shop.gateway.fetch_transfer(sent.id).reversed == Money(4_000, "KES")
