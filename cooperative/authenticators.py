"""Authenticators: a second proof by six digits that change every half minute (TOTP), each good for one use."""

from __future__ import annotations

import hmac
import unicodedata
from uuid import UUID

import pyotp
from sqlalchemy import update
from sqlalchemy.orm import Session

from cooperative.people import Person
from ground import clock
from ground.changes import rows_changed
from ground.errors import Refusal
from ground.words import _

STEP_S = 30
DRIFT_STEPS = 1
ISSUER = "Good Measure"


def offer(session: Session, person: Person) -> str:
    """A new secret, waiting until the person proves that their app holds it; what was offered before is forgotten."""
    secret = pyotp.random_base32()
    session.execute(update(Person).where(Person.id == person.id).values(totp_pending=secret))
    return secret


def address(person: Person, secret: str) -> str:
    """What the app reads from the picture (an otpauth address)."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email or person.name, issuer_name=ISSUER)


def adopt(session: Session, person: Person, code: str) -> None:
    """From now on a sign-in asks for a code; a Refusal where this one does not come from the secret on offer."""
    step = None if person.totp_pending is None else _step(person.totp_pending, code)
    if step is None:
        raise Refusal(fields={"code": _("Type the six digits that the app shows now.")})
    changed = rows_changed(
        session,
        update(Person)
        .where(Person.id == person.id, Person.totp_pending == person.totp_pending)
        .values(totp_secret=person.totp_pending, totp_pending=None, totp_last_step=step),
    )
    if changed != 1:
        raise Refusal(fields={"code": _("A new secret was made meanwhile. Scan the picture again.")})


def drop(session: Session, person_id: UUID) -> None:
    """The password alone is enough again."""
    session.execute(update(Person).where(Person.id == person_id).values(totp_secret=None, totp_pending=None))


def accept(session: Session, person: Person, code: str) -> bool:
    """Whether the code is right, once: the step it belongs to is spent by a conditional UPDATE [attack:A170]."""
    step = None if person.totp_secret is None else _step(person.totp_secret, code)
    if step is None:
        return False
    spent = rows_changed(
        session,
        update(Person)
        .where(Person.id == person.id, Person.totp_secret == person.totp_secret, Person.totp_last_step < step)
        .values(totp_last_step=step),
    )
    return spent == 1


def _step(secret: str, code: str) -> int | None:
    """The half minute this code belongs to, now or one beside it; None for a wrong one. Every step is compared."""
    digits = normal(code)
    now = int(clock.now().timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def normal(code: str) -> str:
    """The six digits in ASCII: full-width digits and spaces are how some keyboards write them. Anything else is nothing."""
    plain = "".join(unicodedata.normalize("NFKC", code[:40]).split())
    return plain if len(plain) == 6 and plain.isascii() and plain.isdigit() else ""
