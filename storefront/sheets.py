"""Sheets: everything an order charges for, line by line as it was frozen; pages, letters and papers read this one answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ground.money import Money
from storefront import extras
from storefront.orders import Order


@dataclass(frozen=True, slots=True)
class Row:
    """One line: goods have a quantity and the price of one; fees, taxes and what was given off have neither."""

    words: str
    amount: Money
    quantity: int | None = None
    unit_price: Money | None = None

    @property
    def counted(self) -> str:
        """`2 × Maize, 1 kg`, or just the words."""
        return self.words if self.quantity is None else f"{self.quantity} × {self.words}"


def rows(order: Order) -> list[Row]:
    """The order's lines, then its fees, tax on top and what was given off; their amounts sum to its total."""
    goods = [Row(line.name, line.line_total, line.quantity, line.unit_price) for line in order.lines]
    return [*goods, *(Row(words, amount) for words, amount in extras.of_order(order).rows)]


def rows_of(orders: Iterable[Order]) -> list[Row]:
    return [row for order in orders for row in rows(order)]
