"""How many rows a conditional UPDATE or DELETE changed: what every compare-and-set decides by."""

from __future__ import annotations

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.orm import Session


def rows_changed(session: Session, statement: Update | Delete) -> int:
    """Execute the statement; how many rows met its conditions."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult), "a statement that returns rows tells by them what it changed"
    return result.rowcount
