"""The database's rules hold on every connection: settings, strict types, whole numbers, aware moments, who may begin how."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from ground import outbox
from ground.barriers import VARIABLE
from ground.clashes import already_there, worth_retrying
from ground.columns import LARGEST_INTEGER
from ground.db import Database
from ground.engines import canonical_json, make_engine
from ground.ids import new_id
from ground.outbox import Letter
from ledger.accounts import Account, Pot
from tests.make import Make

SETTINGS = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "busy_timeout": 5_000}


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("pragma", SETTINGS)
def test_every_sqlite_connection_obeys_the_rules(engine: Engine, pragma: str):
    with engine.connect() as first, engine.connect() as second:
        for connection in (second, first):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == SETTINGS[pragma]
            connection.rollback()
            break
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == SETTINGS[pragma]


@pytest.mark.on("postgresql")
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("lock_timeout", "3s"),
        ("statement_timeout", "15s"),
        ("TimeZone", "UTC"),
        ("transaction_isolation", "read committed"),
    ],
)
def test_every_postgresql_connection_obeys_the_rules(engine: Engine, setting: str, value: str):
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value
        connection.rollback()
        assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value


@pytest.mark.on("postgresql")
def test_a_role_taken_on_outlives_a_rollback(place):
    engine = make_engine(place.url, role="good_measure_app")
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT current_user").scalar() == "good_measure_app"
            connection.rollback()
            assert connection.exec_driver_sql("SELECT current_user").scalar() == "good_measure_app"
    engine.dispose()


@pytest.mark.on("sqlite")
def test_a_writer_queues_from_its_first_word_and_a_reader_does_not(engine: Engine, place):
    impatient = make_engine(place.url, connect_args={"timeout": 0})
    with engine.connect() as writer:
        writer.exec_driver_sql("SELECT 1")  # Begun IMMEDIATE: it holds the pen already.
        with impatient.execution_options(sqlite_begin="DEFERRED").connect() as reader:
            reader.exec_driver_sql("PRAGMA busy_timeout=0")
            assert reader.exec_driver_sql("SELECT count(*) FROM job").scalar() == 0
        with impatient.connect() as raw:
            driver = raw.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA busy_timeout=0")
            with pytest.raises(DBAPIError) as error:
                raw.exec_driver_sql("SELECT 1")
    assert worth_retrying(error.value)
    impatient.dispose()


@pytest.mark.on("sqlite")
def test_who_reads_first_and_writes_after_begun_lightly_loses_the_pen_to_another(engine: Engine):
    """The anti-test of BEGIN IMMEDIATE: under DEFERRED the write fails at once, however long one would wait."""
    letter = (
        "INSERT INTO letter (id, created_at, kind, cause_id, recipient, subject, text, due_at, tries)"
        " VALUES (?, '2026-01-01', 'x', ?, 'x', 'x', 'x', '2026-01-01', 0)"
    )
    with engine.execution_options(sqlite_begin="DEFERRED").connect() as light:
        light.exec_driver_sql("SELECT count(*) FROM letter")
        with engine.begin() as other:
            other.exec_driver_sql(letter, (str(new_id()), str(new_id())))
        with pytest.raises(DBAPIError) as error:
            light.exec_driver_sql(letter, (str(new_id()), str(new_id())))
    assert worth_retrying(error.value)


@pytest.mark.on("sqlite")
def test_a_unit_that_reads_only_begins_lightly(engine: Engine):
    database = Database()
    database.use(engine)
    with engine.connect() as writer:
        writer.exec_driver_sql("SELECT 1")
        with database.unit(reads_only=True) as session:
            assert session.scalars(select(Letter)).all() == []


@pytest.mark.on("sqlite")
def test_every_table_is_strict(owner_engine: Engine):
    with owner_engine.connect() as owner:
        loose = owner.exec_driver_sql(
            "SELECT name FROM pragma_table_list"
            " WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%' AND schema = 'main'"
        ).scalars()
        assert set(loose) <= {"alembic_version"}


@pytest.mark.parametrize("value", ["'abc'", "'1.5'", "x'00'", pytest.param("1.5", marks=pytest.mark.on("sqlite"))])
def test_a_column_of_whole_numbers_takes_nothing_else(session: Session, make: Make, value: str):
    make.funded(make.book(), "2020", 100)
    with pytest.raises(DBAPIError):
        session.execute(text(f"UPDATE account SET balance_minor = {value}"))
    session.rollback()


@pytest.mark.on("postgresql")
def test_postgresql_would_round_what_sqlite_refuses_so_our_code_never_sends_it(session: Session, make: Make):
    make.funded(make.book(), "2020", 100)
    session.execute(text("UPDATE account SET balance_minor = 1.5 WHERE guarded"))
    account = session.scalars(select(Account).where(Account.code == "2020")).one()
    session.refresh(account)
    assert account.balance_minor == 2
    account.balance_minor = 1.5  # ty: ignore[invalid-assignment]  (what must be refused)
    with pytest.raises((AssertionError, StatementError), match="whole number"):
        session.flush()


@pytest.mark.parametrize("value", [True, 1.0, "1", 2**63, -(2**63) - 1])
def test_our_own_code_writes_whole_numbers_of_64_bits_only(session: Session, make: Make, value: object):
    make.funded(make.book(), "2020", 100)
    account = session.scalars(select(Account).where(Account.code == "2020")).one()
    account.balance_minor = value  # ty: ignore[invalid-assignment]  (what must be refused)
    with pytest.raises((AssertionError, StatementError)):
        session.flush()


def test_the_largest_number_is_the_same_on_both_databases(session: Session, make: Make):
    make.funded(make.book(), "2020", 100)
    account = session.scalars(select(Account).where(Account.code == "2020")).one()
    account.balance_minor = LARGEST_INTEGER
    session.flush()
    session.expire(account)
    assert account.balance_minor == LARGEST_INTEGER


def test_a_moment_comes_back_aware_and_in_utc(session: Session):
    nairobi = timezone(timedelta(hours=3))
    at = datetime(2026, 11, 23, 2, 30, 0, 123456, tzinfo=nairobi)
    outbox.write(session, to="x@example.org", subject="x", text="x", cause=new_id(), kind="x")
    letter = session.scalars(select(Letter)).one()
    letter.sent_at = at
    session.flush()
    session.expire(letter)
    assert letter.sent_at == at
    assert letter.sent_at is not None and letter.sent_at.tzinfo is UTC
    letter.sent_at = datetime(2026, 11, 23)
    with pytest.raises((AssertionError, StatementError), match="aware"):
        session.flush()


def test_a_clash_of_unique_keys_is_known_by_both_databases_words(session: Session, make: Make):
    book = make.book()
    make.posting(book, Pot("1020"), make.pot("2020"), 1)
    copy = "INSERT INTO book SELECT * FROM book"
    with pytest.raises(DBAPIError) as error:
        session.execute(text(copy))
    assert already_there(error.value)
    assert not worth_retrying(error.value)


def test_equal_values_have_one_spelling_and_nan_has_none():
    key = new_id()
    assert canonical_json({"b": 1, "a": [key]}) == f'{{"a":["{key}"],"b":1}}'
    for wrong in (float("nan"), float("inf"), object(), {1, 2}):
        with pytest.raises((ValueError, TypeError)):
            canonical_json(wrong)


def test_a_unit_of_work_that_is_not_committed_did_not_happen(worker_engine: Engine):
    database = Database()
    database.use(worker_engine)
    with database.unit() as session:
        outbox.write(session, to="x@example.org", subject="x", text="x", cause=new_id(), kind="x")
        assert database.session is session
    with database.unit() as session:
        assert session.scalars(select(Letter)).all() == []
    with pytest.raises(AssertionError, match="outside"):
        _ = database.session


def test_a_process_dies_at_its_barrier_and_only_there():
    code = "from ground.barriers import barrier; barrier('before'); print('between', flush=True); barrier('here'); print('after')"
    died = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {VARIABLE: "here"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert (died.returncode, died.stdout) == (-9, "between\n")
