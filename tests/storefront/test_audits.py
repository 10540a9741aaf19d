"""The audit of sales: silent over a whole trade of every kind, and each promise, once broken by hand, is named."""

from __future__ import annotations

from datetime import date

import pytest

from ground.ids import new_id
from ground.money import Money
from ledger import audit, books
from storefront import (
    cancellations,
    card_events,
    charge_audits,
    collections,
    complaint_audits,
    issuing,
    orders,
    pickings,
    provider_payouts,
    receipts,
    refund_events,
    refunds,
    sweeper,
)
from storefront.audits import CHECKS
from storefront.checkouts import How
from storefront.papers import Kind
from tests import sabotage


def broken(session):
    session.flush()
    return [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences]


@pytest.fixture
def trade(session, make, worker_engine):
    """One order of every kind: card (fee, refund), card cancelled, card unpaid, cash with a refund, invoice with a note."""
    operator = make.operator()
    meru = make.cooperative("Meru Highlands", slug="meru")
    kilifi = make.cooperative("Kilifi Coast", slug="kilifi")
    maize, mango = make.shelf(meru, "Maize", {1: "50"}, kilograms=90), make.shelf(kilifi, "Mango", {1: "35"})
    till, clerk = make.till(worker_engine), make.staff(meru, "manager")
    make.window(meru)
    placed = make.placed(till, make.basket({maize: 3, mango: 2}))
    given_up = make.placed(till, make.basket({maize: 2}))
    make.placed(till, make.basket({maize: 1}))
    session.commit()
    for each in (placed, given_up):
        url = card_events.send(till, each.payment.id)
        assert url is not None
        ref = url.rpartition("/")[2]
        till.gateway.sandbox.pay(ref, "4242424242424242")
        sweeper.look_up(till, each.payment.id)
    session.expire_all()
    order = next(each for each in orders.of_checkout(session, placed.checkout) if each.cooperative_id == meru.id)
    pickings.pick(session, till, order, by=clerk.id)
    back = refunds.start(
        session, till, order, order.lines[0].id, Money(4_000, "KES"), "Wet", by=clerk.id, request_key=new_id()
    )
    lost = orders.of_checkout(session, given_up.checkout)[0]
    cancellations.cancel(session, till, lost, "No lorry", by=clerk.id)
    whole = refunds.of_order(session, lost)[0]
    session.commit()
    for refund in (back, whole):
        refund_events.send(till, refund.id)
    session.expire_all()
    cash = make.placed(till, make.basket({maize: 4}), How.COLLECTION).orders[0]
    pickings.pick(session, till, cash, by=clerk.id)
    collections.collect(session, cash, by=clerk.id, received=Money(20_000, "KES"))
    refunds.start(session, till, cash, cash.lines[0].id, Money(500, "KES"), "Soft", by=clerk.id, request_key=new_id())
    grace = make.wholesale_buyer(meru)
    bought = make.placed(till, make.basket({maize: 10}, person=grace), How.INVOICE, person=grace).orders[0]
    pickings.pick(session, till, bought, by=clerk.id)
    _, invoice = collections.collect(session, bought, by=clerk.id)
    assert invoice is not None
    receipts.record(
        session, invoice, reference="B 1", amount=Money(48_000, "KES"), received_on=date(2026, 11, 23), by=clerk.id
    )
    refunds.start(
        session, till, bought, bought.lines[0].id, Money(5_000, "KES"), "Late", by=clerk.id, request_key=new_id()
    )
    session.commit()
    book = books.of_cooperative(session, operator.id)
    held = provider_payouts.held(session, book)
    provider_payouts.record(session, book, reference="PO 1", amount=held, received_on=date(2026, 11, 23), by=clerk.id)
    for kind, cause in ((Kind.RECEIPT, cash.id), (Kind.RECEIPT, order.id), (Kind.INVOICE, invoice.id)):
        issuing.issue(session, kind, cause)
    session.commit()
    return meru


def test_a_trade_of_every_kind_leaves_no_difference(worker_session, session, trade):
    assert broken(worker_session) == []


BREAKS = {
    "windows count their orders": ("collection_window", "UPDATE collection_window SET booked = booked + 1"),
    "checkouts are the sum of their orders": ("checkout_part", "UPDATE checkout_part SET total_minor = total_minor + 1"),
    "deposits are explained": ("account", "UPDATE account SET balance_minor = balance_minor + 1 WHERE code = '2050'"),
    "the operator owes what the cooperatives are owed": (
        "account", "UPDATE account SET code = '1020', owner_id = id WHERE code = '1040'",
    ),
    "every payment at the provider is in the books, and the other way round": (
        "cause", "UPDATE cause SET kind = 'card paiment' WHERE kind = 'card payment'",
    ),
    "every provider payout is in the operator's book": (
        "cause", "UPDATE cause SET kind = 'provider paiout' WHERE kind = 'provider payout'",
    ),
    "every refund at the provider is in the books, and the other way round": (
        "cause", "UPDATE cause SET kind = 'refund piad' WHERE kind = 'refund paid'",
    ),
    "lines know what was given back of them": ("order_line", "UPDATE order_line SET refunded_minor = 1"),
    "certain orders have their goods set aside": (
        "hold", "UPDATE hold SET ended_how = 'released', ended_at = created_at WHERE ended_at IS NULL",
    ),
    "picked orders drew their lots": ("lot_move", "UPDATE lot_move SET net_minor = net_minor + 1 WHERE kind = 'sell'"),
    "invoices are what was handed over": ("transfer", "UPDATE transfer SET amount_minor = amount_minor + 1"),
    "papers are numbered without gaps": ("paper", "UPDATE paper SET number = number + 1 WHERE kind = 'invoice'"),
    "card checkouts have one intent of their amount": (
        "card_payment", "UPDATE card_payment SET amount_minor = amount_minor + 1",
    ),
}  # fmt: skip


def test_every_promise_is_broken_once_here():
    """Those of charges and of complaints are broken beside their own tests."""
    elsewhere = {check.name for check in (*charge_audits.CHECKS, *complaint_audits.CHECKS)}
    assert set(BREAKS) == {check.name for check in CHECKS} - elsewhere


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_promise_broken_by_hand_is_named(owner_engine, session, trade, name):
    table, statement = BREAKS[name]
    session.commit()
    with sabotage.broken(owner_engine, statement, tables=(table,)) as seeing:
        assert name in broken(seeing)
