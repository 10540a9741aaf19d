"""Withdrawals: the buyer's own cancellation gives back stock and money exactly, once, and never after packing began."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from admin.commands.audit import CHECKS
from ground.errors import Conflict
from inventory.heaps import Heap
from ledger import audit
from storefront import card_payments, orders, pickings, refunds, withdrawals
from storefront.checkouts import How
from storefront.orders import Cancellation, Picking
from tests.races import together

OURS = {"Sec-Fetch-Site": "same-origin"}
RACERS = "tests.storefront.withdrawal_racers"


@pytest.fixture
def till(app):
    return app.extensions["till"]


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=20)


@pytest.fixture
def clerk(make, meru):
    return make.staff(meru, "manager")


def held(session, pack):
    session.expire_all()
    return session.scalars(select(Heap.held).where(Heap.id == pack.heap_id)).one()


def balanced(session):
    session.commit()  # What search knows follows at commit.
    return [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences] == []


def path(till, order):
    return f"/orders/{till.token_of(order.checkout_id)}/parts/{order.id}/cancellation"


def test_a_guest_cancels_by_the_secret_link_and_the_goods_are_on_sale_again(session, make, client, till, maize):
    order = orders.of_checkout(session, make.placed(till, make.basket({maize: 2}), How.COLLECTION).checkout)[0]
    session.commit()
    assert held(session, maize) == 2_000
    where = path(till, order)
    page = client.get(where.partition("/parts/")[0]).text
    assert where in page
    assert client.post(where, headers=OURS).status_code == 303
    assert held(session, maize) == 0
    again = client.post(where, headers=OURS)
    assert again.status_code == 409
    assert "was cancelled already" in again.text
    assert where not in client.get(where.partition("/parts/")[0]).text
    assert balanced(session)


def test_a_card_is_paid_back_in_full(session, make, till, maize):
    order = make.paid(till, make.placed(till, make.basket({maize: 2})))[0]
    payment = card_payments.of_checkout(session, order.checkout_id)
    withdrawals.withdraw(session, till, order, payment, by=None)
    given = refunds.of_order(session, order)
    assert sum(each.amount_minor for each in given) == order.total_minor
    assert held(session, maize) == 0
    assert balanced(session)


def test_nobody_cancels_what_is_packed_or_not_paid_yet(session, make, till, maize, clerk):
    unpaid = orders.of_checkout(session, make.placed(till, make.basket({maize: 1})).checkout)[0]
    with pytest.raises(Conflict, match="not confirmed yet"):
        withdrawals.withdraw(session, till, unpaid, card_payments.of_checkout(session, unpaid.checkout_id), by=None)
    order = orders.of_checkout(session, make.placed(till, make.basket({maize: 2}), How.COLLECTION).checkout)[0]
    pickings.pick(session, till, order, by=clerk.id)
    order = orders.find(session, order.cooperative_id, order.number)
    with pytest.raises(Conflict, match="packed already"):
        withdrawals.withdraw(session, till, order, None, by=None)


def test_another_order_s_link_cancels_nothing(session, make, client, till, maize):
    mine = orders.of_checkout(session, make.placed(till, make.basket({maize: 1}), How.COLLECTION).checkout)[0]
    other = orders.of_checkout(session, make.placed(till, make.basket({maize: 1}), How.COLLECTION).checkout)[0]
    session.commit()
    where = path(till, mine).replace(str(mine.id), str(other.id))
    assert client.post(where, headers=OURS).status_code == 404
    assert session.scalars(select(Cancellation)).all() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deed", "both"),
    [
        ("meet", False), ("meet_without_the_lock", True),
        ("meet_changing", False), ("meet_changing_without_the_lock", True),
    ],
)  # fmt: skip
def test_cancelling_or_changing_against_packing_has_one_winner_by_the_lock_alone(
    session, make, place, till, meru, maize, clerk, tmp_path, deed, both
):
    """The buyer and the packer press at once: one is told no. The anti-test takes the order's lock away: both happen."""
    happened = []
    for turn in range(3):
        order = orders.of_checkout(session, make.placed(till, make.basket({maize: 2}), How.COLLECTION).checkout)[0]
        asked, order_id = json.dumps([str(meru.id), order.number, str(clerk.id)]), order.id
        session.commit()
        together(f"{RACERS}:{deed}", place.url, 2, asked, str(tmp_path / f"{turn}.sqlite"))
        session.expire_all()
        rows = [session.scalar(select(kind.id).where(kind.order_id == order_id)) for kind in (Picking, Cancellation)]
        session.commit()
        happened.append(all(rows))
        assert any(rows)
    assert any(happened) is both
    if not both:
        assert balanced(session)
