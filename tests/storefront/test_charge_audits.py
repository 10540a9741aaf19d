"""The audit of fees, taxes and gifts: silent over orders of every kind, and each promise, once broken by hand, is named."""

from __future__ import annotations

import pytest

from ground.ids import new_id
from ground.money import Money
from inventory import products
from inventory.products import TaxClass
from ledger import audit
from storefront import cancellations, collections, pickings, refunds
from storefront.charge_audits import CHECKS
from storefront.checkouts import How
from storefront.fees import FeeTax
from tests import sabotage


def broken(session):
    session.flush()
    return [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences]


@pytest.fixture
def trade(session, make, worker_engine):
    """Card, cash and invoice, each with a taxed fee, a tax and a voucher; one refunded in part, one cancelled."""
    make.operator()
    meru = make.cooperative("Meru Highlands", slug="meru")
    flour = make.shelf(meru, "Flour", {1: "116"}, kilograms=90)
    products.find(session, meru.id, flour.product_id).tax_class = TaxClass.STANDARD
    make.taxes(meru, 16)
    make.fee(meru, "58", tax=FeeTax.STANDARD)
    make.fee(meru, "-1.23", name="Solidarity")
    till, clerk, grace = make.till(worker_engine), make.staff(meru, "manager"), make.wholesale_buyer(meru)
    karibu = make.voucher(meru, "KARIBU", "20", uses_most=4)

    def order(how, person=None):
        cart = make.basket({flour: 2}, person=person)
        make.use_voucher(cart, karibu)
        placed = make.placed(till, cart, how, person=person)
        if how is How.CARD:
            make.paid(till, placed)
        return placed.orders[0]

    card, cash, bill, gone = order(How.CARD), order(How.COLLECTION), order(How.INVOICE, grace), order(How.COLLECTION)
    for each in (card, cash, bill):
        pickings.pick(session, till, each, by=clerk.id)
    collections.collect(session, cash, by=clerk.id, received=cash.total)
    collections.collect(session, bill, by=clerk.id)
    for each in (card, cash, bill):
        item = each.lines[0]
        refunds.start(session, till, each, item.id, Money(5_001, "KES"), "Wet", by=clerk.id, request_key=new_id())
    cancellations.cancel(session, till, gone, "No lorry", by=clerk.id)
    session.commit()
    return meru


def test_charges_of_every_kind_leave_no_difference(worker_session, trade):
    assert broken(worker_session) == []


BREAKS = {
    "gifts are shared over what they are for": ("order_gift", "UPDATE order_gift SET amount_minor = amount_minor + 1"),
    "orders know their tax": ("customer_order", "UPDATE customer_order SET tax_minor = tax_minor + 1"),
    "tax owed is explained order by order": ("account", "UPDATE account SET code = '2040' WHERE code = '2030'"),
    "fees and gifts reach whom they are for": ("account", "UPDATE account SET code = '4060' WHERE code = '4070'"),
    "vouchers know how often they were used": ("voucher", "UPDATE voucher SET used = used - 1"),
    "a given-up order keeps no voucher": (
        "order_gift", "UPDATE order_gift SET returned_at = created_at WHERE returned_at IS NULL AND voucher_id IS NOT NULL",
    ),
}  # fmt: skip


def test_every_promise_is_broken_once_here():
    assert set(BREAKS) == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_promise_broken_by_hand_is_named(owner_engine, trade, name):
    table, statement = BREAKS[name]
    with sabotage.broken(owner_engine, statement, tables=(table,)) as seeing:
        assert name in broken(seeing)
