"""Everything that one season needs, from a member's delivery to that member's money."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect, text

from ground.migrations import run_statements

revision = "0001"
down_revision = None

FUNCTIONS = ("refuse_change()", "seen_cooperatives()", "seeing_person()", "count_street_change()")


def upgrade() -> None:
    run_statements(op.get_bind(), revision)


def _indexes_of_words(connection) -> list[str]:
    """SQLite's virtual tables: each takes the tables that it keeps itself in along."""
    return list(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")))


def downgrade() -> None:
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    for table in () if postgresql else _indexes_of_words(connection):
        op.execute(text(f'DROP TABLE "{table}"'))
    for table in inspect(connection).get_table_names():
        if table != "alembic_version":
            op.execute(text(f'DROP TABLE "{table}"' + (" CASCADE" if postgresql else "")))
    for function in FUNCTIONS if postgresql else ():
        op.execute(text(f"DROP FUNCTION {function}"))
