"""Invitations: a letter with a key, by which one person becomes known here and takes up a role or a membership."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import people, roles
from cooperative.members import Member
from cooperative.people import Person
from cooperative.roles import Role
from ground import clock, outbox, tenants
from ground.changes import rows_changed
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Denied, Refusal
from ground.ids import new_secret
from ground.words import _, language, speaking

LASTS = timedelta(days=7)


class Invitation(OfCooperative, Model):
    """Bound to one address, good for one use within a week, and only while who sent it may still give what it offers.

    Whoever holds the key finds it before they are anybody here, so the wall between cooperatives does not stand around it.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        tenant_unique(),
        tenant_key("member_id", "member"),
        Index("ix_invitation_cooperative", "cooperative_id", "created_at"),
        CheckConstraint("length(token_hash) = 32", "hash"),
        CheckConstraint("(role IS NULL) <> (member_id IS NULL)", "offers_one_thing"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", "accepted_by"),
    )
    tenant_walls = False
    frozen_columns = ("cooperative_id", "token_hash", "email", "role", "member_id", "sent_by_id", "expires_at")

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    email: Mapped[str]
    role: Mapped[Role | None]
    member_id: Mapped[UUID | None]
    sent_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))


def send(
    session: Session, cooperative_id: UUID, email: str, *, by: UUID, house: str, page: str,
    role: Role | None = None, member: Member | None = None,
) -> Invitation:  # fmt: skip
    """Invite somebody by letter. `house` names the cooperative, `page` is the public address up to the key."""
    if role is not None and role not in roles.may_give(roles.of(session, by, cooperative_id)):
        raise Denied(_("You cannot give a role above your own."))
    if member is not None and member.person_id is not None:
        raise Refusal(fields={"email": _("This member can sign in already.")})
    token = new_secret()
    invitation = Invitation(
        cooperative_id=cooperative_id, token_hash=_hash(token), email=email, role=role,
        member_id=member.id if member else None, sent_by_id=by, expires_at=clock.now() + LASTS,
        accepted_at=None, accepted_by_id=None,
    )  # fmt: skip
    session.add(invitation)
    session.flush()
    known = people.find_by_email(session, email)
    with speaking(known.language if known is not None and known.language else language()):
        if role is not None:
            offer = _("%(cooperative)s invites you to sign in as %(role)s.", cooperative=house, role=role.words)
        else:
            offer = _(
                "%(cooperative)s invites you to sign in to see your deliveries and statements.", cooperative=house
            )
        outbox.write(
            session, to=email, kind="invitation", cause=invitation.id,
            subject=_("%(cooperative)s invites you", cooperative=house),
            text=f"{offer}\n\n{_('Open this page within a week:')}\n{page}{token}\n\n"
            f"{_('If you expected no such letter, throw it away; nothing happens then.')}\n",
        )  # fmt: skip
    return invitation


def find_open(session: Session, token: str) -> Invitation | None:
    """The invitation of this key while it can still be taken up."""
    if not 20 <= len(token) <= 64 or not token.isascii():
        return None
    found = session.scalar(
        select(Invitation).where(Invitation.token_hash == _hash(token), Invitation.accepted_at.is_(None))
    )
    return found if found is not None and clock.now() < found.expires_at else None


def waiting(session: Session, cooperative_id: UUID) -> list[Invitation]:
    """Those nobody has taken up yet and still may, the latest first."""
    query = select(Invitation).where(
        Invitation.cooperative_id == cooperative_id,
        Invitation.accepted_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
    return list(session.scalars(query.order_by(Invitation.created_at.desc())))


def accept(
    session: Session, invitation: Invitation, *, as_person: Person | None, name: str = "", password: str = ""
) -> Person:
    """Take it up, once. A new person gives a name and a password; who has the address already is that person, signed in.

    Denied where another person came, or where who sent it may no longer give it [attack:A178].
    """
    known = people.find_by_email(session, invitation.email)
    if known is not None and (as_person is None or as_person.id != known.id):
        raise Denied(_("Sign in with the address this letter went to, then open the letter's page again."))
    if known is None and as_person is not None:
        raise Denied(_("This letter went to another address than yours. Sign out, then open its page again."))
    person = known or people.add(session, name=name, email=invitation.email, password=password)
    taken = rows_changed(
        session,
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.accepted_at.is_(None), Invitation.expires_at > clock.now())
        .values(accepted_at=clock.now(), accepted_by_id=person.id),
    )
    if taken != 1:
        raise Conflict(_("This invitation was taken up already."))
    tenants.allow(
        session, invitation.cooperative_id
    )  # The key was right and in time: the holder may have what it offers.
    if invitation.role is not None:
        roles.grant(session, invitation.cooperative_id, person.id, invitation.role, by=invitation.sent_by_id)
    else:
        _bind(session, invitation, person)
    return person


def _bind(session: Session, invitation: Invitation, person: Person) -> None:
    if not roles.of(session, invitation.sent_by_id, invitation.cooperative_id):
        raise Denied(_("Who sent this letter is no longer with the cooperative. Ask its office for a new one."))
    bound = rows_changed(
        session,
        update(Member)
        .where(
            Member.cooperative_id == invitation.cooperative_id,
            Member.id == invitation.member_id,
            Member.person_id.is_(None),
        )
        .values(person_id=person.id),
    )
    if bound != 1:
        raise Conflict(_("This membership has its person already."))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
