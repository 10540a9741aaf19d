"""Pages of windows: the street says until when, basket and checkout offer them, the office fills its week and packs by them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from ground import clock
from ground.ids import new_id
from storefront import cycles, window_rules, windows
from storefront.orders import Order
from storefront.windows import Window

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=20, point=make.point(meru, "Meru town"))


def words(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def fill(client, pack):
    line = {"cooperative": str(pack.cooperative_id), "pack": str(pack.id), "quantity": "1"}
    assert client.post("/basket/lines", data=line, headers=OURS).status_code == 303


def place(client, **fields):
    form = {
        "name": "Amina Yusuf", "email": "amina@example.org", "how": "collection", "expected_minor": "5000", "currency": "KES",
        "once": str(new_id()),
    }  # fmt: skip
    return client.post("/checkout", data=form | fields, headers=OURS)


def test_the_street_says_until_when_for_when_and_where_and_notices_when_that_is_over(
    client, session, make, meru, maize
):
    soon, later = make.window(meru), make.window(meru, days=9)
    for address in ("/cooperatives/meru/products/maize", "/cooperatives/meru", "/products"):
        said = words(client.get(address))
        assert f"Order until {soon.order_by_words(meru.zone, clock.now())} for" in said
        assert "Meru town" in said
    windows.close(session, soon)
    session.commit()
    until = later.order_by_words(meru.zone, clock.now())
    assert f"Order until {until} for" in words(client.get("/cooperatives/meru/products/maize"))


def test_basket_remembers_the_time_and_checkout_starts_from_it(client, session, make, meru, maize):
    make.window(meru)
    later = make.window(meru, days=9)
    fill(client, maize)
    assert "When you get it" in words(client.get("/basket"))
    chosen = {f"window-{meru.id}": str(later.id)}
    assert client.post("/basket/windows", data=chosen, headers=OURS).status_code == 303
    page = client.get("/checkout").text
    assert re.search(rf'value="{later.id}" id="[^"]+" checked', page)
    answer = place(client, **chosen)
    assert answer.status_code == 303
    assert later.words(meru.zone) in words(client.get(answer.location))


def test_a_window_that_filled_is_refused_at_its_field_and_another_is_preselected(client, session, make, meru, maize):
    full, later = make.window(meru, capacity=1), make.window(meru, days=9)
    fill(client, maize)
    windows.book(session, meru.id, full.id, clock.now())
    answer = place(client, **{f"window-{meru.id}": str(full.id)})
    assert answer.status_code == 409
    said = words(answer)
    assert f"{full.words(meru.zone)} is full. Move to {later.words(meru.zone)}" in said
    assert f'href="#f-window-{meru.id}"' in answer.text
    assert "amina@example.org" in answer.text, "what was typed stays"
    assert session.scalars(select(Order)).all() == []


def test_a_cycle_that_closed_marks_the_line_at_the_checkout_and_the_basket_stays(client, session, make, meru, maize):
    now = clock.now()
    cycle = cycles.add(
        session, meru.id, name="Now", opens_at=now - timedelta(hours=2), closes_at=now + timedelta(hours=1)
    )
    fill(client, maize)
    cycle.date(cycle.opens_at, now - timedelta(minutes=1))
    session.commit()
    answer = place(client)
    assert answer.status_code == 422
    assert "Ordering closed on" in words(answer)
    assert f'href="#f-line-{maize.id}"' in answer.text
    assert f"/basket/lines/{maize.id}/removal" in answer.text
    assert "Maize" in words(client.get("/basket"))
    assert "Not on sale just now." in words(client.get("/cooperatives/meru/products/maize?quantity=1"))


def test_the_office_adds_a_weekly_window_sees_its_fill_and_packs_by_it(client, session, make, meru, maize):
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager", "collector")))
    point = maize.heap.point_id
    day = (clock.now() + timedelta(days=5)).date()
    form = {
        "once": str(new_id()), "place": f"point:{point}", "day": str(day), "from": "08:00", "until": "12:00",
        "cut_off_days": "2", "cut_off_time": "18:00", "capacity": "7", "weekly": "1",
    }  # fmt: skip
    assert client.post("/office/meru/windows/", data=form, headers=OURS).status_code == 303
    assert client.post("/office/meru/windows/", data=form, headers=OURS).status_code == 303
    made = session.scalars(select(Window).order_by(Window.starts_at)).all()
    assert len(made) == window_rules.WEEKS_AHEAD, "sent twice, made once"
    fill(client, maize)
    assert place(client, **{f"window-{meru.id}": str(made[0].id)}).status_code == 303
    assert "1 of 7" in words(client.get(f"/office/meru/windows/?week={made[0].day}"))
    assert made[0].words(meru.zone) in words(client.get("/office/meru/orders/picking"))
    assert made[0].words(meru.zone) in words(client.get("/office/meru/orders/1"))
