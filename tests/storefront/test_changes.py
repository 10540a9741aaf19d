"""Changes: other quantities at today's price, agreed before they count; stock, money and letters right each time."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import func, select

from admin.commands.audit import CHECKS
from ground import clock
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from ground.outbox import Letter
from inventory.heaps import Heap
from ledger import audit
from storefront import changes, collections, orders, pickings, withdrawals
from storefront.changes import Change
from storefront.checkouts import How
from storefront.orders import Order
from tests.races import killed_at, together

OURS = {"Sec-Fetch-Site": "same-origin"}
RACERS = "tests.storefront.withdrawal_racers"


def kes(text):
    return Money.parse(text, "KES")


@pytest.fixture
def till(app):
    return app.extensions["till"]


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50", 5: "40"}, kilograms=20)


@pytest.fixture
def beans(make, meru):
    return make.shelf(meru, "Beans", {1: "90"}, kilograms=20)


@pytest.fixture
def clerk(make, meru):
    return make.staff(meru, "manager")


@pytest.fixture
def order_of(session, make, till):
    def place(lines, how=How.COLLECTION, **more):
        return orders.of_checkout(session, make.placed(till, make.basket(lines, **more), how, **more).checkout)[0]

    return place


def changed(session, till, order, counts, expected=None):
    total = expected if expected is not None else changes.preview(session, order, counts).total
    assert total is not None
    new = changes.change(session, till, order, counts, expected=total, request_key=new_id(), by=None)
    return orders.find(session, order.cooperative_id, new.number)


def held(session, pack):
    session.expire_all()
    return session.scalars(select(Heap.held).where(Heap.id == pack.heap_id)).one()


def balanced(session):
    session.commit()  # What search knows follows at commit.
    return [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences] == []


@pytest.mark.case("commerce:C01")
def test_a_change_is_priced_by_the_ladder_of_today(session, make, till, maize, order_of):
    order = order_of({maize: 4})
    assert order.total == kes("200")
    more = changed(session, till, order, {maize.id: 6})
    assert more.total == kes("240")  # Six cost 40 each: the rung was reached by the change.
    make.ladder(maize, {1: "60"})
    less = changed(session, till, more, {maize.id: 2})
    assert less.total == kes("120")
    assert held(session, maize) == 2_000
    assert balanced(session)


def test_a_line_is_taken_out_and_its_goods_are_on_sale_again(session, till, maize, beans, order_of):
    order = order_of({maize: 2, beans: 3})
    new = changed(session, till, order, {beans.id: 0})
    assert [(line.pack_id, line.quantity) for line in new.lines] == [(maize.id, 2)]
    assert (held(session, maize), held(session, beans)) == (2_000, 0)
    assert balanced(session)


def test_nobody_pays_another_sum_than_was_shown(session, make, till, maize, order_of):
    order = order_of({maize: 2})
    shown = changes.preview(session, order, {maize.id: 3}).total
    make.ladder(maize, {1: "55"})
    with pytest.raises(Conflict, match="165"):
        changed(session, till, order, {maize.id: 3}, expected=shown)


def test_its_own_goods_are_not_in_its_way(session, till, maize, order_of):
    """All twenty kilograms are this order's: eighteen of them can be had without a single one on the shelf."""
    order = order_of({maize: 20})
    assert changes.preview(session, order, {maize.id: 18}).problem == ""
    assert "Only 20\N{NO-BREAK SPACE}kg" in changes.preview(session, order, {maize.id: 21}).problem
    with pytest.raises(Refusal):
        changed(session, till, order, {maize.id: 21}, expected=kes("840"))
    session.rollback()


def test_nothing_changed_and_nothing_left_are_refused_in_words(session, till, maize, order_of):
    order = order_of({maize: 2})
    with pytest.raises(Refusal, match="Nothing is changed"):
        changed(session, till, order, {maize.id: 2})
    with pytest.raises(Refusal, match="Cancel it instead"):
        changed(session, till, order, {maize.id: 0}, expected=kes("0"))


def test_a_paid_or_packed_order_is_not_changed(session, make, till, maize, clerk, order_of):
    card = make.paid(till, make.placed(till, make.basket({maize: 2})))[0]
    with pytest.raises(Conflict, match="as a new order"):
        changed(session, till, card, {maize.id: 1}, expected=kes("50"))
    order = order_of({maize: 2})
    pickings.pick(session, till, order, by=clerk.id)
    with pytest.raises(Conflict, match="packed already"):
        changed(session, till, order, {maize.id: 1}, expected=kes("50"))


