"""Unique keys taken away for an anti-test, and put back: with its last wall down, a race must be lost."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Generator
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from ground.engines import make_engine


@contextlib.contextmanager
def without_keys(place: Any, session: Session, *names: str) -> Generator[None]:
    """The named unique constraints and indexes are gone meanwhile. On PostgreSQL the database is emptied before they return."""
    session.rollback()
    if place.owner_url.startswith("sqlite"):
        _rebuild(place.owner_url, names)
        yield  # The next test gets a fresh file.
        return
    owner = make_engine(place.owner_url)
    back = [_drop(owner, name) for name in names]
    try:
        yield
    finally:
        session.rollback()
        place.empty()
        with owner.begin() as connection:
            for statement in back:
                connection.exec_driver_sql(statement)
        owner.dispose()


def _drop(owner: Engine, name: str) -> str:
    """Drop one; the statement that puts it back."""
    with owner.begin() as connection:
        found = connection.exec_driver_sql(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", (name,)
        ).one_or_none()
        if found is None:
            back = connection.exec_driver_sql(
                "SELECT indexdef FROM pg_indexes WHERE indexname = %s", (name,)
            ).scalar_one()
            connection.exec_driver_sql(f"DROP INDEX {name}")
            return str(back)
        table, definition = found
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        return f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"


def _rebuild(url: str, names: tuple[str, ...]) -> None:
    path = make_url(url).database
    assert path
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA legacy_alter_table=ON")
        for name in names:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (name,)).fetchone():
                connection.execute(f"DROP INDEX {name}")
                continue
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE ?"
            ((table, sql),) = connection.execute(query, (f"%CONSTRAINT {name} UNIQUE%",)).fetchall()
            less, count = re.subn(rf",\s*CONSTRAINT {name} UNIQUE \([^)]*\)", "", sql)
            assert count == 1, sql
            less = re.sub(rf"^CREATE TABLE {table}\b", f"CREATE TABLE {table}__keyless", less)
            connection.execute(less)
            connection.execute(f"INSERT INTO {table}__keyless SELECT * FROM {table}")
            connection.execute(f"DROP TABLE {table}")
            connection.execute(f"ALTER TABLE {table}__keyless RENAME TO {table}")
