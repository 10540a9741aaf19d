"""Order again: at today's price, with each difference shown before anything is in the basket."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from ground.money import Money
from inventory import heaps, packs, price_lists
from storefront import again, orders
from storefront.carts import CartLine
from storefront.checkouts import How

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def till(app):
    return app.extensions["till"]


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def order_of(session, make, till, meru):
    def place(lines):
        placed = make.placed(till, make.basket(lines), How.COLLECTION)
        session.commit()
        return orders.of_checkout(session, placed.checkout)[0], till.token_of(placed.checkout.id)

    return place


def said(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def reprice_to(session, make):
    """The public ladder of a pack, from now on."""

    def reprice(pack, price):
        make.ladder(pack, {1: price})
        session.commit()

    return reprice


@pytest.mark.case("commerce:C01")
def test_what_is_dearer_or_cheaper_is_said_before_anything_is_in_the_basket(
    session, make, client, meru, order_of, reprice_to
):
    maize, beans = make.shelf(meru, "Maize", {1: "50"}), make.shelf(meru, "Beans", {1: "90"})
    rice = make.shelf(meru, "Rice", {1: "70"})
    _, token = order_of({maize: 2, beans: 1, rice: 1})
    reprice_to(maize, "60")
    reprice_to(beans, "80")
    page = client.get(f"/orders/{token}/again")
    told = said(page)
    assert "KES 20.00 dearer" in told
    assert "KES 10.00 cheaper" in told
    assert "The same price as then." in told
    assert "KES 270.00" in told
    assert session.scalars(select(CartLine)).all() == []  # Nothing, until the button is pressed.
    assert "no-store" in page.headers["Cache-Control"]


def test_one_press_fills_the_basket_at_the_prices_shown(session, make, client, meru, order_of, reprice_to):
    maize, beans = make.shelf(meru, "Maize", {1: "50"}), make.shelf(meru, "Beans", {1: "90"})
    _, token = order_of({maize: 2, beans: 1})
    reprice_to(maize, "60")
    answer = client.post(f"/orders/{token}/again", headers=OURS)
    assert answer.location == "/basket"
    basket = said(client.get("/basket"))
    assert "KES 210.00" in basket
    assert "Prices changed" not in basket
    again_ = client.post(f"/orders/{token}/again", headers=OURS)
    assert again_.status_code == 303
    assert "KES 210.00" in said(client.get("/basket"))


def test_what_is_gone_names_another_pack_of_the_same_goods(session, make, client, meru, order_of):
    maize = make.shelf(meru, "Maize", {1: "50"}, kilograms=50)
    _, token = order_of({maize: 2})
    heap = heaps.find(session, meru.id, maize.heap_id)
    sack = packs.add(session, heap, "5 kg sack", 5_000, sku="maize-5")
    session.flush()
    make.ladder(sack, {1: "230"})
    packs.find(session, meru.id, maize.id).is_listed = False
    session.commit()
    told = said(client.get(f"/orders/{token}/again"))
    assert "no longer sold" in told
    assert "There is also: Maize, 5 kg sack" in told
    assert client.post(f"/orders/{token}/again", headers=OURS).status_code == 422


def test_the_basket_s_own_larger_quantity_stays(session, make, meru, order_of):
    maize = make.shelf(meru, "Maize", {1: "50"}, kilograms=50)
    order, _ = order_of({maize: 2})
    cart = make.basket({maize: 5})
    found, _ = again.offers(session, [order], holders=price_lists.Holders())
    assert again.refill(session, cart, found) == 1
    session.expire_all()
    assert session.scalars(select(CartLine.quantity).where(CartLine.cart_id == cart.id)).all() == [5]


def test_looking_writes_nothing(session, make, meru, order_of):
    maize = make.shelf(meru, "Maize", {1: "50"}, kilograms=50)
    order, _ = order_of({maize: 2})
    before = len(session.scalars(select(CartLine.id)).all())
    found, basket = again.offers(session, [order], holders=price_lists.Holders())
    session.flush()
    assert len(session.scalars(select(CartLine.id)).all()) == before
    assert [offer.difference for offer in found] == [Money(0, "KES")]
    assert basket.total == order.total
