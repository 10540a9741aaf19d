"""Moves: an account's way to another e-mail address. The new one confirms it, the old one is told and can take it back."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from cooperative import links, people, sessions
from cooperative.links import Link, Purpose
from cooperative.people import Person
from ground import clock, outbox
from ground.changes import rows_changed
from ground.errors import Conflict, Refusal
from ground.words import _, language, speaking


def ask(session: Session, person: Person, email: str, *, page: str) -> None:
    """Tell both addresses. Nothing changes yet; a new address that has an account is told so, and nobody else is."""
    if email == person.email:
        raise Refusal(fields={"email": _("This is your address already.")})
    if links.sent_lately(session, email) >= 5 or links.sent_lately(session, person.email or "") >= 5:
        raise Refusal(fields={"email": _("Many letters went out already. Try again in an hour.")})
    taken = people.find_by_email(session, email) is not None
    confirm, key = links.make(session, Purpose.MOVE, email, person)
    stop, stop_key = links.make(session, Purpose.STAY, person.email or "", person)
    with speaking(person.language or language()):
        if taken:
            links.spend(session, confirm)
            subject = _("You have an account already")
            text = _("Somebody wanted to move another account to this address. Yours stays as it is.")
        else:
            subject = _("Confirm your new address")
            text = f"{_('With this link your account moves to this address. Open it within a day:')}\n{page}{key}"
        outbox.write(session, to=email, kind="move", cause=confirm.id, subject=subject, text=f"{text}\n")
        told = _(
            "Somebody who is signed in as you wants to move your account to %(email)s. If that was not you, stop it within "
            "three days:",
            email=email,
        )
        outbox.write(
            session, to=person.email or "", kind="move", cause=stop.id, subject=_("Your address is about to change"),
            text=f"{told}\n{page}{stop_key}\n",
        )  # fmt: skip


def confirm(session: Session, link: Link, person: Person) -> None:
    """The new address is the account's from now on, unless somebody else took it meanwhile."""
    links.spend(session, link)
    if people.find_by_email(session, link.email) is not None:
        raise Conflict(_("There is an account with this address."))
    _change(session, person, link.email)


def stop(session: Session, link: Link, person: Person) -> None:
    """The account stays with, or returns to, the address this link went to; every device and every other link is out.

    Stops that were sent later end too: they went to an address that only a thief's move made the account's. Earlier ones hold.
    """
    links.spend(session, link)
    later = (Link.person_id == person.id, Link.used_at.is_(None), Link.created_at >= link.created_at)
    session.execute(update(Link).where(*later).values(used_at=clock.now()))
    sessions.end_others(session, person.id)
    links.end_all(session, person.id)
    if person.email != link.email:
        if people.find_by_email(session, link.email) is not None:
            raise Conflict(_("There is an account with this address."))
        _change(session, person, link.email)


def _change(session: Session, person: Person, email: str) -> None:
    """Two at once for one address: the unique index lets one pass."""
    mine = update(Person).where(Person.id == person.id, Person.email == person.email)
    if rows_changed(session, mine.values(email=email)) != 1:
        raise Conflict(_("Your address was changed meanwhile. Look at it on your page."))
    links.end_all(session, person.id)
