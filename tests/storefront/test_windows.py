"""Windows: local times through daylight saving, no more orders than fit, and every place given back on every way out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from ground import clock, local_time
from ground.errors import Conflict, Refusal
from inventory import heaps, holds
from storefront import (
    cancellations,
    cart_windows,
    carts,
    confirmations,
    orders,
    outlooks,
    placements,
    window_choices,
    window_rules,
    windows,
)
from storefront.audits import CHECKS
from storefront.card_payments import CardPayment
from storefront.checkouts import How
from storefront.orders import Order
from storefront.windows import Window
from tests.races import together

BUYERS = "tests.races.window_buyers"


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


def booked(session, window):
    session.flush()
    return windows.find(session, window.cooperative_id, window.id).booked


def sound(session):
    from ledger import audit

    return [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences] == []


# -- local time ------------------------------------------------------------------------------------------------------------


def test_the_hour_on_the_wall_stays_when_the_clocks_change():
    zone = ZoneInfo("America/New_York")
    before, after = (local_time.at(date(2026, 10, day), 8 * 60, zone) for day in (31, 24))
    assert before == datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert after == datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert local_time.at(date(2026, 11, 7), 8 * 60, zone) == datetime(2026, 11, 7, 13, tzinfo=UTC)


def test_an_hour_that_is_skipped_or_comes_twice_is_one_moment():
    zone = ZoneInfo("Europe/Berlin")
    assert local_time.at(date(2026, 3, 29), 150, zone) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 summer time.
    assert local_time.at(date(2026, 10, 25), 150, zone) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # The first 02:30.
    assert local_time.at(date(2026, 10, 25), 1440, zone) == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_a_weekly_window_keeps_its_hours_through_daylight_saving(session, make, monkeypatch):
    ozark = make.cooperative("Ozark Growers", timezone="America/New_York", currency="USD")
    monkeypatch.setattr(clock, "read", lambda: datetime(2026, 3, 4, 12, tzinfo=UTC))
    rule = make.weekly(ozark)
    made = session.scalars(select(Window).where(Window.rule_id == rule.id).order_by(Window.day)).all()
    assert [window.day for window in made] == [date(2026, 3, 7) + timedelta(weeks=week) for week in range(4)]
    assert [window.starts_at.hour for window in made] == [13, 12, 12, 12]  # UTC; clocks went forward on 8 March.
    assert {window.starts_at.astimezone(ozark.zone).hour for window in made} == {8}
    cut_offs = [window.cut_off_at.astimezone(ozark.zone) for window in made]
    assert {(moment.weekday(), moment.hour) for moment in cut_offs} == {(3, 18)}
    assert made[1].words(ozark.zone) == "Saturday 14 March, 08:00–12:00"


def test_the_worker_makes_each_coming_window_once(session, make, meru, monkeypatch):
    rule = make.weekly(meru)
    count = lambda: len(session.scalars(select(Window).where(Window.rule_id == rule.id)).all())  # noqa: E731
    assert count() == window_rules.WEEKS_AHEAD
    assert window_rules.materialise(session, clock.now()) == 0
    later = clock.now() + timedelta(weeks=1)
    assert window_rules.materialise(session, later) == 1
    assert window_rules.materialise(session, later) == 0
    assert count() == window_rules.WEEKS_AHEAD + 1


def test_a_rule_that_ended_makes_no_more_and_its_windows_take_no_more(session, make, meru):
    rule = make.weekly(meru)
    window_rules.end(session, rule)
    assert window_rules.materialise(session, clock.now() + timedelta(weeks=2)) == 0
    assert outlooks.of_owners(session, [meru.id], clock.now())[meru.id] == outlooks.Outlook()


@pytest.mark.parametrize(
    ("more", "field"),
    [({"hours": (12, 12)}, "until"), ({"days": -1}, "day"), ({"cut_off_days": -1}, "cut_off_days")],
)
def test_a_window_that_cannot_be_is_refused_by_its_field(session, make, meru, more, field):
    with pytest.raises(Refusal) as refusal:
        make.window(meru, **more)
    assert field in refusal.value.fields


# -- placing ---------------------------------------------------------------------------------------------------------------


def test_without_windows_the_shop_is_open_as_ever(session, make, till, maize):
    (order,) = orders.of_checkout(session, make.placed(till, make.basket({maize: 1}), How.COLLECTION).checkout)
    assert order.window is None


def test_an_order_is_for_its_window_and_is_collected_there(session, make, till, meru, maize):
    window = make.window(meru, point=make.point(meru, "Meru town"))
    placed = make.placed(till, make.basket({maize: 1}), How.COLLECTION)
    (order,) = orders.of_checkout(session, placed.checkout)
    assert (order.window_id, order.point.name, booked(session, window)) == (window.id, "Meru town", 1)
    assert sound(session)


def test_with_windows_one_must_be_chosen_and_the_field_is_named(session, make, till, meru, maize):
    make.window(meru)
    cart = make.basket({maize: 1})
    with pytest.raises(Refusal) as refusal:
        placements.place(session, till, cart, make.form(cart, windows={}), by=None)
    assert refusal.value.fields == {f"window-{meru.id}": "Choose when you get the goods of Meru Highlands."}


def test_the_window_of_another_cooperative_is_no_window(session, make, till, meru, maize):
    make.window(meru)
    strange = make.window(make.cooperative("Kilifi Coast"))
    cart = make.basket({maize: 1})
    with pytest.raises(Refusal, match="Choose one of the list"):
        placements.place(session, till, cart, make.form(cart, windows={meru.id: strange.id}), by=None)


def test_a_full_window_is_refused_and_the_next_one_named(session, make, till, meru, maize):
    full, following = make.window(meru, capacity=1), make.window(meru, days=10)
    cart = make.basket({maize: 1})
    form = make.form(cart)
    make.placed(till, make.basket({maize: 1}), How.COLLECTION)
    with pytest.raises(Conflict) as conflict:
        placements.place(session, till, cart, form, by=None)
    words = conflict.value.fields[f"window-{meru.id}"]
    assert words.startswith(f"{full.words(meru.zone)} is full. Move to {following.words(meru.zone)}")


def test_a_cut_off_that_passes_during_checkout_offers_the_next_and_keeps_the_basket(
    session, make, till, meru, maize, monkeypatch
):
    soon, following = make.window(meru, days=3), make.window(meru, days=10)
    cart = make.basket({maize: 1})
    form = make.form(cart)
    session.commit()
    later = soon.cut_off_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "read", lambda: later)
    with pytest.raises(Conflict) as conflict:
        placements.place(session, till, cart, form, by=None)
    words = conflict.value.fields[f"window-{meru.id}"]
    assert "closed at" in words and following.words(meru.zone) in words
    session.rollback()
    assert len(carts.find_by_id(session, cart.id).lines) == 1


def test_a_closed_window_keeps_its_orders_and_takes_no_more(session, make, till, meru, maize):
    window = make.window(meru)
    make.placed(till, make.basket({maize: 1}), How.COLLECTION)
    cart = make.basket({maize: 1})
    form = make.form(cart)
    windows.close(session, window)
    make.window(meru, days=5)
    with pytest.raises(Conflict, match="was closed meanwhile"):
        placements.place(session, till, cart, form, by=None)
    assert booked(session, window) == 1


def test_a_delivery_asks_where_to(session, make, till, meru, maize):
    window = make.window(meru, zone=make.zone(meru))
    cart = make.basket({maize: 1})
    with pytest.raises(Refusal) as refusal:
        placements.place(session, till, cart, make.form(cart), by=None)
    assert set(refusal.value.fields) == {"address"}
    cart = carts.find_by_id(session, cart.id)
    placed = make.placed(till, cart, How.COLLECTION, address="Blue gate behind the market")
    (order,) = orders.of_checkout(session, placed.checkout)
    assert order.window is not None and order.window.is_delivery
    assert order.checkout.address == "Blue gate behind the market"
    assert order.point_id == maize.heap.point_id, "it is packed where its goods lie"
    assert booked(session, window) == 1


# -- given back ------------------------------------------------------------------------------------------------------------


def test_a_cancelled_order_gives_its_place_back_once(session, make, till, meru, maize):
    window, clerk = make.window(meru), make.staff(meru, "manager")
    (order,) = orders.of_checkout(session, make.placed(till, make.basket({maize: 1}), How.COLLECTION).checkout)
    cancellations.cancel(session, till, order, "No lorry", by=clerk.id)
    assert booked(session, window) == 0
    with pytest.raises(Conflict):
        cancellations.cancel(session, till, order, "No lorry", by=clerk.id)
    assert booked(session, window) == 0
    assert sound(session)


@pytest.mark.case("commerce:S09")
def test_my_own_unpaid_attempt_does_not_fill_the_window_for_me(session, make, till, meru, maize):
    window = make.window(meru, capacity=1)
    cart = make.basket({maize: 1})
    first = make.placed(till, cart)
    mine = window_choices.booked_by_me(session, cart.id)
    found = outlooks.of_owners(session, [meru.id], clock.now())
    assert mine == {window.id: 1}
    assert window_choices.offered(found, [meru], {}, mine, clock.now())[meru.id].chosen == window.id
    assert window_choices.offered(found, [meru], {}, {}, clock.now())[meru.id].chosen is None
    again = make.placed(till, cart, windows={meru.id: window.id})
    assert again.closing == (first.payment.id,)
    assert booked(session, window) == 1


def test_a_payment_page_that_expires_frees_stock_and_window(session, make, till, meru, maize):
    window = make.window(meru)
    placed = make.placed(till, make.basket({maize: 2}))
    assert booked(session, window) == 1
    payment = session.get_one(CardPayment, placed.payment.id)
    for _ in range(2):
        confirmations.confirm(session, till, payment, make.seen(placed, status="expired", paid="unpaid"))
        assert booked(session, window) == 0
        assert heaps.find(session, meru.id, maize.heap_id).held == 0
    assert sound(session)


def test_a_hold_that_lapsed_leaves_the_window_to_the_order_until_its_page_is_closed(session, make, till, meru, maize):
    window = make.window(meru)
    placed = make.placed(till, make.basket({maize: 2}))
    holds.expire_due(session, clock.now() + timedelta(hours=2))
    assert booked(session, window) == 1
    make.paid(till, placed)
    assert booked(session, window) == 1
    assert sound(session)


# -- the basket's memory ---------------------------------------------------------------------------------------------------


def test_a_guests_choice_comes_along_at_sign_in(session, make, meru, maize):
    make.window(meru)
    later, amina = make.window(meru, days=9), make.person()
    guest = make.basket({maize: 1}, token="guest")
    cart_windows.choose(session, guest.id, meru.id, later.id)
    carts.merge(session, "guest", amina.id)
    session.commit()
    mine = carts.find(session, person_id=amina.id)
    assert mine is not None
    assert cart_windows.of_cart(session, mine.id) == {meru.id: later.id}


def test_what_the_buyer_had_in_mind_is_preselected_or_said_to_be_full(session, make, till, meru, maize):
    make.window(meru)
    later = make.window(meru, days=9, capacity=1)
    found = outlooks.of_owners(session, [meru.id], clock.now())
    picked = window_choices.offered(found, [meru], {meru.id: later.id}, {}, clock.now())[meru.id].picked
    assert picked is not None and picked.room == "1 left"
    make.placed(till, make.basket({maize: 1}), How.COLLECTION, windows={meru.id: later.id})
    found = outlooks.of_owners(session, [meru.id], clock.now())
    choice = window_choices.offered(found, [meru], {meru.id: later.id}, {}, clock.now())[meru.id]
    assert (choice.gone, choice.full) == (f"{later.words(meru.zone)} is full.", (later.words(meru.zone),))


# -- races -----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_forty_buyers_of_ten_places_are_given_ten(session, place, make, meru, maize, tmp_path):
    window = make.window(meru, capacity=10)
    session.commit()
    told = (str(meru.id), str(tmp_path / "sandbox.sqlite"), str(maize.id), str(window.id), "10")
    answers = together(f"{BUYERS}:book", place.url, 4, *told)
    session.rollback()
    assert sum(answers) == 10 == booked(session, window)
    assert len(session.scalars(select(Order).where(Order.cooperative_id == meru.id)).all()) == 10
    assert sound(session)


@pytest.mark.slow
def test_buyers_who_look_first_and_book_after_are_given_more_than_fit(session, place, make, meru, maize, tmp_path):
    window = make.window(meru, capacity=1)
    session.commit()
    told = (str(meru.id), str(tmp_path / "sandbox.sqlite"), str(maize.id), str(window.id), "1")
    answers = together(f"{BUYERS}:book_by_looking_first", place.url, 4, *told)
    session.rollback()
    assert sum(answers) > 1
    assert not sound(session)
