"""Standings: the order's page says what is true now, whatever became of the payment; one order, one charge."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from ground import clock
from ground.ids import new_id
from ground.stripe.signatures import sign
from inventory import heaps
from storefront import card_payments, windows
from storefront.card_payments import CardPayment, State
from storefront.orders import Order

OURS = {"Sec-Fetch-Site": "same-origin"}
DECLINED, GOOD, ASKS = "4000000000000002", "4242424242424242", "4000002500003155"


@pytest.fixture
def shop(make):
    make.operator()
    meru = make.cooperative("Meru Highlands", slug="meru")
    maize = make.shelf(meru, "Maize", {1: "50"}, kilograms=20)
    return meru, maize, make.window(meru)


def words(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def checkout(client, session, shop):
    """A guest places an order by card: the form's page, the path of the provider's page, and of the order's own."""
    meru, maize, window = shop
    line = {"cooperative": str(meru.id), "pack": str(maize.id), "quantity": "2"}
    client.post("/basket/lines", data=line, headers=OURS)
    form = {
        "name": "Amina Yusuf", "email": "amina@example.org", "how": "card", "expected_minor": "10000", "currency": "KES",
        "once": str(new_id()), f"window-{meru.id}": str(window.id),
    }  # fmt: skip
    answer = client.post("/checkout", data=form, headers=OURS)
    assert answer.status_code == 303
    page = "/sandbox/" + answer.location.partition("/sandbox/")[2]
    again = client.post("/checkout", data=form, headers=OURS)
    return page, "/orders/" + again.location.rpartition("/orders/")[2], form


@pytest.fixture
def told(client, app, session, work):
    """The provider's signed event comes, twice, and the worker looks."""

    def tell():
        payment = session.scalars(select(CardPayment)).one()
        thing = {"id": payment.session_ref, "object": "checkout.session", "amount_total": 10_000, "currency": "kes"}
        event = {
            "id": f"evt_{new_id().hex}", "object": "event", "type": "checkout.session.completed", "livemode": False,
            "created": int(clock.now().timestamp()), "data": {"object": thing},
        }  # fmt: skip
        body = json.dumps(event).encode()
        secret = app.extensions["till"].gateway.sandbox.secret
        for _ in range(2):
            signed = {"Stripe-Signature": sign(body, secret, clock.now())}
            assert client.post("/webhooks/stripe", data=body, headers=signed).status_code == 200
        work()

    return tell


def figures(session, shop):
    """Orders, payments, kilograms held, places booked."""
    meru, maize, window = shop
    session.rollback()
    count = [session.scalar(select(func.count()).select_from(table)) for table in (Order, CardPayment)]
    return (*count, heaps.find(session, meru.id, maize.heap_id).held, windows.find(session, meru.id, window.id).booked)


def test_a_double_click_makes_one_order_and_leads_to_its_own_page(client, session, shop, checkout):
    _, order, form = checkout
    assert figures(session, shop) == (1, 1, 2_000, 1)
    assert client.post("/checkout", data=form, headers=OURS).location.endswith(order)
    assert figures(session, shop) == (1, 1, 2_000, 1)


def test_before_anything_is_paid_the_page_says_until_when_the_goods_are_kept(client, session, shop, checkout):
    page, order, _ = checkout
    payment = session.scalars(select(CardPayment)).one()
    from storefront.checkouts import Checkout

    until = session.get_one(Checkout, payment.checkout_id).expires_at.astimezone(shop[0].zone)
    said = words(client.get(order))
    assert f"Your goods are kept for you until {until:%H:%M}." in said
    assert "Pay KES" in said
    assert f"Your goods are kept for you until {until:%H:%M}." in words(client.get(page))


def test_declined_then_retried_is_one_order_and_one_charge(client, session, shop, checkout, told):
    page, order, _ = checkout
    client.post(page, data={"card": DECLINED}, headers=OURS)
    assert "Not paid." in words(client.get(page))
    assert "If your card was declined" in words(client.get(order))
    client.post(page, data={"card": GOOD}, headers=OURS)
    told()
    assert "We have received" in words(client.get(order))
    assert figures(session, shop) == (1, 1, 2_000, 1)


def test_while_the_bank_asks_nothing_is_charged_and_the_way_back_is_there(client, session, shop, checkout, told):
    page, order, _ = checkout
    client.post(page, data={"card": ASKS}, headers=OURS)
    said = client.get(order)
    assert "your bank still asks you, nothing is charged yet" in words(said)
    assert page in said.text
    client.post(f"{page}/bank", data={"agreed": "yes"}, headers=OURS)
    told()
    assert "We have received" in words(client.get(order))


def test_a_closed_tab_loses_nothing_and_a_late_webhook_is_waited_for(client, session, shop, checkout, told):
    page, order, _ = checkout
    client.post(page, data={"card": GOOD}, headers=OURS)
    assert "Waiting for your payment to be confirmed." in words(client.get(order))
    told()
    assert "We have received" in words(client.get(order))


def test_an_abandoned_payment_frees_goods_and_window_and_offers_another_try(
    client, session, shop, checkout, work, monkeypatch
):
    _, order, _ = checkout
    later = clock.now() + timedelta(minutes=46)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert "The time to pay is over." in words(client.get(order))
    work()
    page = client.get(order)
    assert "Not paid. It was not paid in time. Nothing was charged" in words(page)
    assert f"{order}/again" in page.text
    assert figures(session, shop) == (1, 1, 0, 0)
    assert "Maize" in words(client.get("/basket")), "the basket is as it was left"


def test_checking_out_again_replaces_the_first_attempt_and_says_so(client, session, shop, checkout, work):
    _, order, form = checkout
    client.post("/checkout", data=form | {"once": str(new_id())}, headers=OURS)
    assert "Replaced by a newer order." in words(client.get(order))
    assert figures(session, shop) == (2, 2, 2_000, 1)


def test_a_provider_that_says_no_is_told_as_such(client, session, shop, checkout):
    _, order, _ = checkout
    from storefront import confirmations

    payment = session.scalars(select(CardPayment)).one()
    payment.state = State.UNKNOWN
    session.flush()
    assert card_payments.refused(session, payment.id, "no")
    confirmations.give_up(session, session.get_one(CardPayment, payment.id))
    assert "The payment provider could not open its page. Nothing was charged" in words(client.get(order))
