"""Extras: the rows between the goods and the total, in words: fees, tax on top, gifts; and the tax that is within."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ground.money import Money
from ground.words import _
from storefront.bills import Bill
from storefront.orders import Order
from storefront.taxes import Rate

Row = tuple[str, Money]


@dataclass(frozen=True, slots=True)
class Extras:
    """`rows` add up with the goods to the total; `within` only tells what tax the total holds."""

    rows: list[Row]
    within: list[Row]


def of_bill(bill: Bill) -> Extras:
    """What stands between the goods of a basket's part and what it comes to."""
    fees = [(fee.charge.words, fee.item.taxed.amount) for fee in bill.fees]
    gifts = [(given.gift.words, -given.amount) for given in bill.given]
    return _extras(fees, bill.tax_added, gifts, [(each.rate, each.tax) for each in bill.taxes])


def of_order(order: Order) -> Extras:
    """The same of an order, from what was frozen when it was placed."""
    fees = [(fee.name, fee.amount) for fee in order.fees]
    gifts = [(gift.words, -gift.amount) for gift in order.gifts]
    added = Money(sum(item.added_minor for item in order.items), order.currency)
    sums = [(Rate(name, bps), Money(minor, order.currency)) for name, bps, minor in order.taxes]
    return _extras(fees, added, gifts, sums)


def _extras(fees: list[Row], added: Money, gifts: list[Row], sums: Iterable[tuple[Rate, Money]]) -> Extras:
    named = [(_("%(tax)s %(percent)s", tax=rate.name, percent=rate.percent), tax) for rate, tax in sums if tax]
    on_top = [(_("Tax on top"), added)] if added else []
    return Extras([*fees, *on_top, *gifts], named)
