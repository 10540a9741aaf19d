"""Carts: a guest's is theirs alone, becomes the person's once, and never holds stock."""

from __future__ import annotations

import pytest

from inventory import heaps
from inventory.price_lists import Holders
from storefront import baskets, carts


@pytest.fixture
def maize(make, session):
    meru = make.cooperative("Meru Highlands")
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=10)


@pytest.mark.case("commerce:C03")
def test_a_guests_basket_joins_the_persons_once_and_the_larger_quantity_stays(session, make, maize):
    amina = make.person("Amina Yusuf")
    beans = make.shelf(make.cooperative("Kilifi"), "Beans")
    make.basket({maize: 2}, person=amina)
    make.basket({maize: 3, beans: 1}, token="guest")
    assert carts.merge(session, "guest", amina.id)
    assert not carts.merge(session, "guest", amina.id)
    mine = carts.find(session, person_id=amina.id)
    assert mine is not None
    assert {line.pack_id: line.quantity for line in mine.lines} == {maize.id: 3, beans.id: 1}
    assert carts.find(session, token="guest") is None
    assert heaps.find(session, maize.cooperative_id, maize.heap_id).held == 0


@pytest.mark.case("commerce:C03")
def test_after_merging_stock_is_asked_again(session, make, maize):
    amina = make.person()
    make.basket({maize: 11}, token="guest")
    carts.merge(session, "guest", amina.id)
    basket = baskets.price(session, carts.find(session, person_id=amina.id), holders=Holders())
    assert basket.lines[0].problem == "Only 10\N{NO-BREAK SPACE}kg are left."
    assert basket.lines[0].suggestions == (10,)


@pytest.mark.case("commerce:X14")
def test_the_cart_of_a_person_cannot_be_read_by_any_cookie(session, make, maize):
    amina = make.person()
    mine = make.basket({maize: 2}, person=amina)
    assert mine.token_hash is None
    assert carts.find(session, token="") is None
    assert carts.find(session, token=str(mine.id)) is None


@pytest.mark.case("commerce:X03")
def test_nobody_has_no_cart(session, make, maize):
    make.basket({maize: 2}, person=make.person())
    make.basket({maize: 2}, token="guest")
    assert carts.find(session, token="", person_id=None) is None


def test_adding_again_adds_up_and_never_beyond_the_most(session, make, maize):
    cart = make.basket({maize: 2}, token="guest")
    carts.put(session, cart, maize, 3, baskets.Money(0, "KES"), add=True)
    assert carts.find_by_id(session, cart.id).lines[0].quantity == 5
    carts.put(session, cart, maize, carts.QUANTITY_MAX, baskets.Money(0, "KES"), add=True)
    assert carts.find_by_id(session, cart.id).lines[0].quantity == carts.QUANTITY_MAX
