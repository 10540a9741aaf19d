"""Two walls stand between cooperatives, and each holds with the other one down: the finder's WHERE and row security."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from ground import tenants
from ground.db import Model
from ground.ids import new_id
from ledger import books, history, transfers
from ledger.accounts import Account, Pot
from ledger.books import Book
from ledger.transfers import Cause, Leg, Transfer
from tests import walls
from tests.make import Make

PACKAGES = ("ground", "ledger", "cooperative", "inventory", "storefront", "proceeds")
TABLES = ("book", "account", "cause", "transfer")
BANK = Pot("1020")


@pytest.fixture
def ours(session: Session, make: Make) -> Book:
    """Our book and another cooperative's, both with money in them; the session may see only ours."""
    ours, theirs = make.book(slug="ours"), make.book(slug="theirs")
    make.funded(ours, "2020", 100)
    make.funded(theirs, "2020", 999)
    session.commit()
    session.info["theirs"] = theirs
    tenants.enter(session, (ours.cooperative_id,))
    return ours


# -- the second wall alone: raw SQL, no finder -----------------------------------------------------------------------------


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("table", TABLES)
def test_raw_sql_sees_our_rows_only(session: Session, ours: Book, table: str):
    assert set(session.scalars(text(f"SELECT DISTINCT cooperative_id FROM {table}"))) == {ours.cooperative_id}


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("table", TABLES)
def test_who_was_told_of_no_cooperative_sees_nothing(session: Session, ours: Book, table: str):
    tenants.enter(session)
    assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


@pytest.mark.on("postgresql")
def test_raw_sql_changes_and_deletes_nothing_of_theirs(session: Session, ours: Book):
    theirs = session.info["theirs"].cooperative_id
    for deed in ("UPDATE account SET balance_minor = 1", "DELETE FROM account"):
        assert (
            session.connection().execute(text(f"{deed} WHERE cooperative_id = :theirs"), {"theirs": theirs}).rowcount
            == 0
        )


@pytest.mark.on("postgresql")
def test_raw_sql_writes_nothing_into_their_book(session: Session, ours: Book):
    theirs: Book = session.info["theirs"]
    session.add(Book(cooperative_id=theirs.cooperative_id, group_id=new_id(), currency="KES", decimals=2))
    with pytest.raises(DBAPIError, match="row-level security"):
        session.flush()


@pytest.mark.on("postgresql")
def test_our_row_cannot_be_given_away(session: Session, ours: Book):
    with pytest.raises(DBAPIError, match=r"row-level security|append-only"):
        session.execute(
            text("UPDATE book SET cooperative_id = :theirs"), {"theirs": session.info["theirs"].cooperative_id}
        )


@pytest.mark.on("postgresql")
def test_the_worker_sees_every_book(worker_session: Session, ours: Book):
    assert worker_session.scalar(text("SELECT count(*) FROM book")) == 2


@pytest.mark.on("postgresql")
def test_what_one_transaction_may_see_is_forgotten_by_the_next_user_of_its_connection(engine: Engine, ours: Book):
    with engine.connect() as connection:
        for setting in ("app.cooperatives", "app.person"):
            assert not connection.scalar(text("SELECT current_setting(:name, true)"), {"name": setting})
        assert connection.scalar(text("SELECT count(*) FROM account")) == 0


@pytest.mark.on("postgresql")
def test_what_is_allowed_in_the_middle_of_a_transaction_is_seen_at_once_and_after_its_rollback(
    session: Session, ours: Book
):
    assert session.scalar(text("SELECT count(*) FROM book")) == 1
    tenants.allow(session, session.info["theirs"].cooperative_id)
    assert session.scalar(text("SELECT count(*) FROM book")) == 2
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM book")) == 2


