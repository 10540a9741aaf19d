"""Card payments: the intent before the call, the exact amount or nothing, once whoever comes first, and never in silence."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from ground import clock, inbox, tenants
from ground.errors import Conflict
from ground.inbox import NotYet, ProviderEvent
from ground.money import Money
from ground.outbox import Letter
from inventory import heaps, holds
from inventory.holds import Hold
from ledger import books, history
from storefront import cancellations, card_events, card_payments, confirmations, orders, refund_events, refunds, sweeper
from storefront.alarms import Alarm
from storefront.card_payments import CardPayment, State
from storefront.checkouts import Checkout


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
def placed(session, make, till, maize):
    """A committed placement of two kilograms, KES 100."""
    made = make.placed(till, make.basket({maize: 2}, token="guest"))
    session.commit()
    return made


def holds_in(session, cooperative, code, **keys):
    book = books.of_cooperative(session, cooperative.id)
    return history.sum_of(session, book, code, **keys)


def payment_of(session, placed):
    session.expire_all()
    return card_payments.of_checkout(session, placed.checkout.id)


def reason_of(order):
    assert order.cancellation is not None
    return order.cancellation.reason


def alarms(session):
    return sorted(session.scalars(select(Alarm.kind)))


def event(session, kind, object_key, amount, key="evt_1"):
    body = json.dumps({"data": {"object": {"amount_total": amount, "currency": "kes"}}}).encode()
    inbox.receive(session, "stripe", key, kind=kind, object_key=object_key, body=body)
    found = session.scalars(select(ProviderEvent).where(ProviderEvent.event_key == key)).one()
    session.commit()
    return found


def test_paying_at_the_provider_makes_the_order_paid_in_both_books(session, make, till, operator, meru, placed):
    url = card_events.send(till, placed.payment.id)
    assert url is not None and url.startswith("http://shop.test/sandbox/checkout/")
    payment = payment_of(session, placed)
    assert payment.state is State.OPEN
    session.commit()
    till.gateway.sandbox.pay(payment.session_ref, "4242424242424242")
    told = event(session, "checkout.session.completed", payment.session_ref, 10_000)
    assert card_events.handle_checkout(till, told) == "paid"
    order = orders.of_checkout(session, placed.checkout)[0]
    fee = Money(payment_of(session, placed).fee_minor, "KES")
    assert holds_in(session, operator, "1030") == kes("100") - fee
    assert holds_in(session, operator, "2600", owner_id=meru.id) == kes("100") - fee
    assert holds_in(session, meru, "1040") == kes("100") - fee
    assert holds_in(session, meru, "2050", owner_id=order.id) == kes("100")
    assert holds_in(session, meru, "5020") == fee
    assert session.scalars(select(Letter).where(Letter.kind == "order paid")).one().recipient == "amina@example.org"
    assert session.scalars(select(Hold.expires_at).where(Hold.cooperative_id == meru.id)).all() == [None]


@pytest.mark.case("commerce:M09")
def test_two_who_confirm_at_once_confirm_once(session, make, till, meru, placed):
    payment = payment_of(session, placed)
    assert confirmations.confirm(session, till, payment, make.seen(placed)) == "paid"
    assert confirmations.confirm(session, till, payment, make.seen(placed)) == "paid before"
    assert not card_payments.paid(session, payment.id, session_ref="cs", payment_ref="pi", fee=None)
    assert holds_in(session, meru, "1040") == kes("100")


@pytest.mark.case("commerce:M15")
@pytest.mark.parametrize("minor", [9_999, 10_001])
def test_another_amount_is_never_paid_and_both_sides_are_told(session, make, till, meru, placed, minor):
    payment = payment_of(session, placed)
    assert confirmations.confirm(session, till, payment, make.seen(placed, minor=minor)) == "amount differs"
    confirmations.confirm(session, till, payment, make.seen(placed, minor=minor))
    assert payment_of(session, placed).state is not State.PAID
    assert holds_in(session, meru, "1040") == kes("0")
    assert alarms(session) == ["amount differs"]
    letter = session.scalars(select(Letter)).one()
    assert str(kes("100")) in letter.text and str(Money(minor, "KES")) in letter.text


@pytest.mark.case("commerce:M03")
def test_an_event_that_tells_another_amount_is_not_applied(session, till, placed):
    card_events.send(till, placed.payment.id)
    payment = payment_of(session, placed)
    session.commit()
    till.gateway.sandbox.pay(payment.session_ref, "4242424242424242")
    told = event(session, "checkout.session.completed", payment.session_ref, 1)
    assert card_events.handle_checkout(till, told) == "amount differs"
    assert payment_of(session, placed).state is State.OPEN
    assert alarms(session) == ["event differs"]


@pytest.mark.case("commerce:M04")
def test_an_event_before_its_order_is_kept_and_tried_again(session, till, placed):
    from ground.stripe.answers import CheckoutIntent, CheckoutLine

    made = till.gateway.create_checkout(
        CheckoutIntent(
            key="checkout:elsewhere", recorded_at=clock.now(), client_reference="not one of ours",
            lines=(CheckoutLine("Beans", kes("100")),), success_url="http://shop.test/x", cancel_url="http://shop.test/",
            expires_at=clock.now() + timedelta(minutes=45),
        )
    )  # fmt: skip
    told = event(session, "checkout.session.completed", made.id, 10_000)
    with pytest.raises(NotYet):
        card_events.handle_checkout(till, told)


@pytest.mark.case("commerce:M11")
def test_a_payment_whose_webhook_was_lost_is_finished_by_the_sweeper_once(session, till, meru, placed, monkeypatch):
    card_events.send(till, placed.payment.id)
    payment = payment_of(session, placed)
    session.commit()
    till.gateway.sandbox.pay(payment.session_ref, "4242424242424242")
    later = clock.now() + timedelta(minutes=12)
    monkeypatch.setattr(clock, "read", lambda: later)
    sweeper.sweep(till)
    sweeper.sweep(till)
    assert payment_of(session, placed).state is State.PAID
    assert holds_in(session, meru, "2050") == kes("100")


@pytest.mark.case("commerce:M11")
def test_an_intent_that_was_never_sent_is_sent_by_the_sweeper(session, till, placed, monkeypatch):
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "read", lambda: later)
    sweeper.sweep(till)
    assert payment_of(session, placed).state is State.OPEN


def test_a_silent_provider_leaves_it_unknown_and_the_same_key_finds_the_same_page(session, till, placed, monkeypatch):
    till.gateway.sandbox.set_fault("lost_response", method="post", path="/v1/checkout/sessions", times=3)
    assert card_events.send(till, placed.payment.id) is None
    assert payment_of(session, placed).state is State.UNKNOWN
    session.commit()
    assert card_events.send(till, placed.payment.id) is not None
    keys = till.gateway.sandbox.requests("post", "/v1/checkout/sessions")
    assert set(keys) == {card_payments.key_of(placed.payment.id)}
    assert payment_of(session, placed).state is State.OPEN


def test_a_page_nobody_paid_gives_its_goods_back(session, make, till, maize, placed, monkeypatch):
    card_events.send(till, placed.payment.id)
    later = clock.now() + timedelta(minutes=46)
    monkeypatch.setattr(clock, "read", lambda: later)
    till.gateway.sandbox.turn_clock(46 * 60)
    sweeper.sweep(till)
    assert payment_of(session, placed).state is State.EXPIRED
    assert reason_of(orders.of_checkout(session, placed.checkout)[0]) == cancellations.UNPAID
    assert heaps.find(session, maize.cooperative_id, maize.heap_id).held == 0


@pytest.mark.case("commerce:S08")
def test_a_hold_that_lapsed_is_held_again_where_the_goods_are_still_there(session, make, till, meru, maize, placed):
    session.execute(
        update(Hold).where(Hold.cooperative_id == meru.id).values(expires_at=clock.now() - timedelta(seconds=1))
    )
    holds.expire_due(session, clock.now())
    assert confirmations.confirm(session, till, payment_of(session, placed), make.seen(placed)) == "paid"
    assert heaps.find(session, meru.id, maize.heap_id).held == 2_000


@pytest.mark.case("commerce:S10")
def test_a_payment_after_the_goods_were_sold_is_booked_and_given_back_and_both_are_told(
    session, make, till, operator, meru, maize, placed
):
    session.execute(
        update(Hold).where(Hold.cooperative_id == meru.id).values(expires_at=clock.now() - timedelta(seconds=1))
    )
    holds.expire_due(session, clock.now())
    make.placed(till, make.basket({maize: 20}))
    session.commit()
    card_events.send(till, placed.payment.id)
    payment = payment_of(session, placed)
    session.commit()
    till.gateway.sandbox.pay(payment.session_ref, "4242424242424242")
    card_events.handle_checkout(till, event(session, "checkout.session.completed", payment.session_ref, 10_000))
    order = orders.of_checkout(session, placed.checkout)[0]
    assert reason_of(order) == cancellations.TOO_LATE
    assert alarms(session) == ["paid too late"]
    assert "paid too late" in session.scalars(select(Letter.kind)).all()
    refund = refunds.of_order(session, order)[0]
    session.commit()
    refund_events.send(till, refund.id)
    session.expire_all()
    assert refunds.find(session, meru.id, refund.id).state is refunds.State.PAID
    assert holds_in(session, meru, "2050", owner_id=order.id) == kes("0")
    assert holds_in(session, operator, "2600") == -Money(payment_of(session, placed).fee_minor, "KES")


def test_a_replaced_attempt_that_is_paid_after_all_is_given_back(session, make, till, meru, maize):
    cart = make.basket({maize: 2})
    first = make.placed(till, cart)
    make.placed(till, cart)
    assert confirmations.confirm(session, till, payment_of(session, first), make.seen(first)) == (
        "paid, but some goods were gone"
    )
    order = orders.of_checkout(session, first.checkout)[0]
    assert [refund.amount for refund in refunds.of_order(session, order)] == [kes("100")]


def test_a_definite_no_frees_the_goods_at_once(session, make, till, meru):
    cheap = make.shelf(meru, "Chives", {1: "0.01"}, content=10)
    made = make.placed(till, make.basket({cheap: 1}))
    session.commit()
    till.gateway.sandbox.state.set("clock_offset_seconds", str(40 * 60))
    assert card_events.send(till, made.payment.id) is None
    assert payment_of(session, made).state is State.FAILED
    assert heaps.find(session, meru.id, cheap.heap_id).held == 0


def test_paid_is_the_end_in_the_database_too(session, make, till, placed):
    payment = payment_of(session, placed)
    confirmations.confirm(session, till, payment, make.seen(placed))
    assert not card_payments.expired(session, payment.id)
    assert not card_payments.opened(session, payment.id, "cs_other", None)
    assert payment_of(session, placed).state is State.PAID


def test_the_frozen_amount_cannot_be_changed(session, placed):
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError, match=r"froze|append-only|keeps what it froze"):
        session.execute(update(CardPayment).values(amount_minor=1))
    session.rollback()
    with pytest.raises(DBAPIError, match=r"froze|append-only|keeps what it froze"):
        session.execute(update(Checkout).values(total_minor=1))
    session.rollback()
    tenants.enter(session)


def test_cancelling_a_paid_order_pays_it_back_in_full(session, make, till, meru, placed):
    confirmations.confirm(session, till, payment_of(session, placed), make.seen(placed))
    order = orders.of_checkout(session, placed.checkout)[0]
    manager = make.staff(meru, "manager")
    cancellations.cancel(session, till, order, "The lorry broke down.", by=manager.id)
    assert sum(refund.amount_minor for refund in refunds.of_order(session, order)) == 10_000
    with pytest.raises(Conflict):
        cancellations.cancel(session, till, order, "Again.", by=manager.id)
