"""What the shop asks of Stripe and what it hears: frozen values, in our money, with no Stripe object inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Self

from ground.money import Money
from ground.stripe.decimals import from_stripe

CheckoutStatus = Literal["open", "complete", "expired"]
PaymentStatus = Literal["paid", "unpaid", "no_payment_required"]
RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]

PLAIN = re.compile(r"[!-~]{1,255}")
"""The signs of Stripe's ids and kinds."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What every intent carries. `key` is purpose and row id (`"checkout:" + id`), fixed when the row was written and
    never made here.

    `recorded_at` is when the intent was committed, or last looked up in vain: after 20 hours it is not sent any more.
    """

    key: str
    recorded_at: datetime

    def __post_init__(self) -> None:
        assert 8 <= len(self.key) <= 255 and self.key.isascii(), "an idempotency key is 8 to 255 ASCII characters"
        assert self.recorded_at.tzinfo is not None


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One line on the payment page: usually one cooperative's part of the cart, with its whole amount."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CheckoutIntent(Intent):
    """One payment in one currency, whatever number of cooperatives it pays. `client_reference` is our checkout's id.

    `success_url` may hold `{CHECKOUT_SESSION_ID}`; `expires_at` is 30 minutes to 24 hours ahead.
    """

    client_reference: str
    lines: tuple[CheckoutLine, ...]
    success_url: str
    cancel_url: str
    expires_at: datetime
    email: str | None = None
    transfer_group: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> Money:
        return sum((line.amount for line in self.lines[1:]), self.lines[0].amount)


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """Where the customer pays."""

    id: str
    url: str
    expires_at: datetime

    @classmethod
    def of(cls, made: dict[str, Any]) -> Self:
        return cls(made["id"], made["url"], _time(made["expires_at"]))


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """A checkout as Stripe sees it now. Compare `amount` with the order's own total before believing it paid
    [commerce:M18].

    `charge` is the last charge, also a failed one; `fee` is Stripe's, in the currency it settles in, once it is
    known.
    """

    id: str
    status: CheckoutStatus
    payment_status: PaymentStatus
    amount: Money
    payment_intent: str | None
    charge: str | None
    client_reference: str | None
    url: str | None
    fee: Money | None

    @property
    def is_paid(self) -> bool:
        return self.status == "complete" and self.payment_status == "paid"

    @classmethod
    def of(cls, made: dict[str, Any]) -> Self:
        intent = made["payment_intent"] or {}
        charge = intent.get("latest_charge") or {}
        transaction = charge.get("balance_transaction")
        return cls(
            id=made["id"],
            status=made["status"],
            payment_status=made["payment_status"],
            amount=_money(made, "amount_total"),
            payment_intent=intent.get("id"),
            charge=charge.get("id"),
            client_reference=made["client_reference_id"],
            url=made["url"],
            fee=_money(transaction, "fee") if transaction else None,
        )


@dataclass(frozen=True, slots=True)
class RefundIntent(Intent):
    """Give back part or all of one payment; two refunds of one amount are two rows and so two keys [commerce:R02]."""

    payment_intent: str
    amount: Money
    reason: RefundReason | None = None


@dataclass(frozen=True, slots=True)
class RefundState:
    """A refund as Stripe sees it now. `key` is ours, or None when it was made in Stripe's dashboard [commerce:R05]."""

    id: str
    status: RefundStatus
    amount: Money
    charge: str | None
    payment_intent: str | None
    key: str | None

    @classmethod
    def of(cls, made: dict[str, Any]) -> Self:
        key = (made["metadata"] or {}).get("key")
        return cls(made["id"], made["status"], _money(made), made["charge"], made["payment_intent"], key)


@dataclass(frozen=True, slots=True)
class DisputeState:
    """A chargeback as Stripe sees it now; `status` is Stripe's word (`needs_response`, `won`, `lost`, …)."""

    id: str
    status: str
    amount: Money
    charge: str
    payment_intent: str | None
    reason: str

    @classmethod
    def of(cls, made: dict[str, Any]) -> Self:
        money = _money(made)
        return cls(made["id"], made["status"], money, made["charge"], made["payment_intent"], made["reason"])


@dataclass(frozen=True, slots=True)
class TransferIntent(Intent):
    """Send money to a connected account. `reference` is our instruction's, the handle for reconciliation."""

    destination: str
    amount: Money
    reference: str
    charge: str | None = None


@dataclass(frozen=True, slots=True)
class ReversalIntent(Intent):
    """Take back part or all of one transfer."""

    transfer: str
    amount: Money


@dataclass(frozen=True, slots=True)
class TransferState:
    """A transfer as Stripe sees it now."""

    id: str
    amount: Money
    reversed: Money
    destination: str
    reference: str | None

    @classmethod
    def of(cls, made: dict[str, Any]) -> Self:
        back = _money(made, "amount_reversed")
        return cls(made["id"], _money(made), back, made["destination"], made["transfer_group"])


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook that was really Stripe's. It says only that `object_id` changed: fetch that object, and act on the
    answer.
    """

    id: str
    type: str
    object_id: str
    object_kind: str
    created_at: datetime
    livemode: bool

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        thing = told["data"]["object"]
        # The balance and a few others have no id: nothing can be fetched for them.
        object_id, kind = thing.get("id", ""), thing["object"]
        if not all(PLAIN.fullmatch(text) for text in (told["id"], told["type"], object_id or "-", kind)):
            raise ValueError(
                "names that Stripe does not give"
            )  # NUL and lone surrogates pass through JSON [attack:A026].
        return cls(told["id"], told["type"], object_id, kind, _time(told["created"]), told["livemode"])


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _money(made: dict[str, Any], amount: str = "amount") -> Money:
    return from_stripe(made[amount], made["currency"])
