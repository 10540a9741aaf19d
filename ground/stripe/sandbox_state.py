"""The sandbox's memory: one SQLite file that all processes of this machine share and the shop never reads.

It plays an outside party, so it deliberately has its own file, connection and transactions: a rollback of the shop's
must not undo what "Stripe" has done. Every write is BEGIN IMMEDIATE; connections are opened per transaction and so
survive forks and threads.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ground import clock
from ground.stripe.sandbox_records import Records

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  delivered_at REAL, answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at) WHERE delivered_at IS NULL;
CREATE TABLE IF NOT EXISTS fault (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  times_left INTEGER NOT NULL CHECK (times_left >= 0), seconds REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS request (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


class State:
    """The file at `path`, made when missing, readable by its owner only: it holds the webhook secret."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            self._make()
        with closing(self._connect()) as connection:
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")

    def _make(self) -> None:
        """Make the file elsewhere and put it in place whole: of several processes that start at once, one wins.

        Made in place, some were told "database is locked" while another switched the file to WAL.
        """
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".sandbox-")
        os.close(handle)
        with closing(sqlite3.connect(name, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO setting VALUES ('secret', ?)", (f"whsec_sandbox_{secrets.token_hex(24)}",))
        with suppress(FileExistsError):
            os.link(name, self.path)
        os.unlink(name)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def write(self) -> Generator[Records]:
        """One transaction; what it did is kept unless it raises."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Records(connection, self._now(connection))
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _now(self, connection: sqlite3.Connection) -> float:
        row = connection.execute("SELECT value FROM setting WHERE name = 'clock_offset_seconds'").fetchone()
        return clock.now().timestamp() + float(row["value"] if row else 0)

    def setting(self, name: str) -> str | None:
        """A setting shared by all processes, such as the webhook `secret` and `url`."""
        with closing(self._connect()) as connection:
            row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
            return row["value"] if row else None

    def set(self, name: str, value: str) -> None:
        with closing(self._connect()) as connection:
            connection.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )
