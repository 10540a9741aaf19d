"""Erasures: somebody asks to be forgotten, may think again for two weeks, and is then forgotten for good.

The books stay: orders, deliveries and transfers keep their figures, and point at an account that has no name any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import people, sessions
from cooperative.keepers import Keeper
from cooperative.people import Person
from ground import clock, outbox, trail
from ground.changes import rows_changed
from ground.db import Model, points_at
from ground.errors import Conflict, Refusal
from ground.ids import NOBODY
from ground.words import _, language, speaking

WAITS = timedelta(days=14)
LOOKS_AGAIN = timedelta(days=1)
SETTLES = timedelta(minutes=10)
"""Between shutting the account and forgetting it: what was under way when it was shut has ended or shows as a hindrance."""

LIVE = text("withdrawn_at IS NULL AND done_at IS NULL")


class Erasure(Model):
    """One wish. `shut_at`: nobody signs in to the account any more; `done_at`: there is nothing left to tell who it was."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index("uq_erasure_live", "person_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_erasure_due", "done_at", "due_at"),
        CheckConstraint("withdrawn_at IS NULL OR (shut_at IS NULL AND done_at IS NULL)", "withdrawn_before_it_began"),
        CheckConstraint("done_at IS NULL OR shut_at IS NOT NULL", "shut_before_done"),
    )
    frozen_columns = ("person_id",)

    person_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    due_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    shut_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


def hindrances(session: Session, person: Person, keepers: Iterable[Keeper]) -> list[str]:
    """Why this person cannot be forgotten yet, in words for them; nothing where they can."""
    return [words for keeper in keepers for words in keeper.hinders(session, person)]


def ask(session: Session, person: Person, keepers: Iterable[Keeper]) -> Erasure:
    """Write the wish down and tell its owner by letter. A Refusal says what is still open."""
    if pending(session, person.id) is not None:
        raise Conflict(_("You have asked for this already."))
    open_ones = hindrances(session, person, keepers)
    if open_ones:
        raise Refusal(" ".join(open_ones))
    wish = Erasure(person_id=person.id, due_at=clock.now() + WAITS, withdrawn_at=None, shut_at=None, done_at=None)
    session.add(wish)
    session.flush()
    with speaking(person.language or language()):
        outbox.write(
            session, to=person.email or "", kind="erasure asked", cause=wish.id, subject=_("Your account will be erased"),
            text=_(
                "You asked us to erase your account. We do so on %(day)s, and then nobody can bring it back. Until then you "
                "can change your mind on your page. If this was not you, sign in, keep the account there, and change your "
                "password.",
                day=wish.due_at.date(),
            ),
        )  # fmt: skip
    return wish


def pending(session: Session, person_id: UUID) -> Erasure | None:
    """The wish that waits."""
    return session.scalar(
        select(Erasure).where(Erasure.person_id == person_id, Erasure.withdrawn_at.is_(None), Erasure.done_at.is_(None))
    )


def withdraw(session: Session, person_id: UUID) -> None:
    """Think again: nothing happens. Too late once the account was shut."""
    changed = rows_changed(
        session,
        update(Erasure)
        .where(Erasure.person_id == person_id, Erasure.withdrawn_at.is_(None), Erasure.shut_at.is_(None))
        .values(withdrawn_at=clock.now()),
    )
    if changed != 1:
        raise Conflict(_("There is nothing to take back."))


def carry_out(session: Session, keepers: Iterable[Keeper], now: datetime) -> int:
    """The worker's part: shut what is due, forget what was shut a while ago; how many of either.

    What turned up meanwhile (an order, money owed) puts it off by a day, again and again, until it is settled.
    """
    keepers, done = tuple(keepers), 0
    due = select(Erasure).where(Erasure.withdrawn_at.is_(None), Erasure.done_at.is_(None), Erasure.due_at <= now)
    for wish in session.scalars(due.order_by(Erasure.due_at, Erasure.id).limit(50).with_for_update(skip_locked=True)):
        person = session.get_one(Person, wish.person_id)
        if hindrances(session, person, keepers):
            _move(session, wish, due_at=now + LOOKS_AGAIN)
        elif wish.shut_at is None:
            done += _move(session, wish, shut_at=now, due_at=now + SETTLES)
            people.disable(session, person.id)
            sessions.end_others(session, person.id)
        elif _move(session, wish, done_at=now):
            for keeper in reversed(keepers):  # The upper floors still read the address that the lowest forgets.
                keeper.forgets(session, person)
            trail.note(session, NOBODY, "person.erase", person.id)
            done += 1
    return done


def _move(session: Session, wish: Erasure, **values: datetime) -> bool:
    """Compare and set: of a worker and somebody who thinks again, or of two workers, one wins."""
    still = (
        Erasure.id == wish.id,
        Erasure.withdrawn_at.is_(None),
        Erasure.done_at.is_(None),
        Erasure.due_at == wish.due_at,
    )
    return rows_changed(session, update(Erasure).where(*still).values(**values)) == 1
