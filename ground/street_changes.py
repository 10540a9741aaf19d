"""Street changes: how often what the street shows of each cooperative has changed. The databases count, by trigger.

A model says with `on_the_street` that shoppers see its rows; `ground/walls.py` then has the database count every change of
them, in the transaction that makes it. PostgreSQL counts at commit (a deferred trigger, once per transaction), so that the
row of a busy cooperative is held for the length of a commit and never for that of a checkout.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Mapped

from ground.db import Model


class StreetChange(Model):
    """`id` is the cooperative's. Written by triggers alone; a cooperative without a row has never changed."""

    __tablename__ = "street_change"

    changes: Mapped[int]
    transaction_no: Mapped[int]  # PostgreSQL's, so that a transaction of a thousand rows counts once; 0 on SQLite


def read(engine: Engine) -> dict[UUID, int]:
    """The changes of every cooperative, in a light transaction of its own."""
    with engine.execution_options(sqlite_begin="DEFERRED").connect() as connection:
        rows = connection.execute(select(StreetChange.id, StreetChange.changes))
        return {row.id: row.changes for row in rows}
