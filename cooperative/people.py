"""People: whoever signs in. What a person may do is said by roles, memberships and companies, never by the person's row."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import CheckConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import passwords
from ground import clock
from ground.db import Model
from ground.errors import Refusal
from ground.words import LANGUAGES, _


class Person(Model):
    """One human being. The e-mail address is kept in its one normal spelling, so that it is unique in every spelling."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("name <> ''", "named"),
        CheckConstraint("email IS NULL OR email = lower(email)", "email_small"),
        CheckConstraint("totp_last_step >= 0", "totp_last_step"),
        CheckConstraint(f"language IN {('', *LANGUAGES)}", "language"),
    )

    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_pending: Mapped[str | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    disabled_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default="")  # Empty while they have not chosen one.

    # What Flask-Login asks of a user; spelled out so that nobody here imports flask.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        return str(self.id)

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


def add(
    session: Session, *, name: str, email: str | None = None, phone: str | None = None, password: str | None = None
) -> Person:
    """A new person; a Refusal where the address is no address, is taken, or the password is a bad one."""
    spelled = None if email is None else normal_email(email)
    if email is not None and spelled is None:
        raise Refusal(fields={"email": _("Write an e-mail address, such as amina@example.org.")})
    if spelled is not None and find_by_email(session, spelled) is not None:
        raise Refusal(fields={"email": _("Somebody has this e-mail address already.")})
    person = Person(
        name=name.strip(), email=spelled, phone=phone, password_hash=None, totp_secret=None, totp_pending=None,
        totp_last_step=0, disabled_at=None,
    )  # fmt: skip
    if password is not None:
        passwords.check(password, about=(name, spelled or ""))
        person.password_hash = passwords.make(password)
    session.add(person)
    session.flush()
    return person


def find(session: Session, person_id: UUID) -> Person | None:
    return session.get(Person, person_id)


def find_many(session: Session, ids: set[UUID]) -> dict[UUID, Person]:
    """These people by id: for pages that say who did what."""
    return {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(sorted(ids))))} if ids else {}


def find_by_email(session: Session, email: str) -> Person | None:
    """Whoever has this address, in any spelling of it."""
    spelled = normal_email(email)
    return None if spelled is None else session.scalar(select(Person).where(Person.email == spelled))


def disable(session: Session, person_id: UUID) -> None:
    """Shut the door behind a person at once: no sign-in of theirs counts from the next request on [attack:A188]."""
    session.execute(
        update(Person).where(Person.id == person_id, Person.disabled_at.is_(None)).values(disabled_at=clock.now())
    )


def speak(session: Session, person_id: UUID, language: str) -> None:
    """From now on pages and letters are in this language."""
    session.execute(update(Person).where(Person.id == person_id).values(language=language))


def normal_email(text: str) -> str | None:
    """The one spelling of an address: small letters, NFC, the domain in its Unicode form. None where it is no address."""
    if len(text) > 254:
        return None
    try:
        found = validate_email(
            unicodedata.normalize("NFC", text.strip()), check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def change_password(session: Session, person: Person, password: str) -> None:
    """A new password, after the checks; the caller ends the person's other sign-ins."""
    passwords.check(password, about=(person.name, person.email or ""))
    session.execute(update(Person).where(Person.id == person.id).values(password_hash=passwords.make(password)))
