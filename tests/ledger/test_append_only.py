"""What was written stays written: neither the shop nor its worker can change, delete or replace it on either database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ground import keys, tenants, trail
from ground.db import Model
from ground.ids import new_id
from ledger.accounts import Account, Pot
from tests.make import Make

BANK = Pot("1020")


@pytest.fixture
def written(session: Session, make: Make) -> None:
    book = make.book()
    make.funded(book, "2020", 100)
    trail.note(session, book.cooperative_id, "test", new_id())
    session.commit()


@pytest.mark.case("attack:A276")
@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("who", ["session", "worker_session"])
@pytest.mark.parametrize("table", ["cause", "transfer", "trail_entry"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET created_at = created_at", "DELETE FROM {}"])
def test_nobody_changes_or_deletes_what_was_written(table: str, deed: str, who: str, request: pytest.FixtureRequest):
    shop: Session = request.getfixturevalue(who)
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        shop.execute(text(deed.format(table)))
    shop.rollback()


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("table", ["cause", "transfer", "trail_entry"])
@pytest.mark.on("postgresql")
def test_nobody_empties_a_table_at_once(session: Session, owner_engine: Engine, table: str):
    with pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"TRUNCATE {table} CASCADE"))
    with owner_engine.connect() as owner, pytest.raises(DBAPIError, match="append-only"):
        owner.execute(text(f"TRUNCATE {table} CASCADE"))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("deed", ["UPDATE {} SET created_at = created_at", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["cause", "transfer", "trail_entry"])
def test_even_the_owner_is_stopped_by_the_trigger(owner_engine: Engine, table: str, deed: str):
    with owner_engine.connect() as owner, pytest.raises(DBAPIError, match=f"{table} is append-only"):
        owner.execute(text(deed.format(table)))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("table", ["cause", "transfer", "trail_entry"])
@pytest.mark.on("sqlite")
def test_replacing_a_row_is_deleting_it(session: Session, table: str):
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("table", ["cause", "transfer"])
def test_upserting_a_row_is_changing_it(session: Session, table: str):
    clash = "ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at"
    upsert = f"INSERT INTO {table} SELECT * FROM {table} WHERE true {clash}"
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        session.execute(text(upsert))


@pytest.mark.on("postgresql")
@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    "deed",
    ["ALTER TABLE transfer DISABLE TRIGGER ALL", "DROP TRIGGER transfer_no_change ON transfer", "DROP TABLE transfer",
     "SET session_replication_role = replica", "ALTER TABLE transfer DISABLE ROW LEVEL SECURITY",
     "CREATE TABLE mine (id int)", "SET ROLE keeper"],
)  # fmt: skip
def test_the_shop_cannot_take_the_walls_down(session: Session, deed: str):
    with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
        session.execute(text(deed))
    session.rollback()


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("column", ["code", "owner_id", "book_id"])
def test_an_account_keeps_what_it_was_opened_for(session: Session, column: str):
    account = session.scalars(tenant_accounts(session)).first()
    assert account is not None
    setattr(account, column, "1020" if column == "code" else new_id())
    with pytest.raises(DBAPIError, match=r"keeps what it froze|append-only"):
        session.flush()


def tenant_accounts(session: Session):
    return select(Account).where(Account.cooperative_id.in_(tenants.allowed(session)), Account.guarded)


def test_every_append_only_table_has_its_triggers(owner_engine: Engine):
    postgresql = owner_engine.dialect.name == "postgresql"
    query = (
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if postgresql
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    )
    with owner_engine.connect() as owner:
        found = {(table.strip('"'), name) for name, table in owner.execute(text(query))}
    there = set(inspect(owner_engine).get_table_names())
    verbs = ("change", "truncate") if postgresql else ("update", "delete")
    marked = there & {mapper.class_.__tablename__ for mapper in Model.registry.mappers if mapper.class_.append_only}
    assert {"cause", "transfer", "trail_entry", keys.RequestKey.__tablename__} <= marked
    assert [(t, f"{t}_no_{verb}") for t in marked for verb in verbs if (t, f"{t}_no_{verb}") not in found] == []
