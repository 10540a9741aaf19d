"""Earnings: when goods go over the counter, each part of what is paid reaches whom it is for: pools, tax, carrier, us."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from ground.money import Money, split
from ledger.accounts import Pot, payee
from ledger.books import Book
from ledger.transfers import Leg
from storefront.charges import PayableTo
from storefront.order_charges import Charged, OrderFee
from storefront.orders import Order

GIFTS = Pot("5100")
"""Vouchers and fees below zero are the cooperative's own running costs, never its members' (decision 0010)."""


def tax_pot(cooperative_id: UUID) -> Pot:
    """Sales tax is owed here until it is paid to the authority."""
    return Pot("2030", payee(cooperative_id, "Taxes on sales"))


def fee_pot(fee: OrderFee) -> Pot:
    """The cooperative's own income, or what is owed to whoever carries the goods."""
    if fee.payable_to is PayableTo.TRANSPORTER:
        return Pot("2040", payee(fee.cooperative_id, fee.payee))
    return Pot("4070")


def from_deposit(book: Book, order: Order, drawn: list[tuple[UUID, int]]) -> list[Leg]:
    """The buyer's deposit, with the cooperative's gifts put in, goes to the pools, the tax authority and the earners of fees."""
    deposit = Pot("2050", order.id)
    legs = [Leg(deposit, Pot("2010", pool_id), net) for pool_id, net in by_pool(book, drawn)]
    return [*legs, *_beyond_goods(book, order, deposit), Leg(GIFTS, deposit, _gifts(book, order.items))]


def on_invoice(book: Book, order: Order, invoice_id: UUID, drawn: list[tuple[UUID, int]]) -> list[Leg]:
    """The same for a company that owes: what was given lessens what each pool is still owed, not what it earned."""
    pools = by_pool(book, drawn)
    legs = [Leg(Pot("1100", invoice_id, pool_id), Pot("2010", pool_id), net) for pool_id, net in pools]
    on_goods = _gifts(book, order.lines)
    parts = split(on_goods.minor, [net.minor for _, net in pools]) if on_goods else [0] * len(pools)
    legs += [
        Leg(GIFTS, Pot("1100", invoice_id, pool_id), book.money(part))
        for (pool_id, _), part in zip(pools, parts, strict=True)
    ]
    owed = Pot("1100", invoice_id)
    return [*legs, *_beyond_goods(book, order, owed), Leg(GIFTS, owed, _gifts(book, order.fees))]


def by_pool(book: Book, drawn: list[tuple[UUID, int]]) -> list[tuple[UUID, Money]]:
    """What each pool earned, in ascending order of pool."""
    sums: dict[UUID, int] = defaultdict(int)
    for pool_id, minor in drawn:
        sums[pool_id] += minor
    return [(pool_id, book.money(sums[pool_id])) for pool_id in sorted(sums)]


def _beyond_goods(book: Book, order: Order, source: Pot) -> list[Leg]:
    earned: dict[Pot, Money] = {tax_pot(order.cooperative_id): order.tax}
    for fee in order.fees:
        pot = fee_pot(fee)
        earned[pot] = earned.get(pot, book.money(0)) + fee.earned
    return [Leg(source, pot, earned[pot]) for pot in sorted(earned)]


def _gifts(book: Book, items: Iterable[Charged]) -> Money:
    return sum((item.gift for item in items), book.money(0))
