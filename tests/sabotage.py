"""Sabotage: damage done behind the triggers and constraints, by the owner of the tables, and undone when the test has looked."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from ground.engines import make_session


@contextmanager
def broken(
    owner: Engine, *statements: str, tables: tuple[str, ...] = (), checks: tuple[str, ...] = (), **values: object
) -> Generator[Session]:
    """A session that sees the database after this raw SQL, with the triggers of `tables` and the CHECKs `table.name` away.

    All of it happens in one transaction that is rolled back at the end.
    """
    with owner.connect() as connection:
        postgresql = connection.dialect.name == "postgresql"
        if checks and not postgresql:
            _heed_checks(connection, heed=False)
        try:
            for table in tables:
                if postgresql:
                    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                else:
                    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
                    for (name,) in connection.exec_driver_sql(query, (table,)).all():
                        connection.exec_driver_sql(f"DROP TRIGGER {name}")
            for check in checks if postgresql else ():
                table, _, name = check.partition(".")
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            for statement in statements:
                done = connection.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
                assert done.rowcount > 0, f"nothing was damaged by: {statement}"
            session = make_session(connection)
            yield session
            session.close()
        finally:
            connection.rollback()
            if checks and not postgresql:
                _heed_checks(connection, heed=True)


def _heed_checks(connection: Connection, *, heed: bool) -> None:
    """Past SQLAlchemy, which would begin a transaction first: inside one SQLite does not listen."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA ignore_check_constraints={'OFF' if heed else 'ON'}")
