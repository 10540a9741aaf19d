"""Authority: what the web's guard asks of this floor. Who holds this key, which cooperative is this, what may they do there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from cooperative import cooperatives, roles, sessions
from cooperative.cooperatives import Cooperative
from cooperative.sessions import SEEN_EVERY, SignIn
from ground import clock
from ground.engines import make_session


def person_of(session: Session, token: str) -> SignIn | None:
    """The live sign-in of this key, with `person`; None for a key that is unknown, ended or expired, or a disabled person."""
    now = clock.now()
    sign_in = sessions.find_live(session, token, now)
    if sign_in is not None and now - sign_in.last_seen_at >= SEEN_EVERY:
        _touch(session, sign_in, now)
    if sign_in is not None:
        session.expunge(
            sign_in.person
        )  # Read once for the whole request: a rollback must not make the page forget who asked.
        session.expunge(sign_in)
    return sign_in


def find_cooperative(session: Session, slug: str) -> Cooperative | None:
    """The cooperative of this address, unless its office was closed [attack:A188]."""
    found = cooperatives.find_by_slug(session, slug)
    return None if found is None or found.closed_at is not None else found


def roles_in(session: Session, person_id: UUID, cooperative_id: UUID) -> frozenset[str]:
    """The person's roles there, as plain words. On PostgreSQL the session must be the person's (`tenants.enter`)."""
    return frozenset(role.value for role in roles.of(session, person_id, cooperative_id))


def _touch(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Note the use in a unit of its own, so that a page which only reads stays one that only reads.

    A writing unit on SQLite already holds the one write lock, so there the note is part of it.
    """
    bind = session.get_bind()
    writes_here = bind.dialect.name == "sqlite" and bind.get_execution_options().get("sqlite_begin") != "DEFERRED"
    if writes_here or isinstance(bind, Connection):
        sessions.seen(session, sign_in.id, now)
        return
    with make_session(bind.execution_options(sqlite_begin="IMMEDIATE")) as own:
        sessions.seen(own, sign_in.id, now)
        own.commit()
