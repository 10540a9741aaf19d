"""Letters to buyers, in plain words and in the language they ordered in: what happened, what it cost, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import outbox
from ground.money import Money
from ground.stationery import Sheet
from ground.words import _, ngettext, speaking
from storefront import sheets
from storefront.checkouts import Checkout, How
from storefront.orders import Order, OrderLine, cash_of

if TYPE_CHECKING:
    from storefront.complaint_answers import ComplaintAnswer
    from storefront.complaints import Complaint
    from storefront.invoices import Invoice
    from storefront.refunds import Refund


STILL_AHEAD = {"order placed", "order paid", "order ready", "order changed"}
"""Letters that say when the goods are handed over."""


def placed(
    session: Session, checkout: Checkout, orders: list[Order], link: str, *, instead_of: Order | None = None
) -> None:
    """The order is in, and how it will be paid; or it took the place of one that its buyer changed."""
    with speaking(checkout.language):
        how = {
            How.CARD: _("Your goods are kept for you until the payment is confirmed."),
            How.COLLECTION: _("Please bring %(total)s in cash when you collect.", total=cash_of(orders)),
            How.INVOICE: _("You get an invoice when the goods are handed over."),
        }[checkout.how]
        subject = ngettext("Your order %(numbers)s", "Your orders %(numbers)s", len(orders), numbers=_numbers(orders))
        said = [_("We have your order."), how]
        kind = "order placed"
        if instead_of is not None:
            (now,) = orders
            kind, subject = "order changed", _("Order %(number)s is changed", number=instead_of.number)
            said[0] = _(
                "You changed order %(old)s. It is order %(new)s now: %(total)s instead of %(before)s.",
                old=instead_of.number, new=now.number, total=now.total, before=instead_of.total,
            )  # fmt: skip
        _write(session, checkout, kind, subject, said, link, cause=checkout.id, goods=orders)


def paid(session: Session, checkout: Checkout, orders: list[Order], link: str) -> None:
    """The money came; the goods are certain."""
    with speaking(checkout.language):
        subject = ngettext("Paid: order %(numbers)s", "Paid: orders %(numbers)s", len(orders), numbers=_numbers(orders))
        said = [
            _("We have received your %(total)s.", total=checkout.total),
            _("We write again when it is ready to collect."),
        ]
        _write(session, checkout, "order paid", subject, said, link, cause=checkout.id, goods=orders)


def unpaid(session: Session, checkout: Checkout, orders: list[Order], link: str) -> None:
    """Nobody paid in time: nothing was charged, and the goods are on sale again."""
    with speaking(checkout.language):
        subject = ngettext(
            "Not paid: order %(numbers)s", "Not paid: orders %(numbers)s", len(orders), numbers=_numbers(orders)
        )
        said = [
            _("Your order was not paid in time. Nothing was charged, and the goods are on sale again."),
            _("If you still want them, the page of your order puts them into a new basket at today's prices."),
        ]
        _write(session, checkout, "order unpaid", subject, said, link, cause=checkout.id, goods=orders)


def amount_differs(session: Session, checkout: Checkout, received: Money, link: str) -> None:
    with speaking(checkout.language):
        text = _(
            "We asked for %(asked)s and were told of %(received)s. We have not marked your order as paid, and a person "
            "is looking at it now. You need not do anything.",
            asked=checkout.total,
            received=received,
        )
        _write(session, checkout, "amount differs", _("About your payment"), [text], link, cause=checkout.id)


def paid_too_late(session: Session, checkout: Checkout, order: Order, link: str) -> None:
    with speaking(checkout.language):
        text = _(
            "Your payment reached us after the goods of order %(number)s had gone back on sale, so we cannot fill it. "
            "We are giving back %(total)s to your card; banks take up to ten days to show it.",
            number=order.number,
            total=order.total,
        )
        subject = _("We give back your money for order %(number)s", number=order.number)
        _write(session, checkout, "paid too late", subject, [text], link, cause=order.id)


def ready(session: Session, checkout: Checkout, order: Order, place: str, link: str) -> None:
    """Packed: where to fetch it, and what to bring."""
    with speaking(checkout.language):
        said = [_("Order %(number)s is packed and waits for you at %(place)s.", number=order.number, place=place)]
        if checkout.how is How.COLLECTION:
            said.append(_("Please bring %(total)s in cash.", total=order.total.in_cash()))
        subject = _("Order %(number)s is ready", number=order.number)
        _write(session, checkout, "order ready", subject, said, link, cause=order.id, goods=[order])


def collected(session: Session, checkout: Checkout, order: Order, link: str) -> None:
    """Handed over: the end of the story, and whom to tell when something is wrong."""
    with speaking(checkout.language):
        said = [_("You have collected order %(number)s. Thank you.", number=order.number)]
        if order.collection is not None and order.collection.cash_minor is not None:
            cash = Money(order.collection.cash_minor, order.currency)
            said.append(_("You paid %(cash)s in cash.", cash=cash))
        said.append(
            _("Its papers are on the page of your order. If something was wrong with the goods, tell us there.")
        )
        subject = _("Order %(number)s was collected", number=order.number)
        _write(session, checkout, "order collected", subject, said, link, cause=order.id, goods=[order])


def cancelled(session: Session, checkout: Checkout, order: Order, reason: str, link: str) -> None:
    with speaking(checkout.language):
        said = [
            _("Order %(number)s was cancelled: %(reason)s", number=order.number, reason=reason),
            _("If you had paid, we give the money back the way it came."),
        ]
        subject = _("Order %(number)s was cancelled", number=order.number)
        _write(session, checkout, "order cancelled", subject, said, link, cause=order.id)


def refunded(session: Session, checkout: Checkout, order: Order, refund: Refund, link: str) -> None:
    """One letter per refund, when its money is on its way."""
    with speaking(checkout.language):
        said = [refund.told(order.number), _("The reason: %(reason)s", reason=refund.reason)]
        subject = _("%(amount)s given back", amount=refund.amount)
        _write(session, checkout, "refunded", subject, said, link, cause=refund.id)


def invoiced(session: Session, checkout: Checkout, order: Order, invoice: Invoice, link: str) -> None:
    """The invoice is issued; its PDF waits on the order's page."""
    with speaking(checkout.language):
        said = [
            _("Invoice %(number)s for order %(order)s is issued.", number=invoice.number, order=order.number),
            _("Please pay %(total)s by %(day)s.", total=invoice.total, day=invoice.due_on),
            _("The page of your order has it as a PDF."),
        ]
        subject = _("Invoice %(number)s, due %(day)s", number=invoice.number, day=invoice.due_on)
        _write(session, checkout, "invoice issued", subject, said, link, cause=invoice.id, goods=[order])


