"""Links: keys sent by letter that prove an address. Each is for one purpose, one use, a short while; only its hash is kept."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative.people import Person
from ground import clock
from ground.changes import rows_changed
from ground.db import Model, points_at
from ground.errors import Conflict
from ground.ids import new_secret
from ground.words import _


class Purpose(StrEnum):
    """What a link is for. MOVE confirms a new address, STAY stops or undoes that from the old one."""

    SIGN_IN = "sign-in"
    PASSWORD = "password"  # noqa: S105  (a purpose, no password)
    ACCOUNT = "account"
    MOVE = "move"
    STAY = "stay"


LASTS = {
    Purpose.SIGN_IN: timedelta(minutes=30), Purpose.PASSWORD: timedelta(minutes=30), Purpose.ACCOUNT: timedelta(minutes=30),
    Purpose.MOVE: timedelta(days=1), Purpose.STAY: timedelta(days=3),
}  # fmt: skip
"""A stop outlives the move, so that the owner of an account can take it back after a thief has confirmed [attack:A173]."""


class Link(Model):
    """One letter's key. `email` is the address it went to and so proves."""

    __tablename__ = "account_link"
    __table_args__ = (
        Index("ix_account_link_email", "email", "created_at"),
        Index("ix_account_link_person", "person_id"),
        CheckConstraint("length(token_hash) = 32", "hash"),
        CheckConstraint("(purpose = 'account') = (person_id IS NULL)", "whose"),
        CheckConstraint("expires_at > created_at", "ends"),
    )
    frozen_columns = ("token_hash", "purpose", "expires_at")

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    purpose: Mapped[Purpose]
    email: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def make(session: Session, purpose: Purpose, email: str, person: Person | None) -> tuple[Link, str]:
    """A new link and its key, which goes into one letter and is stored nowhere else."""
    now, token = clock.now(), new_secret()
    link = Link(
        token_hash=_hash(token), purpose=purpose, email=email, person_id=person.id if person else None, created_at=now,
        expires_at=now + LASTS[purpose], used_at=None,
    )  # fmt: skip
    session.add(link)
    session.flush()
    return link, token


def find_open(session: Session, token: str) -> Link | None:
    """The link of this key while it can still be used."""
    if not 20 <= len(token) <= 64 or not token.isascii():
        return None
    found = session.scalar(select(Link).where(Link.token_hash == _hash(token), Link.used_at.is_(None)))
    return found if found is not None and clock.now() < found.expires_at else None


def spend(session: Session, link: Link) -> None:
    """Use it up; a Conflict for all but one of those who come at once [attack:A166]."""
    now = clock.now()
    mine = update(Link).where(Link.id == link.id, Link.used_at.is_(None), Link.expires_at > now)
    if rows_changed(session, mine.values(used_at=now)) != 1:
        raise Conflict(_("This link was used already, or its time is over. Ask for a new letter."))


def end_all(session: Session, person_id: UUID) -> None:
    """A key of the account changed: older letters open nothing any more, but for those that stop a change [attack:A166]."""
    live = (Link.person_id == person_id, Link.used_at.is_(None), Link.purpose != Purpose.STAY)
    session.execute(update(Link).where(*live).values(used_at=clock.now()))


def sent_lately(session: Session, email: str) -> int:
    """How many letters with a link this address got within the last hour."""
    lately = (Link.email == email, Link.created_at > clock.now() - timedelta(hours=1))
    return session.scalar(select(func.count()).select_from(Link).where(*lately)) or 0


def sweep(session: Session, now: datetime) -> int:
    """Forget links that ended a day ago."""
    return rows_changed(session, delete(Link).where(Link.expires_at < now - timedelta(days=1)))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
