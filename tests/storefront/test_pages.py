"""The shop's pages: no script needed, no other buyer's data, and an order is paid only by the signed webhook."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from sqlalchemy import select

from ground import clock
from ground.ids import new_id
from ground.inbox import ProviderEvent
from ground.outbox import Letter
from ground.stripe.signatures import sign
from storefront import card_payments, orders
from storefront.card_payments import CardPayment, State
from storefront.carts import Cart, CartLine
from storefront.checkouts import Checkout

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru", place="Meru", story="We grow on the mountain.")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50", 10: "40"}, kilograms=200)


def words(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def add(client, pack, **fields):
    given = {"cooperative": pack.cooperative_id, "pack": pack.id, "quantity": 1} | fields
    return client.post("/basket/lines", data={name: str(value) for name, value in given.items()}, headers=OURS)


def checkout(client, total_minor, **fields):
    given = {
        "name": "Amina Yusuf", "email": "amina@example.org", "how": "collection", "expected_minor": str(total_minor),
        "currency": "KES", "once": str(new_id()),
    }  # fmt: skip
    return client.post("/checkout", data=given | fields, headers=OURS)


def sign_in(client, make, person):
    client.set_cookie("gm-session", make.sign_in(person))


def test_the_market_shows_the_price_of_a_kilo_beside_every_price(client, meru, maize):
    for address in ("/", "/products", "/cooperatives/meru"):
        page = client.get(address)
        assert page.status_code == 200
        assert "KES 50.00 / kg" in words(page).replace("\N{NO-BREAK SPACE}", " ")
        assert "KES 40.00" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Meru Highlands" in client.get("/cooperatives").text


def test_words_and_cooperatives_narrow_the_catalogue(client, make, meru, maize):
    make.shelf(make.cooperative("Kilifi Coast", slug="kilifi"), "Mango")
    assert "Mango" not in words(client.get("/products?q=maize"))
    assert "Mango" in words(client.get("/products?q=kilifi"))
    assert "Maize" not in words(client.get("/products?from=kilifi"))
    assert "Nothing found" in client.get("/products?q=%25").text
    assert client.get("/products?page=99999999999999999999").status_code == 200


def test_a_cooperative_that_is_not_listed_is_not_in_the_shop(client, make, meru):
    hidden = make.cooperative("Hidden Hills", slug="hidden", listed=False)
    make.shelf(hidden, "Secret Sorghum")
    for address in ("/cooperatives/hidden", "/cooperatives/hidden/products/secret-sorghum"):
        assert client.get(address).status_code == 404
    assert "Sorghum" not in client.get("/products").text


def test_the_ladder_is_made_of_buttons_and_the_same_address_answers_every_quantity(client, meru, maize):
    page = client.get("/cooperatives/meru/products/maize?quantity=8")
    text = words(page).replace("\N{NO-BREAK SPACE}", " ")
    assert "KES 400.00" in text
    assert 'type="submit" name="take" value="10"' in page.text
    assert "KES 400.00" in words(client.get("/cooperatives/meru/products/maize?take=10&quantity=8")).replace(
        "\N{NO-BREAK SPACE}", " "
    )


@pytest.mark.case("commerce:P14")
def test_nobody_pays_more_for_fewer_without_being_told_on_any_page(client, meru, maize):
    said = "1 more for KES 50.00 less"
    assert said in words(client.get("/cooperatives/meru/products/maize?quantity=9")).replace("\N{NO-BREAK SPACE}", " ")
    add(client, maize, quantity=9)
    assert said in words(client.get("/basket")).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.case("commerce:C04")
@pytest.mark.parametrize("told", ["-3", "0", "1000000000", "1.5", "NaN", "٣", "2,5", "1e3", "1_0", " ", "0x5"])
def test_one_reader_refuses_every_odd_quantity_and_writes_no_line(client, session, meru, maize, told):
    answer = add(client, maize, quantity=told)
    if told.strip():
        assert answer.status_code == 422
        assert session.scalars(select(CartLine)).all() == []
    add(client, maize, quantity=2)
    changed = client.post(f"/basket/lines/{maize.id}", data={"quantity": told}, headers=OURS)
    assert changed.status_code == 422
    assert 2 <= session.scalars(select(CartLine.quantity)).one() <= 3
    assert client.get("/cooperatives/meru/products/maize", query_string={"quantity": told}).status_code == 200


def test_a_guest_fills_changes_and_empties_a_basket_by_plain_forms(client, session, meru, maize):
    assert add(client, maize, quantity=3).status_code == 303
    assert (
        client.post(f"/basket/lines/{maize.id}", data={"quantity": "3", "take": "10"}, headers=OURS).status_code == 303
    )
    assert session.scalars(select(CartLine.quantity)).one() == 10
    assert "KES\N{NO-BREAK SPACE}400.00" in client.get("/basket").text
    assert client.post(f"/basket/lines/{maize.id}/removal", headers=OURS).status_code == 303
    assert "Your basket is empty" in client.get("/basket").text


def test_the_carts_cookie_is_not_what_the_database_keeps(client, session, meru, maize):
    add(client, maize)
    cookie = client.get_cookie("gm-cart")
    cart = session.scalars(select(Cart)).one()
    assert cookie.http_only and cookie.value and cart.token_hash != cookie.value


@pytest.mark.case("commerce:C01")
def test_the_basket_shows_the_old_and_the_new_price_and_checkout_asks_again(client, session, make, meru, maize):
    from inventory import ladders, price_lists
    from inventory.ladders import LadderForm

    add(client, maize, quantity=2)
    ladders.set_ladder(session, price_lists.public(session, meru.id), maize, LadderForm(rungs=((1, 7_000),)))
    page = client.get("/basket").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Prices changed" in page and "KES 100.00</s>" in page and "KES 140.00" in page
    refused = checkout(client, 10_000)
    assert refused.status_code == 409
    text = refused.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "it was KES 100.00, now it is KES 140.00" in unescape(text)
    assert 'name="expected_minor" value="14000"' in text
    assert 'value="Amina Yusuf"' in text
    assert session.scalars(select(Checkout)).all() == []
    assert checkout(client, 14_000).status_code == 303


def test_a_guest_orders_for_collection_and_follows_a_secret_link(client, session, meru, maize):
    add(client, maize, quantity=2)
    answer = checkout(client, 10_000)
    assert re.fullmatch(r"/orders/[0-9a-f]{48}", answer.location)
    page = client.get(answer.location)
    assert "We have your order" in page.text and "Bring KES\N{NO-BREAK SPACE}100.00" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "Your basket is empty" in client.get("/basket").text
    assert answer.location in session.scalars(select(Letter.text)).one()
    stored = session.scalars(select(Checkout)).one()
    assert answer.location.rpartition("/")[2] not in (stored.token_hash, str(stored.id))


@pytest.mark.case("commerce:X02")
@pytest.mark.parametrize(
    "path", ["/orders/{id}", "/orders/" + "0" * 48, "/orders/" + "x" * 300, "/orders/%F0%9F%A5%AD"]
)
def test_an_order_opens_by_its_link_and_by_nothing_else(client, session, meru, maize, path):
    add(client, maize)
    checkout(client, 5_000)
    assert client.get(path.format(id=session.scalars(select(Checkout.id)).one())).status_code == 404


@pytest.mark.case("commerce:M10")
def test_a_form_sent_twice_makes_one_order_and_another_body_is_a_conflict(client, session, meru, maize):
    add(client, maize, quantity=2)
    once = str(new_id())
    first = checkout(client, 10_000, once=once)
    second = checkout(client, 10_000, once=once)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    add(client, maize, quantity=2)
    assert checkout(client, 10_000, once=once, name="Somebody Else").status_code == 409
    assert len(session.scalars(select(Checkout)).all()) == 1


@pytest.mark.case("commerce:X02")
def test_buying_on_invoice_is_not_taken_from_those_who_have_no_terms(client, session, meru, maize):
    add(client, maize)
    page = client.get("/checkout")
    assert 'value="invoice"' not in page.text
    assert checkout(client, 5_000, how="invoice").status_code == 403
    assert checkout(client, 5_000, company_id=str(new_id())).status_code == 422
    assert session.scalars(select(Checkout)).all() == []


def test_a_company_with_terms_is_offered_its_invoice(client, session, make, meru, maize):
    grace = make.wholesale_buyer(meru)
    sign_in(client, make, grace)
    add(client, maize, quantity=10)
    assert "On invoice, 30 days" in client.get("/checkout").text
    answer = checkout(client, 40_000, how="invoice")
    assert answer.status_code == 303
    assert session.scalars(select(Checkout)).one().company_id is not None
    assert answer.location in client.get("/orders").text


@pytest.mark.case("commerce:X11")
def test_a_companys_own_prices_are_kept_from_everybody_else(client, session, make, meru, maize):
    from cooperative import companies
    from inventory.pricing import Level

    grace = make.wholesale_buyer(meru)
    company = companies.company_of(session, grace.id)
    assert company is not None
    make.ladder(maize, {1: "31"}, level=Level.COMPANY, holder_id=company.id, list_name="Nyota")
    guest = client.get("/cooperatives/meru/products/maize")
    assert "KES\N{NO-BREAK SPACE}31.00" not in guest.text
    sign_in(client, make, grace)
    hers = client.get("/cooperatives/meru/products/maize")
    assert "KES\N{NO-BREAK SPACE}31.00" in hers.text
    assert hers.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in hers.headers["Vary"]
    assert client.get("/cooperatives/meru/products/maize/x.css").status_code == 404


@pytest.mark.case("commerce:X14")
def test_after_signing_out_the_browser_holds_no_cart_of_the_person(client, session, make, meru, maize):
    amina = make.person("Amina Yusuf", email="amina@example.org")
    add(client, maize, quantity=2)
    from tests.makers.cooperative import PASSWORD

    client.post("/sign-in", data={"email": "amina@example.org", "password": PASSWORD}, headers=OURS)
    assert client.get_cookie("gm-cart") is None
    assert session.scalars(select(Cart)).one().person_id == amina.id
    assert "Maize" in client.get("/basket").text
    client.post("/sign-out", headers=OURS)
    page = client.get("/basket")
    assert "Your basket is empty" in page.text and "Amina" not in page.text


def test_what_is_not_there_is_told_in_the_basket(client, meru, make):
    tea = make.shelf(meru, "Tea", kilograms=3)
    add(client, tea, quantity=5)
    page = client.get("/basket")
    assert "Only 3\N{NO-BREAK SPACE}kg are left" in page.text
    assert "Make it 3" in page.text
    assert checkout(client, 25_000).status_code == 422


def test_no_page_of_the_shop_asks_for_everybodys_rows(client, engine, session, make, meru, maize):
    from tests import walls

    with walls.watched(engine, raising=False) as careless:
        for address in (
            "/",
            "/cooperatives",
            "/cooperatives/meru",
            "/products?q=maize",
            "/cooperatives/meru/products/maize",
        ):
            assert client.get(address).status_code == 200
        add(client, maize, quantity=2)
        client.post(f"/basket/lines/{maize.id}", data={"quantity": "3"}, headers=OURS)
        assert client.get("/checkout").status_code == 200
        assert checkout(client, 15_000, how="card").status_code == 303
        assert client.get("/basket").status_code == 200
        add(client, maize, quantity=1)
        order = checkout(client, 20_000)
        assert client.get(order.location).status_code == 200
    # What remains is loaded by the keys of rows that were found by their cooperative.
    by_key = re.compile(r"FROM (\w+) *\s*WHERE \1\.\w*id (IN \(\S+(, \S+)*\)|= \S+)( ORDER BY \S+)?$")
    assert [each for each in careless if not by_key.search(" ".join(each.split()))] == []


# -- paying by card ------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_the_sandbox(client, session, meru, maize):
    add(client, maize, quantity=2)
    answer = checkout(client, 10_000, how="card")
    assert answer.status_code == 303
    return "/" + answer.location.split("/", 3)[3]


def payment(session):
    return session.scalars(select(CardPayment)).one()


def test_the_sandbox_is_marked_and_paying_there_alone_pays_nothing(client, session, at_the_sandbox):
    page = client.get(at_the_sandbox)
    assert "SANDBOX" in page.text and "No money moves here" in page.text
    answer = client.post(at_the_sandbox, data={"card": "4242 4242 4242 4242"}, headers=OURS)
    assert answer.status_code == 303
    back = "/" + answer.location.split("/", 3)[3]
    assert "Waiting for your payment to be confirmed" in client.get(back).text
    assert payment(session).state is State.OPEN


def test_a_declined_card_may_be_tried_again(client, at_the_sandbox):
    client.post(at_the_sandbox, data={"card": "4000000000000002"}, headers=OURS)
    assert "declined" in client.get(at_the_sandbox).text


def test_an_order_is_paid_by_the_signed_webhook_and_the_worker(client, app, session, work, at_the_sandbox):
    client.post(at_the_sandbox, data={"card": "4242424242424242"}, headers=OURS)
    sandbox = app.extensions["till"].gateway.sandbox
    thing = {
        "id": payment(session).session_ref,
        "object": "checkout.session",
        "amount_total": 10_000,
        "currency": "kes",
    }
    told = {
        "id": "evt_test_1", "object": "event", "type": "checkout.session.completed", "livemode": False,
        "created": int(clock.now().timestamp()), "data": {"object": thing},
    }  # fmt: skip
    body = json.dumps(told).encode()
    headers = {"Stripe-Signature": sign(body, sandbox.secret, clock.now())}
    assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    assert payment(session).state is State.OPEN
    work()
    assert payment(session).state is State.PAID
    checkout_row = session.scalars(select(Checkout)).one()
    page = client.get(f"/orders/{app.extensions['till'].token_of(checkout_row.id)}")
    assert "We have received KES\N{NO-BREAK SPACE}100.00" in page.text
    assert "Your basket is empty" in client.get("/basket").text


def test_the_sandbox_tells_the_shop_over_http_and_the_worker_makes_it_paid(
    client, app, session, work, address, at_the_sandbox
):
    app.extensions["till"].gateway.sandbox.listen(f"{address}/webhooks/stripe")
    client.post(at_the_sandbox, data={"card": "4242424242424242"}, headers=OURS)
    assert payment(session).state is State.OPEN
    work()
    assert payment(session).state is State.PAID
    assert session.scalars(select(Letter.subject).where(Letter.kind == "order paid")).all() == ["Paid: order 1"]


@pytest.mark.parametrize("header", ["", "t=1,v1=00", None])
def test_an_unsigned_webhook_is_refused_and_kept_nowhere(client, session, meru, header):
    headers = {} if header is None else {"Stripe-Signature": header}
    assert client.post("/webhooks/stripe", data=b"{}", headers=headers).status_code == 400
    assert session.scalars(select(ProviderEvent)).all() == []


def test_a_huge_webhook_is_refused_before_it_is_read(client, meru):
    assert client.post("/webhooks/stripe", data=b"x" * 300_000).status_code == 413


# -- behind the counter --------------------------------------------------------------------------------------------------


def fresh_staff(client, session, make, cooperative, *roles):
    """Somebody of the office who has just confirmed that it is them."""
    from cooperative import sessions as sign_ins

    person = make.staff(cooperative, *roles)
    sign_in_row, token = sign_ins.start(session, person, device="tests", address="127.0.0.1")
    sign_in_row.stepped_up_at = clock.now()
    session.flush()
    client.set_cookie("gm-session", token)
    return person


def test_the_office_picks_hands_over_and_gives_back(client, session, make, meru, maize):
    add(client, maize, quantity=2)
    checkout(client, 10_000)
    fresh_staff(client, session, make, meru, "manager")
    listed = client.get("/office/meru/orders/")
    assert "To pack" in listed.text and "Amina Yusuf" in listed.text
    pick_list = words(client.get("/office/meru/orders/picking")).replace("\N{NO-BREAK SPACE}", " ")
    assert "2 kg of lot 1" in pick_list
    assert client.post("/office/meru/orders/1/picking", headers=OURS).status_code == 303
    wrong = client.post("/office/meru/orders/1/collection", data={"cash": "90"}, headers=OURS)
    assert wrong.status_code == 422 and 'value="90"' in wrong.text
    assert client.post("/office/meru/orders/1/collection", data={"cash": "100"}, headers=OURS).status_code == 303
    order = orders.find(session, meru.id, 1)
    assert order.collection is not None and order.collection.cash_minor == 10_000
    address = f"/office/meru/orders/1/lines/{order.lines[0].id}/refund"
    assert "Can be given back" in client.get(address).text
    form = {"amount": "25", "reason": "Short weight", "once": str(new_id())}
    assert client.post(address, data=form, headers=OURS).status_code == 303
    assert client.post(address, data=form, headers=OURS).status_code == 303
    again = client.post(address, data=form | {"once": str(new_id()), "amount": "80"}, headers=OURS)
    assert again.status_code == 422
    assert "At most KES\N{NO-BREAK SPACE}75.00" in again.text
    assert "Short weight" in client.get("/office/meru/orders/1").text


def test_money_goes_back_only_after_confirming_who_it_is(client, session, make, meru, maize):
    add(client, maize, quantity=2)
    checkout(client, 10_000)
    from datetime import timedelta

    from cooperative import sessions as sign_ins

    manager = make.staff(meru, "manager")
    long_ago, token = sign_ins.start(session, manager, device="tests", address="127.0.0.1")
    long_ago.stepped_up_at = clock.now() - timedelta(minutes=11)
    client.set_cookie("gm-session", token)
    answer = client.post("/office/meru/orders/1/cancellation", data={"reason": "No lorry"}, headers=OURS)
    assert answer.status_code == 303 and answer.location.startswith("/confirm")
    assert orders.find(session, meru.id, 1).cancellation is None


def test_the_office_books_what_the_bank_says_once(client, session, make, meru, maize):
    grace = make.wholesale_buyer(meru)
    sign_in(client, make, grace)
    add(client, maize, quantity=10)
    checkout(client, 40_000, how="invoice")
    fresh_staff(client, session, make, meru, "manager")
    client.post("/office/meru/orders/1/picking", headers=OURS)
    answer = client.post("/office/meru/orders/1/collection", headers=OURS)
    assert answer.location == "/office/meru/invoices/1"
    today = clock.now().date().isoformat()
    form = {"reference": "KCB 77", "amount": "150", "received_on": today}
    assert client.post("/office/meru/invoices/1/receipts", data=form, headers=OURS).status_code == 303
    twice = client.post("/office/meru/invoices/1/receipts", data=form, headers=OURS)
    assert twice.status_code == 409 and "booked already" in twice.text
    assert "KES\N{NO-BREAK SPACE}250.00" in client.get("/office/meru/invoices/").text
    assert "KES\N{NO-BREAK SPACE}250.00" in client.get("/office/meru/invoices/1").text


def test_another_cooperatives_office_sees_none_of_it(client, session, make, meru, maize):
    add(client, maize)
    checkout(client, 5_000)
    kilifi = make.cooperative("Kilifi Coast", slug="kilifi")
    fresh_staff(client, session, make, kilifi, "manager")
    for address in (
        "/office/meru/orders/",
        "/office/meru/orders/1",
        "/office/kilifi/orders/1",
        "/office/meru/invoices/",
    ):
        assert client.get(address).status_code == 404
    assert client.post("/office/kilifi/orders/1/picking", headers=OURS).status_code == 404
    assert card_payments.states_of(session, []) == {}
