"""Jobs: work promised in a transaction and done after it, by whichever worker takes the lease, until it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Index, UniqueConstraint, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock, leases
from ground.db import Model
from ground.ids import new_id

log = structlog.get_logger()
LEASE = timedelta(minutes=1)
TRIES_MOST = 20


class Job(Model):
    """One piece of work, named by what it is about: enqueueing it twice is enqueueing it once."""

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), Index("ix_job_due", "done_at", "due_at"))

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    done_at: Mapped[datetime | None]
    last_error: Mapped[str]


Unit = Callable[[], AbstractContextManager[Session]]


def enqueue(session: Session, kind: str, subject_id: UUID, *, at: datetime | None = None) -> None:
    """Promise the work in the transaction at hand."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    now = clock.now()
    row = {
        "id": new_id(), "created_at": now, "kind": kind, "subject_id": subject_id, "due_at": at or now, "tries": 0,
        "done_at": None, "last_error": "",
    }  # fmt: skip
    session.execute(native.insert(Job).values(row).on_conflict_do_nothing())


def run_due(unit: Unit, handlers: Mapping[str, Callable[[UUID], None]], *, most: int = 100) -> int:
    """Do what is due. Handlers open their own units, are safe to run twice, and resume where a killed run stopped."""
    done = 0
    for _ in range(most):
        with unit() as session:
            job = leases.take(session, Job, Job.done_at.is_(None), first=LEASE, tries_most=TRIES_MOST)
            session.commit()
        if job is None:
            break
        error = ""
        try:
            handlers[job.kind](job.subject_id)
        except Exception as reason:
            log.exception("job.failed", kind=job.kind, subject_id=str(job.subject_id))
            error = f"{type(reason).__name__}: {reason}"[:500]
        with unit() as session:
            values = {"last_error": error} if error else {"done_at": clock.now(), "last_error": ""}
            session.execute(update(Job).where(Job.id == job.id).values(values))
            session.commit()
        done += not error
    return done


def stuck(session: Session) -> list[Job]:
    """Work that was tried again and again in vain: the operator's to-do, since nobody else will notice."""
    return leases.stuck(session, Job, Job.done_at.is_(None))


@dataclass(slots=True)
class Timer:
    """A function the worker calls every so many seconds; it answers how much it did."""

    every_seconds: float
    work: Callable[[], int]
    due: float = field(default=0.0)


def tick(timers: Mapping[str, Timer]) -> int:
    """Call every timer that is due; one that fails is logged and does not stop the others."""
    did = 0
    for name, timer in timers.items():
        if time.monotonic() < timer.due:
            continue
        timer.due = time.monotonic() + timer.every_seconds
        try:
            did += timer.work()
        except Exception:
            log.exception("timer.failed", timer=name)
    return did
