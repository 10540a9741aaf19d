"""To the buyer's hands: a deposit becomes the pools' money when lots are drawn; cash and invoices come with the goods."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import pools
from inventory.pools import Pool
from ledger import audit, books, history
from ledger.audit import CHECKS
from storefront import collections, invoices, orders, pickings, receipts, refunds
from storefront.checkouts import How


def kes(text):
    return Money.parse(text, "KES")


@pytest.fixture
def operator(make):
    return make.operator()


@pytest.fixture
def till(make, worker_engine):
    return make.till(worker_engine)


@pytest.fixture
def meru(make, operator):
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=20)


@pytest.fixture
def clerk(make, meru):
    return make.staff(meru, "manager")


@pytest.fixture
def books_of(session):
    def reading(cooperative, code, **keys):
        return history.sum_of(session, books.of_cooperative(session, cooperative.id), code, **keys)

    return reading


def balanced(session):
    return [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences] == []


def paid_order(session, make, till, pack, quantity=2):
    return make.paid(till, make.placed(till, make.basket({pack: quantity})))[0]


def the_pool(session, cooperative):
    return session.scalars(select(Pool).where(Pool.cooperative_id == cooperative.id)).one()


def test_a_paid_order_earns_its_pool_the_money_when_it_is_picked(session, make, till, meru, maize, clerk, books_of):
    order = paid_order(session, make, till, maize)
    assert books_of(meru, "2010") == kes("0")
    pickings.pick(session, till, order, by=clerk.id)
    assert books_of(meru, "2010", owner_id=the_pool(session, meru).id) == kes("100")
    assert books_of(meru, "2050") == kes("0")
    with pytest.raises(Conflict, match="picked already"):
        pickings.pick(session, till, order, by=clerk.id)
    assert balanced(session)


def test_an_unpaid_card_order_is_not_picked(session, make, till, meru, maize, clerk):
    order = make.placed(till, make.basket({maize: 2})).orders[0]
    assert pickings.to_pick(session, meru.id) == []
    with pytest.raises(Refusal, match="not paid yet"):
        pickings.pick(session, till, order, by=clerk.id)


def test_the_pick_list_takes_what_expires_first(session, make, till, meru, clerk):
    from datetime import UTC, datetime, timedelta

    from ground import clock

    tomato = make.shelf(meru, "Tomatoes", kilograms=0, keeps_days=30)
    from inventory import products

    product = products.find(session, meru.id, tomato.product_id)
    now = clock.now()
    make.stock(meru, product, 5, at=now)
    make.stock(meru, product, 3, at=now - timedelta(days=9))
    assert now.tzinfo is UTC and isinstance(now, datetime)
    order = paid_order(session, make, till, tomato, 4)
    waiting = pickings.to_pick(session, meru.id)
    takes = pickings.suggestions(session, waiting)[order.lines[0].id]
    assert [take.quantity.amount for take in takes] == [3_000, 1_000]
    first, second = (take.expires_on for take in takes)
    assert first is not None and second is not None and first < second


def test_cash_is_taken_when_the_goods_are_fetched(session, make, till, meru, maize, clerk, books_of):
    order = make.placed(till, make.basket({maize: 3}), How.COLLECTION).orders[0]
    with pytest.raises(Refusal, match="not packed"):
        collections.collect(session, order, by=clerk.id, received=kes("150"))
    pickings.pick(session, till, order, by=clerk.id)
    assert books_of(meru, "2010") == kes("0")
    with pytest.raises(Refusal, match="Take exactly"):
        collections.collect(session, order, by=clerk.id, received=kes("140"))
    collections.collect(session, order, by=clerk.id, received=kes("150"))
    assert books_of(meru, "1010", owner_id=order.point_id) == kes("150")
    assert books_of(meru, "2010") == kes("150")
    with pytest.raises(Conflict, match="collected already"):
        collections.collect(session, order, by=clerk.id, received=kes("150"))
    assert balanced(session)


@pytest.mark.case("finance:E22")
@pytest.mark.parametrize(("price", "cash", "rounding"), [("10.02", "10.00", "0.02"), ("10.03", "10.05", "-0.02")])
def test_only_the_cash_total_is_rounded_to_what_coins_can_pay(
    session, make, till, operator, price, cash, rounding, books_of
):
    alp = make.cooperative("Alp", currency="CHF")
    keeper = make.staff(alp, "manager")
    cheese = make.shelf(alp, "Cheese", {1: price})
    order = make.placed(till, make.basket({cheese: 1}), How.COLLECTION).orders[0]
    pickings.pick(session, till, order, by=keeper.id)
    collections.collect(session, order, by=keeper.id, received=Money.parse(cash, "CHF"))
    assert books_of(alp, "1010") == Money.parse(cash, "CHF")
    assert books_of(alp, "5050") == Money.parse(rounding, "CHF")
    assert books_of(alp, "2010") == Money.parse(price, "CHF")
    assert books_of(alp, "2050") == Money.parse("0", "CHF")


def test_a_company_gets_its_invoice_with_the_goods_and_pays_it_by_the_bank(
    session, make, till, meru, maize, clerk, books_of
):
    grace = make.wholesale_buyer(meru)
    order = make.placed(till, make.basket({maize: 10}, person=grace), How.INVOICE, person=grace).orders[0]
    pickings.pick(session, till, order, by=clerk.id)
    _, invoice = collections.collect(session, order, by=clerk.id)
    assert invoice is not None
    assert (invoice.number, (invoice.due_on - invoice.issued_on).days) == (1, 30)
    assert invoices.due(session, invoice) == kes("500") == books_of(meru, "2010")
    _, left = receipts.record(
        session, invoice, reference="KCB 1", amount=kes("499.50"), received_on=date(2026, 11, 23), by=clerk.id
    )
    assert left == kes("0.50") == invoices.due(session, invoice)
    with pytest.raises(Conflict, match="booked already"):
        receipts.record(
            session, invoice, reference="KCB 1", amount=kes("1"), received_on=date(2026, 11, 23), by=clerk.id
        )
    _, left = receipts.record(
        session, invoice, reference="KCB 2", amount=kes("1.50"), received_on=date(2026, 11, 24), by=clerk.id
    )
    assert left == kes("-1")
    assert invoices.due(session, invoice) == kes("0")
    assert books_of(meru, "2050", owner_id=order.id) == kes("1")
    assert books_of(meru, "1020") == kes("501")
    assert balanced(session)


@pytest.mark.case("commerce:R02")
def test_two_refunds_of_one_amount_are_two_refunds(session, make, till, operator, meru, maize, clerk, books_of):
    from storefront import card_events, refund_events

    placed = make.placed(till, make.basket({maize: 2}))
    session.commit()
    card_events.send(till, placed.payment.id)
    from storefront import card_payments, confirmations

    payment = card_payments.of_checkout(session, placed.checkout.id)
    assert payment is not None and payment.session_ref is not None
    till.gateway.sandbox.pay(payment.session_ref, "4242424242424242")
    confirmations.confirm(session, till, payment, till.gateway.fetch_checkout(payment.session_ref))
    order = orders.of_checkout(session, placed.checkout)[0]
    pickings.pick(session, till, order, by=clerk.id)
    line = order.lines[0].id
    made = [
        refunds.start(session, till, order, line, kes("5"), "Short weight", by=clerk.id, request_key=new_id())
        for _ in range(2)
    ]
    assert made[0].key != made[1].key
    session.commit()
    for refund in made:
        refund_events.send(till, refund.id)
        refund_events.send(till, refund.id)
    session.expire_all()
    assert [refund.state.value for refund in refunds.of_order(session, order)] == ["paid", "paid"]
    assert len(set(till.gateway.sandbox.requests("post", "/v1/refunds"))) == 2
    assert books_of(meru, "2010") == kes("90")
    assert books_of(meru, "2050") == kes("0")
    session.refresh(payment)
    assert payment.fee_minor is not None
    fee = Money(payment.fee_minor, "KES")
    assert books_of(meru, "1040") == kes("90") - fee == books_of(operator, "2600", owner_id=meru.id)
    assert balanced(session)


@pytest.mark.case("commerce:R07")
def test_nobody_gets_back_more_than_the_line_paid_whatever_is_on_its_way(session, make, till, meru, maize, clerk):
    order = paid_order(session, make, till, maize)
    pickings.pick(session, till, order, by=clerk.id)
    line = order.lines[0].id
    refunds.start(session, till, order, line, kes("60"), "Damaged", by=clerk.id, request_key=new_id())
    with pytest.raises(Refusal, match=r"At most KES.40.00 of this line is left"):
        refunds.start(session, till, order, line, kes("40.01"), "Damaged", by=clerk.id, request_key=new_id())
    refunds.start(session, till, order, line, kes("40"), "Damaged", by=clerk.id, request_key=new_id())
    fresh = orders.find(session, meru.id, order.number)
    assert fresh.lines[0].refundable == kes("0")


def test_a_refund_after_the_pool_closed_waits_to_be_borne(session, make, till, meru, maize, clerk, books_of):
    order = paid_order(session, make, till, maize)
    pickings.pick(session, till, order, by=clerk.id)
    pool = pools.lock(session, meru.id, the_pool(session, meru).id)
    pool.close(by=clerk.id)
    session.flush()
    refunds.start(
        session, till, order, order.lines[0].id, kes("30"), "Late complaint", by=clerk.id, request_key=new_id()
    )
    assert books_of(meru, "1240", owner_id=pool.id) == kes("30")
    assert books_of(meru, "2010", owner_id=pool.id) == kes("100")
    assert books_of(meru, "2050", owner_id=order.id) == kes("30")


def test_cash_goes_back_out_of_the_box_it_went_into(session, make, till, meru, maize, clerk, books_of):
    order = make.placed(till, make.basket({maize: 2}), How.COLLECTION).orders[0]
    pickings.pick(session, till, order, by=clerk.id)
    with pytest.raises(Refusal, match="Nothing has been paid"):
        refunds.start(session, till, order, order.lines[0].id, kes("1"), "?", by=clerk.id, request_key=new_id())
    collections.collect(session, order, by=clerk.id, received=kes("100"))
    made = refunds.start(
        session, till, order, order.lines[0].id, kes("25"), "Two were soft", by=clerk.id, request_key=new_id()
    )
    assert made.state is refunds.State.PAID
    assert books_of(meru, "1010") == kes("75") == books_of(meru, "2010")
    assert books_of(meru, "2050") == kes("0")


def test_a_credit_note_comes_off_the_invoice_and_what_is_over_stays_the_buyers(
    session, make, till, meru, maize, clerk, books_of
):
    grace = make.wholesale_buyer(meru)
    order = make.placed(till, make.basket({maize: 4}, person=grace), How.INVOICE, person=grace).orders[0]
    pickings.pick(session, till, order, by=clerk.id)
    _, invoice = collections.collect(session, order, by=clerk.id)
    assert invoice is not None
    line = order.lines[0].id
    refunds.start(session, till, order, line, kes("50"), "One bag wet", by=clerk.id, request_key=new_id())
    assert invoices.due(session, invoice) == kes("150")
    receipts.record(session, invoice, reference="B1", amount=kes("120"), received_on=date(2026, 11, 23), by=clerk.id)
    refunds.start(session, till, order, line, kes("40"), "Another", by=clerk.id, request_key=new_id())
    assert invoices.due(session, invoice) == kes("0")
    assert books_of(meru, "2050", owner_id=order.id) == kes("10")
    assert balanced(session)


def test_a_refund_needs_a_reason_in_the_database_too(session, make, till, meru, maize, clerk):
    from sqlalchemy.exc import IntegrityError

    order = paid_order(session, make, till, maize)
    pickings.pick(session, till, order, by=clerk.id)
    with pytest.raises(IntegrityError):
        refunds.start(session, till, order, order.lines[0].id, kes("1"), "", by=clerk.id, request_key=new_id())
