"""Stripe and our stand-in for it; the only place that imports the `stripe` package."""

from ground.stripe.answers import (
    CheckoutIntent,
    CheckoutLine,
    CheckoutPage,
    CheckoutState,
    DisputeState,
    Event,
    RefundIntent,
    RefundState,
    ReversalIntent,
    TransferIntent,
    TransferState,
)
from ground.stripe.failures import BadEvent, BadSignature, Declined, KeyReused, Refused, Stale, Unknown
from ground.stripe.gateway import RESEND_WITHIN, Gateway
from ground.stripe.modes import make_gateway
from ground.stripe.sandbox import Outcome, Sandbox, SandboxPage

__all__ = [
    "RESEND_WITHIN", "BadEvent", "BadSignature", "CheckoutIntent", "CheckoutLine", "CheckoutPage", "CheckoutState",
    "Declined", "DisputeState", "Event", "Gateway", "KeyReused", "Outcome", "RefundIntent", "RefundState", "Refused",
    "ReversalIntent", "Sandbox", "SandboxPage", "Stale", "TransferIntent", "TransferState", "Unknown", "make_gateway",
]  # fmt: skip
