"""Listings promise: a row for exactly what is on sale, true in the transaction that changes it, whatever was changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from cooperative import points
from ground import clock
from ground.ids import NOBODY, new_id
from ground.money import Money
from inventory import heaps, holds, ladders, listings, lots, packs, price_lists
from inventory.ladders import LadderForm
from inventory.listings import Listing
from inventory.pricing import Level
from inventory.products import Kind
from ledger import audit
from tests import sabotage


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands", slug="meru", county="Meru", place="Nkubu")


@pytest.fixture
def maize(make, meru, session):
    pack = make.shelf(meru, "White maize", {1: "50", 10: "40"}, kilograms=20)
    session.commit()
    return pack


def listed(session, pack):
    session.commit()
    return session.scalar(
        select(Listing).where(Listing.product_id == pack.product_id).execution_options(populate_existing=True)
    )


def test_a_listing_says_what_the_product_is(session, maize):
    row = listed(session, maize)
    assert (row.sort_name, row.kind, row.county, row.per_minor, row.band) == (
        "white maize",
        Kind.CEREALS,
        "Meru",
        5_000,
        "KES1",
    )
    assert row.name_words == "white maize"
    assert {"mahindi", "ibigori", "meru", "highland", "nkubu"} <= set(row.other_words.split())
    assert not row.is_sold_out and row.weighed_on == clock.now().date() and row.expires_on == listings.ALWAYS


def test_what_leaves_the_shop_leaves_the_search_and_comes_back(session, meru, maize):
    product = maize.product

    def off():
        return listed(session, maize) is None

    product.take_off()
    assert off()
    product.list_in_shop()
    assert not off()
    maize.is_listed = False
    assert off()
    maize.is_listed = True
    assert not off()
    meru.closed_at = clock.now()
    assert off()
    meru.closed_at = None
    assert not off()
    meru.listed_at = None
    assert off()
    meru.put_on_the_market()
    assert not off()


def test_words_prices_and_places_follow_at_once(session, make, meru, maize):
    product = maize.product
    product.description, product.kind, product.certificates = "Dried twice", Kind.OTHER, {"organic": "Kilimohai"}
    row = listed(session, maize)
    assert (
        {"dried", "twice", "organic"} <= set(row.other_words.split())
        and row.kind is Kind.OTHER
        and row.certificates == ["organic"]
    )
    ladders.set_ladder(session, price_lists.public(session, meru.id), maize, LadderForm(rungs=((1, 21_000),)))
    assert listed(session, maize).per_minor == 21_000
    meru.name = "Imenti Growers"
    assert "imenti" in listed(session, maize).other_words.split()
    point = points.all_of(session, meru.id)[0]
    point.county, point.name = "Embu", "Runyenjes store"
    row = listed(session, maize)
    assert row.county == "Embu" and "runyenje" in row.other_words.split()


def test_a_pack_without_a_public_price_is_not_found_and_one_companys_price_shows_nobody(session, make, meru):
    product = make.product("Cardamom", cooperative=meru)
    pack = make.pack(product, cooperative=meru)
    make.ladder(pack, {1: "900"}, level=Level.COMPANY, holder_id=new_id())
    assert listed(session, pack) is None
    make.ladder(pack, {1: "950"})
    assert listed(session, pack).per_minor == 95_000


@pytest.mark.case("commerce:S08")
def test_what_is_promised_to_the_last_bag_is_sold_out_until_it_is_given_back(session, meru, maize):
    cause = new_id()
    holds.hold(session, meru.id, {maize.heap_id: 19_500}, cause)
    row = listed(session, maize)
    assert row.is_sold_out and "now1" not in row.marks, "half a kilo is left and the bag holds one"
    holds.release(session, meru.id, cause)
    assert not listed(session, maize).is_sold_out


def test_the_last_bag_of_two_heaps_decides_and_lots_tell_the_day(session, make, meru, maize):
    product = maize.product
    other = points.open_point(session, meru.id, code="P9", name="Second store", county="Embu")
    session.flush()
    heap = make.stock(meru, product, 5, point=other)
    packs.add(session, heap, "2 kg bag", 2_000)
    session.flush()
    holds.hold(session, meru.id, {maize.heap_id: 20_000}, new_id())
    assert not listed(session, maize).is_sold_out
    lots.draw(
        session,
        heap.id,
        4_000,
        cooperative_id=meru.id,
        cause_id=new_id(),
        channel="retail",
        net=Money(1, "KES"),
        by=None,
    )
    assert listed(session, maize).is_sold_out


def test_a_transaction_that_fails_leaves_the_search_as_it_was(session, maize):
    maize.product.take_off()
    session.flush()
    session.rollback()
    assert listed(session, maize) is not None


def test_stock_that_changes_nothing_shoppers_search_by_writes_nothing(session, meru, maize):
    before = listed(session, maize)
    written, marks = before.written_at, before.marks
    holds.hold(session, meru.id, {maize.heap_id: 3_000}, new_id())
    after = listed(session, maize)
    assert (after.written_at, after.marks) == (written, marks)


def test_a_price_that_begins_tomorrow_is_found_tomorrow(session, worker_session, make, meru, monkeypatch):
    pack = make.pack(make.product("Sorghum", cooperative=meru), cooperative=meru)
    now = clock.now()
    ahead = price_lists.open_list(
        session,
        meru.id,
        Level.PUBLIC,
        NOBODY,
        "Tomorrow",
        valid_from=now + timedelta(hours=3),
        valid_until=now + timedelta(hours=5),
    )
    ladders.set_ladder(session, ahead, pack, LadderForm(rungs=((1, 7_000),)))
    assert listed(session, pack) is None
    session.rollback()
    for hours, is_there in ((4, True), (6, False)):
        later = now + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        assert listings.follow_the_calendar(worker_session, later) == 1
        worker_session.commit()
        assert (listed(session, pack) is not None) is is_there
        session.rollback()


def test_written_from_nothing_they_are_the_same(session, worker_session, make, meru, maize):
    make.shelf(meru, "Tea", {1: "300"}, kilograms=0)
    session.commit()

    def rows():
        return worker_session.execute(
            text(
                "SELECT product_id, sort_name, per_minor, marks, name_words, other_words FROM listing ORDER BY product_id"
            )
        ).all()

    before = rows()
    assert listings.rebuild(worker_session) == 2
    assert rows() == before and listings.differences(worker_session) == []
    worker_session.rollback()


@pytest.mark.parametrize(
    "breaking",
    [
        "DELETE FROM listing",
        "UPDATE listing SET is_sold_out = NOT is_sold_out",
        "UPDATE listing SET per_minor = per_minor + 200",
        "UPDATE listing SET kind = 'oil and fats'",
        "UPDATE product SET listed_at = NULL",
        "UPDATE pack SET is_listed = {no}",
        "UPDATE cooperative SET closed_at = created_at",
        "UPDATE rung SET unit_price_minor = unit_price_minor + 100",
        "UPDATE product SET name = 'Gold'",
    ],
)
def test_the_audit_names_a_listing_that_is_not_true(session, worker_session, owner_engine, maize, breaking):
    from inventory.audits import CHECKS

    session.commit()
    assert not [finding for finding in audit.run(worker_session, CHECKS) if finding.differences]
    worker_session.rollback()
    no = "false" if owner_engine.dialect.name == "postgresql" else "0"
    frozen = ("listing", "product", "pack", "cooperative", "rung")
    with sabotage.broken(owner_engine, breaking.format(no=no), tables=frozen) as damaged:
        assert any("listings" in finding.check.name for finding in audit.run(damaged, CHECKS) if finding.differences)
        assert listings.differences(damaged) == [maize.product_id]


@pytest.mark.on("sqlite")
def test_sqlites_index_of_words_is_whole_after_every_kind_of_change(session, make, meru, maize):
    maize.product.description = "Sweet"
    session.commit()
    make.shelf(meru, "Beans")
    session.commit()
    maize.product.take_off()
    session.commit()
    session.execute(text("INSERT INTO listing_words (listing_words, rank) VALUES ('integrity-check', 1)"))
    found = session.scalars(text("SELECT rowid FROM listing_words WHERE listing_words MATCH '\"bean\"'")).all()
    assert len(found) == 1


def test_heaps_that_move_say_so(session, meru, maize):
    """The anti-test: with the mark taken away the listing goes stale, so it is the mark that keeps it true."""
    cause = new_id()
    holds.hold(session, meru.id, {maize.heap_id: 20_000}, cause)
    session.info.pop("listings.stock")
    assert not listed(session, maize).is_sold_out
    heaps.allow_oversell(session, meru.id, maize.heap_id, 500)
    assert listed(session, maize).is_sold_out
