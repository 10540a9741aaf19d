"""Lots: first expired, first out; every gram and every cent of a sale reaches the lot and the pool that earned it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import audits, counts, heaps, holds, lots, pools
from inventory.lot_moves import MoveKind
from ledger import audit


def kes(minor: int) -> Money:
    return Money(minor, "KES")


def on(day: int) -> datetime:
    return datetime(2026, 3, day, 9, tzinfo=UTC)


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


@pytest.fixture
def heap(make, meru):
    """Three days' lots: 30, 20 and 50 kg."""
    beans = make.product("Beans", cooperative=meru)
    for day, kilograms in ((1, 30), (2, 20), (3, 50)):
        heap = make.stock(meru, beans, kilograms, at=on(day))
    return heap


def take(session, heap, kilograms, net, *, cause=None, by=None, held_by=None, at=5):
    return lots.draw(
        session, heap.id, kilograms * 1_000, cooperative_id=heap.cooperative_id, cause_id=cause or new_id(), channel="retail",
        net=kes(net), by=by, held_by=held_by, on=on(at).date(),
    )  # fmt: skip


def test_the_oldest_lot_goes_first_and_the_money_follows_the_grams_exactly(session, heap):
    drawn = take(session, heap, 55, 10_000)
    assert [(draw.quantity, draw.net.minor) for draw in drawn] == [(30_000, 5_455), (20_000, 3_636), (5_000, 909)]
    assert sum(draw.net.minor for draw in drawn) == 10_000
    assert heaps.find(session, heap.cooperative_id, heap.id).on_hand == 45_000


def test_what_expires_first_goes_first_even_if_it_came_later(session, make, meru):
    milk = make.product("Milk", cooperative=meru, keeps_days=30)
    make.stock(meru, milk, 10, at=on(1))
    milk.keeps_days = 3
    heap = make.stock(meru, milk, 10, at=on(2))
    [drawn] = take(session, heap, 4, 400, at=4)
    newest = max(lots.of_heap(session, meru.id, heap.id), key=lambda lot: lot.number)
    assert drawn.lot_id == newest.id


def test_what_is_past_its_date_is_never_sold(session, make, meru):
    milk = make.product("Milk", cooperative=meru, keeps_days=2)
    heap = make.stock(meru, milk, 10, at=on(1))
    with pytest.raises(Refusal, match="past their date"):
        take(session, heap, 4, 400, at=9)


def test_drawing_an_order_uses_up_its_hold_and_nobody_elses(session, meru, heap):
    mine, other = new_id(), new_id()
    holds.hold(session, meru.id, {heap.id: 40_000}, mine)
    holds.hold(session, meru.id, {heap.id: 60_000}, other)
    take(session, heap, 25, 100, held_by=mine)
    take(session, heap, 15, 100, held_by=mine)
    after = heaps.find(session, meru.id, heap.id)
    assert (after.on_hand, after.held) == (60_000, 60_000)
    with pytest.raises(Refusal, match="drawn already"):
        take(session, heap, 1, 100, held_by=mine)


def test_a_counter_sale_cannot_take_what_is_promised(session, meru, heap):
    holds.hold(session, meru.id, {heap.id: 95_000}, new_id())
    with pytest.raises(Refusal, match=r"Only 5.kg of Beans are left"):
        take(session, heap, 6, 100)


def test_money_given_back_comes_from_the_pools_that_had_it_and_never_more(session, heap):
    line = new_id()
    take(session, heap, 55, 10_001, cause=line)
    back = [
        lots.give_back(session, cooperative_id=heap.cooperative_id, cause_id=line, amount=kes(each), by=None)
        for each in (3_333, 6_667)
    ]
    assert [sum(amount.minor for _, amount in each) for each in back] == [3_333, 6_667]
    with pytest.raises(Refusal, match=r"At most KES.0.01"):
        lots.give_back(session, cooperative_id=heap.cooperative_id, cause_id=line, amount=kes(2), by=None)
    lots.give_back(session, cooperative_id=heap.cooperative_id, cause_id=line, amount=kes(1), by=None)
    pool = pools.all_of(session, heap.cooperative_id)[0]
    sales = pools.sales_of(session, pool)
    assert (sales.gross, sales.refunds, sales.net) == ({"retail": kes(10_001)}, {"retail": kes(10_001)}, kes(0))


