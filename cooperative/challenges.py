"""Challenges: random words that a passkey signs. Each is for one purpose, one use and five minutes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import throttle
from ground import clock
from ground.changes import rows_changed
from ground.db import Model, points_at

LASTS = timedelta(minutes=5)
WAITING_MOST = 60
"""At once for one network: asking writes a row, and who asks for more waits until the older ones have ended."""


class Purpose(StrEnum):
    """What the signed words are good for; those for one thing are refused for the others."""

    ADD = "add"
    SIGN_IN = "sign-in"
    CONFIRM = "confirm"


class Challenge(Model):
    """`person_id` is null while nobody knows yet who signs in; `network` is a hash of where they ask from."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        Index("ix_passkey_challenge_network", "network", "expires_at"),
        CheckConstraint("length(words) = 32", "words"),
        CheckConstraint("(purpose = 'sign-in') = (person_id IS NULL)", "whose"),
    )

    words: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    purpose: Mapped[Purpose]
    person_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    network: Mapped[str]
    expires_at: Mapped[datetime]


def make(session: Session, purpose: Purpose, person_id: UUID | None, address: str) -> bytes:
    """New words to sign. Wait where this network has too many unused ones."""
    now, network = clock.now(), throttle.keys("", address).address
    waiting = (Challenge.network == network, Challenge.expires_at > now)
    if int(session.scalar(select(func.count()).select_from(Challenge).where(*waiting)) or 0) >= WAITING_MOST:
        raise throttle.Wait(int(LASTS.total_seconds()))
    words = secrets.token_bytes(32)
    session.add(Challenge(words=words, purpose=purpose, person_id=person_id, network=network, expires_at=now + LASTS))
    session.flush()
    return words


def spend(session: Session, words: bytes, purpose: Purpose, person_id: UUID | None) -> bool:
    """Whether these were ours, for this, for this person and in time; from now on they are nobody's. Of two at once one wins."""
    whose = Challenge.person_id.is_(None) if person_id is None else Challenge.person_id == person_id
    mine = (Challenge.words == words, Challenge.purpose == purpose, whose, Challenge.expires_at > clock.now())
    return rows_changed(session, delete(Challenge).where(*mine)) == 1


def sweep(session: Session, now: datetime) -> int:
    """Forget what nobody signed in time."""
    return rows_changed(session, delete(Challenge).where(Challenge.expires_at < now))