def test_the_changed_order_is_packed_and_paid_at_its_new_sum(session, till, maize, clerk, order_of):
    new = changed(session, till, order_of({maize: 4}), {maize.id: 1})
    pickings.pick(session, till, new, by=clerk.id)
    collections.collect(session, new, by=clerk.id, received=kes("50"))
    assert balanced(session)


def test_a_company_s_order_changes_within_its_credit(session, make, till, meru, maize):
    grace = make.wholesale_buyer(meru, limit="210")
    order = orders.of_checkout(
        session, make.placed(till, make.basket({maize: 4}, person=grace), How.INVOICE, person=grace).checkout
    )[0]
    assert changed(session, till, order, {maize.id: 3}).total == kes("150")
    again = orders.recent(session, meru.id)[0]
    with pytest.raises(Refusal, match="credit"):
        changed(session, till, again, {maize.id: 6})
    session.rollback()


def test_a_change_is_one_letter_that_names_both_orders(session, till, maize, order_of):
    order = order_of({maize: 4})
    new = changed(session, till, order, {maize.id: 1})
    told = session.scalars(select(Letter).where(Letter.cause_id.in_([new.id, new.checkout_id, order.id]))).all()
    assert [letter.kind for letter in told] == ["order changed"]
    assert f"You changed order {order.number}. It is order {new.number} now" in told[0].text


def test_the_page_shows_the_new_total_before_it_is_agreed(session, client, till, maize, order_of):
    order = order_of({maize: 4})
    session.commit()
    where = f"/orders/{till.token_of(order.checkout_id)}/parts/{order.id}/change"
    field = f"quantity-{maize.id}"
    page = client.get(f"{where}?{field}=6").text
    assert "Change it to KES\N{NO-BREAK SPACE}240.00" in page
    total = re.search(r'name="expected_minor" value="(\d+)"', page)
    assert total
    form = {field: "6", "expected_minor": total[1], "once": str(new_id())}
    first, second = (client.post(where, data=form, headers=OURS) for _ in range(2))
    assert first.status_code == 303
    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(Change)) == 1
    old = client.get(where.partition("/parts/")[0]).text
    assert first.location in old
    assert client.post(where, data=form | {"once": str(new_id())}, headers=OURS).status_code == 409


def test_a_change_keeps_its_window_and_ends_with_its_cut_off(session, make, till, meru, maize, order_of, monkeypatch):
    window = make.window(meru, capacity=1)
    order = order_of({maize: 4})
    assert order.window_id == window.id
    new = changed(session, till, order, {maize.id: 2})
    assert new.window_id == window.id  # Its only place: the old order's is given back before the new one asks.
    assert balanced(session)
    cut_off = new.window.cut_off_at
    monkeypatch.setattr(clock, "read", lambda: cut_off)
    for deed in (
        lambda: changed(session, till, new, {maize.id: 1}, expected=kes("50")),
        lambda: withdrawals.withdraw(session, till, new, None, by=None),
    ):
        with pytest.raises(Conflict, match="closed"):
            deed()


@pytest.mark.slow
def test_a_real_browser_changes_and_then_cancels_an_order(session, page, till, maize, order_of):
    """By hand, as a buyer does: what the browser says of its forms must satisfy the guard."""
    order = order_of({maize: 4})
    session.commit()
    page.goto(f"/orders/{till.token_of(order.checkout_id)}")
    page.get_by_role("link", name="Change the quantities").click()
    page.get_by_label("Maize, 1 kg bag").fill("6")
    page.get_by_role("button", name="Show the new total").click()
    page.get_by_role("button", name="Change it to KES 240.00").click()
    page.get_by_text("Cancel this order").click()
    page.get_by_role("button", name="Yes, cancel order 2").click()
    page.get_by_text("Order 2 is cancelled.").wait_for()
    assert held(session, maize) == 0


@pytest.mark.slow
def test_a_power_cut_while_changing_leaves_the_order_as_it_was(
    session, place, till, meru, maize, clerk, tmp_path, order_of
):
    order = order_of({maize: 4})
    asked, number = json.dumps([str(meru.id), order.number, str(clerk.id)]), order.number
    session.commit()
    killed_at("change: written", f"{RACERS}:change", place.url, asked, str(tmp_path / "sandbox.sqlite"))
    session.expire_all()
    assert orders.find(session, meru.id, number).cancellation is None
    assert session.scalar(select(func.count()).select_from(Order)) == 1
    assert held(session, maize) == 4_000
    session.commit()
    together(f"{RACERS}:change", place.url, 1, asked, str(tmp_path / "sandbox.sqlite"))
    assert held(session, maize) == 1_000
    assert balanced(session)
