"""A form sent twice: sixteen sendings of one checkout are one checkout, one set of orders, one payment."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from ground.ids import new_id
from ground.stripe.modes import make_gateway
from storefront.card_payments import CardPayment, key_of
from storefront.checkouts import Checkout
from storefront.orders import Order
from tests.races import alone, together

BUYERS = "tests.races.buyers"
pytestmark = pytest.mark.slow


@pytest.fixture
def sending(session, place, make, tmp_path):
    """A guest's filled basket of two cooperatives, and the form of their checkout page."""
    make.operator()
    packs = [make.shelf(make.cooperative(name), name, {1: "50"}) for name in ("Meru Highlands", "Kilifi Coast")]
    make.basket(dict.fromkeys(packs, 2), token="a guest of the races")
    session.commit()
    form = {
        "name": "Amina Yusuf", "email": "amina@example.org", "phone": "", "how": "card", "expected_minor": "20000",
        "currency": "KES", "once": str(new_id()),
    }  # fmt: skip
    return (place.url, str(tmp_path / "sandbox.sqlite"), "a guest of the races"), form


def counted(session):
    session.rollback()
    return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Checkout, Order, CardPayment))


@pytest.mark.case("commerce:M09")
@pytest.mark.case("commerce:M10")
def test_sixteen_sendings_of_one_checkout_are_one(session, place, sending):
    told, form = sending
    answers = together(f"{BUYERS}:submit", place.url, 8, *told, json.dumps([form, form]))
    assert {status for pair in answers for status, _ in pair} == {303}
    assert counted(session) == (1, 2, 1)
    payment = session.scalars(select(CardPayment)).one()
    session.commit()
    assert payment.tries == 1, "the provider was asked once"
    sandbox = make_gateway({"SANDBOX_DATABASE": told[1]}).sandbox
    assert sandbox is not None
    assert set(sandbox.requests("post", "/v1/checkout/sessions")) == {key_of(payment.id)}
    places = {where for pair in answers for _, where in pair}
    assert len(places) <= 2, "the order's own page, and the payment page for whoever came first"


@pytest.mark.case("commerce:M10")
def test_the_same_key_with_other_words_is_a_conflict(session, place, sending):
    told, form = sending
    others = json.dumps([form, form | {"name": "Peter Otieno"}, form])
    answers = alone(f"{BUYERS}:submit", place.url, *told, others)
    assert [status for status, _ in answers] == [303, 409, 303]
    assert counted(session) == (1, 2, 1)


def test_sendings_without_a_key_are_as_many_checkouts(session, place, sending):
    told, form = sending
    together(f"{BUYERS}:submit_without_a_key", place.url, 4, *told, json.dumps([form, form]))
    assert counted(session)[0] > 1
