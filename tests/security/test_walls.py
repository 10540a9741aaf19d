"""Both walls between houses, over HTTP: with one of them down the other still hides everything."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from ground.db import db
from inventory import deliveries, heaps, packs, pools
from inventory.deliveries import Delivery
from inventory.heaps import Heap
from inventory.packs import Pack
from inventory.pools import Pool
from proceeds import payouts, settlements
from proceeds.payouts import Run
from proceeds.settlements import Settlement
from tests.security.season import Season

FINDERS = [
    (pools, Pool, "pools.show", "pool_id"),
    (heaps, Heap, "stock.show", "heap_id"),
    (packs, Pack, "prices.show", "pack_id"),
    (deliveries, Delivery, "deliveries.show", "delivery_id"),
    (payouts, Run, "payouts.show", "run_id"),
    (settlements, Settlement, "settlements.show", "settlement_id"),
]
PRIVATE = [found for found in FINDERS if found[1].public_read is None]
"""Heaps and packs of listed products are the shop window's: row security shows them to everybody, the finder does not."""


class Reached(Exception):
    """The sabotaged finder got hold of another house's row."""


def without_its_wall(monkeypatch: pytest.MonkeyPatch, module: Any, model: Any) -> list[bool]:
    """The finder forgets whose rows it looks for; tells whether a row came."""
    honest, came = module.find, []

    def find(session: Any, cooperative_id: Any, id: Any) -> Any:
        row = session.scalar(select(model.id).where(model.id == id))
        came.append(row is not None)
        return honest(session, cooperative_id, id)

    monkeypatch.setattr(module, "find", find)
    return came


@pytest.mark.on("postgresql")
@pytest.mark.parametrize(
    ("module", "model", "endpoint", "name"), PRIVATE, ids=lambda each: each if isinstance(each, str) else ""
)
def test_with_the_finders_wall_down_row_security_still_hides(
    season: Season, monkeypatch, module, model, endpoint, name
):
    came = without_its_wall(monkeypatch, module, model)
    theirs = season.path(endpoint, coop="meru", **{name: season.houses["kilifi"].own[name]})
    assert season.open(season.houses["meru"], "manager", theirs).status_code == 404
    assert came == [False], "the row came through row security"
    ours = season.path(endpoint, coop="meru", **{name: season.houses["meru"].own[name]})
    assert season.open(season.houses["meru"], "manager", ours).status_code == 200
    assert came[1:] and all(came[1:]), "the sabotaged finder finds what is ours, so its silence says something"


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    ("module", "model", "endpoint", "name"), FINDERS, ids=lambda each: each if isinstance(each, str) else ""
)
def test_without_row_security_the_finder_hides_alone(season: Season, monkeypatch, module, model, endpoint, name):
    """SQLite has one wall: the row is there to be had, and the finder as it is written does not take it."""
    came = without_its_wall(monkeypatch, module, model)
    theirs = season.path(endpoint, coop="meru", **{name: season.houses["kilifi"].own[name]})
    assert season.open(season.houses["meru"], "manager", theirs).status_code == 404
    assert came == [True]


@pytest.mark.on("postgresql")
@pytest.mark.parametrize(
    ("module", "model", "endpoint", "name"), FINDERS, ids=lambda each: each if isinstance(each, str) else ""
)
def test_with_row_security_down_the_finder_still_hides(season: Season, module, model, endpoint, name):
    table = model.__tablename__
    with season.owner.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    try:
        theirs = season.path(endpoint, coop="meru", **{name: season.houses["kilifi"].own[name]})
        assert season.open(season.houses["meru"], "manager", theirs).status_code == 404
        ours = season.path(endpoint, coop="meru", **{name: season.houses["meru"].own[name]})
        assert season.open(season.houses["meru"], "manager", ours).status_code == 200
    finally:
        with season.owner.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))


@pytest.mark.on("postgresql")
def test_the_shop_connects_as_nobody_special(season: Season):
    """Neither superuser nor past row security nor owner of a table: what row security hides is hidden from it."""
    with db.unit() as session:
        who = session.execute(text("SELECT current_user, session_user")).one()
        for name in who:
            powers = session.execute(
                text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = :name"),
                {"name": name},
            ).one()
            assert not any(powers), f"{name}: {powers}"
            owned = session.scalar(
                text("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = :name"),
                {"name": name},
            )
            assert owned == 0
            inherited = session.scalar(
                text(
                    "SELECT bool_or(pg_has_role(:name, c.relowner, 'MEMBER')) FROM pg_class c "
                    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'"
                ),
                {"name": name},
            )
            assert not inherited


@pytest.mark.on("postgresql")
@pytest.mark.case("attack:A276")
def test_the_shop_can_neither_empty_nor_change_the_trail(season: Season):
    for statement in (
        "TRUNCATE trail_entry",
        "DROP TABLE trail_entry",
        "ALTER TABLE trail_entry DISABLE TRIGGER ALL",
        "UPDATE trail_entry SET action = 'x'",
        "DELETE FROM trail_entry",
        "SET session_replication_role = replica",
    ):
        with (
            season.unchanged() as same,
            pytest.raises(DBAPIError, match=r"permission denied|must be owner|append|never"),
        ):
            _as_the_shop(season, statement)
        assert same(), statement


def _as_the_shop(season: Season, statement: str) -> None:
    ours = {"ours": str(season.houses["meru"].own["cooperative"])}
    with season.engine.begin() as connection:
        connection.execute(text("SELECT set_config('app.cooperatives', :ours, true)"), ours)
        connection.execute(text(statement))
