"""The trail: who did what, to what, when; written in the very transaction that did it, and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, event, select
from sqlalchemy.orm import Mapped, Session

from ground import tenants
from ground.db import Model
from ground.ids import NOBODY


class TrailEntry(Model):
    """One deed. `cooperative_id` is NOBODY's for deeds that belong to no cooperative (a sign-in, a guest's order)."""

    __tablename__ = "trail_entry"
    __table_args__ = (Index("ix_trail_entry_cooperative", "cooperative_id", "created_at"),)
    append_only = True
    open_insert = f"cooperative_id = '{NOBODY}'"

    cooperative_id: Mapped[UUID]
    action: Mapped[str]
    subject_id: Mapped[UUID]
    by_id: Mapped[UUID | None]
    request_id: Mapped[str]
    details: Mapped[dict[str, Any]]


@dataclass(slots=True)
class Deed:
    """What the request at hand will be remembered as, once it commits."""

    action: str
    cooperative_id: UUID = NOBODY
    by_id: UUID | None = None
    request_id: str = ""
    subject_id: UUID = NOBODY
    details: dict[str, Any] = field(default_factory=dict)


def begin(session: Session, deed: Deed) -> None:
    """The next commit of this session writes `deed`; later commits of the same request do not repeat it."""
    session.info["deed"] = deed


def about(session: Session, subject_id: UUID, **details: Any) -> None:
    """Say what the deed at hand was about; figures before and after go in `details`. Never a secret."""
    deed: Deed | None = session.info.get("deed")
    if deed is not None:
        deed.subject_id = subject_id
        deed.details |= details


def note(
    session: Session, cooperative_id: UUID, action: str, subject_id: UUID, *, by: UUID | None = None, **details: Any
) -> None:
    """A deed outside any request: a worker's, a command's."""
    session.add(
        TrailEntry(
            cooperative_id=cooperative_id,
            action=action,
            subject_id=subject_id,
            by_id=by,
            request_id="",
            details=details,
        )
    )


@event.listens_for(Session, "before_commit")
def _remember(session: Session) -> None:
    if session.in_nested_transaction():
        return  # A savepoint that ends well is no commit: the deed may still learn what it was about.
    deed: Deed | None = session.info.pop("deed", None)
    if deed is not None:
        where = deed.cooperative_id
        if where != NOBODY and where not in tenants.allowed(session):
            # A shopper in a cooperative's shop: row security takes no entry of a cooperative that they are not let into.
            where, deed.details = NOBODY, deed.details | {"cooperative": str(where)}
        session.add(
            TrailEntry(
                cooperative_id=where, action=deed.action, subject_id=deed.subject_id, by_id=deed.by_id,
                request_id=deed.request_id, details=deed.details,
            )
        )  # fmt: skip


def latest(
    session: Session, cooperative_id: UUID, *, before: datetime | None = None, most: int = 50
) -> list[TrailEntry]:
    """The latest deeds in a cooperative, newest first; `before` pages back."""
    query = select(TrailEntry).where(TrailEntry.cooperative_id == cooperative_id)
    if before is not None:
        query = query.where(TrailEntry.created_at < before)
    return list(session.scalars(query.order_by(TrailEntry.created_at.desc(), TrailEntry.id.desc()).limit(most)))
