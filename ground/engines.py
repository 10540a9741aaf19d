"""Engines and sessions: each connection obeys the rules of its database before its first statement.

Every rule here was measured before it was written; docs/decisions/0002 keeps the figures.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session


def make_session(bind: Engine | Connection) -> Session:
    """A session as everything here expects it: no expiry on commit, since what was read is what is shown."""
    return Session(bind, expire_on_commit=False, autoflush=True)  # A `sessionmaker` makes a class first, each time.


def make_engine(url: str, *, role: str | None = None, **options: Any) -> Engine:
    """An engine with the rules of its database; every connection obeys them before its first statement."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, **options)
    assert parsed.get_backend_name() == "postgresql", f"no rules for {parsed.get_backend_name()}"
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        json_serializer=canonical_json,
        hide_parameters=True,  # An error tells the log which statement failed, never whose figures it carried.
        connect_args={"options": "-c lock_timeout=3000 -c statement_timeout=15000 -c timezone=UTC"},
        **options,
    )
    if role:

        @event.listens_for(engine, "connect")
        def _take_role(dbapi: Any, record: Any) -> None:
            # autocommit, or the role is forgotten by the first rollback of the pool.
            dbapi.autocommit = True
            dbapi.execute(f"SET ROLE {role}")
            dbapi.autocommit = False

    return engine


def _sqlite(url: str, **options: Any) -> Engine:
    engine = create_engine(url, json_serializer=canonical_json, hide_parameters=True, **options)

    @event.listens_for(engine, "connect")
    def _rules(dbapi: Any, record: Any) -> None:
        dbapi.isolation_level = None  # The driver's own BEGIN comes too late: 120 of 20 units were sold under it.
        for pragma in (
            "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON", "busy_timeout=5000",
        ):  # fmt: skip
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Writers queue from the start; a reader that says so may begin lightly.
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def canonical_json(value: Any) -> str:
    """One spelling per value, so that hashes of stored JSON are stable. NaN is refused."""

    def plain(other: Any) -> str:
        if isinstance(other, UUID | datetime | date):
            return str(other) if isinstance(other, UUID) else other.isoformat()
        raise TypeError(f"not JSON: {other!r}")

    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=plain)
