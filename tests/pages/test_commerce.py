"""Faults that shops have really had, asked of our pages: one price everywhere, no sum of two sheds, goodwill, and keyboards."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import lxml.html
import pytest
from playwright.sync_api import Page, expect

from cooperative import companies
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import lots, pools
from inventory.pricing import CountedOn, Level
from storefront import orders, refunds
from storefront.checkouts import How
from tests.pages.world import OURS, World


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split()).replace("\N{NO-BREAK SPACE}", " ")


def without_bands(answer: Any) -> Any:
    """The page without its filter, whose bands of public prices name their bounds, not anybody's price."""
    page = lxml.html.fromstring(answer.text)
    for sheet in page.iter("filter-sheet"):
        sheet.drop_tree()
    return SimpleNamespace(text=lxml.html.tostring(page, encoding="unicode"))


@pytest.mark.case("commerce:P19")
def test_a_companys_own_price_is_the_same_on_every_page_and_nobody_elses(world: World):
    company = companies.company_of(world.session, world.buyer.id)
    assert company is not None
    world.make.ladder(world.maize, {1: "37"}, level=Level.COMPANY, holder_id=company.id)
    cooperative_id, pack_id = world.maize.cooperative_id, world.maize.id
    buyer, guest = world.browser(world.buyer), world.browser()
    for client, price, other in ((buyer, "KES 37.00", "KES 50.00"), (guest, "KES 50.00", "KES 37.00")):
        assert (
            world.send(client, "/basket/lines", cooperative=cooperative_id, pack=pack_id, quantity=1).status_code == 303
        )
        for path in (
            "/products",
            "/products?q=maize",
            "/cooperatives/meru",
            "/cooperatives/meru/products/maize",
            "/basket",
            "/checkout",
        ):
            answer = client.get(path)
            page = words(answer)
            assert price in page and other not in words(without_bands(answer)), path
    form = {
        "name": "Grace", "email": "grace@example.org", "how": "invoice", "expected_minor": 3_700, "currency": "KES",
        "once": new_id(),
    }  # fmt: skip
    assert world.send(buyer, "/checkout", **form | {"expected_minor": 5_000}).status_code == 409
    placed = world.send(buyer, "/checkout", **form | {"once": new_id()})
    assert placed.status_code == 303 and "KES 37.00" in words(buyer.get(placed.location))
    number = orders.recent(world.session, world.house.id)[0].number
    world.session.commit()
    assert "KES 37.00" in words(world.browser(world.head).get(f"/office/meru/orders/{number}"))


@pytest.mark.case("commerce:P21")
def test_two_orders_of_six_are_each_priced_alone(world: World):
    """The ladder falls at ten; twelve in one order would cost 40 each."""
    totals = [world.order(How.INVOICE, packs=6).total for _ in range(2)]
    assert totals == [Money(30_000, "KES")] * 2
    assert world.order(How.INVOICE, packs=12).total == Money(48_000, "KES")


@pytest.mark.case("commerce:S04")
def test_six_in_one_shed_and_four_in_the_other_are_not_seven_in_either(world: World):
    cabbage = world.make.product("Cabbage", cooperative=world.house)
    second = world.make.point(world.house, "Githongo store")
    for point, kilograms in ((world.point, 6), (second, 4)):
        world.make.stock(world.house, cabbage, kilograms, point=point)
    near, far = (
        world.make.pack(cabbage, {1: "20"}, name=f"1 kg at {point.name}", point=point)
        for point in (world.point, second)
    )
    with pytest.raises(Refusal, match="6"):
        world.make.placed(world.till, world.make.basket({near: 7}), How.COLLECTION)
    placed = world.make.placed(world.till, world.make.basket({near: 4, far: 3}), How.COLLECTION)
    held = {
        line.heap_id: line.quantity * line.content
        for line in orders.of_checkout(world.session, placed.checkout)[0].lines
    }
    assert held == {near.heap_id: 4_000, far.heap_id: 3_000}


