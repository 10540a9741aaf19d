"""A process talks to one Stripe, and one that cannot tell test cards from real money does not start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ground.errors import Refusal
from ground.stripe import BadEvent, Refused, make_gateway

LIVE = {
    "STRIPE_SECRET_KEY": "sk_live_0123456789abcdef",
    "STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef, whsec_fedcba9876543210",
    "GOOD_MEASURE_ENV": "production",
}
TEST = LIVE | {"STRIPE_SECRET_KEY": "sk_test_0123456789abcdef", "GOOD_MEASURE_ENV": "development"}


def test_live_keys_in_production_and_test_keys_elsewhere_are_taken():
    assert make_gateway(LIVE).livemode is True
    assert make_gateway(TEST).livemode is False
    assert make_gateway(LIVE).sandbox is None


def test_without_keys_there_is_the_sandbox_beside_the_shops_own_file(tmp_path: Path):
    gateway = make_gateway(
        {"DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite'}", "SANDBOX_WEBHOOK_URL": "http://127.0.0.1:9/"}
    )
    assert gateway.sandbox is not None
    assert gateway.livemode is False
    file = tmp_path / "sandbox.sqlite"
    assert gateway.sandbox.state.path == file
    assert os.stat(file).st_mode & 0o077 == 0, "it holds the webhook secret"


@pytest.mark.case("attack:A092")
@pytest.mark.case("attack:A245")
@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"GOOD_MEASURE_ENV": "production"}, "STRIPE_SECRET_KEY"),
        (TEST | {"GOOD_MEASURE_ENV": "production"}, "STRIPE_SECRET_KEY"),
        (LIVE | {"GOOD_MEASURE_ENV": "development"}, "STRIPE_SECRET_KEY"),
        (LIVE | {"GOOD_MEASURE_ENV": ""}, "STRIPE_SECRET_KEY"),
        (LIVE | {"STRIPE_SECRET_KEY": "pk_live_0123456789abcdef"}, "STRIPE_SECRET_KEY"),
        (LIVE | {"STRIPE_SECRET_KEY": "sk_live_short"}, "STRIPE_SECRET_KEY"),
        (LIVE | {"STRIPE_SECRET_KEY": "sk_test_sandbox_sk_live_1"}, "STRIPE_SECRET_KEY"),
        (LIVE | {"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET"),
        (LIVE | {"STRIPE_WEBHOOK_SECRET": "whsec_sandbox_0123456789abcdef"}, "STRIPE_WEBHOOK_SECRET"),
        (LIVE | {"STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef whsec_short"}, "STRIPE_WEBHOOK_SECRET"),
        (LIVE | {"SANDBOX_WEBHOOK_URL": "http://127.0.0.1:8000/"}, "SANDBOX_WEBHOOK_URL"),
        (LIVE | {"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_PUBLISHABLE_KEY"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef"}, "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_mixed_or_missing_settings_are_refused_at_boot_by_name_and_without_their_values(
    config: dict[str, str], named: str
):
    with pytest.raises(Refusal) as refused:
        make_gateway(config)
    assert named in str(refused.value)
    for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_PUBLISHABLE_KEY"):
        assert not config.get(name) or config[name] not in str(refused.value)


@pytest.mark.case("attack:A246")
def test_a_gateway_shows_no_secret_of_its_own():
    assert "0123456789" not in repr(make_gateway(LIVE))


def test_a_place_without_a_card_processor_opens_in_production_and_every_call_is_refused():
    gateway = make_gateway({"CARDS": "off", "GOOD_MEASURE_ENV": "production"})
    assert gateway.sandbox is None
    with pytest.raises(Refused):
        gateway.fetch_checkout("cs_test_1")
    with pytest.raises(BadEvent):
        gateway.parse_event(b"{}", "t=1,v1=aa")


def test_cards_are_not_off_while_a_key_is_set():
    with pytest.raises(Refusal, match="CARDS"):
        make_gateway(LIVE | {"CARDS": "off"})
