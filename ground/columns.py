"""What a column may hold: whole numbers, moments and keys that mean the same on both databases, and never what was not meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Dialect, Enum, String, Text, TypeDecorator, Uuid
from sqlalchemy.dialects import sqlite as sqlite_types
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import BIGINT, BOOLEAN, CHAR, SMALLINT, VARCHAR

LARGEST_INTEGER = 2**63 - 1


# STRICT tables of SQLite know five types; every other spelling is translated here, once.
def _spelled(sqlite_name: str) -> Callable[..., str]:
    return lambda type_, compiler, **kw: sqlite_name


for _type, _name in (
    (BIGINT, "INTEGER"), (SMALLINT, "INTEGER"), (BOOLEAN, "INTEGER"),
    (VARCHAR, "TEXT"), (CHAR, "TEXT"), (String, "TEXT"), (Enum, "TEXT"), (Boolean, "INTEGER"), (BigInteger, "INTEGER"),
    (DateTime, "TEXT"), (sqlite_types.DATETIME, "TEXT"), (Date, "TEXT"), (sqlite_types.DATE, "TEXT"),
    (sqlite_types.JSON, "TEXT"), (JSON, "TEXT"),
):  # fmt: skip
    compiles(_type, "sqlite")(_spelled(_name))


class Whole(TypeDecorator[int]):
    """A 64-bit integer that refuses what a database would round, wrap or store as text."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        assert isinstance(value, int) and not isinstance(value, bool), f"not a whole number: {value!r}"
        assert -LARGEST_INTEGER <= value <= LARGEST_INTEGER, "beyond 64 bits"
        return int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)  # PostgreSQL sums bigint to numeric.


class Moment(TypeDecorator[datetime]):
    """An aware moment, in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "moments are aware"
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Key(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, its 36-letter text on SQLite, so that both read and join alike in raw SQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        assert isinstance(value, UUID), f"not an id: {value!r}"
        return value if dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else _read(value)


@lru_cache(8_192)
def _read(text: str) -> UUID:
    """SQLite's text as a UUID: a page reads five hundred of them, most of them several times, at 2 µs each."""
    return UUID(text)
