"""Roles: what a person may do in one cooperative. Nobody gives more than they have, and somebody always manages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, select, text, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from cooperative import cooperatives
from cooperative.people import Person
from ground import clock
from ground.changes import rows_changed
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Conflict, Denied, Refusal
from ground.words import _l


class Role(StrEnum):
    """The desks of a cooperative's office; OPERATOR exists only at the marketplace's own."""

    MANAGER = "manager"
    TREASURER = "treasurer"
    COLLECTOR = "collector"
    OPERATOR = "operator"

    @property
    def words(self) -> str:
        """What the role is called, in the language spoken now."""
        return str(_CALLED[self])


_CALLED = {
    Role.MANAGER: _l("manager"),
    Role.TREASURER: _l("treasurer"),
    Role.COLLECTOR: _l("collector"),
    Role.OPERATOR: _l("operator"),
}

MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.MANAGER: frozenset({Role.MANAGER, Role.TREASURER, Role.COLLECTOR}),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.TREASURER}),
    Role.TREASURER: frozenset(),
    Role.COLLECTOR: frozenset(),
}
"""Which roles each may give and take away: never one above its own [commerce:X15]."""

HEADS = frozenset({Role.MANAGER, Role.OPERATOR})
"""Without one of these nobody could give a role again, so the last of them stays."""


class RoleGrant(OfCooperative, Model):
    """A role given to a person, by whom and since when; taken back, it stays as history."""

    __tablename__ = "role_grant"
    __table_args__ = (
        tenant_unique(),
        Index("uq_role_grant_live", "cooperative_id", "person_id", "role", unique=True,
              sqlite_where=text("withdrawn_at IS NULL"), postgresql_where=text("withdrawn_at IS NULL")),
        Index("ix_role_grant_person", "person_id"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", "withdrawn"),
    )  # fmt: skip
    frozen_columns = ("cooperative_id", "person_id", "role", "granted_by_id")
    own_row = "person_id = seeing_person()"

    person_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    role: Mapped[Role]
    granted_by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))

    person: Mapped[Person] = relationship(
        lazy="raise", primaryjoin="foreign(RoleGrant.person_id) == Person.id", viewonly=True
    )


def of(session: Session, person_id: UUID, cooperative_id: UUID) -> frozenset[Role]:
    """The roles this person has here now. The session must see the cooperative, or be this person's."""
    query = select(RoleGrant.role).where(
        RoleGrant.cooperative_id == cooperative_id, RoleGrant.person_id == person_id, RoleGrant.withdrawn_at.is_(None)
    )
    return frozenset(session.scalars(query))


def everywhere(session: Session, person_id: UUID) -> dict[UUID, frozenset[Role]]:
    """This person's roles by cooperative: the person's own rows, so no one cooperative is named."""
    query = select(RoleGrant.cooperative_id, RoleGrant.role).where(
        RoleGrant.person_id == person_id, RoleGrant.withdrawn_at.is_(None)
    )
    found: dict[UUID, frozenset[Role]] = {}
    for cooperative_id, role in session.execute(query):
        found[cooperative_id] = found.get(cooperative_id, frozenset()) | {role}
    return found


def live_in(session: Session, cooperative_id: UUID) -> list[RoleGrant]:
    """Every role held here with its person, by name then role."""
    query = (
        select(RoleGrant)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.cooperative_id == cooperative_id, RoleGrant.withdrawn_at.is_(None))
        .order_by(Person.name, RoleGrant.role)
    )
    return list(session.scalars(query.options(joinedload(RoleGrant.person))))


def find(session: Session, cooperative_id: UUID, grant_id: UUID) -> RoleGrant | None:
    query = select(RoleGrant).where(RoleGrant.cooperative_id == cooperative_id, RoleGrant.id == grant_id)
    return session.scalar(query.options(joinedload(RoleGrant.person)))


def may_give(asker: frozenset[Role]) -> frozenset[Role]:
    """What someone with these roles may give and take away."""
    return frozenset().union(*(MAY_GIVE[role] for role in asker)) if asker else frozenset()


def grant(session: Session, cooperative_id: UUID, person_id: UUID, role: Role, *, by: UUID) -> RoleGrant:
    """Give a role; giving it twice is the same as once. Denied where the giver may not, read under the cooperative's lock."""
    cooperatives.lock(session, cooperative_id)
    if role not in may_give(of(session, by, cooperative_id)):
        raise Denied("You cannot give a role above your own.")
    return _give(session, cooperative_id, person_id, role, by)


def appoint(session: Session, cooperative_id: UUID, person_id: UUID, role: Role) -> RoleGrant:
    """Give a role in the name of the house: for commands and imports, where nobody has signed in."""
    cooperatives.lock(session, cooperative_id)
    return _give(session, cooperative_id, person_id, role, None)


def _give(session: Session, cooperative_id: UUID, person_id: UUID, role: Role, by: UUID | None) -> RoleGrant:
    held = session.scalar(
        select(RoleGrant).where(
            RoleGrant.cooperative_id == cooperative_id, RoleGrant.person_id == person_id,
            RoleGrant.role == role, RoleGrant.withdrawn_at.is_(None),
        )
    )  # fmt: skip
    if held is not None:
        return held
    given = RoleGrant(
        cooperative_id=cooperative_id,
        person_id=person_id,
        role=role,
        granted_by_id=by,
        withdrawn_at=None,
        withdrawn_by_id=None,
    )
    session.add(given)
    session.flush()
    return given


def withdraw(session: Session, cooperative_id: UUID, grant_id: UUID, *, by: UUID) -> None:
    """Take a role back. The last manager stays: two who dismiss each other queue at the cooperative's row, one is refused."""
    cooperatives.lock(session, cooperative_id)
    mine = of(session, by, cooperative_id)
    held = session.execute(
        select(RoleGrant.role, RoleGrant.withdrawn_at).where(
            RoleGrant.cooperative_id == cooperative_id, RoleGrant.id == grant_id
        )
    ).one_or_none()
    if held is None or held.role not in may_give(mine):
        raise Denied("You cannot take away a role above your own.")
    changed = rows_changed(
        session,
        update(RoleGrant)
        .where(RoleGrant.cooperative_id == cooperative_id, RoleGrant.id == grant_id, RoleGrant.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now(), withdrawn_by_id=by),
    )
    if changed != 1:
        raise Conflict("This role was taken back already.")
    if held.role in HEADS and _holders(session, cooperative_id, held.role) == 0:
        raise Refusal(f"This is the last {held.role}. Give the role to someone else first.")


def _holders(session: Session, cooperative_id: UUID, role: Role) -> int:
    """How many people who can still sign in hold this role."""
    query = (
        select(func.count())
        .select_from(RoleGrant)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.cooperative_id == cooperative_id, RoleGrant.role == role, RoleGrant.withdrawn_at.is_(None))
        .where(Person.disabled_at.is_(None))
    )
    return int(session.scalar(query) or 0)
