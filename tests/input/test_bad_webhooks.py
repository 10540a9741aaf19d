"""What does not come from the provider is refused unread; what does, and is odd, is kept for the worker and breaks nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ground import clock
from ground.stripe.signatures import sign
from tests.input.kinds import NUMBERS, UNPRINTABLE
from tests.input.watch import Watch
from tests.pages.world import World

EVENT: dict[str, Any] = {
    "id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": 1, "livemode": False, "api_version": "x",
    "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
}  # fmt: skip
BODIES = (
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"{}", b"\xff\xfe", b"\0", b"a=1&b=2", b"NaN", b"[" * 100_000,
    b'{"id":' * 20_000, b"9" * 200_000,
    json.dumps({"id": "evt_1"}).encode(), json.dumps(EVENT | {"data": None}).encode(), json.dumps(EVENT | {"id": None}).encode(),
    json.dumps(EVENT | {"id": 5}).encode(), json.dumps(EVENT | {"type": ["a"]}).encode(),
    json.dumps(EVENT | {"data": {"object": 5}}).encode(), json.dumps(EVENT | {"created": 1e300}).encode(),
    json.dumps(EVENT | {"id": "x" * 10_000}).encode(), json.dumps(EVENT | {"id": "evt_\0"}).encode(),
    json.dumps(EVENT | {"id": "evt_\ud800"}).encode(), json.dumps(EVENT | {"type": "a\0b"}).encode(),
    json.dumps(EVENT | {"data": {"object": {"id": "cs_\0", "object": "checkout.session"}}}).encode(),
    json.dumps(EVENT | {"data": {"object": {"id": {"$gt": ""}, "object": "checkout.session"}}}).encode(),
)  # fmt: skip


def _send(world: World, body: bytes, signature: str | None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Stripe-Signature": signature} if signature is not None else {})
    return world.browser().post("/webhooks/stripe", data=body, headers=headers)


def _signed(app: Flask, body: bytes) -> str:
    secret = app.extensions["till"].gateway.sandbox.secret
    return sign(body, secret, clock.now())


@pytest.mark.parametrize(
    "signature",
    [None, "", "t=1", "v1=abc", "t=,v1=", "t=1,v1=" + "0" * 64, "x" * 10_000, *(f"t={n[:50]},v1=00" for n in NUMBERS)],
)
def test_without_the_providers_signature_nothing_is_read(signature: str | None, world: World, watch: Watch):
    world.session.commit()
    watch.changed()
    for body in (json.dumps(EVENT).encode(), b"{", b""):
        assert (
            _send(
                world, body, signature.encode("latin-1", "ignore").decode("latin-1") if signature else signature
            ).status_code
            == 400
        )
    assert not watch.changed()


def test_a_signed_body_that_is_no_event_is_refused_and_not_kept(world: World, app: Flask, watch: Watch):
    world.session.commit()
    watch.changed()
    answers = {body[:60]: _send(world, body, _signed(app, body)).status_code for body in BODIES}
    assert {body: code for body, code in answers.items() if code != 400} == {}
    assert not watch.changed()
    assert _send(world, b"x" * 300_000, _signed(app, b"x" * 300_000)).status_code == 413
    assert not watch.changed()


def test_an_odd_event_of_the_provider_is_kept_and_harms_nobody(
    world: World, app: Flask, watch: Watch, work: Callable[[], int]
):
    world.session.commit()
    for number, odd in enumerate((*NUMBERS, *UNPRINTABLE[-4:-1], None, True, [], {}, 1e300)):
        thing = odd.decode("utf-8") if isinstance(odd, bytes) else odd
        told = EVENT["data"]["object"] | {
            "amount_total": thing,
            "currency": thing,
            "payment_status": thing,
            "client_reference_id": thing,
        }
        body = json.dumps(EVENT | {"id": f"evt_{number}", "data": {"object": told}}).encode()
        assert _send(world, body, _signed(app, body)).status_code == 200
    work()
    assert _send(world, body, _signed(app, body)).status_code == 200
