"""The throttle: who guesses waits. Counted per account and per address in the database, so that every process counts alike.

Nobody is ever locked out [attack:A160]: the longest wait is a minute, and an account's waits do not bind the places from
which its owner signed in before [attack:A159].
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock
from ground.changes import rows_changed
from ground.db import Model
from ground.errors import Refusal
from ground.ids import new_id
from ground.words import ngettext

FREE = {"account": 5, "place": 5, "address": 30}
"""Failures in a row that cost nothing; then the wait doubles from one second to LONGEST."""

LONGEST_S = 60
FORGOTTEN_AFTER = timedelta(hours=1)
TRIES = 8


class Guessing(Model):
    """Failures in a row under one key: an account, an address, or an account at an address (a `place`)."""

    __tablename__ = "guessing"
    __table_args__ = (CheckConstraint("failures >= 0", "failures"),)

    key: Mapped[str] = mapped_column(unique=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    waits_until: Mapped[datetime]
    known_since: Mapped[datetime | None]


class Wait(Refusal):
    """Too many tries; `seconds` says how long. The same for accounts that exist and those that do not [attack:A161]."""

    status = 429
    reason = "wait"

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            ngettext(
                "Please wait %(count)s second and try again.", "Please wait %(count)s seconds and try again.", seconds
            )
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """The three names one try is counted under."""

    account: str
    place: str
    address: str


def keys(account: str, address: str) -> Keys:
    """`account` as typed, in its normal spelling; `address` of the sender, a whole /64 for IPv6. Hashed: we list nobody."""
    where = _network(address)
    return Keys(_key("account", account), _key("place", f"{account}\n{where}"), _key("address", where))


def charge(session: Session, names: Keys) -> None:
    """Count one try before the password is looked at; Wait where one of the counters says so.

    Commit before hashing: tries that arrive together must see each other. A success is credited back by `forgive`.
    """
    now = clock.now()
    known = session.scalar(select(Guessing.known_since).where(Guessing.key == names.place)) is not None
    counted = (("place", names.place) if known else ("account", names.account), ("address", names.address))
    for kind, key in sorted(counted, key=lambda pair: pair[1]):  # One order for all, so that two tries never deadlock.
        _count(session, kind, key, now)


def forgive(session: Session, names: Keys) -> None:
    """The password was right: the account's and the place's counters fall to 0, and the place is known from now on.

    The address gets its one try back and no more, or whoever has one account could guess at others for ever.
    """
    now = clock.now()
    _open(session, names.place, now)
    session.execute(
        update(Guessing).where(Guessing.key.in_((names.account, names.place))).values(failures=0, waits_until=now)
    )
    session.execute(
        update(Guessing).where(Guessing.key == names.place, Guessing.known_since.is_(None)).values(known_since=now)
    )
    session.execute(
        update(Guessing)
        .where(Guessing.key == names.address, Guessing.failures > 0)
        .values(failures=Guessing.failures - 1)
    )


def sweep(session: Session, now: datetime) -> int:
    """Forget counters that have slept for a day, but not the places people are known at."""
    stale = delete(Guessing).where(Guessing.failed_at < now - timedelta(days=1), Guessing.known_since.is_(None))
    return rows_changed(session, stale)


def _count(session: Session, kind: str, key: str, now: datetime) -> None:
    """Compare and set, so that of two tries at once each is counted or told to wait."""
    _open(session, key, now)
    for _ in range(TRIES):
        failures, failed_at, waits_until = session.execute(
            select(Guessing.failures, Guessing.failed_at, Guessing.waits_until).where(Guessing.key == key)
        ).one()
        left = (waits_until - now).total_seconds()
        if 0 < left <= LONGEST_S:  # A longer one was written by a clock that has been set back since.
            raise Wait(int(left) + 1)
        count = 1 if now - failed_at > FORGOTTEN_AFTER else failures + 1
        changed = rows_changed(
            session,
            update(Guessing)
            .where(Guessing.key == key, Guessing.failures == failures, Guessing.waits_until == waits_until)
            .values(failures=count, failed_at=now, waits_until=now + timedelta(seconds=wait_s(kind, count))),
        )
        if changed == 1:
            return
    raise Wait(1)


def wait_s(kind: str, failures: int) -> int:
    """Seconds to wait after this many failures in a row."""
    over = failures - FREE[kind]
    return 0 if over < 0 else min(2 ** min(over, 10), LONGEST_S)


def _open(session: Session, key: str, now: datetime) -> None:
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "id": new_id(), "created_at": now, "key": key, "failures": 0, "failed_at": now, "waits_until": now, "known_since": None,
    }  # fmt: skip
    session.execute(native.insert(Guessing).values(row).on_conflict_do_nothing())


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "nowhere"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _key(kind: str, text: str) -> str:
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"
