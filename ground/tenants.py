"""Whose rows this unit of work may see: a set of cooperatives and a person, told to PostgreSQL at every transaction.

A finder always names its cooperative; row security is the second wall behind it. A cart or a contract spans several
cooperatives, so the context is a set. SQLite has only the first wall.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction

_SET = text("SELECT set_config('app.cooperatives', :cooperatives, true), set_config('app.person', :person, true)")


def enter(session: Session, cooperatives: Iterable[UUID] = (), *, person: UUID | None = None) -> None:
    """Let this session see exactly these cooperatives (and the rows that are `person`'s own), from now on."""
    session.info["cooperatives"] = frozenset(cooperatives)
    session.info["person"] = person
    _tell(session)


def allow(session: Session, *cooperatives: UUID) -> None:
    """Let this session see these cooperatives too: call it only after deciding that the asker may."""
    session.info["cooperatives"] = session.info.get("cooperatives", frozenset()) | frozenset(cooperatives)
    _tell(session)


def allowed(session: Session) -> frozenset[UUID]:
    return session.info.get("cooperatives", frozenset())


def _tell(session: Session) -> None:
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.execute(_SET, _values(session))


def _values(session: Session) -> dict[str, str]:
    person = session.info.get("person")
    return {
        "cooperatives": ",".join(sorted(str(cooperative) for cooperative in allowed(session))),
        "person": "" if person is None else str(person),
    }


@event.listens_for(Session, "after_begin")
def _at_each_transaction(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_SET, _values(session))
