"""The clock: aware UTC, read once per function; local time exists only in templates."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC. Tests turn the clock by replacing `read`."""
    return read()


def _system() -> datetime:
    return datetime.now(UTC)


read = _system