@pytest.mark.on("postgresql")
def test_every_table_of_a_cooperative_forces_its_row_security(owner_engine: Engine):
    query = text(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'cooperative_id'"
        " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
        " WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    for package in PACKAGES:
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            if not found.ispkg:
                importlib.import_module(found.name)
    open_ones = {m.class_.__tablename__ for m in Model.registry.mappers if not m.class_.tenant_walls}
    with owner_engine.connect() as owner:
        assert set(owner.scalars(query)) - open_ones == set()


# -- keys that carry the cooperative: on both databases --------------------------------------------------------------------


def test_a_transfer_cannot_point_into_another_cooperatives_account(session: Session, ours: Book):
    theirs: Book = session.info["theirs"]
    tenants.allow(session, theirs.cooperative_id)
    strange = session.scalars(
        select(Account).where(Account.cooperative_id == theirs.cooperative_id, Account.code == "2020")
    ).one()
    mine = session.scalars(
        select(Account).where(Account.cooperative_id == ours.cooperative_id, Account.code == "1020")
    ).one()
    cause = Cause(
        cooperative_id=ours.cooperative_id, book_id=ours.id, kind="theft", subject_id=new_id(), legs=1, reverses_id=None,
        reason="", by_id=None,
    )  # fmt: skip
    session.add(cause)
    session.add(
        Transfer(
            cooperative_id=ours.cooperative_id, cause_id=cause.id, leg=1, debit_id=strange.id, credit_id=mine.id,
            amount_minor=5, currency="KES", phase=transfers.Phase.SINGLE, resolves_id=None,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.commit()


# -- the first wall alone: row security down -------------------------------------------------------------------------------


def test_every_finder_of_the_ledger_says_whose_rows_it_wants(
    session: Session, engine: Engine, owner_engine: Engine, ours: Book
):
    session.commit()
    if owner_engine.dialect.name == "postgresql":
        with owner_engine.begin() as owner:
            for table in TABLES:
                owner.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    try:
        if owner_engine.dialect.name == "postgresql":
            assert session.scalar(text("SELECT count(*) FROM book")) == 2, "the second wall is down"
        with walls.watched(engine):
            book = books.of_cooperative(session, ours.cooperative_id)
            assert book.cooperative_id == ours.cooperative_id
            member, cause = Pot("2020", new_id()), new_id()
            transfers.post(session, book, "test", cause, [Leg(BANK, member, book.money(50))])
            transfers.post(session, book, "hold", cause, [Leg(member, BANK, book.money(20), pending=True)])
            [reserved] = transfers.reserved_by(session, book, "hold", cause)
            transfers.resolve(session, book, "end", cause, [(reserved, book.money(5))])
            first = transfers.already(session, book, "test", cause)
            assert first is not None
            assert history.trial_balance(session, book)["2020"] == book.money(-145)
            assert history.balance(session, book, member) == book.money(45)
            assert len(history.lines(session, book, "2020", member.owner_id)) == 2
            assert sum(amount.minor for amount in history.balances(session, book, "2020").values()) == 145
            session.commit()
    finally:
        session.rollback()
        if owner_engine.dialect.name == "postgresql":
            with owner_engine.begin() as owner:
                for table in TABLES:
                    owner.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


@pytest.mark.case("commerce:X04")
def test_a_query_that_names_no_cooperative_is_caught(session: Session, engine: Engine, ours: Book):
    account = session.scalars(select(Account).where(Account.cooperative_id == ours.cooperative_id)).first()
    assert account is not None
    session.expunge_all()
    with walls.watched(engine, raising=False) as caught:
        session.scalars(select(Account)).all()
        session.scalars(select(Account).where(Account.id == account.id)).all()
        session.expunge_all()
        session.get(Account, account.id)
        session.execute(update(Account).where(Account.id == account.id).values(pending_minor=0))
        session.execute(text("SELECT cooperative_id FROM book AS b WHERE b.currency = 'KES'"))
        session.scalars(select(Cause).join(Book, Book.cooperative_id == Cause.cooperative_id)).all()
        session.scalars(
            select(Transfer).where(Transfer.debit_id.in_(select(Account.id).where(Account.code == "2020")))
        ).all()
    assert len(caught) == 7
    with walls.watched(engine), pytest.raises(AssertionError, match="whose book"):
        session.scalars(select(Book)).all()


@pytest.mark.case("commerce:X04")
def test_a_query_that_names_its_cooperative_passes(session: Session, engine: Engine, ours: Book):
    with walls.watched(engine) as caught:
        mine = (Account.cooperative_id == ours.cooperative_id, Account.cooperative_id.in_([ours.cooperative_id]))
        for condition in mine:
            account = session.scalars(select(Account).where(condition, Account.code == "2020")).first()
        assert account is not None
        session.expire(account)
        assert account.pending_minor == 0, "a row found before may be read again"
        account.pending_minor = 1
        session.flush()
        session.scalars(
            select(Transfer)
            .join(Cause, Cause.id == Transfer.cause_id)
            .where(Cause.cooperative_id == ours.cooperative_id)
        ).all()
    assert caught == []
