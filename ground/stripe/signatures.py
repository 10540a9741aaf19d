"""Webhook signatures: HMAC-SHA256 over the raw bytes as they arrived, never over re-written JSON [attack:A082, A083]."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from ground.stripe.failures import BadSignature

TOLERANCE_SECONDS = 300
HEADER_LENGTH_MAX = 4_096


def sign(body: bytes, secret: str, at: datetime) -> str:
    """The `Stripe-Signature` header for `body`, as Stripe makes it."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(body, secret, str(seconds))}"


def verify(body: bytes, header: str | None, secrets: Sequence[str], at: datetime) -> None:
    """Accept `body` when one of `secrets` signed it less than 300 s from `at`, either way; BadSignature otherwise.

    Several secrets are valid at once while an endpoint's secret is being changed. The SDK's own check is not enough:
    it takes the first of two timestamps, and any timestamp in the future.
    """
    assert secrets and all(secret.strip() for secret in secrets), "an empty secret would accept anybody"
    if not header or len(header) > HEADER_LENGTH_MAX or not header.isascii():
        raise BadSignature("The Stripe-Signature header is missing or unreadable.")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not times[0].isdigit() or len(times[0]) > 12:
        raise BadSignature("The Stripe-Signature header needs exactly one timestamp.")
    # Every pair is compared, so that the time taken tells nothing about which one matched.
    matches = [hmac.compare_digest(_digest(body, secret, times[0]), value) for secret in secrets for value in given]
    if not any(matches):
        raise BadSignature("No v1 signature of the body matches an endpoint secret.")
    if abs(at.timestamp() - int(times[0])) > TOLERANCE_SECONDS:
        raise BadSignature(f"The signature is not from the last {TOLERANCE_SECONDS} seconds.")


def _digest(body: bytes, secret: str, seconds: str) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, sha256).hexdigest()
