"""Placing: prices are asked again inside, nobody is charged another sum than they saw, and stock is held before any charge."""

from __future__ import annotations

import pytest

from ground.errors import Conflict, Denied, Refusal
from ground.money import Money
from inventory import heaps, ladders, price_lists
from inventory.ladders import LadderForm
from storefront import baskets, cancellations, carts, orders, placements
from storefront.checkouts import How


def kes(text):
    return Money.parse(text, "KES")


@pytest.fixture
def operator(make):
    return make.operator()


@pytest.fixture
def till(make):
    return make.till()


@pytest.fixture
def meru(make, operator):
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=20)


def reprice(session, pack, price):
    ladders.set_ladder(
        session, price_lists.public(session, pack.cooperative_id), pack, LadderForm(rungs=((1, kes(price).minor),))
    )


def available(session, pack):
    return heaps.find(session, pack.cooperative_id, pack.heap_id).available


def test_one_checkout_makes_one_order_for_each_cooperative(session, make, till, meru, maize):
    kilifi = make.cooperative("Kilifi Coast", slug="kilifi")
    mango = make.shelf(kilifi, "Mango", {1: "30", 10: "25"}, kilograms=40)
    placed = make.placed(till, make.basket({maize: 2, mango: 10}))
    made = orders.of_checkout(session, placed.checkout)
    assert sorted((order.cooperative_id, order.number, order.total) for order in made) == sorted(
        [(meru.id, 1, kes("100")), (kilifi.id, 1, kes("250"))]
    )
    assert placed.checkout.total == kes("350")
    assert available(session, mango) == 30_000


def test_a_shop_without_a_card_processor_takes_cash_and_refuses_cards_by_name(session, make, till, maize):
    from dataclasses import replace

    cart, cash_only = make.basket({maize: 2}), replace(till, takes_cards=False)
    with pytest.raises(Refusal) as refusal:
        placements.place(session, cash_only, cart, make.form(cart), by=None)
    assert set(refusal.value.fields) == {"how"}
    assert placements.place(session, cash_only, cart, make.form(cart, How.COLLECTION), by=None).payment is None


@pytest.mark.case("commerce:C01")
def test_a_price_raised_meanwhile_is_told_with_both_figures_and_sells_nothing(session, make, till, maize):
    cart = make.basket({maize: 2})
    form = make.form(cart)
    session.commit()
    reprice(session, maize, "70")
    session.commit()
    with pytest.raises(Conflict, match=r"it was KES.100.00, now it is KES.140.00"):
        placements.place(session, till, cart, form, by=None)
    session.rollback()
    assert orders.recent(session, maize.cooperative_id) == []
    line = baskets.price(session, carts.find_by_id(session, cart.id), holders=price_lists.Holders()).lines[0]
    assert line.tag is not None
    assert (line.seen, line.tag.total, line.changed) == (kes("100"), kes("140"), True)
    agreed = make.placed(till, cart)
    assert agreed.checkout.total == kes("140")


