"""A kept page is never another than the one that would be made now: whatever changes it, it is made anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text

from cooperative import points
from ground import clock, street_changes
from ground.db import Model, db
from ground.ids import new_id
from ground.web import page_store
from inventory import heaps, holds, packs, price_lists, products
from inventory.pool_splits import PoolSplit
from inventory.pools import Pool
from migrations.first import import_models
from tests.kept.conftest import Market


def dearer(market: Market) -> None:
    market.make.ladder(market.maize, {1: "55", 10: "41"})


def renamed(market: Market) -> None:
    products.find(market.session, market.meru.id, market.maize.product_id).name = "Maize of the mountain"


def off_the_shelf(market: Market) -> None:
    products.find(market.session, market.meru.id, market.maize.product_id).take_off()


def one_pack_less(market: Market) -> None:
    packs.find(market.session, market.meru.id, market.sack.id).is_listed = False


def another_product(market: Market) -> None:
    market.make.shelf(market.meru, "Avocado", {1: "30"}, kilograms=10)


def sold_out(market: Market) -> None:
    assert heaps.shift(market.session, market.meru.id, market.maize.heap_id, held=899_500)


def a_little_sold(market: Market) -> None:
    holds.hold(market.session, market.meru.id, {market.maize.heap_id: 7_000}, new_id())


def weighed_in(market: Market) -> None:
    heaps.shift(market.session, market.kilifi.id, market.mango.heap_id, on_hand=5_000)


def promised_from_the_field(market: Market) -> None:
    heaps.allow_oversell(market.session, market.meru.id, market.maize.heap_id, 10_000)


def told_otherwise(market: Market) -> None:
    market.session.merge(market.meru).story = "We grow on another mountain."


def closed(market: Market) -> None:
    market.session.merge(market.kilifi).closed_at = clock.now()


def another_place(market: Market) -> None:
    points.open_point(market.session, market.meru.id, code="NEW", name="A new store")


def a_newcomer(market: Market) -> None:
    market.make.cooperative("Mwea Plains", slug="mwea")


def a_pool_closed(market: Market) -> None:
    pool = market.session.scalars(select(Pool).where(Pool.product_id == market.maize.product_id)).one()
    row = dict.fromkeys(("cooperative_minor", "transport_minor", "fees_minor", "waiting_minor", "lost_minor"), 0)
    market.session.add(
        PoolSplit(
            cooperative_id=market.meru.id, pool_id=pool.id, product_id=pool.product_id, season=pool.season, closed_at=clock.now(),
            currency="KES", whole_minor=90, growers_minor=90, growers=7, **row,
        )
    )  # fmt: skip


CHANGES = (
    dearer, renamed, off_the_shelf, one_pack_less, another_product, sold_out, a_little_sold, weighed_in,
    promised_from_the_field, told_otherwise, closed, another_place, a_newcomer, a_pool_closed,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_after_any_change_every_kept_page_is_the_one_that_would_be_made_now(
    market: Market, change: Callable[..., None]
):
    ask = market.visitor()
    before = {path: ask(path).data for path in market.paths}
    change(market)
    after = {path: _told(ask(path)) for path in market.paths}
    truth = {path: _told_truth(market, path) for path in market.paths}
    assert after == truth
    assert any(after[path] != before[path] for path in market.paths), "the change can be seen somewhere"


def _told(answer: Any) -> Any:
    return answer.data if answer.status_code == 200 else answer.status_code


def _told_truth(market: Market, path: str) -> Any:
    market.kept.clear()
    return _told(market.visitor()(path))


def test_without_the_count_a_changed_price_stays_and_this_test_can_tell(market: Market, owner_engine: Engine):
    """The anti-test: with the triggers gone, the page is stale, so the test above does fail without them."""
    ask, path = market.visitor(), "/cooperatives/meru/products/maize"
    before = ask(path).data
    with owner_engine.begin() as connection:
        for table in ("rung", "ladder", "listing"):
            for name in _triggers(connection, table):
                connection.execute(text(f"DROP TRIGGER {name}" + (f" ON {table}" if _is_pg(connection) else "")))
    try:
        dearer(market)
        assert ask(path).data == before, "stale, as feared"
        assert market.truth(path) != before
    finally:
        market.session.close()
        with owner_engine.begin() as connection:  # PostgreSQL's database serves the next test too.
            for statement in _lost(connection, "rung", "ladder"):
                connection.exec_driver_sql(statement)


def _is_pg(connection: Any) -> bool:
    return connection.dialect.name == "postgresql"


def _triggers(connection: Any, table: str) -> list[str]:
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%street%' AND tgrelid = CAST(:table AS regclass)"
        if _is_pg(connection)
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%street%' AND tbl_name = :table"
    )
    return list(connection.scalars(text(query), {"table": table}))


def _lost(connection: Any, *tables: str) -> list[str]:
    from ground.walls import raise_walls

    import_models()
    wanted = tuple(f"TRIGGER {table}_street" for table in tables)
    return [line for line in raise_walls(connection.dialect.name) if any(words in line for words in wanted)]


def test_another_cooperatives_changes_leave_a_cooperatives_own_pages_standing(market: Market):
    ask = market.visitor()
    own = [path for path in market.paths if path.startswith("/cooperatives/meru")]
    shared = ["/", "/products", "/cooperatives"]
    for path in own + shared:
        ask(path)
    made = market.kept.made
    market.make.ladder(market.mango, {1: "99"})
    for path in own:
        ask(path)
    assert market.kept.made == made
    for path in shared:
        ask(path)
    assert market.kept.made == made + len(shared)


def test_stock_that_the_street_does_not_show_otherwise_leaves_the_shelves_standing(market: Market):
    """A checkout takes a few kilos: only the pages that say how many kilos there are are made anew."""
    before = street_changes.read(db.engine)
    market.session.commit()
    a_little_sold(market)
    market.session.commit()
    assert street_changes.read(db.engine) == before
    assert heaps.shift(market.session, market.meru.id, market.maize.heap_id, held=-7_000)
    sold_out(market)
    market.session.commit()
    after = street_changes.read(db.engine)
    assert after[market.meru.id] > before[market.meru.id] and after[market.kilifi.id] == before[market.kilifi.id]


def test_a_price_that_begins_or_ends_by_the_clock_is_shown_from_that_moment(
    market: Market, monkeypatch: pytest.MonkeyPatch
):
    now = clock.now()
    ask, path = market.visitor(), "/cooperatives/meru/products/maize"
    market.make.ladder(market.maize, {1: "31"}, list_name="Market week")
    week = next(each for each in _lists(market) if each.name == "Market week")
    week.valid_from, week.valid_until = now + timedelta(seconds=20), now + timedelta(seconds=40)
    assert "31.00" not in ask(path).text
    for seconds, shown in ((19, False), (21, True), (39, True), (41, False)):
        monkeypatch.setattr(clock, "read", lambda at=now + timedelta(seconds=seconds): at)
        assert ("31.00" in ask(path).text) is shown, seconds


def _lists(market: Market) -> list[price_lists.PriceList]:
    from sqlalchemy import select

    return list(market.session.scalars(select(price_lists.PriceList)))


def test_no_page_is_kept_for_longer_than_a_minute_or_from_the_future(market: Market, monkeypatch: pytest.MonkeyPatch):
    now, made = clock.now(), market.kept.made
    ask = market.visitor()
    for seconds, times in ((0, 1), (59, 1), (61, 2), (30, 3)):
        monkeypatch.setattr(clock, "read", lambda at=now + timedelta(seconds=seconds): at)
        ask("/cooperatives")
        assert market.kept.made == made + times, seconds


def test_every_table_that_a_kept_page_reads_is_counted(market: Market):
    """A page that begins to read another table must have its changes counted: mark the model `on_the_street`."""
    import_models()
    counted = {mapper.class_.__tablename__ for mapper in Model.registry.mappers if mapper.class_.on_the_street}
    read: set[str] = set()

    def listen(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        read.update(re.findall(r'\b(?:FROM|JOIN) \(*"?([a-z_]+)', statement))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    for path in market.paths:
        market.visitor()(path)
    event.remove(engine, "before_cursor_execute", listen)
    assert {"product", "pack", "heap", "rung", "cooperative"} <= read
    assert {name for name in read if name in Model.metadata.tables} - counted - {"street_change"} == set()


def test_a_transaction_of_many_rows_counts_and_one_that_is_rolled_back_does_not(market: Market):
    engine = db.engine
    before = street_changes.read(engine)
    renamed(market)
    market.session.flush()
    dearer(market)
    market.session.rollback()
    assert street_changes.read(engine) == before
    renamed(market)
    dearer(market)
    market.session.commit()
    assert street_changes.read(engine)[market.meru.id] > before[market.meru.id]


def test_nobody_is_given_a_page_whose_version_was_read_longer_ago_than_the_bound(
    market: Market, monkeypatch: pytest.MonkeyPatch
):
    """With the real bound and a clock of our own: stale within it, never beyond it."""
    monkeypatch.setattr(page_store, "VERSIONS_EVERY_SECONDS", 0.1)
    turned = 0.0
    monkeypatch.setattr(page_store.time, "monotonic", lambda: 1_000.0 + turned)
    ask, path = market.visitor(), "/cooperatives"
    before = ask(path).data
    told_otherwise(market)
    market.session.merge(market.meru).name = "Meru of another name"
    turned = 0.04
    assert ask(path).data == before
    turned = 0.06
    assert b"Meru of another name" in ask(path).data, "whoever reads ahead sees it first"
    market.session.merge(market.meru).name = "Meru of a third name"
    assert b"third" not in ask(path).data
    market.kept._reading.acquire()  # Somebody else reads ahead, and takes long.
    turned = 0.15
    assert b"third" not in ask(path).data, "still younger than the bound"
    market.kept._reading.release()
    turned = 0.17
    assert b"third" in ask(path).data
