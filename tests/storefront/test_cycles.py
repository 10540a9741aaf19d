"""Order cycles: what is on sale when; a cycle that closes marks the lines and never empties the basket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ground import clock
from ground.errors import Refusal
from ground.money import Money
from inventory import ladders, price_lists
from inventory.ladders import LadderForm
from inventory.price_lists import Holders
from storefront import baskets, carts, cycles, orders, outlooks, placements
from storefront.checkouts import How
from storefront.cycles import Sells

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_nine(monkeypatch):
    monkeypatch.setattr(clock, "read", lambda: NOW)


@pytest.fixture
def till(make):
    return make.till()


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=50)


@pytest.fixture
def beans(make, meru):
    return make.shelf(meru, "Beans", {1: "90"}, kilograms=50)


def problems(session, cart, holders=None):
    basket = baskets.price(session, carts.find_by_id(session, cart.id), holders=holders or Holders())
    return {line.name.partition(",")[0]: line.problem for line in basket.lines}


@pytest.mark.case("food:cycle-close-after-open")
@pytest.mark.parametrize("closes", [NOW, NOW - HOUR])
def test_a_cycle_closes_after_it_opens(session, meru, closes):
    with pytest.raises(Refusal) as refusal:
        cycles.add(session, meru.id, name="May", opens_at=NOW, closes_at=closes)
    assert set(refusal.value.fields) == {"closes"}


@pytest.mark.case("food:cycle-undated-never-open")
@pytest.mark.parametrize(("opens", "closes"), [(None, None), (NOW - HOUR, None), (None, NOW + HOUR)])
def test_a_cycle_without_both_dates_is_never_open_and_shuts_nothing(session, make, meru, maize, opens, closes):
    cycle = cycles.add(session, meru.id, name="May", opens_at=opens, closes_at=closes)
    assert not cycle.is_open(NOW)
    assert problems(session, make.basket({maize: 1})) == {"Maize": ""}


@pytest.mark.case("food:cycle-clone")
def test_a_copy_has_the_same_goods_and_no_dates(session, meru, maize, beans):
    may = cycles.add(
        session, meru.id, name="May", opens_at=NOW - 2 * HOUR, closes_at=NOW - HOUR, sells=Sells.RETAIL,
        product_ids=[maize.product_id, beans.product_id],
    )  # fmt: skip
    may.processed_at = NOW
    made = cycles.copy(session, may)
    assert (made.name, made.opens_at, made.closes_at, made.processed_at) == ("Copy of May", None, None, None)
    assert {each.product_id for each in made.goods} == {maize.product_id, beans.product_id}
    assert made.sells is Sells.RETAIL


@pytest.mark.case("food:cycle-reopen-resets")
@pytest.mark.parametrize(("closes", "kept"), [(NOW + HOUR, False), (NOW - 2 * HOUR, True), (NOW - HOUR, True)])
def test_a_cycle_that_closes_later_is_looked_at_anew(session, meru, closes, kept):
    cycle = cycles.add(session, meru.id, name="May", opens_at=NOW - 9 * HOUR, closes_at=NOW - HOUR)
    cycle.processed_at = NOW
    cycle.date(cycle.opens_at, closes)
    assert (cycle.processed_at is not None) is kept


def test_only_what_a_cycle_names_waits_for_it(session, make, meru, maize, beans):
    cycles.add(
        session,
        meru.id,
        name="Maize days",
        opens_at=NOW + HOUR,
        closes_at=NOW + 9 * HOUR,
        product_ids=[maize.product_id],
    )
    found = problems(session, make.basket({maize: 1, beans: 1}))
    assert found == {"Maize": "Not open yet. It opens again Tue 13:00: leave it for then, or remove it.", "Beans": ""}


def test_a_cycle_for_companies_leaves_shoppers_alone_and_shuts_companies_out(session, make, till, meru, maize):
    cycles.add(session, meru.id, name="Hotels", opens_at=NOW + HOUR, closes_at=NOW + 9 * HOUR, sells=Sells.WHOLESALE)
    make.placed(till, make.basket({maize: 1}), How.COLLECTION)
    buyer = make.wholesale_buyer(meru)
    cart = make.basket({maize: 1}, person=buyer)
    form = make.form(cart, How.INVOICE, person=buyer)
    with pytest.raises(Refusal, match="Not open yet"):
        placements.place(session, till, cart, form, by=buyer.id)


@pytest.mark.case("food:cycle-checkout-after-close")
def test_a_cycle_that_closes_during_checkout_marks_the_line_and_keeps_the_basket(
    session, make, till, meru, maize, beans, monkeypatch
):
    cycles.add(
        session, meru.id, name="This week", opens_at=NOW - HOUR, closes_at=NOW + HOUR, product_ids=[maize.product_id]
    )
    cycles.add(
        session, meru.id, name="Next week", opens_at=NOW + timedelta(days=7), closes_at=NOW + timedelta(days=8),
        product_ids=[maize.product_id],
    )  # fmt: skip
    cart = make.basket({maize: 1, beans: 2})
    form = make.form(cart)
    session.commit()
    monkeypatch.setattr(clock, "read", lambda: NOW + HOUR)
    with pytest.raises(Refusal) as refusal:
        placements.place(session, till, cart, form, by=None)
    said = "Ordering closed on Tue 13:00. It opens again Tue 1 Dec 12:00: leave it for then, or remove it."
    assert refusal.value.fields == {f"line-{maize.id}": said}
    session.rollback()
    assert problems(session, cart) == {"Maize": said, "Beans": ""}
    assert orders.recent(session, meru.id) == []


@pytest.mark.case("food:cycle-price-frozen-when-finished")
def test_a_new_price_reaches_open_baskets_and_never_a_placed_order(session, make, till, meru, maize):
    placed = make.placed(till, make.basket({maize: 1}), How.COLLECTION)
    cart = make.basket({maize: 1})
    ladders.set_ladder(session, price_lists.public(session, meru.id), maize, LadderForm(rungs=((1, 7_000),)))
    line = baskets.price(session, carts.find_by_id(session, cart.id), holders=Holders()).lines[0]
    assert line.tag is not None
    assert (line.seen, line.tag.total) == (Money(5_000, "KES"), Money(7_000, "KES"))
    assert orders.of_checkout(session, placed.checkout)[0].lines[0].line_minor == 5_000


def test_the_street_tells_the_earlier_of_closing_and_cut_off(session, make, meru, maize):
    window = make.window(meru, days=4, cut_off_days=2)  # Saturday; orders until Thursday 08:00.
    street = outlooks.street(session, [meru.id], NOW, holders=Holders())
    told = street.promise(meru, maize.product_id)
    assert (told.until, told.on, told.place) == ("Thu 08:00", "Saturday 28 November", window.place)
    cycles.add(session, meru.id, name="Short", opens_at=NOW - HOUR, closes_at=NOW + HOUR)
    told = outlooks.street(session, [meru.id], NOW, holders=Holders()).promise(meru, maize.product_id)
    assert (told.until, told.shut) == ("Tue 13:00", "")
    late = outlooks.street(session, [meru.id], NOW + HOUR, holders=Holders()).promise(meru, maize.product_id)
    assert late.shut == "Ordering closed on Tue 13:00. Please remove it, or ask for the next date."


def test_a_cycle_changes_its_goods_and_leaves_those_that_stay(session, meru, maize, beans):
    cycle = cycles.add(session, meru.id, name="May", product_ids=[maize.product_id])
    kept = cycle.goods[0].id
    cycles.change(session, cycle, sells=Sells.RETAIL, product_ids=[maize.product_id, beans.product_id])
    cycle = cycles.find(session, meru.id, cycle.id)
    assert {each.product_id for each in cycle.goods} == {maize.product_id, beans.product_id}
    assert kept in {each.id for each in cycle.goods}
    cycles.change(session, cycle, sells=Sells.RETAIL, product_ids=[])
    assert cycles.find(session, meru.id, cycle.id).goods == []
