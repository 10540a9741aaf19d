"""What stands on a paper: who sells, who buys, what was charged and what was paid, in words ready to print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cooperative.companies import Company
from cooperative.cooperatives import Cooperative
from ground import spelling, words
from ground.money import Money
from ground.words import _
from storefront import card_payments, extras, refunds, sheets
from storefront.checkouts import Checkout, How
from storefront.invoices import Invoice
from storefront.orders import Order
from storefront.papers import Kind
from storefront.refunds import Refund, State


def of(
    session: Session,
    kind: Kind,
    number: int,
    order: Order,
    owner: Cooperative,
    *,
    invoice: Invoice | None,
    refund: Refund | None,
    at: datetime,
) -> dict[str, Any]:
    """All of it, as it is true `at` this moment, in the language spoken now."""
    checkout = order.checkout
    facts = [
        (_("Date"), _local(at, owner)),
        (_("Order"), _("%(number)s of %(day)s", number=order.number, day=_local(order.created_at, owner))),
    ]
    if invoice is not None:
        facts.append((_("Please pay by"), spelling.day(invoice.due_on)))
    if refund is not None:
        facts.append((_("Reason"), refund.reason))
        rows, sums, figure = _given_back(order, refund)
    else:
        rows = [
            [
                row.words,
                spelling.whole(row.quantity) if row.quantity is not None else "",
                row.unit_price.spoken() if row.unit_price else "",
                row.amount.spoken(),
            ]
            for row in sheets.rows(order)
        ]
        within = [(_("Holds %(tax)s", tax=tax), part.spoken(), False) for tax, part in extras.of_order(order).within]
        sums = [(_("Total"), order.total.spoken(), True), *within, *_paid(session, order, checkout, owner)]
        figure = order.total.spoken()
    return {
        "lang": words.language(), "dir": words.direction(), "title": kind.named(number), "figure": figure,
        "seller": _seller(owner), "buyer": _buyer(session, checkout), "facts": facts,
        "columns": [_("Goods"), _("Quantity"), _("Price"), _("Amount")], "rows": rows, "sums": sums,
        "notes": [refund.told(order.number)] if refund else _thanks(kind),
        "foot": f"{owner.name} · {kind.named(number)}",
    }  # fmt: skip


def _thanks(kind: Kind) -> list[str]:
    return [_("Thank you for buying from the people who grew it.")] if kind is Kind.RECEIPT else []


def _seller(owner: Cooperative) -> dict[str, Any]:
    place = ", ".join(part for part in (owner.place, owner.county, owner.country) if part)
    society = [_("Registered society %(code)s", code=owner.society_code)] if owner.society_code else []
    return {"label": _("Seller"), "name": owner.name, "lines": [*([place] if place else []), *society]}


def _buyer(session: Session, checkout: Checkout) -> dict[str, Any]:
    company = session.get(Company, checkout.company_id) if checkout.company_id else None
    lines = [line for line in (checkout.email, checkout.phone) if line]
    if company is None:
        return {"label": _("Buyer"), "name": checkout.name, "lines": lines}
    number = [_("Registration %(number)s", number=company.registration_no)] if company.registration_no else []
    return {"label": _("Buyer"), "name": company.name, "lines": [*number, checkout.name, *lines]}


def _paid(session: Session, order: Order, checkout: Checkout, owner: Cooperative) -> list[tuple[str, str, bool]]:
    """How it was paid, and what went back before this paper was made."""
    rows: list[tuple[str, str, bool]] = []
    payment = card_payments.of_checkout(session, checkout.id) if checkout.how is How.CARD else None
    if payment is not None and payment.paid_at is not None:
        day = _local(payment.paid_at, owner)
        rows.append((_("Paid by card on %(day)s", day=day), order.total.spoken(), False))
    if order.collection is not None and order.collection.cash_minor is not None:
        cash = Money(order.collection.cash_minor, order.currency)
        day = _local(order.collection.created_at, owner)
        rows.append((_("Paid in cash on %(day)s", day=day), cash.spoken(), False))
        if cash != order.total:
            rows.append((_("Rounded to the coins there are"), (cash - order.total).spoken(), False))
    given = [each for each in refunds.of_order(session, order) if each.state is State.PAID]
    rows += [(_("Given back on %(day)s", day=_local(each.paid_at, owner)), (-each.amount).spoken(), False)
             for each in given if each.paid_at]  # fmt: skip
    return rows


def _given_back(order: Order, refund: Refund) -> tuple[list[list[str]], list[tuple[str, str, bool]], str]:
    line = next((item for item in order.items if item.id in (refund.line_id, refund.fee_id)), None)
    name = line.name if line is not None else _("Goods")
    amount = (-refund.amount).spoken()
    return [[name, "", "", amount]], [(_("Given back"), amount, True)], amount


def _local(moment: datetime, owner: Cooperative) -> str:
    return spelling.day(moment.astimezone(owner.zone).date())
