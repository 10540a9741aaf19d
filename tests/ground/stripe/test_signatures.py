"""Only Stripe speaks for Stripe: an event is believed when one of our secrets signed its very bytes, just now."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from ground import clock
from ground.stripe import BadEvent, BadSignature, Gateway
from ground.stripe.sandbox_transport import SANDBOX_KEY
from ground.stripe.signatures import sign
from tests.ground.stripe.shop import Shop

OLD, NEW, OTHER = "whsec_" + "o" * 24, "whsec_" + "n" * 24, "whsec_" + "x" * 24
TOLD = {
    "id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": 1_790_000_000, "livemode": False,
    "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
}  # fmt: skip
BODY = json.dumps(TOLD, indent=2).encode()


@pytest.fixture
def gateway(shop: Shop) -> Gateway:
    return Gateway(SANDBOX_KEY, [OLD, NEW], shop.sandbox.transport())


def header(body: bytes = BODY, secret: str = NEW, seconds: int = 0) -> str:
    return sign(body, secret, clock.now() + timedelta(seconds=seconds))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_a_signed_event_is_read_with_the_old_and_with_the_new_secret(gateway: Gateway, secret: str):
    event = gateway.parse_event(BODY, header(secret=secret))
    assert (event.id, event.type, event.object_id, event.livemode) == ("evt_1", TOLD["type"], "cs_test_1", False)


def test_one_good_signature_among_several_is_enough(gateway: Gateway):
    assert gateway.parse_event(BODY, header() + ",v1=" + "0" * 64 + ",v0=abc").id == "evt_1"


FORGED: dict[str, Callable[[], str | None]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "no time": lambda: header().partition(",")[2],
    "no signature": lambda: header().partition(",")[0],
    "v0 only": lambda: header().replace("v1=", "v0="),
    "other secret": lambda: header(secret=OTHER),
    "blank secret": lambda: header(secret=" "),
    "re-serialised": lambda: header(body=json.dumps(TOLD).encode()),
    "other body": lambda: header(body=b""),
    "not ASCII": lambda: header().replace("v1=", "v1=é"),
    "cut": lambda: header()[:-1],
    "upper case": lambda: header().upper(),
    "long": lambda: header() + ",v1=" + "a" * 5_000,
}


@pytest.mark.case("attack:A082")
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_an_unsigned_or_wrongly_signed_event_is_refused(gateway: Gateway, forged: Callable[[], str | None]):
    with pytest.raises(BadSignature):
        gateway.parse_event(BODY, forged())


@pytest.mark.case("attack:A082")
def test_a_body_changed_by_one_byte_is_refused(gateway: Gateway):
    with pytest.raises(BadSignature):
        gateway.parse_event(BODY + b" ", header())


@pytest.mark.case("attack:A083")
def test_a_signature_is_good_for_five_minutes_both_ways_and_no_longer(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    now = clock.now().replace(microsecond=0)
    monkeypatch.setattr(clock, "read", lambda: now)
    for seconds in (-300, 0, 300):
        assert gateway.parse_event(BODY, header(seconds=seconds)).id == "evt_1"
    for seconds in (-301, 301, -(10**6), 10**6):
        with pytest.raises(BadSignature, match="300 seconds"):
            gateway.parse_event(BODY, header(seconds=seconds))


@pytest.mark.case("attack:A083")
@pytest.mark.parametrize(
    "time",
    ["", "t=,", "t=-1790000000,", "t=+1790000000,", "t=1_790_000_000,", "t=١٧٩٠٠٠٠٠٠٠,", "t=1e9,", "t=9999999999999,"],
)
def test_a_missing_negative_or_strange_time_is_refused(gateway: Gateway, time: str):
    with pytest.raises(BadSignature):
        gateway.parse_event(BODY, time + header().partition(",")[2])


@pytest.mark.case("attack:A083")
def test_two_times_are_refused_whichever_of_them_is_signed(gateway: Gateway):
    time, _, signature = header(seconds=-1_000).partition(",")
    fresh = header().partition(",")[0]
    for given in (f"{time},{fresh},{signature}", f"{fresh},{time},{signature}", f"{time},{time},{signature}"):
        with pytest.raises(BadSignature, match="exactly one"):
            gateway.parse_event(BODY, given)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"id": "evt_1"}', b"\xff", b'"text"'])
def test_a_signed_body_that_is_no_event_is_refused(gateway: Gateway, body: bytes):
    with pytest.raises(BadEvent):
        gateway.parse_event(body, header(body))


@pytest.mark.case("attack:A092")
@pytest.mark.parametrize("livemode", [True, 0, "false", None])
def test_an_event_of_the_other_mode_is_refused(gateway: Gateway, livemode: object):
    body = json.dumps(TOLD | {"livemode": livemode}).encode()
    with pytest.raises(BadEvent, match="mode"):
        gateway.parse_event(body, header(body))
