"""Letters to buyers, in plain words and in the language they ordered in: what happened, what it cost, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ground import outbox
from ground.money import Money
from ground.words import _, ngettext, speaking
from storefront.checkouts import Checkout, How
from storefront.orders import Order

if TYPE_CHECKING:
    from storefront.refunds import Refund


def placed(session: Session, checkout: Checkout, orders: list[Order], link: str) -> None:
    """The order is in, and how it will be paid."""
    with speaking(checkout.language):
        how = {
            How.CARD: _("Your goods are kept for you until the payment is confirmed."),
            How.COLLECTION: _("Please bring %(total)s in cash when you collect.", total=checkout.total.in_cash()),
            How.INVOICE: _("You get an invoice when the goods are handed over."),
        }[checkout.how]
        subject = ngettext("Your order %(numbers)s", "Your orders %(numbers)s", len(orders), numbers=_numbers(orders))
        _write(session, checkout, "order placed", subject, f"{_what(orders)}\n\n{how}", link)


def paid(session: Session, checkout: Checkout, orders: list[Order], link: str) -> None:
    with speaking(checkout.language):
        text = "\n\n".join(
            [
                _("We have received your %(total)s.", total=checkout.total),
                _what(orders),
                _("We write again when it is ready to collect."),
            ]
        )
        subject = ngettext("Paid: order %(numbers)s", "Paid: orders %(numbers)s", len(orders), numbers=_numbers(orders))
        _write(session, checkout, "order paid", subject, text, link)


def amount_differs(session: Session, checkout: Checkout, received: Money, link: str) -> None:
    with speaking(checkout.language):
        text = _(
            "We asked for %(asked)s and were told of %(received)s. We have not marked your order as paid, and a person "
            "is looking at it now. You need not do anything.",
            asked=checkout.total,
            received=received,
        )
        _write(session, checkout, "amount differs", _("About your payment"), text, link)


def paid_too_late(session: Session, checkout: Checkout, order: Order, link: str) -> None:
    with speaking(checkout.language):
        text = _(
            "Your payment reached us after the goods of order %(number)s had gone back on sale, so we cannot fill it. "
            "We are giving back %(total)s to your card; banks take up to ten days to show it.",
            number=order.number,
            total=order.total,
        )
        subject = _("We give back your money for order %(number)s", number=order.number)
        _write(session, checkout, "paid too late", subject, text, link, order)


def ready(session: Session, checkout: Checkout, order: Order, place: str, link: str) -> None:
    with speaking(checkout.language):
        text = _("Order %(number)s is packed and waits for you at %(place)s.", number=order.number, place=place)
        if checkout.how is How.COLLECTION:
            text += " " + _("Please bring %(total)s in cash.", total=order.total.in_cash())
        subject = _("Order %(number)s is ready", number=order.number)
        _write(session, checkout, "order ready", subject, text, link, order)


def cancelled(session: Session, checkout: Checkout, order: Order, reason: str, link: str) -> None:
    with speaking(checkout.language):
        text = _("Order %(number)s was cancelled: %(reason)s", number=order.number, reason=reason)
        text += "\n\n" + _("If you had paid, we give the money back the way it came.")
        subject = _("Order %(number)s was cancelled", number=order.number)
        _write(session, checkout, "order cancelled", subject, text, link, order)


def refunded(session: Session, checkout: Checkout, order: Order, refund: Refund, link: str) -> None:
    """One letter per refund, when its money is on its way."""
    with speaking(checkout.language):
        text = f"{refund.told(order.number)}\n\n{_('The reason: %(reason)s', reason=refund.reason)}"
        outbox.write(
            session, to=checkout.email, subject=_("%(amount)s given back", amount=refund.amount), cause=refund.id,
            kind="refunded", text=f"{_greeting(checkout)}\n\n{text}\n\n{_('Your order: %(link)s', link=link)}\n",
        )  # fmt: skip


def _write(
    session: Session, checkout: Checkout, kind: str, subject: str, text: str, link: str, order: Order | None = None
) -> None:
    foot = f"{_('Your order: %(link)s', link=link)}\n{_('Whoever has this link can see the order.')}"
    words = f"{_greeting(checkout)}\n\n{text}\n\n{foot}\n"
    outbox.write(session, to=checkout.email, subject=subject, text=words, cause=(order or checkout).id, kind=kind)


def _greeting(checkout: Checkout) -> str:
    return _("Dear %(name)s,", name=checkout.name)


def _numbers(orders: list[Order]) -> str:
    return ", ".join(str(order.number) for order in orders)


def _what(orders: list[Order]) -> str:
    lines = [f"{line.quantity} × {line.name}: {line.line_total.spoken()}" for order in orders for line in order.lines]
    return "\n".join(lines)
