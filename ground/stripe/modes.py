"""Which Stripe this process talks to: live, test or the sandbox; a mixture is refused at boot [attack:A092, A245]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import stripe

from ground.errors import Refusal
from ground.ids import new_secret
from ground.stripe.gateway import PAGE_SECONDS, Gateway
from ground.stripe.sandbox import Sandbox
from ground.stripe.sandbox_transport import SANDBOX_KEY

TIMEOUT_SECONDS = (3, 20)
"""To connect, to answer."""


class NoProvider(stripe.HTTPClient):
    """Nobody at the other end: nothing was sent, so nothing is unknown."""

    name = "none"

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, *, _usage: list[str] | None = None
    ) -> tuple[str, int, dict[str, str]]:
        """Refuse, as a provider does that does not know us."""
        return '{"error": {"type": "invalid_request_error", "message": "this shop takes no cards"}}', 400, {}

    def close(self) -> None:
        """There is no connection."""


def make_gateway(config: Mapping[str, object]) -> Gateway:
    """The gateway that the settings ask for; a Refusal names the setting at fault and never its value.

    - `STRIPE_SECRET_KEY`: `sk_…` or `rk_…`; without it the sandbox.
    - `STRIPE_WEBHOOK_SECRET`: the endpoint's `whsec_…`, more than one (by spaces or commas) while they are changed.
    - `GOOD_MEASURE_ENV`: `production` takes a live key and nothing else; anything else takes no live key.
    - `CARDS=off`: no provider at all; every call is refused, every webhook too. For places without a card processor.
    - `SANDBOX_DATABASE`: the sandbox's file; next to the shop's SQLite file, or in `instance/`, unless told.
    - `SANDBOX_WEBHOOK_URL`: where the sandbox delivers its webhooks: the shop's own address.
    """
    key, secrets = _text(config, "STRIPE_SECRET_KEY"), re.split(r"[\s,]+", _text(config, "STRIPE_WEBHOOK_SECRET"))
    production = _text(config, "GOOD_MEASURE_ENV") == "production"
    secrets = [secret for secret in secrets if secret]
    if _text(config, "CARDS") == "off":
        if key or secrets:
            raise Refusal("CARDS is off, yet STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET is set: choose one.")
        return Gateway("sk_test_none", [new_secret()], NoProvider())
    if not key:
        _check_sandbox(config, production, secrets)
        sandbox = Sandbox(_sandbox_path(config))
        if url := _text(config, "SANDBOX_WEBHOOK_URL"):
            sandbox.listen(url)
        return Gateway(SANDBOX_KEY, [sandbox.secret], sandbox.transport(), sandbox, sandbox.transport(PAGE_SECONDS))
    _check_real(config, production, key, secrets)
    hasty = stripe.RequestsClient(timeout=(PAGE_SECONDS / 2, PAGE_SECONDS / 2))  # To connect, and to answer.
    return Gateway(key, secrets, stripe.RequestsClient(timeout=TIMEOUT_SECONDS), hasty=hasty)


def _check_sandbox(config: Mapping[str, object], production: bool, secrets: list[str]) -> None:
    if production:
        raise Refusal(
            "STRIPE_SECRET_KEY is missing: in production the shop does not run on the sandbox, where test cards pay."
        )
    if secrets:
        raise Refusal(
            "STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY: set both for Stripe, neither for the sandbox."
        )


def _check_real(config: Mapping[str, object], production: bool, key: str, secrets: list[str]) -> None:
    if not re.fullmatch(r"[sr]k_(live|test)_[A-Za-z0-9]{8,}", key):
        raise Refusal(
            "STRIPE_SECRET_KEY is no secret key of Stripe's: it starts with sk_live_, sk_test_, rk_live_ or rk_test_."
        )
    live = key[3:8] == "live_"
    if production and not live:
        raise Refusal("STRIPE_SECRET_KEY is a test key: in production test cards would pay.")
    if live and not production:
        raise Refusal(
            "STRIPE_SECRET_KEY is a live key, but GOOD_MEASURE_ENV is not production: a trial would charge real cards."
        )
    if not secrets:
        raise Refusal("STRIPE_WEBHOOK_SECRET is missing: without it no payment is ever confirmed.")
    for secret in secrets:
        if not re.fullmatch(r"whsec_[A-Za-z0-9+/=]{16,}", secret):
            raise Refusal(
                "STRIPE_WEBHOOK_SECRET holds what is no secret of a Stripe endpoint (whsec_…), or one of the sandbox."
            )
    if _text(config, "SANDBOX_WEBHOOK_URL"):
        raise Refusal("SANDBOX_WEBHOOK_URL is set beside STRIPE_SECRET_KEY: use Stripe or the sandbox, not both.")
    public = _text(config, "STRIPE_PUBLISHABLE_KEY")
    if public and not public.startswith("pk_live_" if live else "pk_test_"):
        raise Refusal("STRIPE_PUBLISHABLE_KEY is of the other mode, live or test, than STRIPE_SECRET_KEY.")


def _sandbox_path(config: Mapping[str, object]) -> Path:
    if told := _text(config, "SANDBOX_DATABASE"):
        return Path(told)
    shop = re.fullmatch(r"sqlite(?:\+\w+)?:///(?!:memory:)([^?]+)(?:\?.*)?", _text(config, "DATABASE_URL"))
    return Path(shop[1]).with_name("sandbox.sqlite") if shop else Path("instance/sandbox.sqlite")


def _text(config: Mapping[str, object], name: str) -> str:
    value = config.get(name) or ""
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value).strip()
