"""The first wall, watched: every statement on a tenant's table must say whose rows it wants, on both databases.

PostgreSQL's row security stands behind it; SQLite has only this one. Switch it on around anything:

    with walls.watched(engine):            # an AssertionError at the statement that asks for everybody's rows
    with walls.watched(engine, raising=False) as careless:    # or the list of them, to be looked at afterwards
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from ground.db import Model

VALUE = r"(?:\?|:\w+|%\(\w+\)s|%s|''|ANY\s*\(|\()"
LITERAL = re.compile(r"'(?:[^']|\'\')*'")
TABLES = re.compile(r'(?:\bFROM|\bJOIN|\bUPDATE|,)\s+"?(\w+)"?', re.IGNORECASE)
JOINED_ON = re.compile(r"\bON\b(.*?)(?=\bJOIN\b|\bWHERE\b|\bLEFT\b|\bGROUP\b|\bORDER\b|$)", re.IGNORECASE)
NOT_ABOUT_ROWS = ("PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "CREATE", "ALTER", "DROP", "BEGIN")


@cache
def _tenant_columns(names: frozenset[str]) -> dict[str, frozenset[str]]:
    """Of each tenant table: the columns of which one must be asked for by value, its cooperative's or what its marks open."""
    found = {}
    for mapper in Model.registry.mappers:
        model, table = mapper.class_, mapper.class_.__tablename__
        if "cooperative_id" not in mapper.columns or not model.tenant_walls or model.public_read == "true":
            continue
        opened = " ".join(filter(None, (model.public_read, model.own_row)))
        words = {
            word for word in re.findall(r"[a-z_]+", opened) if word.endswith(("_at", "_id")) or word in mapper.columns
        }
        found[table] = frozenset({"cooperative_id"} | words - {"id", "product_id"})
    return found


def careless(statement: str) -> str | None:
    """The tenant table whose rows this statement takes without saying whose they are; None for a careful one.

    Somewhere after its FROM the statement compares one of the table's own `cooperative_id`, or a column by which its marks
    open it to the public or to its person, with a value; a table that only joins one which does is reached by a key that
    carries the cooperative. INSERT needs no such words: the row brings its cooperative.
    """
    plain = " ".join(LITERAL.sub("''", statement).split())
    if plain.upper().startswith("INSERT") and " SELECT " not in plain.upper():
        return None
    tables = _tenant_columns(frozenset(Model.metadata.tables))
    touched = [name for name in dict.fromkeys(TABLES.findall(plain)) if name in tables]
    if not touched:
        return None
    said = f"{plain.partition(' WHERE ')[2]} {' '.join(JOINED_ON.findall(plain))}"
    if re.search(rf"\bcooperative_id\s*(?:=|IN)\s*{VALUE}", said):
        return None
    opened = {column for table in touched for column in tables[table]} - {"cooperative_id"}
    if any(
        re.search(rf"\b{column}\b\s*(?:(?:=|IN|IS)\s*(?:{VALUE}|NOT NULL|true|1)|AND|\)|$)", said) for column in opened
    ):
        return None
    return touched[0]


_flushing = False


@event.listens_for(Session, "before_flush")
def _begins_to_write(session: Session, *_: Any) -> None:
    global _flushing  # noqa: PLW0603  (one thread tests)
    _flushing = True


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_soft_rollback")
def _has_written(session: Session, *_: Any) -> None:
    global _flushing  # noqa: PLW0603
    _flushing = False


def _of_a_row_found_before(context: Any) -> bool:
    """Whether the mapper writes one row, or reads again one, that this session had found by other words."""
    options = getattr(context, "execution_options", {}).get("_sa_orm_load_options")
    return _flushing or getattr(options, "_refresh_state", None) is not None


@contextmanager
def watched(engine: Engine, *, raising: bool = True) -> Generator[list[str]]:
    """Watch every statement of `engine` but those by which the mapper writes or refreshes a row that it holds already."""
    caught: list[str] = []

    def look(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(NOT_ABOUT_ROWS) or _of_a_row_found_before(context):
            return
        table = careless(statement)
        if table is not None:
            caught.append(statement)
            assert not raising, f"whose {table}? This statement names no cooperative:\n{statement}"

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield caught
    finally:
        event.remove(engine, "before_cursor_execute", look)