@pytest.mark.case("commerce:R08")
def test_three_shillings_of_goodwill_need_no_return_but_a_reason_and_lessen_what_the_pool_earned(world: World):
    order = world.order(collected=True)
    pool = next(
        pool for pool in pools.all_of(world.session, world.house.id) if pool.product_id == world.maize.product_id
    )
    before, lot_left = (
        pools.sales_of(world.session, pool),
        [lot.quantity_left for lot in lots.of_heap(world.session, world.house.id, world.maize.heap_id)],
    )
    line = order.lines[0].id
    refunds.start(
        world.session, world.till, order, line, Money(300, "KES"), "The buyer waited an hour", by=world.head.id,
        request_key=new_id(),
    )  # fmt: skip
    world.session.flush()
    after = pools.sales_of(world.session, pool)
    assert sum((money for money in after.refunds.values()), Money.zero("KES")) == Money(300, "KES")
    assert after.gross == before.gross
    assert [lot.quantity_left for lot in lots.of_heap(world.session, world.house.id, world.maize.heap_id)] == lot_left
    number = order.number
    shown = words(world.browser(world.head).get(f"/office/meru/orders/{number}"))
    assert "KES 3.00" in shown and "The buyer waited an hour" in shown


@pytest.mark.case("commerce:A01")
def test_a_field_with_a_smallest_order_is_not_called_wrong_before_anybody_typed(world: World):
    millet = world.make.product("Millet", cooperative=world.house)
    world.make.stock(world.house, millet, 90, point=world.point)
    world.make.pack(millet, {5: "10"}, point=world.point, quantity_min=5, increment=5, counted_on=CountedOn.PACK)
    answer = world.browser().get("/cooperatives/meru/products/millet")
    page = lxml.html.fromstring(answer.text)
    asked = page.xpath("//input[@name='quantity'][not(@type='hidden')]")[0]
    assert (asked.get("value"), asked.get("aria-invalid")) == ("5", None)
    spoken = page.xpath("//*[@aria-live='polite']")[0].text_content().replace("\N{NO-BREAK SPACE}", " ")
    assert "KES 50.00" in spoken and "KES 50.00" in words(answer)


@pytest.mark.case("commerce:A03")
def test_what_is_wrong_with_a_line_is_said_aloud_and_tied_to_its_field(world: World):
    client, pack_id = world.guest_with_basket(), world.maize.id
    answer = world.send(client, f"/basket/lines/{pack_id}", quantity="1000000")
    page = lxml.html.fromstring(answer.text)
    asked = page.get_element_by_id(f"f-line-{pack_id}")
    said = page.get_element_by_id(asked.get("aria-describedby")).text_content()
    aloud = page.xpath("//*[@role='alert']")[0].text_content()
    assert answer.status_code == 422 and asked.get("aria-invalid") == "true"
    assert "Write a number from 1" in said and "Write a number from 1" in aloud


@pytest.mark.case("commerce:A02")
def test_pressing_more_by_the_keyboard_leaves_the_focus_on_more(world: World, page: Page):
    assert world.maize.is_listed
    world.session.commit()
    page.goto("/cooperatives/meru/products/maize?quantity=2")
    more = page.get_by_role("button", name="More")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#price")).to_contain_text("150.00")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "More"
    assert page.locator("input[name=quantity]").input_value() == "3"


@pytest.mark.case("commerce:A04")
def test_without_a_script_a_guest_still_buys(world: World):
    client = world.guest_with_basket()
    form = lxml.html.fromstring(client.get("/checkout").text).xpath("//form[@method='post'][.//input[@name='once']]")[0]
    given = {name: value for name, value in form.form_values() if isinstance(value, str)}
    given |= {"name": "Amina Yusuf", "email": "amina@example.org", "how": "collection"}
    placed = client.post(form.get("action"), data=given, headers=OURS)
    assert placed.status_code == 303 and "KES 100.00" in words(client.get(placed.location))
