"""Sign-ins: sessions kept on the server. The browser holds a random key, we hold its hash and can end it at any time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, select, update
from sqlalchemy.orm import Mapped, Session, column_property, joinedload, mapped_column, relationship, undefer

from cooperative.companies import CompanyPerson
from cooperative.people import Person
from ground import clock
from ground.changes import rows_changed
from ground.db import Model, points_at
from ground.ids import new_secret
from ground.words import _

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
FRESH = timedelta(minutes=10)
"""A sign-in ends after 8 hours unused, after 7 days in any case, and counts as confirmed for 10 minutes [attack:A190, A182]."""

_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_MACHINES = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "an Android phone"), ("Windows", "Windows"),
    ("Macintosh", "a Mac"), ("CrOS", "a Chromebook"), ("Linux", "Linux"),
)  # fmt: skip
"""In this order: browsers name their ancestors too."""

SKEW = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)


class SignIn(Model):
    """One person on one device. `stepped_up_at` is when they last proved it was them; `ended_at` is final."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("ix_sign_in_person", "person_id"),
        CheckConstraint("length(token_hash) = 32", "hash"),
        CheckConstraint("expires_at > created_at", "ends"),
    )
    frozen_columns = ("token_hash", "person_id", "expires_at")

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    expires_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    stepped_up_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str]
    address: Mapped[str]

    person: Mapped[Person] = relationship(
        lazy="raise", primaryjoin="foreign(SignIn.person_id) == Person.id", viewonly=True
    )
    company_id: Mapped[UUID | None] = column_property(
        select(CompanyPerson.company_id).where(CompanyPerson.person_id == person_id).scalar_subquery(), deferred=True,
        raiseload=True,
    )  # fmt: skip
    """The company that the person buys for: every page of the shop asks whose prices they see."""

    @property
    def device_words(self) -> str:
        """The browser and the machine as people call them; the whole line that the browser sent says little to anybody."""
        return device_words(self.device)

    def counts(self, now: datetime) -> bool:
        """Whether it still holds. A clock that was turned back ends it too: no limit is stretched by that [attack:A190]."""
        return (
            self.ended_at is None
            and now < self.expires_at
            and now - self.last_seen_at < IDLE
            and self.last_seen_at - now <= SKEW
        )

    def confirmed(self, now: datetime) -> bool:
        """Whether the person proved who they are within the last ten minutes, as money asks [attack:A182]."""
        return timedelta(0) - SKEW <= now - self.stepped_up_at <= FRESH


def device_words(said: str) -> str:
    """What a browser says of itself, in short."""
    browser = next((name for sign, name in _BROWSERS if sign in said), _("A browser"))
    machine = next((name for sign, name in _MACHINES if sign in said), "")
    return _("%(browser)s on %(machine)s", browser=browser, machine=machine) if machine else browser


def start(session: Session, person: Person, *, device: str = "", address: str = "") -> tuple[SignIn, str]:
    """A new sign-in and its key, which is told once and stored nowhere. Always a new key: an old one cannot be planted."""
    now = clock.now()
    token = new_secret()
    sign_in = SignIn(
        token_hash=_hash(token), person_id=person.id, created_at=now, expires_at=now + ABSOLUTE, last_seen_at=now,
        stepped_up_at=now, ended_at=None, device=device[:200], address=address[:64],
    )  # fmt: skip
    session.add(sign_in)
    session.flush()
    return sign_in, token


def find_live(session: Session, token: str, now: datetime) -> SignIn | None:
    """The sign-in of this key with its person and their company, while both still count [attack:A188]."""
    if not 20 <= len(token) <= 64 or not token.isascii():
        return None
    query = select(SignIn).where(SignIn.token_hash == _hash(token), SignIn.ended_at.is_(None))
    found = session.scalar(
        query.options(joinedload(SignIn.person), undefer(SignIn.company_id)).execution_options(populate_existing=True)
    )
    return found if found is not None and found.counts(now) and found.person.is_active else None


def seen(session: Session, sign_in_id: UUID, now: datetime) -> None:
    """Note that it is in use; never backwards."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.last_seen_at < now).values(last_seen_at=now))


def live_of(session: Session, person_id: UUID) -> list[SignIn]:
    """Where this person is signed in, the latest used first."""
    now = clock.now()
    query = select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    return [row for row in session.scalars(query.order_by(SignIn.last_seen_at.desc())) if row.counts(now)]


def end(session: Session, person_id: UUID, sign_in_id: UUID) -> bool:
    """End one of this person's own sign-ins; False where there was none to end."""
    mine = (SignIn.id == sign_in_id, SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    return rows_changed(session, update(SignIn).where(*mine).values(ended_at=clock.now())) == 1


def end_others(session: Session, person_id: UUID, *, keep: UUID | None = None) -> int:
    """End all of this person's sign-ins, but `keep`; how many there were."""
    query = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None)).values(ended_at=clock.now())
    if keep is not None:
        query = query.where(SignIn.id != keep)
    return rows_changed(session, query)


def confirm(session: Session, sign_in_id: UUID) -> None:
    """The person proved it was them, just now."""
    session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(stepped_up_at=clock.now())
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
