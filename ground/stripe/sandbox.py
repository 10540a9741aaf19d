"""The sandbox: our stand-in for Stripe in the demo and in tests: what Stripe, its page and its banks would do.

Even here an order is paid only by the signed webhook, delivered over HTTP, and the session that the shop then fetches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ground.errors import Missing, Refusal
from ground.money import Money
from ground.stripe import sandbox_faults, sandbox_money, sandbox_payments, sandbox_sessions, sandbox_webhooks
from ground.stripe.decimals import from_stripe
from ground.stripe.sandbox_cards import CARDS, Card
from ground.stripe.sandbox_records import Json, Records, Trouble
from ground.stripe.sandbox_state import State
from ground.stripe.sandbox_transport import SandboxTransport


@dataclass(frozen=True, slots=True)
class SandboxLine:
    """What is paid for: a name and the line's whole amount."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class SandboxPage:
    """Everything the hosted page shows. `problem` is the last decline; `asks_bank` means the 3-D Secure question is
    open.
    """

    id: str
    status: Literal["open", "complete", "expired"]
    amount: Money
    lines: tuple[SandboxLine, ...]
    email: str | None
    success_url: str
    cancel_url: str | None
    expires_at: datetime
    asks_bank: bool
    problem: str | None
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of paying; `reason` is for the customer and only there when declined."""

    status: Literal["paid", "declined", "needs_3ds"]
    reason: str = ""


class Sandbox:
    """One sandbox account, shared through its file by every process of this machine."""

    def __init__(self, path: Path) -> None:
        self.state = State(path)

    def transport(self, timeout_seconds: float = 20) -> SandboxTransport:
        """The HTTP client that leads a StripeClient here."""
        return SandboxTransport(self.state, timeout_seconds)

    @property
    def secret(self) -> str:
        """The webhook endpoint's secret, made when the file was."""
        secret = self.state.setting("secret")
        assert secret
        return secret

    def listen(self, url: str) -> None:
        """Deliver webhooks to `url` from now on; what waited is delivered there too."""
        self.state.set("url", url)

    # The hosted page

    def page(self, id: str) -> SandboxPage | None:
        """The page of a Checkout Session, or None when there is no such session."""
        with self.state.write() as records:
            try:
                session = sandbox_sessions.fresh(records, id)
            except Trouble:
                return None
            intent = _intent(records, session)
        currency = session["currency"]
        return SandboxPage(
            id=id,
            status=session["status"],
            amount=from_stripe(session["amount_total"], currency),
            lines=tuple(
                SandboxLine(
                    price["product_data"]["name"], from_stripe(price["unit_amount"] * line["quantity"], currency)
                )
                for line in session["_lines"]
                if (price := line["price_data"])
            ),
            email=session["customer_email"],
            success_url=session["success_url"].replace("{CHECKOUT_SESSION_ID}", id),
            cancel_url=session["cancel_url"],
            expires_at=datetime.fromtimestamp(session["expires_at"], UTC),
            asks_bank=bool(intent and intent["status"] == "requires_action"),
            problem=session["_last_error"],
            cards=tuple(CARDS.values()),
        )

    def pay(self, id: str, card_number: str) -> Outcome:
        """Pay with a test card, as typed. A page sent twice pays once; an expired one is a Refusal."""
        with self.state.write() as records:
            session = _payable(records, id)
            if session["status"] == "complete":
                return Outcome("paid")
            return self._outcome(records, sandbox_payments.pay(records, session, card_number))

    def authenticate(self, id: str, ok: bool) -> Outcome:
        """The customer's answer to the bank's 3-D Secure question; a Refusal when none is open."""
        with self.state.write() as records:
            session = _payable(records, id)
            if session["status"] == "complete":
                return Outcome("paid")
            intent = _intent(records, session)
            if not intent or intent["status"] != "requires_action":
                raise Refusal("The bank has no question open for this payment.")
            return self._outcome(records, sandbox_payments.authenticate(records, session, intent, ok))

    def abandon(self, id: str) -> str | None:
        """The customer turns back: where to. As at Stripe the session stays open until it expires or the shop expires
        it.
        """
        page = self.page(id)
        return page.cancel_url if page else None

    def _outcome(self, records: Records, intent: Json) -> Outcome:
        if intent["status"] == "requires_action":
            return Outcome("needs_3ds")
        if intent["status"] != "succeeded":
            return Outcome("declined", intent["last_payment_error"]["message"])
        if CARDS[intent["_card"]].then == "dispute":
            sandbox_money.open_dispute(records, records.get("charge", intent["latest_charge"]))
        return Outcome("paid")

    # Time, webhooks, faults

    def deliver_due(self, limit: int = 50) -> int:
        """What time brings (sessions expire, slow refunds settle), then the webhooks that are due; how many the shop
        took.
        """
        with self.state.write() as records:
            for session in records.all("checkout.session", status="open"):
                if session["expires_at"] <= records.now:
                    sandbox_sessions.expire(records, session)
            sandbox_money.settle_refunds(records)
        return sandbox_webhooks.deliver(self.state, limit)

    def undelivered(self) -> list[str]:
        """Types of the events that wait for delivery, oldest first."""
        with self.state.write() as records:
            rows = records.execute(
                "SELECT o.body ->> 'type' AS type FROM delivery d JOIN object o ON o.id = d.event_id"
                " WHERE d.delivered_at IS NULL ORDER BY d.seq"
            )
            return [row["type"] for row in rows]

    def close_dispute(self, id: str, *, won: bool) -> None:
        """The banks decide a dispute."""
        with self.state.write() as records:
            sandbox_money.close_dispute(records, records.get("dispute", id), won)

    def turn_clock(self, seconds: float) -> None:
        """Set the sandbox's clock so far ahead of the real one, for all processes."""
        self.state.set("clock_offset_seconds", str(seconds))

    def set_fault(
        self, kind: sandbox_faults.Fault, *, method: str = "", path: str = "", times: int = 1, seconds: float = 0
    ) -> None:
        """Break the line for the next `times` requests whose method and path start like these, in all processes."""
        with self.state.write() as records:
            sandbox_faults.break_line(records, kind, method=method, path=path, times=times, seconds=seconds)

    def clear_faults(self) -> None:
        with self.state.write() as records:
            sandbox_faults.mend(records)

    def requests(self, method: str = "post", path: str = "/") -> list[str]:
        """The idempotency keys of the requests of the last 24 hours whose path starts so, in order: what the shop
        really sent.
        """
        with self.state.write() as records:
            rows = records.execute(
                "SELECT key FROM request WHERE method = ? AND path LIKE ? || '%' ORDER BY seq", method, path
            )
            return [row["key"] for row in rows]


def _payable(records: Records, id: str) -> Json:
    try:
        session = sandbox_sessions.fresh(records, id)
    except Trouble:
        raise Missing("There is no such payment page.") from None
    if session["status"] == "expired":
        raise Refusal("This payment page has expired. Go back to the shop and check out again.")
    return session


def _intent(records: Records, session: Json) -> Json | None:
    return records.get("payment_intent", session["payment_intent"]) if session["payment_intent"] else None