@pytest.mark.case("commerce:C02")
def test_a_sale_that_ended_is_not_sold_at_its_old_price(session, make, till, meru, maize):
    from datetime import timedelta

    from ground import clock

    sale = price_lists.open_list(
        session, meru.id, price_lists.Level.PUBLIC, price_lists.NOBODY, "Sale",
        valid_from=clock.now() - timedelta(days=3), valid_until=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    ladders.set_ladder(session, sale, maize, LadderForm(rungs=((1, 3_000),)))
    cart = make.basket({maize: 1})
    form = make.form(cart)
    assert form.expected == kes("30")
    sale.valid_until = clock.now() - timedelta(days=1)
    session.flush()
    with pytest.raises(Conflict, match=r"now it is KES.50.00"):
        placements.place(session, till, cart, form, by=None)


@pytest.mark.case("commerce:S01")
def test_the_last_one_is_sold_once(session, make, till, meru):
    egg = make.shelf(meru, "Honey", {1: "500"}, kilograms=1)
    first, second = make.basket({egg: 1}), make.basket({egg: 1})
    form = make.form(second)
    make.placed(till, first)
    with pytest.raises(Refusal, match="sold out"):
        placements.place(session, till, second, form, by=None)


@pytest.mark.case("commerce:S03")
def test_boxes_and_loose_ones_of_one_heap_are_counted_together(session, make, till, meru):
    apples = make.product("Apples", {1: "20"}, cooperative=meru)
    make.stock(meru, apples, 10)
    box = make.pack(apples, {1: "70"}, content=4_000, name="box", cooperative=meru)
    loose = make.shelf(meru, "Pears", kilograms=0)
    from inventory import packs

    loose = next(pack for pack in packs.of_product(session, meru.id, apples.id) if pack.content == 1_000)
    cart = make.basket({box: 2, loose: 5})
    with pytest.raises(Refusal, match=r"Only 10.kg are left"):
        make.placed(till, cart)
    assert available(session, loose) == 10_000


@pytest.mark.case("commerce:S06")
def test_what_is_held_for_a_payment_counts_against_every_other_basket(session, make, till, meru):
    tea = make.shelf(meru, "Tea", kilograms=5)
    make.placed(till, make.basket({tea: 4}))
    with pytest.raises(Refusal, match=r"Only 1.kg are left"):
        make.placed(till, make.basket({tea: 2}))


@pytest.mark.case("commerce:S09")
def test_my_own_unpaid_attempt_does_not_stand_in_my_way(session, make, till, meru):
    tea = make.shelf(meru, "Tea", kilograms=1)
    cart = make.basket({tea: 1})
    first = make.placed(till, cart)
    again = baskets.price(session, carts.find_by_id(session, cart.id), holders=price_lists.Holders())
    assert again.problem == ""
    second = make.placed(till, cart)
    assert second.closing == (first.payment.id,)
    earlier = orders.of_checkout(session, first.checkout)[0]
    assert earlier.cancellation is not None and earlier.cancellation.reason == cancellations.REPLACED
    assert available(session, tea) == 0


@pytest.mark.case("commerce:P13")
def test_a_rule_changed_meanwhile_flags_the_line_and_stops_the_checkout(session, make, till, maize):
    cart = make.basket({maize: 4})
    ladders.set_ladder(
        session,
        price_lists.public(session, maize.cooperative_id),
        maize,
        LadderForm(rungs=((6, 5_000),), increment=6),
    )
    line = baskets.price(session, carts.find_by_id(session, cart.id), holders=price_lists.Holders()).lines[0]
    assert line.problem and line.suggestions == (6,)
    with pytest.raises(Refusal, match="Maize"):
        make.placed(till, cart)


def test_buying_on_invoice_needs_terms_with_every_cooperative_in_the_basket(session, make, till, meru, maize):
    kilifi = make.cooperative("Kilifi Coast", slug="kilifi")
    mango = make.shelf(kilifi, "Mango")
    grace = make.wholesale_buyer(meru)
    with pytest.raises(Denied, match="trade terms with every cooperative"):
        make.placed(till, make.basket({maize: 1, mango: 1}, person=grace), How.INVOICE, person=grace)
    with pytest.raises(Denied):
        make.placed(till, make.basket({maize: 1}), How.INVOICE)


def test_credit_counts_orders_that_are_not_invoiced_yet(session, make, till, meru, maize):
    grace = make.wholesale_buyer(meru, limit="500")
    make.placed(till, make.basket({maize: 6}, person=grace), How.INVOICE, person=grace)
    with pytest.raises(Refusal, match=r"has KES.200.00 left"):
        make.placed(till, make.basket({maize: 6}, person=grace), How.INVOICE, person=grace)
    make.placed(till, make.basket({maize: 4}, person=grace), How.INVOICE, person=grace)


def test_a_basket_in_two_currencies_is_two_checkouts(session, make, till, maize):
    ruhango = make.cooperative("Ruhango", currency="RWF")
    rice = make.shelf(ruhango, "Rice", {1: "900"})
    cart = make.basket({maize: 1, rice: 1})
    basket = baskets.price(session, cart, holders=price_lists.Holders())
    assert basket.total is None
    assert "one currency at a time" in basket.problem


def test_orders_of_a_cooperative_are_numbered_without_a_gap(session, make, till, maize):
    numbers = []
    for _ in range(2):
        numbers.append(make.placed(till, make.basket({maize: 1})).orders[0].number)
        session.commit()
    form = make.form(make.basket({maize: 1}), expected=kes("1"))
    session.commit()
    with pytest.raises(Conflict):
        make.placed(till, make.basket({maize: 1}), expected=form.expected)
    session.rollback()
    numbers.append(make.placed(till, make.basket({maize: 1})).orders[0].number)
    assert numbers == [1, 2, 3]


def test_a_cancelled_order_gives_its_goods_back_once(session, make, till, meru, maize):
    manager = make.staff(meru, "manager")
    order = make.placed(till, make.basket({maize: 5}), How.COLLECTION).orders[0]
    assert available(session, maize) == 15_000
    cancellations.cancel(session, till, order, "The road is cut.", by=manager.id)
    with pytest.raises(Conflict):
        cancellations.cancel(session, till, order, "Again.", by=manager.id)
    assert available(session, maize) == 20_000
