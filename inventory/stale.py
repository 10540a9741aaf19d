"""What must be written again before this transaction commits: the listings of whatever was changed in it.

Nobody who changes a product, a pack, a price, a cooperative or the stock needs to remember the search: what the mapper writes
is noticed here, and so are conditional UPDATEs; only that of stock, the busiest, says so itself (`stock_moved`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Table, Update, event, select
from sqlalchemy.orm import ORMExecuteState, Session

STOCK = "listings.stock"
CHANGED = "listings.changed"
SHOWN_BY = {
    "product": "id", "pack": "product_id", "ladder": "pack_id", "rung": "ladder_id", "price_list": "id",
    "cooperative": "id", "collection_point": "id", "product_words": "product_id",
}  # fmt: skip
"""Tables that a listing is made of, and the column that leads to it."""


def stock_moved(session: Session, heap_id: UUID) -> None:
    """A heap has more or less to give than before."""
    session.info.setdefault(STOCK, set()).add(heap_id)


def changed(session: Session, table: str, key: UUID) -> None:
    """A row of one of `SHOWN_BY` is not what it was."""
    session.info.setdefault(CHANGED, {}).setdefault(table, set()).add(key)


@event.listens_for(Session, "after_flush")
def _notice(session: Session, context: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        table = row.__tablename__
        if table not in SHOWN_BY:
            continue
        is_new = row in session.new
        # A new cooperative, point or list has nothing on it yet: what is put there says so itself.
        if is_new and table in ("price_list", "cooperative", "collection_point"):
            continue
        if is_new or row in session.deleted or session.is_modified(row):
            changed(session, table, getattr(row, SHOWN_BY[table]))


@event.listens_for(Session, "do_orm_execute")
def _notice_statement(asked: ORMExecuteState) -> None:
    """A conditional UPDATE or DELETE goes past the mapper: which rows it means is asked before it changes them."""
    statement = asked.statement
    if (
        isinstance(statement, Update | Delete)
        and isinstance(statement.table, Table)
        and statement.table.name in SHOWN_BY
    ):
        key = statement.table.c[SHOWN_BY[statement.table.name]]
        meant = select(key) if statement.whereclause is None else select(key).where(statement.whereclause)
        for found in asked.session.scalars(meant, asked.parameters if isinstance(asked.parameters, dict) else None):
            changed(asked.session, statement.table.name, found)


@event.listens_for(Session, "before_commit")
def _write_again(session: Session) -> None:
    session.flush()
    if CHANGED in session.info or STOCK in session.info:
        from inventory import listings  # It stands on all that is watched here.

        rows, heaps = session.info.pop(CHANGED, {}), session.info.pop(STOCK, set())
        listings.follow(session, rows, heaps)
        session.flush()
        session.info.pop(CHANGED, None)


@event.listens_for(Session, "after_rollback")
def _never_happened(session: Session) -> None:
    session.info.pop(CHANGED, None)
    session.info.pop(STOCK, None)
