"""Migrations, run from code: all steps in one locked transaction, so that two starting servers cannot both migrate."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from ground.db import APP_ROLE, WORKER_ROLE

HOME = Path(__file__).parent.parent / "migrations"
OUR_LOCK = 0x600D_3EA5
ROLES = (APP_ROLE, WORKER_ROLE)


class NotMigrated(Exception):
    """The database cannot be brought to the schema that this program needs; the message says what to do."""


def upgrade(engine: Engine, revision: str = "head") -> list[str]:
    """Bring the database up to `revision`, whole or not at all; the revisions it went through, oldest first."""
    scripts = _scripts()
    return _run(engine, lambda at, _context: scripts._upgrade_revs(revision, at), prepare=True)


def downgrade(engine: Engine, revision: str) -> list[str]:
    """Take the database down to `revision` ("base" is the empty database), whole or not at all."""
    scripts = _scripts()
    return _run(engine, lambda at, _context: scripts._downgrade_revs(revision, at))


def current(connection: Connection) -> str | None:
    """The revision this database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """The revision that this program needs."""
    return _scripts().get_current_head()


def pending(connection: Connection) -> bool:
    """Whether the database is at another revision than the one this program was written for."""
    return current(connection) != newest()


def run_statements(connection: Connection, revision: str) -> None:
    """Execute `migrations/statements/<revision>.<dialect>.sql`: statements that end with a semicolon and an empty line."""
    for statement in _statements(revision, connection.dialect.name):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _statements(revision: str, dialect: str) -> Iterator[str]:
    for statement in (HOME / "statements" / f"{revision}.{dialect}.sql").read_text("utf-8").split(";\n\n"):
        if statement.strip():
            yield statement.strip().removesuffix(";")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HOME).replace("%", "%%"))
    return config


def _run(engine: Engine, steps: Callable[..., Any], *, prepare: bool = False) -> list[str]:
    taken: list[str] = []

    def note(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
        taken.append(str(step.up_revision_id))

    with _locked(engine) as connection:
        if prepare and engine.dialect.name == "postgresql":
            _make_roles(connection)
        with EnvironmentContext(_config(), _scripts(), fn=steps) as environment:
            environment.configure(connection=connection, on_version_apply=note)
            environment.run_migrations()
        if prepare and engine.dialect.name == "postgresql":
            connection.execute(text(f"GRANT SELECT ON alembic_version TO {', '.join(ROLES)}"))
    return taken


@contextmanager
def _locked(engine: Engine) -> Generator[Connection]:
    """A connection in one transaction that no other migration shares, committed at the end."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": OUR_LOCK})
            yield connection
        return
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        # Copying a table while keys cascade would empty its children: keys sleep, and are checked before the commit.
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise NotMigrated(f"The migration would leave rows that point at nothing: {broken[:5]}")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _make_roles(connection: Connection) -> None:
    """The two roles that own nothing, made when they are missing and we may; otherwise the words for whoever may."""
    query = text("SELECT rolname FROM pg_roles WHERE rolname = ANY (:names)")
    missing = sorted(set(ROLES) - set(connection.scalars(query, {"names": list(ROLES)})))
    for role in missing:
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS"))
                connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
        except ProgrammingError as error:
            words = "; ".join(f"CREATE ROLE {name} NOLOGIN; GRANT {name} TO <the shop's login>" for name in missing)
            raise NotMigrated(
                f"The role {role} is missing and this login may not create roles. Let a superuser run once: {words};"
            ) from error
