"""Leases: of all workers one takes a row that is due, for a while, and again later each time it was not finished."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from ground import clock
from ground.changes import rows_changed

T = TypeVar("T")
DOUBLINGS_MOST = 6
STUCK_TRIES = 5
"""After so many tries (half an hour of them and more) a person should look, though the worker goes on."""
STUCK_MOST = 50


def take(
    session: Session, model: type[T], unfinished: ColumnElement[bool], *, first: timedelta, tries_most: int
) -> T | None:
    """The row that is due longest, now this worker's until its lease ends: `first` at the first try, then twice as long.

    `model` has `due_at` and `tries`. Two who look at once both see the row; the count of tries lets one of them have it.
    Nothing is due, or somebody else was quicker: None.
    """
    of: Any = model
    now = clock.now()
    row = session.scalar(
        select(of).where(unfinished, of.due_at <= now, of.tries < tries_most).order_by(of.due_at, of.id).limit(1)
    )
    if row is None:
        return None
    taken = rows_changed(
        session,
        update(of)
        .where(of.id == row.id, of.tries == row.tries)
        .values(tries=row.tries + 1, due_at=now + first * 2 ** min(row.tries, DOUBLINGS_MOST)),
    )
    return row if taken == 1 else None


def stuck(session: Session, model: type[T], unfinished: ColumnElement[bool]) -> list[T]:
    """The rows that were tried STUCK_TRIES times and more in vain, the oldest first."""
    of: Any = model
    query = select(of).where(unfinished, of.tries >= STUCK_TRIES).order_by(of.created_at, of.id)
    return list(session.scalars(query.limit(STUCK_MOST)))
