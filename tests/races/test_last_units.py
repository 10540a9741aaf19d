"""The last units: whoever comes first has them, nobody is promised what is not there, and nobody waits for another in a ring."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from inventory import heaps
from ledger import audit
from storefront.orders import Order, OrderLine
from tests.races import together

BUYERS = "tests.races.buyers"
pytestmark = pytest.mark.slow


@pytest.fixture
def shelf(session, make, tmp_path):
    """Fifty packs each of three products, and what buyers of one of each are told about them."""
    make.operator()
    meru = make.cooperative("Meru Highlands", slug="meru-highlands")
    of_three = [make.shelf(meru, name, {1: "50"}, kilograms=50) for name in ("Maize", "Beans", "Millet")]
    session.commit()
    packs = json.dumps([str(pack.id) for pack in of_three])
    return meru, [pack.heap_id for pack in of_three], (str(meru.id), str(tmp_path / "sandbox.sqlite"), packs)


def sold(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(Order))


@pytest.mark.case("commerce:S01")
@pytest.mark.case("commerce:S18")
@pytest.mark.case("attack:A067")
@pytest.mark.case("attack:A068")
def test_two_hundred_buyers_of_the_last_fifty_are_sold_fifty_and_nobody_deadlocks(session, place, shelf, seeds):
    meru, of_three, told = shelf
    answers = together(f"{BUYERS}:buy", place.url, 4, *told, str(len(seeds(50, 250))), "15000", "7")
    assert sum(answer["sold"] for answer in answers) == 50 == sold(session)
    assert [clash for answer in answers for clash in answer["clashes"]] == []
    assert session.scalar(select(func.sum(OrderLine.quantity))) == 150
    for heap_id in of_three:
        heap = heaps.find(session, meru.id, heap_id)
        assert (heap.on_hand, heap.held) == (50_000, 50_000)
    assert [finding.check.name for finding in audit.run(session, audit.CHECKS) if finding.differences] == []


def test_buyers_who_look_first_and_write_after_are_sold_more_than_there_is(session, place, shelf):
    _, _, told = shelf
    answers = together(f"{BUYERS}:buy_by_looking_first", place.url, 4, *told, "40", "15000", "7")
    assert sum(answer["sold"] for answer in answers) > 50
    assert sold(session) > 50


@pytest.mark.case("attack:A068")
def test_holds_on_the_same_heaps_in_any_order_of_asking_never_meet_in_a_ring(session, place, shelf):
    meru, of_three, _ = shelf
    wanted = json.dumps([str(heap_id) for heap_id in of_three])
    answers = together(f"{BUYERS}:hold", place.url, 4, str(meru.id), wanted, "20")
    assert [clash for answer in answers for clash in answer["clashes"]] == []
    kept = sum(answer["kept"] for answer in answers)
    assert [heaps.find(session, meru.id, heap_id).held for heap_id in of_three] == [kept] * 3 == [40] * 3


def test_without_one_order_for_all_the_databases_break_the_ring_themselves(place, shelf):
    meru, of_three, _ = shelf
    wanted = json.dumps([str(heap_id) for heap_id in of_three])
    answers = together(f"{BUYERS}:hold_in_any_order", place.url, 4, str(meru.id), wanted, "1")
    assert "OperationalError" in answers, "somebody was thrown out: a deadlock on PostgreSQL, a busy file on SQLite"
