"""What every test stands on: a fresh database of the kind under test, HTTP clients, makers, and no network.

`TEST_DATABASE=sqlite|postgresql` chooses the database. Each test that asks for one finds it migrated and empty, and may
commit, open connections and start processes as it likes. `session` is the shop's: it sees the cooperatives that it is told.
A test that is about one database only is marked `on("postgresql")`: elsewhere it is not collected, never skipped.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ground import migrations, tenants
from ground.db import APP_ROLE, WORKER_ROLE
from ground.engines import make_engine, make_session
from tests import postgres
from tests.make import Make
from tests.web import _application, _chromium, address, app, browser, client, page, work  # noqa: F401

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
assert DATABASE in ("sqlite", "postgresql"), f"TEST_DATABASE={DATABASE}?"
HOME, PORT = "GOOD_MEASURE_TEST_HOME", "GOOD_MEASURE_TEST_PORT"
TEMPLATE = "template_good_measure"
SLOW = {"address", "browser", "page", "_season", "world"}
"""Fixtures of a browser, of a whole season, of every form of the shop with everything that can be typed wrong."""
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")

settings.register_profile(
    "ordinary", max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.register_profile("deep", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))


# -- the session: one cluster, one template, for all workers -------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="run the full counts of seeds and examples")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("deep" if config.getoption("--deep") else "ordinary")
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _sweep_up_after_the_killed()
    home = Path(tempfile.mkdtemp(prefix=f"good-measure-test-{os.getpid()}-", dir=postgres.scratch()))
    os.environ[HOME] = str(home)
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    if DATABASE == "postgresql":
        cluster = postgres.start()
        config.add_cleanup(cluster.stop)
        os.environ[PORT] = str(cluster.port)
        _prepare_cluster()
        _build(make_engine(_pg(postgres.OWNER, TEMPLATE)))
    else:
        _build(make_engine(f"sqlite:///{home}/template.sqlite"))
        with contextlib.closing(sqlite3.connect(home / "template.sqlite")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """An id made at random must not name a test: every worker has to find the same tests."""
    random = isinstance(val, UUID) or (
        isinstance(val, str) and re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-", val)
    )
    return f"some-{argname}" if random else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    elsewhere = []
    for item in items:
        if SLOW & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
        if "_season" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("season"))  # One season under attack per database, not per worker.
        mark = item.get_closest_marker("on")
        if mark is not None and DATABASE not in mark.args:
            elsewhere.append(item)
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def _sweep_up_after_the_killed() -> None:
    """A run that was killed could not remove its folder: its name says whose it was."""
    for folder in postgres.scratch().glob("good-measure-test-*-*"):
        if not Path(f"/proc/{folder.name.split('-')[3]}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _pg(user: str, database: str) -> str:
    return f"postgresql://{user}@127.0.0.1:{os.environ[PORT]}/{database}"


def _prepare_cluster() -> None:
    """Roles as in production, made by the superuser once; the owner sees past row security so that tests can sabotage."""
    _as_superuser(
        f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS",
        f"CREATE ROLE {WORKER_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS",
        f"CREATE ROLE {postgres.OWNER} LOGIN NOSUPERUSER BYPASSRLS CREATEROLE CREATEDB",
        f"CREATE ROLE {postgres.SHOP} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE IN ROLE {APP_ROLE}",
        f"CREATE ROLE {postgres.SHOP_WORKER} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE IN ROLE {WORKER_ROLE}",
        f"CREATE DATABASE {TEMPLATE} OWNER {postgres.OWNER}",
    )


def _as_superuser(*statements: str, database: str = "postgres") -> None:
    import psycopg

    with psycopg.connect(_pg("postgres", database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _build(engine: Engine) -> None:
    """The schema, as the migrations make it."""
    migrations.upgrade(engine)
    engine.dispose()


# -- the network is off --------------------------------------------------------------------------------------------------


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in LOOPBACK:
        raise AssertionError(f"a test reached for the network: {arguments[1]}")
    if event == "socket.getaddrinfo" and arguments[0] not in (*LOOPBACK, None):
        raise AssertionError(f"a test asked for the address of {arguments[0]}")


sys.addaudithook(_only_loopback)


# -- the database under test ---------------------------------------------------------------------------------------------


class Place:
    """One xdist worker's database, always at the same address, emptied before each test that asks for it."""

    def __init__(self, worker: str) -> None:
        self.home = Path(os.environ[HOME])
        self.name = f"test_{worker}"
        if DATABASE == "sqlite":
            self.file = self.home / f"{self.name}.sqlite"
            self.url = self.worker_url = self.owner_url = f"sqlite:///{self.file}"
        else:
            _as_superuser(f"CREATE DATABASE {self.name} TEMPLATE {TEMPLATE} OWNER {postgres.OWNER}")
            self.url = _pg(postgres.SHOP, self.name)
            self.worker_url = _pg(postgres.SHOP_WORKER, self.name)
            self.owner_url = _pg(postgres.OWNER, self.name)
            self.cleaner = make_engine(_pg("postgres", self.name))

    def empty(self) -> None:
        if DATABASE == "sqlite":
            for suffix in ("-wal", "-shm", ""):
                Path(f"{self.file}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(self.home / "template.sqlite", self.file)
        else:
            with self.cleaner.begin() as connection:
                connection.exec_driver_sql(_SWEEP)


# Deleting the few rows of a test takes milliseconds where a new database takes a fifth of a second. Triggers and foreign
# keys sleep meanwhile; a transaction that a failed test left open is ended first, or it would hold its locks for ever.
_SWEEP = """DO $$ DECLARE name text; filled boolean; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend';
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
    IF filled THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP; END $$"""


@pytest.fixture(scope="session")
def _place(request: pytest.FixtureRequest) -> Iterator[Place]:
    workerinput = getattr(request.config, "workerinput", {})
    place = Place(workerinput.get("workerid", "main"))
    yield place
    if DATABASE == "postgresql":
        place.cleaner.dispose()


@pytest.fixture
def place(_place: Place) -> Place:
    """The addresses of the fresh database: `url` (the shop's), `worker_url`, `owner_url`."""
    _place.empty()
    return _place


@pytest.fixture
def database_url(place: Place) -> str:
    """The address under which the shop (not the owner, not the worker) reaches the fresh database."""
    return place.url


def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    """The shop's engine on the fresh database: it owns nothing and sees what it is told."""
    yield from _engine(place.url)


@pytest.fixture
def worker_engine(place: Place) -> Iterator[Engine]:
    """The worker's engine: it sees every cooperative and owns nothing."""
    yield from _engine(place.worker_url)


@pytest.fixture
def owner_engine(place: Place) -> Iterator[Engine]:
    """The owner of the tables, who may drop a wall to see whether the other one stands."""
    yield from _engine(place.owner_url)


def _session(engine: Engine) -> Iterator[Session]:
    session = make_session(engine)
    tenants.enter(session)
    yield session
    session.close()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """The shop's session. Makers of cooperatives let it see them; `tenants.enter(session, …)` narrows it again."""
    yield from _session(engine)


@pytest.fixture
def worker_session(worker_engine: Engine) -> Iterator[Session]:
    """A session that sees all, as jobs and commands do. On SQLite only one of the two sessions can be writing at a time."""
    yield from _session(worker_engine)


@pytest.fixture
def make(session: Session) -> Make:
    """The makers of `tests/makers/`, on `session`."""
    return Make(session)


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> Callable[..., range]:
    """`seeds(50)`: the seeds of a randomised test; with --deep forty times as many, or `seeds(50, 10_000)` exactly."""
    deep = bool(request.config.getoption("--deep"))
    return lambda few, many=None: range((many or few * 40) if deep else few)
