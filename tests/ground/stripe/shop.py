"""What the Stripe tests share: a shop on a fresh sandbox, its intents, and an HTTP receiver that stands for its webhook page."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from ground import clock
from ground.money import Money
from ground.stripe import (
    BadEvent,
    CheckoutIntent,
    CheckoutLine,
    CheckoutPage,
    CheckoutState,
    Event,
    Gateway,
    RefundIntent,
    Sandbox,
    make_gateway,
)

PRICE = Money(12_500, "KES")

GOOD = "4242 4242 4242 4242"
DECLINED = "4000000000000002"
INSUFFICIENT = "4000-0000-0000-9995"
EXPIRED = "4000000000000069"
ASKS_BANK = "4000002500003155"
DISPUTED = "4000000000000259"
SLOW_REFUND = "4000000000007726"
FAILING_REFUND = "4000000000005126"


class Shop:
    """A gateway to a sandbox in `path`; a second Shop on the same path is another process's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.gateway: Gateway = make_gateway({"SANDBOX_DATABASE": str(path / "sandbox.sqlite")})
        assert self.gateway.sandbox
        self.sandbox: Sandbox = self.gateway.sandbox

    def checkout(self, number: int = 1, total: Money = PRICE, **changes: Any) -> CheckoutIntent:
        now = clock.now()
        wanted: dict[str, Any] = {
            "key": f"checkout:{number:08}",
            "recorded_at": now,
            "client_reference": f"C-{number}",
            "lines": (CheckoutLine("Meru Highlands", total),),
            "success_url": "http://127.0.0.1:8000/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:8000/cart",
            "expires_at": now.replace(microsecond=0) + timedelta(hours=1),
        }
        return CheckoutIntent(**wanted | changes)

    def open(self, number: int = 1, total: Money = PRICE, **changes: Any) -> CheckoutPage:
        return self.gateway.create_checkout(self.checkout(number, total, **changes))

    def sell(self, number: int = 1, total: Money = PRICE, card: str = GOOD) -> CheckoutState:
        """A checkout that was paid."""
        page = self.open(number, total)
        assert self.sandbox.pay(page.id, card).status == "paid"
        return self.gateway.fetch_checkout(page.id)

    def refund(self, sale: CheckoutState, minor: int, number: int = 1) -> RefundIntent:
        assert sale.payment_intent
        amount = Money(minor, sale.amount.currency)
        return RefundIntent(f"refund:{number:08}", clock.now(), sale.payment_intent, amount)


@dataclass
class Receiver:
    """The shop's webhook page: it believes what is signed, and answers `status` (400 to what is not)."""

    gateway: Gateway
    status: int = 200
    events: list[Event] = field(default_factory=list)
    bodies: list[tuple[bytes, str]] = field(default_factory=list)
    refused: int = 0
    url: str = ""

    def take(self, body: bytes, signature: str) -> int:
        self.bodies.append((body, signature))
        try:
            self.events.append(self.gateway.parse_event(body, signature))
        except BadEvent:
            self.refused += 1
            return 400
        return self.status

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


@contextmanager
def receiving(shop: Shop) -> Generator[Receiver]:
    """A real HTTP server on a free port of this machine, to which the sandbox delivers."""
    receiver = Receiver(shop.gateway)

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(body, self.headers["Stripe-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    shop.sandbox.listen(receiver.url)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
