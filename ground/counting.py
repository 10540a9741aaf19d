"""Counting: how many statements the work at hand has asked of the database."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

_asked: ContextVar[int] = ContextVar("asked", default=0)


def start() -> None:
    """Begin at nought."""
    _asked.set(0)


def count() -> int:
    return _asked.get()


@event.listens_for(Engine, "before_cursor_execute")
def _one_more(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
    # The tenant's context is ours, not the page's; PostgreSQL's driver begins by itself, on SQLite we say it.
    if "set_config" not in statement and not statement.startswith("BEGIN"):
        _asked.set(_asked.get() + 1)
