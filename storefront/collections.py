"""Collections: the buyer fetches the goods; cash is taken then, and a company gets its invoice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from ground import jobs
from ground.barriers import barrier
from ground.errors import Conflict, Refusal
from ground.money import Money
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg
from storefront import earnings, invoices, orders, papers, pickings, tellings
from storefront.checkouts import Checkout, How
from storefront.invoices import Invoice
from storefront.orders import Collection, Order
from storefront.papers import Kind


def collect(
    session: Session, order: Order, *, by: UUID, received: Money | None = None
) -> tuple[Collection, Invoice | None]:
    """Hand over a packed order, once. Cash is the total in coins there are; `received` must be exactly that sum."""
    order = orders.lock(session, order)
    if order.picking is None:
        raise Refusal("This order is not packed yet.")
    if order.collection is not None:
        raise Conflict("This order was collected already.")
    assert order.cancellation is None, "a picked order is not cancelled"
    checkout = session.get_one(Checkout, order.checkout_id)
    cash = order.total.in_cash() if checkout.how is How.COLLECTION else None
    if cash is not None and received != cash:
        raise Refusal(fields={"cash": f"Take exactly {cash}: write that sum once you have it."})
    collection = Collection(
        cooperative_id=order.cooperative_id, order_id=order.id, cash_minor=cash.minor if cash else None, by_id=by
    )
    session.add(collection)
    session.flush()
    barrier("collection: recorded")
    book = books.of_cooperative(session, order.cooperative_id, order.currency)
    invoice = None
    if cash is not None:
        deposit = Pot("2050", order.id)
        legs = cash_in(book, Pot("1010", order.point_id), deposit, order.total, cash)
        legs += earnings.from_deposit(book, order, pickings.drawn(session, order))
        transfers.post(session, book, "collection", collection.id, legs, by=by)
        papers.promise(session, Kind.RECEIPT, order.id)
    elif checkout.how is How.INVOICE:
        invoice = invoices.issue(session, book, order, checkout, by=by)
        papers.promise(session, Kind.INVOICE, invoice.id)
    jobs.enqueue(session, tellings.COLLECTED, order.id)
    session.expire(order, ["collection"])
    barrier("collection: posted")
    return collection, invoice


def cash_in(book: Book, box: Pot, deposit: Pot, owed: Money, cash: Money) -> list[Leg]:
    """Cash for a debt: what coins cannot pay goes to rounding, on the cash total only [finance:E22–E24]."""
    rounding = Pot("5050")
    if cash < owed:
        return [Leg(box, deposit, cash), Leg(rounding, deposit, owed - cash)]
    return [Leg(box, deposit, owed), Leg(box, rounding, cash - owed)]


def cash_out(book: Book, box: Pot, deposit: Pot, owed: Money, cash: Money) -> list[Leg]:
    """The same the other way round: giving back a sum that coins cannot pay to the last one."""
    rounding = Pot("5050")
    if cash < owed:
        return [Leg(deposit, box, cash), Leg(deposit, rounding, owed - cash)]
    return [Leg(deposit, box, owed), Leg(rounding, box, cash - owed)]
