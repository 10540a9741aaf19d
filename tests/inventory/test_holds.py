"""Stock is promised once: one conditional UPDATE per heap, and what is promised never exceeds what may be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ground import clock
from ground.errors import Refusal
from ground.ids import new_id
from inventory import audits, heaps, holds, packs
from ledger import audit


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


def availables(session, *found):
    return [heaps.find(session, each.cooperative_id, each.id).available for each in found]


def nothing_differs(session):
    return [finding.check.name for finding in audit.run(session, audits.CHECKS) if finding.differences] == []


@pytest.mark.case("commerce:S03")
def test_boxes_and_loose_apples_draw_on_one_heap(session, make, meru):
    apples = make.product("Apples", {1: "2.00"}, cooperative=meru)
    box = make.pack(apples, {1: "7.00"}, content=4_000, cooperative=meru)
    heap = make.stock(meru, apples, 10)
    wants = {heap.id: 2 * box.content + 5_000}
    with pytest.raises(Refusal, match=r"Only 10.kg of Apples are left"):
        holds.hold(session, meru.id, wants, new_id())
    assert packs.find(session, meru.id, box.id).available == 2


@pytest.mark.case("commerce:S06")
def test_what_one_buyer_is_paying_for_nobody_else_can_take(session, make, meru):
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 5)
    holds.hold(session, meru.id, {heap.id: 4_000}, new_id(), clock.now() + timedelta(minutes=15))
    with pytest.raises(Refusal, match=r"Only 1.kg of Apples are left"):
        holds.hold(session, meru.id, {heap.id: 2_000}, new_id())


@pytest.mark.case("commerce:S09")
def test_my_own_hold_does_not_stand_in_my_way(session, make, meru):
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 1)
    order = new_id()
    for _ in range(3):
        holds.hold(session, meru.id, {heap.id: 1_000}, order, clock.now() + timedelta(minutes=15))
    assert availables(session, heap) == [0]
    assert nothing_differs(session)


@pytest.mark.case("commerce:S08")
def test_a_hold_that_lapsed_and_was_taken_is_named_before_anything_is_charged(session, make, meru):
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 1)
    first, second = new_id(), new_id()
    holds.hold(session, meru.id, {heap.id: 1_000}, first, clock.now() - timedelta(seconds=1))
    assert holds.expire_due(session, clock.now()) == [first]
    holds.hold(session, meru.id, {heap.id: 1_000}, second, None)
    with pytest.raises(Refusal, match="Apples is sold out"):
        holds.fasten(session, meru.id, first)


def test_a_hold_that_lapsed_but_is_still_there_is_held_again_for_the_payer(session, make, meru):
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 1)
    order = new_id()
    holds.hold(session, meru.id, {heap.id: 1_000}, order, clock.now() - timedelta(seconds=1))
    holds.expire_due(session, clock.now())
    holds.fasten(session, meru.id, order)
    assert availables(session, heap) == [0]
    assert holds.expire_due(session, clock.now() + timedelta(days=99)) == []
    assert nothing_differs(session)


@pytest.mark.case("commerce:S20")
def test_promises_of_the_field_end_at_their_limit(session, make, meru):
    product = make.product("Apples", cooperative=meru)
    heap = make.heap(product)
    heaps.allow_oversell(session, meru.id, heap.id, 5_000)
    holds.hold(session, meru.id, {heap.id: 4_000}, new_id())
    with pytest.raises(Refusal, match=r"Only 1.kg"):
        holds.hold(session, meru.id, {heap.id: 2_000}, new_id())
    with pytest.raises(Refusal, match="promised to buyers already"):
        heaps.allow_oversell(session, meru.id, heap.id, 3_999)


def test_all_is_held_or_nothing_is(session, make, meru):
    apples, pears = (make.stock(meru, make.product(name, cooperative=meru), 3) for name in ("Apples", "Pears"))
    session.commit()
    with pytest.raises(Refusal, match="Pears"):
        holds.hold(session, meru.id, {apples.id: 1_000, pears.id: 4_000}, new_id())
    session.rollback()
    assert availables(session, apples, pears) == [3_000, 3_000]


def test_releasing_twice_gives_back_once(session, make, meru):
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 3)
    order = new_id()
    holds.hold(session, meru.id, {heap.id: 2_000}, order)
    assert holds.release(session, meru.id, order) is True
    assert holds.release(session, meru.id, order) is False
    assert availables(session, heap) == [3_000]


def test_without_its_guard_the_heap_would_promise_what_it_has_not(session, make, meru, monkeypatch):
    """The anti-test: take the condition away, and only the CHECK of the database is left to refuse."""
    from sqlalchemy import true
    from sqlalchemy.exc import IntegrityError

    heap = make.stock(meru, make.product("Apples", cooperative=meru), 1)
    monkeypatch.setattr(heaps, "promises_kept", lambda on_hand=0, held=0: true())
    with pytest.raises(IntegrityError, match="promises_within_stock"):
        holds.hold(session, meru.id, {heap.id: 2_000}, new_id())
