"""Letters to buyers, in plain words: what happened, what it cost, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ground import outbox
from ground.money import Money
from storefront.checkouts import Checkout, How
from storefront.orders import Order

if TYPE_CHECKING:
    from storefront.refunds import Refund


def placed(session: Session, checkout: Checkout, orders: list[Order], link: str) -> None:
    """The order is in, and how it will be paid."""
    how = {
        How.CARD: "Your goods are kept for you until the payment is confirmed.",
        How.COLLECTION: f"Please bring {checkout.total.in_cash()} in cash when you collect.",
        How.INVOICE: "You get an invoice when the goods are handed over.",
    }[checkout.how]
    _write(session, checkout, "order placed", f"Your order {_numbers(orders)}", f"{_what(orders)}\n\n{how}", link)


def paid(session: Session, checkout: Checkout, orders: list[Order], link: str) -> None:
    text = f"We have received your {checkout.total}.\n\n{_what(orders)}\n\nWe write again when it is ready to collect."
    _write(session, checkout, "order paid", f"Paid: order {_numbers(orders)}", text, link)


def amount_differs(session: Session, checkout: Checkout, received: Money, link: str) -> None:
    text = (
        f"We asked for {checkout.total} and were told of {received}. We have not marked your order as paid, and a person "
        "is looking at it now. You need not do anything."
    )
    _write(session, checkout, "amount differs", "About your payment", text, link)


def paid_too_late(session: Session, checkout: Checkout, order: Order, link: str) -> None:
    text = (
        f"Your payment reached us after the goods of order {order.number} had gone back on sale, so we cannot fill it. "
        f"We are giving back {order.total} to your card; banks take up to ten days to show it."
    )
    _write(session, checkout, "paid too late", f"We give back your money for order {order.number}", text, link, order)


def ready(session: Session, checkout: Checkout, order: Order, place: str, link: str) -> None:
    pay = f" Please bring {order.total.in_cash()} in cash." if checkout.how is How.COLLECTION else ""
    text = f"Order {order.number} is packed and waits for you at {place}.{pay}"
    _write(session, checkout, "order ready", f"Order {order.number} is ready", text, link, order)


def cancelled(session: Session, checkout: Checkout, order: Order, reason: str, link: str) -> None:
    text = f"Order {order.number} was cancelled: {reason}\n\nIf you had paid, we give the money back the way it came."
    _write(session, checkout, "order cancelled", f"Order {order.number} was cancelled", text, link, order)


def refunded(session: Session, checkout: Checkout, order: Order, refund: Refund, link: str) -> None:
    """One letter per refund, when its money is on its way."""
    text = (
        f"We have given back {refund.amount} of order {order.number} {refund.way.words}.\n\nThe reason: {refund.reason}"
    )
    outbox.write(
        session, to=checkout.email, subject=f"{refund.amount} given back", cause=refund.id, kind="refunded",
        text=f"Dear {checkout.name},\n\n{text}\n\nYour order: {link}\n",
    )  # fmt: skip


def _write(
    session: Session, checkout: Checkout, kind: str, subject: str, text: str, link: str, order: Order | None = None
) -> None:
    words = f"Dear {checkout.name},\n\n{text}\n\nYour order: {link}\nWhoever has this link can see the order.\n"
    outbox.write(session, to=checkout.email, subject=subject, text=words, cause=(order or checkout).id, kind=kind)


def _numbers(orders: list[Order]) -> str:
    return ", ".join(str(order.number) for order in orders)


def _what(orders: list[Order]) -> str:
    lines = [f"{line.quantity} × {line.name}: {line.line_total}" for order in orders for line in order.lines]
    return "\n".join(lines)
