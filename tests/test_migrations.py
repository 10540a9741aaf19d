"""Migrations lead to the schema that the models describe, down again to nothing, and are whole or not at all."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from ground import migrations, schema
from ground.db import APP_ROLE, Model
from ground.engines import make_engine
from ground.ids import new_id
from migrations.first import import_models
from tests import postgres

NewEngine = Callable[[], Engine]

POSTGRESQL_CATALOGUE = {
    "triggers": "SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT tgisinternal",
    "policies": "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies",
    "row security": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class c"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'",
    "grants": "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
    " WHERE table_schema = 'public' AND grantee <> current_user AND table_name <> 'alembic_version'",
    "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "constraints": "SELECT conrelid::regclass::text, conname, condeferred, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}
SQLITE_CATALOGUE = {
    "all": "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' AND sql IS NOT NULL"
}
WRITE_IT_DOWN = "run `python -m migrations.first`, or, once there is a second migration, write the next one by hand"


@pytest.fixture
def new_engine(tmp_path: Path) -> Iterator[NewEngine]:
    """Makes empty databases of the kind under test, owned by whoever migrates, and forgets them."""
    made: list[tuple[str, Engine]] = []

    def make() -> Engine:
        name = f"migrated_{new_id().hex}"
        if "GOOD_MEASURE_TEST_PORT" not in os.environ:
            url = f"sqlite:///{tmp_path / name}.sqlite"
        else:
            _superuser(f"CREATE DATABASE {name} OWNER {postgres.OWNER}")
            url = f"postgresql://{postgres.OWNER}@127.0.0.1:{os.environ['GOOD_MEASURE_TEST_PORT']}/{name}"
        made.append((name, make_engine(url)))
        return made[-1][1]

    yield make
    for name, engine in made:
        engine.dispose()
        if engine.dialect.name == "postgresql":
            _superuser(f"DROP DATABASE {name} WITH (FORCE)")


def _superuser(statement: str) -> None:
    url = f"postgresql://postgres@127.0.0.1:{os.environ['GOOD_MEASURE_TEST_PORT']}/postgres"
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def catalogue(engine: Engine) -> dict[str, list[Any]]:
    """Everything the database knows of its schema, in one order and without regard to spaces."""
    with engine.connect() as connection:
        look = inspect(connection)
        tables = sorted(set(look.get_table_names()) - {"alembic_version"})
        seen: dict[str, list[Any]] = {
            "columns": [
                (table, str(column["name"]), str(column["type"]), column["nullable"], column["default"])
                for table in tables
                for column in look.get_columns(table)
            ]
        }
        queries = POSTGRESQL_CATALOGUE if engine.dialect.name == "postgresql" else SQLITE_CATALOGUE
        for name, query in queries.items():
            seen[name] = sorted(_plain(row) for row in _rows(connection, query))
    return seen


def _plain(row: Any) -> str:
    """A row of the catalogue without line breaks; the parts of a table in one order, which means nothing to a database."""
    words = [",\n".join(sorted(re.split(r",\s*\n\s*", str(word)))) for word in row]
    return re.sub(r"\s+", " ", " | ".join(words))


def _rows(connection: Connection, query: str) -> list[Any]:
    return list(connection.execute(text(query)))


def test_the_migrated_schema_is_the_one_that_the_models_describe(new_engine: NewEngine):
    import_models()
    migrated, described = new_engine(), new_engine()
    migrations.upgrade(migrated)
    with described.begin() as connection:
        for statement in schema.statements(described.dialect.name):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    ours, models = catalogue(migrated), catalogue(described)
    tables = {
        column[0] for column in ours["columns"] if not column[0].startswith("listing_words")
    }  # SQLite's own index
    assert tables == set(Model.metadata.tables), WRITE_IT_DOWN
    for part, found in models.items():
        assert ours[part] == found, f"{part} of the models are not those of the migrations: {WRITE_IT_DOWN}"


def test_every_promise_kept_by_trigger_or_row_security_is_there(new_engine: NewEngine):
    import_models()
    engine = new_engine()
    migrations.upgrade(engine)
    seen = str(catalogue(engine))
    for mapper in Model.registry.mappers:
        if mapper.class_.append_only or mapper.class_.frozen_columns:
            assert re.search(rf"CREATE TRIGGER \"?{mapper.class_.__tablename__}_(no|frozen)", seen.replace("'", "")), (
                mapper
            )


def test_down_leaves_nothing_and_up_again_brings_all_of_it_back(new_engine: NewEngine):
    engine = new_engine()
    assert migrations.upgrade(engine)
    first = catalogue(engine)
    migrations.downgrade(engine, "base")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        assert migrations.current(connection) is None
    migrations.upgrade(engine)
    assert catalogue(engine) == first


def test_a_second_migration_finds_nothing_to_do(new_engine: NewEngine):
    engine = new_engine()
    assert len(migrations.upgrade(engine)) >= 1
    assert migrations.upgrade(engine) == []
    with engine.connect() as connection:
        assert migrations.current(connection) == migrations.newest()
        assert not migrations.pending(connection)


def test_four_servers_that_start_at_once_migrate_once(new_engine: NewEngine):
    engine, taken = new_engine(), []
    starts = threading.Barrier(4)

    def start() -> None:
        starts.wait()
        taken.append(len(migrations.upgrade(engine)))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken)[:3] == [0, 0, 0]
    assert len(taken) == 4
    assert max(taken) >= 1


def test_a_migration_that_fails_half_way_leaves_nothing(new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch):
    engine = new_engine()
    whole = list(migrations._statements("0001", engine.dialect.name))
    monkeypatch.setattr(migrations, "_statements", lambda *_: [*whole[:3], "CREATE TABLE nonsense ("])
    with pytest.raises(Exception, match=r"nonsense|incomplete|syntax"):
        migrations.upgrade(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


@pytest.mark.on("sqlite")
def test_rows_that_would_point_at_nothing_stop_the_migration(new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch):
    engine = new_engine()
    broken = [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))",
        "INSERT INTO child VALUES (7)",
    ]
    monkeypatch.setattr(migrations, "_statements", lambda *_: broken)
    with pytest.raises(migrations.NotMigrated, match="point at nothing"):
        migrations.upgrade(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.on("postgresql")
def test_roles_are_made_when_they_may_be_and_asked_for_otherwise(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
):
    new_role = f"good_measure_{new_id().hex}"
    monkeypatch.setattr(migrations, "ROLES", (APP_ROLE, new_role))
    engine = new_engine()
    _superuser(f"ALTER ROLE {postgres.OWNER} NOCREATEROLE")
    try:
        with pytest.raises(
            migrations.NotMigrated, match=rf"{new_role} is missing.*Let a superuser run once: CREATE ROLE"
        ):
            migrations.upgrade(engine)
    finally:
        _superuser(f"ALTER ROLE {postgres.OWNER} CREATEROLE")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        powers = connection.execute(
            text("SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = :name"), {"name": new_role}
        ).one()
    assert not any(powers)
    migrations.downgrade(engine, "base")
    with engine.begin() as connection:
        connection.execute(text(f"REVOKE ALL ON alembic_version FROM {new_role}"))
        connection.execute(text(f"DROP ROLE {new_role}"))
