"""Whether anything was written: cheap enough to be asked after each of thousands of requests."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, create_engine, text


class Watch:
    """`changed()`: whether any row of any table was written since it was last asked. Nothing is left out, the trail included.

    SQLite counts a database's committed changes itself; on PostgreSQL every version of a row bears the number of the
    transaction that wrote it, so that a count and a sum over all tables tell. The provider's stand-in is watched too.
    """

    def __init__(self, owner_url: str, sandbox_file: str) -> None:
        self._sandbox = sqlite3.connect(sandbox_file)
        self._engine: Engine | None = None
        if owner_url.startswith("sqlite"):
            self._file: sqlite3.Connection | None = sqlite3.connect(owner_url.removeprefix("sqlite:///"))
        else:
            self._file = None
            self._engine = create_engine(
                owner_url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
            )
            self._connection = self._engine.connect()
            tables = self._connection.scalars(
                text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
            )
            self._all = text(
                " UNION ALL ".join(
                    f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {table}" for table in sorted(tables)
                )
            )
        self._last = self._seen()

    def _seen(self) -> tuple[Any, ...]:
        sandbox = self._sandbox.execute("PRAGMA data_version").fetchone()
        if self._file is not None:
            return (sandbox, self._file.execute("PRAGMA data_version").fetchone())
        return (sandbox, *self._connection.execute(self._all).all())

    def changed(self) -> bool:
        before, self._last = self._last, self._seen()
        return before != self._last

    def close(self) -> None:
        self._sandbox.close()
        if self._file is not None:
            self._file.close()
        if self._engine is not None:
            self._connection.close()
            self._engine.dispose()
