"""Forgetting on this floor: the account with its sign-ins, letters, roles, memberships and company."""

from __future__ import annotations

import re

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from cooperative import cooperatives, members, roles, throttle
from cooperative.challenges import Challenge
from cooperative.companies import CompanyPerson
from cooperative.invitations import Invitation
from cooperative.keepers import NAMELESS, Fate, Keeper
from cooperative.links import Link
from cooperative.members import Member
from cooperative.passkeys import Passkey
from cooperative.people import Person
from cooperative.sessions import SignIn
from cooperative.throttle import Guessing
from ground import clock, outbox
from ground.outbox import Letter
from ground.words import _

FATES = {
    "account_link": Fate.DELETED,
    "company_person": Fate.DELETED,
    "erasure": Fate.EMPTIED,
    "invitation": Fate.DELETED,
    "member": Fate.UNLINKED,
    "passkey": Fate.DELETED,
    "passkey_challenge": Fate.DELETED,
    "role_grant": Fate.EMPTIED,
    "sign_in": Fate.DELETED,
}


def hinders(session: Session, person: Person) -> list[str]:
    """A role that is held, a membership that goes on: both are handed back first."""
    held = roles.everywhere(session, person.id)
    mine = [member for member in members.memberships_of(session, person.id) if member.left_on is None]
    houses = cooperatives.find_many(session, sorted({*held, *(member.cooperative_id for member in mine)}))
    return [
        *(
            _("You have a role at %(house)s. Ask its manager to take it back first.", house=houses[key].name)
            for key in held
        ),
        *(
            _("You are a member of %(house)s. Leave it first.", house=houses[member.cooperative_id].name)
            for member in mine
        ),
    ]


def forgets(session: Session, person: Person) -> None:
    """The account's row stays without a name, since books and the trail say by its number who did what."""
    email = person.email or ""
    places = session.scalars(select(SignIn.address).where(SignIn.person_id == person.id).distinct()).all()
    for names in (throttle.keys(email or str(person.id), place) for place in ("", *places)):
        session.execute(delete(Guessing).where(Guessing.key.in_((names.account, names.place))))
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    for keys in (Passkey, Challenge):
        session.execute(delete(keys).where(keys.person_id == person.id))
    session.execute(delete(CompanyPerson).where(CompanyPerson.person_id == person.id))
    session.execute(
        delete(Invitation).where(or_(Invitation.accepted_by_id == person.id, Invitation.email == (email or None)))
    )
    session.execute(update(Member).where(Member.person_id == person.id).values(person_id=None))
    for address in _addresses(session, person):
        outbox.forget(session, Letter.recipient == address)
        session.execute(delete(Link).where(Link.email == address))
    asked = session.scalars(select(Link.id).where(Link.person_id == person.id)).all()
    outbox.forget(session, Letter.cause_id.in_(asked))
    session.execute(delete(Link).where(Link.person_id == person.id))
    session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(
            name=NAMELESS, email=None, phone=None, password_hash=None, totp_secret=None, totp_pending=None, language="",
            disabled_at=clock.now(),
        )
    )  # fmt: skip


def _addresses(session: Session, person: Person) -> list[str]:
    """The person's address, and those that they moved here from, as the letters to those tell.

    Not the ones they only asked to move to, and none that somebody has now: nobody gets a stranger's letters erased.
    """
    found = [person.email] if person.email else []
    for address in found:
        whole = re.compile(rf"(?<![\w.@+-]){re.escape(address)}(?![\w@+-]|\.\w)", re.IGNORECASE)
        told = select(Letter).where(Letter.kind == "move", Letter.text.contains(address, autoescape=True))
        left = {letter.recipient for letter in session.scalars(told) if whole.search(letter.text)}
        theirs_now = set(session.scalars(select(Person.email).where(Person.email.in_(left), Person.id != person.id)))
        found += sorted(left - theirs_now - set(found))
    return found


KEEPER = Keeper(FATES, hinders, forgets)
