"""Delivery notes: what is packed and waits, one order a sheet, without prices beside the goods."""

from __future__ import annotations

import pytest

from storefront import collections, orders, pickings
from storefront.checkouts import How


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


def test_only_what_is_packed_and_not_handed_over_has_a_note(session, make, client, app, meru):
    till, clerk = app.extensions["till"], make.staff(meru, "manager")
    maize = make.shelf(meru, "Maize", {1: "50"}, kilograms=20)
    made = [
        orders.of_checkout(session, make.placed(till, make.basket({maize: n}), How.COLLECTION, name=name).checkout)[0]
        for n, name in ((1, "Waiting Wanjiru"), (2, "Packed Peter"), (3, "Gone Grace"))
    ]
    for order in made[1:]:
        pickings.pick(session, till, order, by=clerk.id)
    collections.collect(session, made[2], by=clerk.id, received=made[2].total)
    client.set_cookie("gm-session", make.sign_in(clerk))
    page = client.get("/office/meru/orders/notes")
    assert page.status_code == 200
    assert "Packed Peter" in page.text
    assert "Waiting Wanjiru" not in page.text
    assert "Gone Grace" not in page.text
    assert "2 kg" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert page.text.count("sign-here") == 1
