"""A delivery lands once: receipt, pool, lot, stock and advance, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from cooperative.members import Member
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from inventory import audits, deliveries, heaps, lots
from inventory.deliveries import Delivery, DeliveryForm
from inventory.products import Product
from ledger import audit, books, history
from ledger.accounts import Pot


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


@dataclass(frozen=True)
class Scale:
    """`scale(session, gross=…)` weighs; the member whose goods they are, and what they are."""

    weigh: Callable[..., Delivery]
    member: Member
    product: Product

    def __call__(self, *args, **kwargs):
        return self.weigh(*args, **kwargs)


@pytest.fixture
def scale(make, meru):
    """A collector's page: a member, a product with an open pool and a point; returns a function that weighs."""
    member, collector = make.member(meru, "Faith Wambui"), make.staff(meru, "collector", name="Halima Juma")
    beans = make.product("Beans", cooperative=meru, grades=("A", "B"))
    make.pool(beans, advance="35.55")
    point = make.point(meru)

    def weigh(session, gross=40_500, tare=500, grade="A", id=None, at=None, to=member):
        form = DeliveryForm(
            id=id or new_id(),
            member_id=to.id,
            point_id=point.id,
            product_id=beans.id,
            grade=grade,
            gross=gross,
            tare=tare,
        )
        return deliveries.record(session, meru, form, by=collector.id, delivered_at=at)

    return Scale(weigh, member, beans)


def test_the_advance_is_owed_at_once_and_rounded_once(session, meru, scale):
    delivery = scale(session, gross=33_333 + 500)
    book = books.of_cooperative(session, meru.id)
    owed = history.balance(session, book, Pot("2020", scale.member.id))
    assert delivery.advance == owed == book.money(118_499)  # 33.333 kg at KES 35.55
    assert history.balance(session, book, Pot("1200", scale.member.id, delivery.pool_id)) == owed


def test_receipts_are_numbered_without_a_gap_even_after_a_refusal(session, scale):
    first = scale(session)
    with pytest.raises(Refusal):
        scale(session, tare=50_000)
    assert (first.receipt_no, scale(session).receipt_no) == (1, 2)


def test_a_day_makes_one_lot_of_each_grade(session, meru, scale):
    # 22:30 UTC is already the next morning in Nairobi: the lot is dated where the scale stands.
    days = [
        datetime(2026, 3, 1, 9, tzinfo=UTC),
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 1, 22, 30, tzinfo=UTC),
    ]
    made = [scale(session, at=day) for day in days] + [scale(session, at=days[0], grade="B")]
    assert len({each.lot_id for each in made}) == 3
    assert made[0].lot_id == made[1].lot_id != made[2].lot_id
    assert {str(lot.good_from) for each in heaps.all_of(session, meru.id) for lot in lots.of_heap(session, meru.id, each.id)} == {
        "2026-03-01", "2026-03-02"
    }  # fmt: skip


@pytest.mark.case("commerce:S14")
def test_the_same_weighing_sent_twice_lands_once(session, meru, scale):
    id = new_id()
    assert scale(session, id=id) is scale(session, id=id)
    assert [heap.on_hand for heap in heaps.all_of(session, meru.id)] == [40_000]
    with pytest.raises(Conflict, match="Receipt 1 was recorded"):
        scale(session, id=id, gross=41_000)


def test_a_full_sack_weighs_more_than_an_empty_one_and_grades_are_known(session, scale):
    with pytest.raises(Refusal) as refused:
        scale(session, gross=500, tare=500, grade="AA")
    assert set(refused.value.fields) == {"tare", "grade"}


def test_without_an_open_pool_nothing_is_weighed_in(session, make, meru):
    maize, member, point = make.product("Maize", cooperative=meru), make.member(meru), make.point(meru)
    form = DeliveryForm(
        id=new_id(), member_id=member.id, point_id=point.id, product_id=maize.id, grade="A", gross=1_000
    )
    with pytest.raises(Refusal, match="No pool is open for Maize"):
        deliveries.record(session, meru, form, by=make.person().id)


def test_a_delivery_is_never_changed(session, scale):
    delivery = scale(session)
    session.commit()
    with pytest.raises(Exception, match=r"append-only|permission denied"):
        session.connection().exec_driver_sql(
            f"UPDATE delivery SET net = 1, gross = 501 WHERE receipt_no = {delivery.receipt_no}"
        )


def test_another_cooperatives_member_cannot_deliver_here(session, make, scale):
    from sqlalchemy.exc import IntegrityError

    stranger = make.member(make.cooperative("Kilifi Coast"))
    scale(session, to=stranger)
    with pytest.raises(IntegrityError):
        session.commit()


def test_the_audit_of_the_stock_finds_nothing(session, scale):
    for gross in (40_500, 12_345, 7_001):
        scale(session, gross=gross)
    assert [found.check.name for found in audit.run(session, audits.CHECKS) if found.differences] == []
