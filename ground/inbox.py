"""The inbox: what providers tell us is stored by its own id before anything is done about it, then handled by the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Index, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock, leases
from ground.db import Model
from ground.errors import Refusal
from ground.ids import new_id

log = structlog.get_logger()
LEASE = timedelta(seconds=30)
TRIES_MOST = 15


class ProviderEvent(Model):
    """One event of a provider. The body is evidence, not truth: handlers fetch the object afresh."""

    __tablename__ = "provider_event"
    __table_args__ = (
        UniqueConstraint("provider", "event_key"),
        Index("ix_provider_event_due", "handled_at", "due_at"),
    )
    frozen_columns = ("provider", "event_key", "body", "body_sha256")
    erasable_columns = ("body",)

    provider: Mapped[str]
    event_key: Mapped[str]
    kind: Mapped[str]
    object_key: Mapped[str]
    body: Mapped[bytes]
    body_sha256: Mapped[str]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str]


class NotYet(Exception):
    """The handler cannot act yet (the order is not there, the provider does not answer): the event stays and is tried again."""


Handler = Callable[[ProviderEvent], str]


def receive(session: Session, provider: str, event_key: str, *, kind: str, object_key: str, body: bytes) -> bool:
    """Store the event; False when it was here before. The caller answers 200 only after its commit."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    now = clock.now()
    row = {
        "id": new_id(), "created_at": now, "provider": provider, "event_key": event_key, "kind": kind,
        "object_key": object_key, "body": body, "body_sha256": hashlib.sha256(body).hexdigest(), "due_at": now,
        "tries": 0, "handled_at": None, "outcome": "",
    }  # fmt: skip
    written = native.insert(ProviderEvent).values(row).on_conflict_do_nothing().returning(ProviderEvent.id)
    return session.scalar(written) is not None


def forget(session: Session, object_keys: list[str]) -> None:
    """Empty what was told of these objects and is handled: their hashes still prove which words came."""
    told = (ProviderEvent.object_key.in_(object_keys), ProviderEvent.handled_at.is_not(None))
    session.execute(update(ProviderEvent).where(*told).values(body=b"").execution_options(synchronize_session=False))


def drain(
    unit: Callable[[], AbstractContextManager[Session]], handlers: Mapping[tuple[str, str], Handler], *, most: int = 100
) -> int:
    """Handle what is due, each event leased so that two workers never share one; what raises NotYet waits, longer each time.

    `handlers` maps (provider, kind) to a function that opens its own units, is safe to run twice, and answers in a word
    what it did. A kind without a handler is kept and marked so.
    """
    done = 0
    for _ in range(most):
        with unit() as session:
            event = leases.take(
                session, ProviderEvent, ProviderEvent.handled_at.is_(None), first=LEASE, tries_most=TRIES_MOST
            )
            session.commit()
        if event is None:
            break
        handler = handlers.get((event.provider, event.kind))
        try:
            outcome = handler(event) if handler else "no handler"
        except NotYet as reason:
            log.info("inbox.not_yet", event_id=str(event.id), kind=event.kind, reason=str(reason))
            continue
        except Refusal as refusal:
            outcome = f"refused: {refusal}"
        except Exception:
            log.exception("inbox.failed", event_id=str(event.id), kind=event.kind)
            continue
        with unit() as session:
            session.execute(
                update(ProviderEvent)
                .where(ProviderEvent.id == event.id)
                .values(handled_at=clock.now(), outcome=outcome[:500])
            )
            session.commit()
        done += 1
    return done


def stuck(session: Session) -> list[ProviderEvent]:
    """Events that used up their tries: a person must look."""
    spent = select(ProviderEvent).where(ProviderEvent.handled_at.is_(None), ProviderEvent.tries >= TRIES_MOST)
    return list(session.scalars(spent.order_by(ProviderEvent.created_at).limit(leases.STUCK_MOST)))
