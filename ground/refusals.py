"""Refusals: each is a line in the log with its reason; a burst of them is a row that the operator's desk shows [attack:A278].

Each process counts in memory and tells the database only every STEP refusals of one address or account, so that refusing
stays cheaper than asking. Processes add to the same row: whoever spreads a burst over all of them rings all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import CheckConstraint, UniqueConstraint, case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.changes import rows_changed
from ground.db import Model
from ground.ids import new_id

log = structlog.get_logger()

COUNTED = frozenset({"denied", "foreign form", "missing", "signed out", "wait"})
"""Who may not, was not from our page, asked for what is not there, has no key, or guessed too fast. A typing mistake is none."""

WINDOW = timedelta(minutes=1)
STEP = 5
RINGS_AT = 20
SHOWN_FOR, KEPT_FOR = timedelta(days=1), timedelta(days=30)
KNOWN_MOST = 10_000


class Burst(Model):
    """What one address or account was refused of late; `rang_at` is when it last came to RINGS_AT within a minute."""

    __tablename__ = "refusal_burst"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("kind IN ('address', 'account')", "kind"),
        CheckConstraint("refusals >= 1", "refusals"),
    )

    kind: Mapped[str]
    subject: Mapped[str]
    began_at: Mapped[datetime]
    refusals: Mapped[int]
    reason: Mapped[str]
    rule: Mapped[str]
    rang_at: Mapped[datetime | None]


@dataclass(slots=True)
class Counting:
    """How many refusals each address and account had in its present minute, in this process, that the database was not told."""

    _found: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, subject: str, now: datetime) -> bool:
        """Count one; whether STEP are full and must be told."""
        with self._lock:
            if len(self._found) >= KNOWN_MOST:
                self._found = {key: each for key, each in self._found.items() if now - each[0] < WINDOW}
            if (
                len(self._found) >= KNOWN_MOST
            ):  # All within this minute: the oldest are forgotten, memory is not the price.
                self._found = dict(list(self._found.items())[KNOWN_MOST // 2 :])
            began, count = self._found.get((kind, subject), (now, 0))
            began, count = (now, 1) if now - began >= WINDOW else (began, count + 1)
            self._found[kind, subject] = (began, 0 if count == STEP else count)
            return count == STEP


counting = Counting()
Unit = Callable[[], AbstractContextManager[Session]]


def note(unit: Unit, reason: str, *, rule: str, address: str, account: str) -> None:
    """Count a refusal, and tell the database where a step is full; call it with no transaction open.

    A database that is busy is not waited for twice: the refusal stands, and the log has its line.
    """
    if reason not in COUNTED:
        return
    now = clock.now()
    for kind, subject in (("address", address), ("account", account)):
        if not subject or not counting.add(kind, subject, now):
            continue
        try:
            with unit() as session:
                rang = tell(session, kind, subject, STEP, reason=reason, rule=rule, at=now)
                session.commit()
        except DBAPIError as error:
            log.warning("refusals.uncounted", error=type(error.orig).__name__)
            return
        if rang:
            log.warning("refusals.burst", kind=kind, subject=subject, reason=reason, rule=rule)


def tell(session: Session, kind: str, subject: str, count: int, *, reason: str, rule: str, at: datetime) -> bool:
    """Add to the row of this address or account, in one statement; whether it rings by that."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh, now = Burst.began_at > at - WINDOW, literal(at, Burst.began_at.type)
    total = case((fresh, Burst.refusals + count), else_=count)
    row = {
        "id": new_id(), "created_at": at, "kind": kind, "subject": subject, "began_at": at, "refusals": count,
        "reason": reason, "rule": rule, "rang_at": at if count >= RINGS_AT else None,
    }  # fmt: skip
    values = {
        "refusals": total, "began_at": case((fresh, Burst.began_at), else_=now), "reason": reason, "rule": rule,
        "rang_at": case((total >= RINGS_AT, now), else_=Burst.rang_at),
    }  # fmt: skip
    written = native.insert(Burst).values(row).on_conflict_do_update(index_elements=["kind", "subject"], set_=values)
    return session.scalar(written.returning(Burst.rang_at)) == at


def bursts(session: Session, now: datetime, *, most: int = 50) -> list[Burst]:
    """Who rang within the last day, the latest first."""
    query = select(Burst).where(Burst.rang_at > now - SHOWN_FOR).order_by(Burst.rang_at.desc(), Burst.id)
    return list(session.scalars(query.limit(most)))


def sweep(session: Session, now: datetime) -> int:
    """Forget what never rang after a day, and what rang after a month: an address is somebody's."""
    quiet = Burst.rang_at.is_(None) & (Burst.began_at < now - SHOWN_FOR)
    return rows_changed(session, delete(Burst).where(quiet | (Burst.rang_at < now - KEPT_FOR)))
