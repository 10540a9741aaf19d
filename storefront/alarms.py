"""Alarms: what a person must look at, because no rule may decide it. One row per cause, however often seen."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model
from ground.ids import new_id


class Alarm(Model):
    """`kind` and `subject_id` say what is wrong with what; `detail` tells two apart; `words` are for a manager."""

    __tablename__ = "alarm"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "detail"),)
    append_only = True

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    detail: Mapped[str]
    words: Mapped[str]


def latest(session: Session, *, most: int = 50) -> list[Alarm]:
    """What rang, the latest first."""
    return list(session.scalars(select(Alarm).order_by(Alarm.created_at.desc(), Alarm.id.desc()).limit(most)))


def ring(session: Session, kind: str, subject_id: UUID, words: str, *, detail: str = "") -> None:
    """Raise an alarm once; the same again is silent."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "id": new_id(),
        "created_at": clock.now(),
        "kind": kind,
        "subject_id": subject_id,
        "detail": detail,
        "words": words,
    }
    session.execute(native.insert(Alarm).values(row).on_conflict_do_nothing())
