"""Webhooks arrive signed, over real HTTP, until the shop has taken them: twice, late, or out of order, as at Stripe."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ground import clock
from ground.stripe import BadSignature
from ground.stripe.sandbox_webhooks import GIVE_UP_AFTER_SECONDS
from tests.ground.stripe.shop import GOOD, Shop, receiving

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_a_payment_is_told_in_order_to_the_shop_that_believes_the_signature(shop: Shop):
    with receiving(shop) as receiver:
        sale = shop.sell()
        assert receiver.types == [], "nothing is told before it is delivered"
        assert shop.sandbox.deliver_due() == 4
        assert shop.sandbox.deliver_due() == 0
    assert receiver.types == PAID
    assert receiver.refused == 0
    last = receiver.events[-1]
    assert (last.object_id, last.object_kind, last.livemode) == (sale.id, "checkout.session", False)


def test_the_event_itself_can_be_fetched(shop: Shop):
    with receiving(shop) as receiver:
        shop.sell()
        shop.sandbox.deliver_due()
    event = shop.gateway._client.v1.events.retrieve(receiver.events[0].id)
    assert event.type == PAID[0]


def test_what_the_shop_did_not_take_is_tried_again_later(shop: Shop):
    with receiving(shop) as receiver:
        receiver.status = 500
        shop.sell()
        assert shop.sandbox.deliver_due() == 0
        receiver.status = 200
        assert shop.sandbox.deliver_due() == 0, "not at once"
        shop.sandbox.turn_clock(10)
        assert shop.sandbox.deliver_due() == 4
    assert receiver.types == PAID + PAID
    assert shop.sandbox.undelivered() == []


def test_a_shop_that_is_away_finds_its_events_when_it_is_back(shop: Shop):
    shop.sell()
    assert shop.sandbox.deliver_due() == 0
    with receiving(shop):
        pass
    assert shop.sandbox.deliver_due() == 0, "nobody listens there any more"
    shop.sandbox.turn_clock(10)
    with receiving(shop) as receiver:
        assert shop.sandbox.deliver_due() == 4
    assert receiver.types == PAID


def test_an_event_is_given_up_after_three_days(shop: Shop):
    shop.sell()
    shop.sandbox.turn_clock(GIVE_UP_AFTER_SECONDS + 60)
    with receiving(shop) as receiver:
        shop.sandbox.deliver_due()
    assert receiver.types == []


@pytest.mark.case("attack:A085")
def test_events_can_arrive_twice_and_backwards_and_not_at_all(shop: Shop):
    with receiving(shop) as receiver:
        shop.sandbox.set_fault("webhook_reversed")
        shop.sandbox.set_fault("webhook_twice")
        shop.sandbox.set_fault("webhook_lost")
        shop.sell()
        shop.sandbox.deliver_due()
        first = list(receiver.types)
        shop.sandbox.turn_clock(10)
        shop.sandbox.deliver_due()
    lost, *heard = PAID[::-1]
    assert first == [heard[0], *heard]
    assert receiver.types == [*first, lost]


def test_two_workers_deliver_each_event_once(shop: Shop):
    workers = [Shop(shop.path) for _ in range(4)]
    with receiving(shop) as receiver:
        for number in range(1, 6):
            shop.sell(number)
        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(lambda worker: worker.sandbox.deliver_due(), workers))
    assert sum(taken) == 20
    assert len({event.id for event in receiver.events}) == len(receiver.events) == 20


@pytest.mark.case("attack:A083")
def test_a_recorded_delivery_cannot_be_played_again_later(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    with receiving(shop) as receiver:
        shop.sell()
        shop.sandbox.deliver_due()
    body, signature = receiver.bodies[-1]
    assert shop.gateway.parse_event(body, signature).type == PAID[-1]
    later = clock.now() + timedelta(seconds=301)
    monkeypatch.setattr(clock, "read", lambda: later)
    with pytest.raises(BadSignature):
        shop.gateway.parse_event(body, signature)


def test_another_sandboxs_events_are_refused(shop: Shop):
    stranger = Shop(shop.path / "stranger")
    with receiving(shop) as receiver:
        stranger.sandbox.listen(receiver.url)
        page = stranger.open()
        stranger.sandbox.pay(page.id, GOOD)
        assert stranger.sandbox.deliver_due() == 0
    assert (receiver.events, receiver.refused) == ([], 4)
