"""The office desks over HTTP, without JavaScript: weigh, price, count; what is saved is what is shown."""

from __future__ import annotations

import re

import pytest

from ground import clock
from ground.ids import new_id
from ground.money import Money
from inventory import deliveries, heaps, packs, pools, price_lists, pricing, products
from inventory.price_lists import Holders


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


@pytest.fixture
def office(client, make, meru):
    """`office("manager")`: a browser in which somebody with that role is signed in; `.send` posts a form as the page would."""

    def sign_in(*roles):
        client.set_cookie("gm-session", make.sign_in(make.staff(meru, *roles)))
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        return client

    return sign_in


def at(meru, path):
    return f"/office/{meru.slug}/{path}"


def test_a_collector_finds_the_member_weighs_and_prints(session, make, meru, office):
    faith = make.member(meru, "Faith Wambui", number=112)
    beans = make.product("Beans", cooperative=meru, grades=("A", "B"))
    pool, point = make.pool(beans, advance="35.00"), make.point(meru, "Gitimene store")
    browser = office("collector")
    search = browser.get(at(meru, "deliveries/new?who=faith"))
    assert 'value="112"' in search.text
    form = {
        "once": str(new_id()),
        "number": "112",
        "what": f"{pool.id}:A",
        "point": str(point.id),
        "gross": "40.5",
        "tare": "0.5",
    }
    answers = [browser.post(at(meru, "deliveries/"), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    receipt = browser.get(answers[0].location).text
    for words in (
        "112 Faith Wambui",
        "40.0\N{NO-BREAK SPACE}kg",
        "KES\N{NO-BREAK SPACE}1,400.00",
        "Gitimene store",
        "Weigh the next one",
    ):
        assert words in receipt
    assert "Beans A" in browser.get(at(meru, "deliveries/")).text
    assert len(deliveries.of_member(session, meru.id, faith.id)) == 1


def test_a_wrong_weighing_comes_back_with_its_words(make, meru, office):
    pool, point = make.pool(make.product("Beans", cooperative=meru)), make.point(meru)
    make.member(meru, number=7)
    form = {
        "once": str(new_id()),
        "number": "8",
        "what": f"{pool.id}:AA",
        "point": str(point.id),
        "gross": "4",
        "tare": "4x",
    }
    page = office("collector").post(at(meru, "deliveries/"), data=form)
    assert page.status_code == 422
    for words in ("There is no member 8 here.", "Choose what was brought", 'value="4x"', 'href="#f-tare"'):
        assert words in page.text


@pytest.mark.case("commerce:P06")
def test_the_price_form_the_rows_and_the_charge_agree(session, make, meru, office):
    pack = make.pack(make.product("Maize", cooperative=meru))
    browser, page = office("manager"), at(meru, f"prices/{pack.id}")
    rules = {
        "mode": "all_units",
        "counted_on": "pack",
        "increment": "2",
        "quantity_min": "",
        "quantity_max": "50",
        "mix_group": "",
    }
    rungs = {
        "rung-1-from": "2",
        "rung-1-price": "300.00",
        "rung-2-from": "",
        "rung-2-price": "",
        "rung-3-from": "10",
        "rung-3-price": "250.5",
    }
    assert browser.post(page, data=rules | rungs | {"version": "0"}).status_code == 303
    reopened = browser.get(page).text
    shown = dict(re.findall(r'name="([a-z0-9_-]+)" type="text" value="([^"]*)"', reopened))
    assert shown == {
        "rung-1-from": "2", "rung-1-price": "300.00", "rung-2-from": "10", "rung-2-price": "250.50", "quantity_min": "2",
        "quantity_max": "50", "increment": "2",
    }  # fmt: skip
    ladders = price_lists.ladders_for(
        session, [packs.find(session, meru.id, pack.id)], holders=Holders(), at=clock.now()
    )
    assert pricing.answer(ladders[pack.id], 12, "KES").total == Money(300_600, "KES")
    assert browser.post(page, data=rules | shown | {"version": "1"}).status_code == 303
    assert browser.get(page).text.count('value="250.50"') == 1


@pytest.mark.case("commerce:P16")
def test_a_price_for_a_tonne_is_still_for_a_tonne_after_the_form_was_saved(session, make, meru, office):
    pack = make.pack(make.product("Maize", cooperative=meru), {1: "333.00"}, per_content=1_000_000)
    browser, page = office("manager"), at(meru, f"prices/{pack.id}")
    opened = browser.get(page).text
    assert "1,000\N{NO-BREAK SPACE}kg costs" in opened and 'value="333.00"' in opened
    form = {"mode": "all_units", "counted_on": "pack", "increment": "1", "rung-1-from": "1", "rung-1-price": "333.00"}
    form |= {"version": "1"}
    assert browser.post(page, data=form).status_code == 303
    ladders = price_lists.ladders_for(
        session, [packs.find(session, meru.id, pack.id)], holders=Holders(), at=clock.now()
    )
    assert pricing.answer(ladders[pack.id], 1_000, "KES").total == Money(33_300, "KES")


@pytest.mark.case("commerce:P10")
def test_a_wrong_rung_is_named_in_the_row_it_was_typed(make, meru, office):
    pack = make.pack(make.product("Maize", cooperative=meru))
    rules = {
        "mode": "all_units",
        "counted_on": "pack",
        "increment": "1",
        "quantity_min": "",
        "quantity_max": "",
        "mix_group": "",
    }
    rungs = {
        "rung-1-from": "1",
        "rung-1-price": "3",
        "rung-2-from": "",
        "rung-2-price": "",
        "rung-3-from": "10",
        "rung-3-price": "3",
    }
    page = office("manager").post(at(meru, f"prices/{pack.id}"), data=rules | rungs | {"version": "0"})
    assert page.status_code == 422
    assert 'href="#f-rung-3-price"' in page.text and "the less each costs" in page.text


def test_a_product_gets_a_bag_and_a_sack_from_one_heap(session, make, meru, office):
    point, browser = make.point(meru), office("manager")
    words = {
        "kind": "pulses and nuts",
        "grades": "A, B",
        "description": "",
        "storage": "",
        "allergens": "",
        "keeps_days": "",
    }
    assert (
        browser.post(
            at(meru, "products/"), data=words | {"once": str(new_id()), "name": "Beans (rosecoco)", "unit": "g"}
        ).status_code
        == 303
    )
    page = at(meru, "products/beans-rosecoco")
    for name, content in (("1 kg bag", "1"), ("50 kg sack", "50")):
        form = {
            "once": str(new_id()),
            "pack_name": name,
            "content": content,
            "grade": "A",
            "point": str(point.id),
            "sku": "",
        }
        assert browser.post(page + "/packs", data=form).status_code == 303
    assert browser.post(page + "/listing", data={"listed": "1"}).status_code == 303
    found = packs.find_listed(session, meru.id)
    assert [(pack.name, pack.content) for pack in found] == [("1 kg bag", 1_000), ("50 kg sack", 50_000)]
    assert len({pack.heap_id for pack in found}) == 1
    assert browser.post(page + f"/packs/{found[0].id}/listing", data={"listed": "0"}).status_code == 303
    assert [pack.name for pack in packs.find_listed(session, meru.id)] == ["50 kg sack"]
    assert "50 kg sack" in browser.get(page).text and "Beans (rosecoco)" in browser.get(at(meru, "products/")).text


@pytest.mark.case("commerce:S13")
def test_a_count_after_a_change_shows_both_numbers_and_a_change_still_applies(session, make, meru, office):
    heap = make.stock(meru, make.product("Beans", cooperative=meru), 20)
    browser, page = office("collector"), at(meru, f"stock/{heap.id}")
    less = {"once": str(new_id()), "sign": "less", "change": "5", "kind": "spoil", "reason": "weevils"}
    assert [browser.post(page + "/changes", data=less).status_code for _ in range(2)] == [303, 303]
    late = browser.post(page + "/counts", data={"once": str(new_id()), "counted": "20", "seen": "20000"})
    assert late.status_code == 409
    late = browser.post(page + "/counts", data={"once": str(new_id()), "counted": "18", "seen": "20000"})
    assert (
        late.status_code == 409
        and "You saw 20\N{NO-BREAK SPACE}kg here; now there are 15\N{NO-BREAK SPACE}kg" in late.text
    )
    assert browser.post(page + "/changes", data=less | {"once": str(new_id()), "change": "1"}).status_code == 303
    assert heaps.find(session, meru.id, heap.id).on_hand == 14_000
    assert "weevils" in browser.get(page).text and "14\N{NO-BREAK SPACE}kg" in browser.get(at(meru, "stock/")).text


def test_a_pool_is_opened_once_and_shows_what_it_holds(session, make, meru, office):
    beans = make.product("Beans", cooperative=meru)
    browser = office("manager")
    form = {
        "once": str(new_id()),
        "product_id": str(beans.id),
        "season": "Long rains 2026",
        "advance": "35.50",
        "basis": "agent",
    }
    opened = browser.post(at(meru, "pools/"), data=form)
    assert opened.status_code == 303
    again = browser.post(at(meru, "pools/"), data=form | {"once": str(new_id()), "season": "Short rains"})
    assert again.status_code == 422 and "has an open pool already" in again.text
    make.stock(meru, products.find(session, meru.id, beans.id), 20)
    page = browser.get(opened.location).text
    assert "Long rains 2026" in page and "20\N{NO-BREAK SPACE}kg" in page
    assert pools.all_of(session, meru.id)[0].advance == Money(3_550, "KES")


def test_a_collector_sets_no_prices_and_a_stranger_finds_no_office(make, meru, office, client):
    pack = make.pack(make.product("Maize", cooperative=meru))
    assert office("collector").post(at(meru, f"prices/{pack.id}"), data={}).status_code == 403
    client.set_cookie("gm-session", make.sign_in(make.person()))
    pages = ("deliveries/", "deliveries/new", "products/", "prices/", "pools/", "stock/")
    assert [client.get(at(meru, page)).status_code for page in pages] == [404] * 6
