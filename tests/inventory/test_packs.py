"""What a visitor may see: listed packs of listed products, and how much of them is left; nothing of the store room."""

from __future__ import annotations

import pytest

from ground import clock, tenants
from ground.ids import new_id
from inventory import holds, packs, price_lists, products
from inventory.price_lists import Holders


@pytest.fixture
def market(session, make):
    """Two cooperatives; one listed pack each, and an unlisted pack and product beside them. The visitor's session follows."""
    meru, kilifi = make.cooperative("Meru Highlands"), make.cooperative("Kilifi Coast")
    beans = make.product("Beans", {1: "120.00"}, cooperative=meru)
    make.pack(beans, {1: "5000.00"}, content=50_000, cooperative=meru).is_listed = False
    make.product("Maize (white)", {1: "55.00"}, cooperative=kilifi)
    make.product("Secret", {1: "1.00"}, cooperative=kilifi, listed=False)
    heap = make.stock(meru, beans, 30)
    holds.hold(session, meru.id, {heap.id: 4_500}, new_id())
    session.commit()
    tenants.enter(session)
    return meru, kilifi


def test_a_visitor_sees_what_is_listed_with_what_is_left_and_its_price(session, market):
    found = packs.find_listed(session)
    assert [(pack.product.name, pack.available) for pack in found] == [("Beans", 25), ("Maize (white)", 0)]
    ladders = price_lists.ladders_for(session, found, holders=Holders(), at=clock.now())
    assert [len(ladders[pack.id]) for pack in found] == [1, 1]


def test_shoppers_search_by_words_kind_and_cooperative(session, market):
    meru, kilifi = market

    def names(*where, **how):
        return [pack.product.name for pack in packs.find_listed(session, *where, **how)]

    assert names(words="maize white") == ["Maize (white)"]
    assert names(words="%") == names(words="secret") == []
    assert names(meru.id) == ["Beans"]
    assert names(cooperative_ids=[kilifi.id]) == ["Maize (white)"]
    assert names(kinds=[products.Kind.PULSES]) == []
    assert names(limit=1, offset=1) == ["Maize (white)"]


def test_a_basket_finds_only_what_may_be_sold_now(session, market):
    meru, kilifi = market
    listed = {(pack.cooperative_id, pack.id) for pack in packs.find_listed(session)}
    wrong_home = {(kilifi.id if home == meru.id else meru.id, id) for home, id in listed}
    assert set(packs.find_for_basket(session, listed | wrong_home | {(meru.id, new_id())})) == {id for _, id in listed}
    assert packs.find_for_basket(session, []) == {}


@pytest.mark.on("postgresql")
def test_the_store_room_is_closed_to_visitors(session, market):
    from sqlalchemy import text

    closed = ("lot", "lot_move", "hold", "delivery", "pool", "numbering")
    assert {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in closed} == dict.fromkeys(
        closed, 0
    )
    assert session.scalar(text("SELECT count(*) FROM pack WHERE NOT is_listed")) == 0
    assert session.scalar(text("SELECT count(*) FROM product WHERE listed_at IS NULL")) == 0
