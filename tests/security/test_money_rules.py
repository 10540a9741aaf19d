"""Ways to turn the shop's own rules into money: swapped baskets, borrowed metadata, a payment to oneself, a day of one's own."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from ground import clock
from ground.errors import Refusal
from ground.ids import new_id
from ground.stripe.signatures import sign
from inventory import price_lists
from storefront.card_payments import CardPayment, State
from storefront.orders import Order
from tests.security.season import OURS


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=50)


def put(client, pack, quantity):
    line = {"cooperative": str(pack.cooperative_id), "pack": str(pack.id), "quantity": str(quantity)}
    assert client.post("/basket/lines", data=line, headers=OURS).status_code == 303


def place(client, minor, how="card", **more):
    form = {
        "name": "Amina",
        "email": "amina@example.org",
        "how": how,
        "expected_minor": str(minor),
        "currency": "KES",
        "once": str(new_id()),
    }
    return client.post("/checkout", data=form | more, headers=OURS)


def tell(client, app, ref, **more):
    secret = app.extensions["till"].gateway.sandbox.secret
    event = {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": int(clock.now().timestamp()),
        "data": {"object": {"id": ref, "object": "checkout.session", "currency": "kes"} | more},
    }
    body = json.dumps(event).encode()
    assert (
        client.post(
            "/webhooks/stripe", data=body, headers={"Stripe-Signature": sign(body, secret, clock.now())}
        ).status_code
        == 200
    )


@pytest.mark.case("attack:A059")
def test_a_basket_changed_in_another_tab_changes_no_order_that_is_being_paid(client, app, session, work, meru, maize):
    put(client, maize, 1)
    page = place(client, 5_000)
    put(client, maize, 30)
    client.post(f"/basket/lines/{maize.id}", data={"quantity": "40"}, headers=OURS)
    client.post("/sandbox" + page.location.partition("/sandbox")[2], data={"card": "4242424242424242"}, headers=OURS)
    payment = session.scalars(select(CardPayment)).one()
    tell(client, app, payment.session_ref)
    work()
    assert session.execute(text("SELECT sum(quantity) FROM order_line")).scalar_one() == 1
    assert session.scalars(select(CardPayment)).one().state is State.PAID
    assert session.execute(text("SELECT sum(total_minor) FROM checkout")).scalar_one() == 5_000


@pytest.mark.case("attack:A053")
@pytest.mark.parametrize("expected", ["1", "4999", "0", "999999999"])
def test_no_price_that_the_buyer_writes_is_ever_the_price(client, session, meru, maize, expected):
    put(client, maize, 1)
    assert place(client, expected, "collection").status_code == 409
    assert session.scalars(select(Order)).all() == []


@pytest.mark.case("attack:A088")
def test_what_an_event_says_about_order_house_and_sum_is_not_believed(client, app, session, work, make, meru, maize):
    """It names a page of the provider's; the shop looks that page up and acts on what it finds there."""
    put(client, maize, 1)
    place(client, 5_000)
    victim = session.scalars(select(CardPayment)).one()
    other = make.cooperative("Kilifi", slug="kilifi")
    lies = {
        "client_reference_id": str(victim.checkout_id),
        "amount_total": 5_000,
        "payment_status": "paid",
        "status": "complete",
        "metadata": {"order_id": str(victim.checkout_id), "cooperative_id": str(other.id)},
    }
    tell(client, app, victim.session_ref, **lies)
    tell(client, app, "cs_of_nobody", **lies)
    work()
    assert session.scalars(select(CardPayment)).one().state is State.OPEN


@pytest.mark.case("attack:A072")
def test_nobody_is_paid_at_the_account_that_pays(session, make, meru):
    manager, treasurer = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    member = make.member(meru, "Faith Wambui")
    make.bank_account(meru, by=manager, account="0110099887", bank_code="EQBLKENA")
    make.bank_destination(member, by=manager, account="0110099887", bank_code="EQBLKENA")
    make.owed_to(member, "500")
    with pytest.raises(Refusal, match="the account that it is paid from"):
        make.sent_run(meru, by=treasurer, approver=manager)


@pytest.mark.case("attack:A080")
@pytest.mark.parametrize(
    "field", ["delivered_at", "device_at", "created_at", "receipt_no", "lot_id", "net", "advance_minor", "collector_id"]
)
def test_when_and_as_what_a_delivery_counts_is_not_for_the_sender_to_say(client, make, session, meru, field):
    """The server's receipt decides the day and the pool; a device's clock has no field on this form."""
    beans = make.product("Beans", cooperative=meru)
    pool, point, member = make.pool(beans), make.point(meru), make.member(meru, number=7)
    assert member is not None
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "collector")))
    form = {
        "once": str(new_id()),
        "number": "7",
        "what": f"{pool.id}:A",
        "point": str(point.id),
        "gross": "40",
        "tare": "0",
    }
    for value in ("2016-11-23T10:00:00Z", "2036-11-23", "1"):
        assert client.post("/office/meru/deliveries/", data=form | {field: value}, headers=OURS).status_code == 422
    assert client.post("/office/meru/deliveries/", data=form, headers=OURS).status_code == 303
    said = session.execute(text("SELECT count(*) FROM delivery")).scalar_one()
    assert said == 1


@pytest.mark.case("attack:A142")
def test_two_who_count_the_same_heap_do_not_overwrite_each_other(client, make, session, meru, maize):
    """The form carries the figure its writer saw; the second one is told both."""
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))
    address = f"/office/meru/stock/{maize.heap_id}/counts"
    first = client.post(address, data={"once": str(new_id()), "counted": "48", "seen": "50000"}, headers=OURS)
    second = client.post(address, data={"once": str(new_id()), "counted": "49", "seen": "50000"}, headers=OURS)
    without = client.post(address, data={"once": str(new_id()), "counted": "49"}, headers=OURS)
    assert (first.status_code, second.status_code, without.status_code) == (303, 409, 422)
    plain = second.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "48 kg" in plain and "49" in plain
    assert session.execute(text("SELECT on_hand FROM heap")).scalar_one() == 48_000


@pytest.mark.case("attack:A138")
@pytest.mark.case("commerce:X10")
def test_a_form_of_ten_thousand_fields_and_a_body_of_many_megabytes_are_refused(client, make, meru, maize):
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))
    assert price_lists.find_public is not None
    rows = {f"rung-{row}-{what}": "1" for row in range(1, 6_000) for what in ("from", "price")}
    assert client.post(f"/office/meru/prices/{maize.id}", data=rows, headers=OURS).status_code in (413, 422)
    lines = {f"commodity-{row}": "Beans" for row in range(1, 2_000)} | {"once": str(new_id()), "point": str(new_id())}
    assert client.post("/office/meru/prices/seeds", data=lines, headers=OURS).status_code in (413, 422)
    for path in ("/office/meru/products/", "/sign-in", "/checkout", "/basket/lines"):
        assert client.post(path, data={"name": "x" * 4_000_000}, headers=OURS).status_code == 413
    assert client.get("/products?page=1000000000&q=" + "x" * 5_000).status_code == 200
