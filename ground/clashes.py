"""Clashes: what the databases say when two wanted the same thing at once, in the words of each."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError


def worth_retrying(error: DBAPIError) -> bool:
    """Only what the databases say may pass on a second try: serialisation, deadlock, a busy file."""
    code = getattr(error.orig, "sqlstate", None)
    name = getattr(error.orig, "sqlite_errorname", "") or ""
    return code in ("40001", "40P01") or name.startswith("SQLITE_BUSY")


def already_there(error: DBAPIError) -> bool:
    """A unique key refused the row: somebody else's transaction won. A second look finds theirs and says so in words."""
    name = getattr(error.orig, "sqlite_errorname", "") or ""
    return getattr(error.orig, "sqlstate", None) == "23505" or name in (
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
    )
