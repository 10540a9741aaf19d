"""The shop's window at Stripe: each question typed, each answer in our money, each failure one of three kinds.

Called outside write transactions only, between a committed intent and its committed result.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import stripe

from ground import clock
from ground.stripe.answers import (
    CheckoutIntent,
    CheckoutLine,
    CheckoutPage,
    CheckoutState,
    DisputeState,
    Event,
    Intent,
    RefundIntent,
    RefundState,
    ReversalIntent,
    TransferIntent,
    TransferState,
)
from ground.stripe.decimals import to_stripe
from ground.stripe.failures import BadEvent, Stale, Unknown, asking
from ground.stripe.sandbox import Sandbox
from ground.stripe.signatures import verify

RESEND_WITHIN = timedelta(hours=20)
"""Stripe keeps idempotency keys for 24 hours; older intents are looked up, never sent again blind."""

PAGE_SECONDS, AT_ONCE_SECONDS = 2.2, 0.4
"""A page that asks Stripe answers within three seconds, whatever Stripe does."""

LOOK_BACK_PAGES = 100
"""A look-up reads at most so many pages of 100; not having seen everything is Unknown, never "not found"."""

stripe.enable_telemetry = False


class Gateway:
    """Stripe with one key. `secrets` are the webhook endpoint's, more than one while they are changed; `sandbox` is
    None at the real Stripe.
    """

    def __init__(
        self, key: str, secrets: Sequence[str], http_client: stripe.HTTPClient, sandbox: Sandbox | None = None,
        hasty: stripe.HTTPClient | None = None,
    ) -> None:  # fmt: skip
        self.livemode = "_live_" in key[:8]
        self.sandbox = sandbox
        self._secrets = tuple(secrets)
        self._client = stripe.StripeClient(key, max_network_retries=2, http_client=http_client)
        self._hasty = stripe.StripeClient(key, max_network_retries=0, http_client=hasty or http_client)

    def __repr__(self) -> str:
        return f"<Gateway to {'the sandbox' if self.sandbox else 'Stripe'}, {'live' if self.livemode else 'test'} mode>"

    # Checkout

    def create_checkout(self, intent: CheckoutIntent) -> CheckoutPage:
        """Open the payment page; asking again with the same intent finds the same page.

        A buyer waits for this one: on a line that gives up after `PAGE_SECONDS`, and once more only if it broke at once
        [attack:A282]. What stays unknown is asked for again by the sweeper, under the same key.
        """
        about: dict[str, Any] = {"metadata": dict(intent.metadata) | {"checkout": intent.client_reference}}
        if intent.transfer_group:
            about["transfer_group"] = intent.transfer_group
        params: Any = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            # Else Stripe may show the customer another currency, at a rate that our order knows nothing of.
            "adaptive_pricing": {"enabled": False},
            "client_reference_id": intent.client_reference,
            "line_items": [{"quantity": 1, "price_data": _price(line)} for line in intent.lines],
            "success_url": intent.success_url,
            "cancel_url": intent.cancel_url,
            "expires_at": int(intent.expires_at.timestamp()),
            "metadata": dict(intent.metadata) | {"key": intent.key},
            "payment_intent_data": about,
        }
        if intent.email:
            params["customer_email"] = intent.email
        options = _options(intent)
        begun = time.monotonic()
        try:
            return self._open_page(params, options)
        except Unknown:
            if time.monotonic() - begun > AT_ONCE_SECONDS:
                raise
        return self._open_page(params, options)

    def _open_page(self, params: Any, options: Any) -> CheckoutPage:
        with asking("open a checkout"):
            return CheckoutPage.of(self._hasty.v1.checkout.sessions.create(params, options).to_dict())

    def fetch_checkout(self, id: str) -> CheckoutState:
        """The checkout as it is now; Refused with code `resource_missing` when Stripe has none of this id."""
        with asking("fetch a checkout"):
            expand = ["payment_intent.latest_charge.balance_transaction"]
            return CheckoutState.of(self._client.v1.checkout.sessions.retrieve(id, {"expand": expand}).to_dict())

    def expire_checkout(self, id: str) -> CheckoutState:
        """Close an open page, so that nobody pays there any more; Refused when it is no longer open: fetch it."""
        with asking("expire a checkout"):
            self._client.v1.checkout.sessions.expire(id)
        return self.fetch_checkout(id)

    def find_checkout(self, client_reference: str, *, since: datetime | None = None) -> CheckoutState | None:
        """The newest checkout with our reference, made after `since` (an hour before the intent is safe); None if
        there is surely none.
        """
        with asking("find a checkout"):
            found = self._search(
                self._client.v1.checkout.sessions.list,
                since,
                lambda made: made["client_reference_id"] == client_reference,
            )
        return self.fetch_checkout(found["id"]) if found else None

    # Refunds and disputes

    def refund(self, intent: RefundIntent) -> RefundState:
        """Give money back to the card it came from; Refused when it is more than is left."""
        params: Any = {
            "payment_intent": intent.payment_intent,
            "amount": to_stripe(intent.amount),
            "metadata": {"key": intent.key},
        }
        if intent.reason:
            params["reason"] = intent.reason
        options = _options(intent)
        with asking("refund"):
            return RefundState.of(self._client.v1.refunds.create(params, options).to_dict())

    def fetch_refund(self, id: str) -> RefundState:
        with asking("fetch a refund"):
            return RefundState.of(self._client.v1.refunds.retrieve(id).to_dict())

    def find_refund(
        self, key: str, *, payment_intent: str | None = None, since: datetime | None = None
    ) -> RefundState | None:
        """The refund that was made with our key; None if there is surely none. Name the payment, or a time, to keep
        the look-up short.
        """
        narrowed = {"payment_intent": payment_intent} if payment_intent else {}
        with asking("find a refund"):
            found = self._search(
                self._client.v1.refunds.list, since, lambda made: (made["metadata"] or {}).get("key") == key, **narrowed
            )
            return RefundState.of(found) if found else None

    def fetch_dispute(self, id: str) -> DisputeState:
        with asking("fetch a dispute"):
            return DisputeState.of(self._client.v1.disputes.retrieve(id).to_dict())

    # Transfers to connected accounts

    def transfer(self, intent: TransferIntent) -> TransferState:
        params: Any = {
            "amount": to_stripe(intent.amount),
            "currency": intent.amount.currency.lower(),
            "destination": intent.destination,
            "transfer_group": intent.reference,
            "metadata": {"key": intent.key},
        }
        if intent.charge:
            params["source_transaction"] = intent.charge
        options = _options(intent)
        with asking("transfer"):
            return TransferState.of(self._client.v1.transfers.create(params, options).to_dict())

    def fetch_transfer(self, id: str) -> TransferState:
        with asking("fetch a transfer"):
            return TransferState.of(self._client.v1.transfers.retrieve(id).to_dict())

    def find_transfers(self, reference: str) -> list[TransferState]:
        """All transfers with our instruction's reference, newest first."""
        with asking("find transfers"):
            page = self._client.v1.transfers.list({"transfer_group": reference, "limit": 100}).to_dict()
            if page["has_more"]:
                raise Unknown(f"More than 100 transfers have the reference {reference}.")
            return [TransferState.of(made) for made in page["data"]]

    def reverse_transfer(self, intent: ReversalIntent) -> TransferState:
        """Take a transfer back; a refund alone leaves it where it is. The transfer after it."""
        params: Any = {"amount": to_stripe(intent.amount), "metadata": {"key": intent.key}}
        options = _options(intent)
        with asking("reverse a transfer"):
            self._client.v1.transfers.reversals.create(intent.transfer, params, options)
        return self.fetch_transfer(intent.transfer)

    # Webhooks

    def parse_event(self, raw_body: bytes, signature_header: str | None) -> Event:
        """The event in a delivery whose signature holds over its raw bytes; BadEvent otherwise [attack:A082, A083].

        An event of the other mode is refused too: a test card must not pay a live order [attack:A092].
        """
        verify(raw_body, signature_header, self._secrets, clock.now())
        try:
            event = Event.of(json.loads(raw_body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, OSError):
            raise BadEvent("The event cannot be read.") from None
        if event.livemode is not self.livemode:
            raise BadEvent("The event is of the other mode, live or test, than our key.")
        return event

    def _search(self, ask: Any, since: datetime | None, wanted: Any, **narrowed: str) -> dict[str, Any] | None:
        """The newest thing in a list for which `wanted` holds."""
        params: dict[str, Any] = {"limit": 100, **narrowed} | (
            {"created": {"gte": int(since.timestamp())}} if since else {}
        )
        for _ in range(LOOK_BACK_PAGES):
            page = ask(params).to_dict()
            for made in page["data"]:
                if wanted(made):
                    return made
            if not page["has_more"]:
                return None
            params["starting_after"] = page["data"][-1]["id"]
        raise Unknown("The look-up did not reach the end; name a later time to look from.")


def _price(line: CheckoutLine) -> dict[str, Any]:
    amount = line.amount
    return {
        "currency": amount.currency.lower(),
        "unit_amount": to_stripe(amount),
        "product_data": {"name": line.name},
    }


def _options(intent: Intent) -> Any:
    if clock.now() - intent.recorded_at > RESEND_WITHIN:
        raise Stale(f"The intent {intent.key} is more than 20 hours old: look it up before it is sent again.")
    return {"idempotency_key": intent.key}