def test_a_pool_knows_its_sales_its_lots_and_who_brought_what(session, heap):
    take(session, heap, 55, 10_000)
    pool = pools.all_of(session, heap.cooperative_id)[0]
    assert pools.sales_of(session, pool).quantity == {"retail": 55_000}
    assert [(lot.received, lot.quantity_left) for lot in pools.lots_of(session, pool)] == [
        (30_000, 0),
        (20_000, 0),
        (50_000, 45_000),
    ]
    assert [(each.member_number, each.quantity) for each in pools.deliveries_of(session, pool)] == [
        (1, 30_000),
        (2, 20_000),
        (3, 50_000),
    ]


def test_a_closed_pool_sells_nothing_more(session, make, heap):
    pool = pools.lock(session, heap.cooperative_id, pools.all_of(session, heap.cooperative_id)[0].id)
    pool.close(by=make.person().id)
    session.flush()
    with pytest.raises(Refusal, match="closed pool"):
        take(session, heap, 1, 100)
    with pytest.raises(Conflict, match="closed already"):
        pool.close(by=new_id())


def test_more_or_less_because_changes_heap_and_lots_together(session, heap):
    counts.adjust(session, heap, -35_000, MoveKind.SPOIL, reason="weevils", currency="KES", by=None)
    counts.adjust(session, heap, 2_000, MoveKind.COUNT, reason="found behind the door", currency="KES", by=None)
    left = {lot.number: lot.quantity_left for lot in lots.of_heap(session, heap.cooperative_id, heap.id)}
    assert left == {1: 0, 2: 15_000, 3: 52_000}
    assert heaps.find(session, heap.cooperative_id, heap.id).on_hand == 67_000


def test_what_is_promised_cannot_be_written_off(session, meru, heap):
    holds.hold(session, meru.id, {heap.id: 90_000}, new_id())
    with pytest.raises(Refusal, match=r"90.kg are promised to buyers: at most 10.kg"):
        counts.adjust(session, heap, -11_000, MoveKind.SPOIL, reason="weevils", currency="KES", by=None)


@pytest.mark.case("commerce:S13")
def test_a_count_that_was_made_before_a_sale_shows_both_numbers(session, heap):
    take(session, heap, 5, 100)
    with pytest.raises(Conflict, match=r"You saw 100.kg here; now there are 95.kg"):
        counts.adjust(session, heap, -2_000, MoveKind.COUNT, reason="counted", currency="KES", by=None, seen=100_000)
    counts.adjust(session, heap, -2_000, MoveKind.COUNT, reason="counted", currency="KES", by=None)


def test_the_audit_finds_nothing_after_all_of_it_and_finds_each_sabotage(session, make, meru, heap):
    order = new_id()
    holds.hold(session, meru.id, {heap.id: 10_000}, order)
    take(session, heap, 4, 1_000, held_by=order)
    assert [found.check.name for found in audit.run(session, audits.CHECKS) if found.differences] == []
    sabotage = {
        "lots hold what their moves left": "UPDATE lot SET quantity_left = quantity_left + 1",
        "heaps hold what their lots hold": "UPDATE heap SET on_hand = on_hand + 1",
        "promises are live holds": "UPDATE heap SET held = held - 1",
    }
    for name, statement in sabotage.items():
        with session.begin_nested() as inner:
            session.connection().exec_driver_sql(statement)
            assert name in [found.check.name for found in audit.run(session, audits.CHECKS) if found.differences]
            inner.rollback()