def complaint_received(
    session: Session, checkout: Checkout, order: Order, line: OrderLine, complaint: Complaint, link: str
) -> None:
    """We have it, in the buyer's own words, and somebody will answer."""
    with speaking(checkout.language):
        said = [
            _("You told us what was wrong with %(goods)s of order %(number)s:", goods=line.name, number=order.number),
            f"{complaint.kind.said}. {complaint.words}",
            _("Somebody of the co-operative looks at it and writes to you. You need not do anything more."),
        ]
        subject = _("We have your complaint about order %(number)s", number=order.number)
        _write(session, checkout, "complaint received", subject, said, link, cause=complaint.id)


def complaint_answered(
    session: Session, checkout: Checkout, order: Order, line: OrderLine, answer: ComplaintAnswer, link: str
) -> None:
    """What comes of it, and why; the refund's own letter says when the money is on its way."""
    with speaking(checkout.language):
        said = [
            _("You told us what was wrong with %(goods)s of order %(number)s:", goods=line.name, number=order.number),
            answer.told(),
            answer.words,
        ]
        subject = _("Our answer to your complaint about order %(number)s", number=order.number)
        _write(session, checkout, "complaint answered", subject, said, link, cause=answer.complaint_id)


def _write(
    session: Session,
    checkout: Checkout,
    kind: str,
    subject: str,
    said: Sequence[str],
    link: str,
    *,
    cause: UUID,
    goods: Sequence[Order] = (),
) -> None:
    """One letter per kind and cause, both spellings from one sheet. They tell of one's own order, so none can be unsubscribed."""
    said = [*said, *(_when(session, goods) if kind in STILL_AHEAD else [])]
    rows = [(row.counted, row.amount.spoken()) for row in sheets.rows_of(goods)]
    total = sum((order.total for order in goods[1:]), goods[0].total) if goods else None
    sheet = Sheet(
        _("Dear %(name)s,", name=checkout.name), said, rows, (_("Total"), total.spoken()) if total else None,
        (_("Your order"), link), [_("Whoever has this link can see the order.")],
    )  # fmt: skip
    outbox.write(
        session, to=checkout.email, subject=subject, text=sheet.text(), html=sheet.html(subject), cause=cause, kind=kind
    )


def _when(session: Session, orders: Sequence[Order]) -> list[str]:
    """For which window each order is, where it is for one."""
    owners = cooperatives.find_many(session, sorted({order.cooperative_id for order in orders if order.window}))
    found = []
    for order in orders:
        if order.window is not None:
            told = {
                "number": order.number, "window": order.window.words(owners[order.cooperative_id].zone),
                "place": order.window.place,
            }  # fmt: skip
            found.append(
                _("Order %(number)s: %(window)s, brought to you in %(place)s", **told)
                if order.window.is_delivery
                else _("Order %(number)s: %(window)s at %(place)s", **told)
            )
    return found


def _numbers(orders: list[Order]) -> str:
    return ", ".join(str(order.number) for order in orders)
