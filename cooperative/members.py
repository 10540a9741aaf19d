"""Members: a person's membership in one cooperative, under the number in the passbook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from cooperative import cooperatives, groups
from cooperative.groups import MemberGroup
from ground.changes import rows_changed
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal


class Member(OfCooperative, Model):
    """One membership. `person_id` is known once the member signs in; most never do, and are paid all the same."""

    __tablename__ = "member"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "number"),
        UniqueConstraint("cooperative_id", "person_id"),
        tenant_key("group_id", "member_group"),
        CheckConstraint("number >= 1", "number"),
        CheckConstraint("name <> ''", "named"),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", "left"),
    )
    frozen_columns = ("cooperative_id", "number")
    own_row = "person_id = seeing_person()"

    number: Mapped[int]
    name: Mapped[str]
    phone: Mapped[str | None]
    person_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    group_id: Mapped[UUID | None]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]

    group: Mapped[MemberGroup | None] = relationship(
        lazy="raise", primaryjoin="foreign(Member.group_id) == MemberGroup.id", viewonly=True
    )


def enrol(
    session: Session,
    cooperative_id: UUID,
    *,
    name: str,
    joined_on: date,
    phone: str | None = None,
    number: int | None = None,
    group_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Member:
    """A new member, under the next free number unless the passbook already has one."""
    cooperatives.lock(session, cooperative_id)
    if number is None:
        number = (
            int(session.scalar(select(func.max(Member.number)).where(Member.cooperative_id == cooperative_id)) or 0) + 1
        )
    elif find_by_number(session, cooperative_id, number) is not None:
        raise Refusal(fields={"number": f"Number {number} belongs to another member."})
    if group_id is not None:
        _room(session, cooperative_id, group_id)
    member = Member(
        cooperative_id=cooperative_id, number=number, name=name.strip(), phone=phone, person_id=person_id,
        group_id=group_id, joined_on=joined_on, left_on=None,
    )  # fmt: skip
    session.add(member)
    session.flush()
    return member


def join_group(session: Session, cooperative_id: UUID, member_id: UUID, group_id: UUID | None) -> None:
    """Move a member to a group (or to none). The group's row is locked while its members are counted."""
    if group_id is not None:
        _room(session, cooperative_id, group_id, but=member_id)
    session.execute(
        update(Member).where(Member.cooperative_id == cooperative_id, Member.id == member_id).values(group_id=group_id)
    )


def leave(session: Session, cooperative_id: UUID, member_id: UUID, on: date) -> None:
    """The member leaves; what was delivered stays in its pools at the same price (DOMAIN section 8)."""
    changed = rows_changed(
        session,
        update(Member)
        .where(
            Member.cooperative_id == cooperative_id,
            Member.id == member_id,
            Member.left_on.is_(None),
            Member.joined_on <= on,
        )
        .values(left_on=on, group_id=None),
    )
    if changed != 1:
        raise Conflict("This member has left already, or had not joined by that day.")


def _room(session: Session, cooperative_id: UUID, group_id: UUID, *, but: UUID | None = None) -> None:
    group = groups.lock(session, cooperative_id, group_id)
    if group is None:
        raise Refusal(fields={"group_id": "There is no such group."})
    count = select(func.count()).where(Member.cooperative_id == cooperative_id, Member.group_id == group_id)
    count = count.where(Member.left_on.is_(None))
    if but is not None:
        count = count.where(Member.id != but)
    if int(session.scalar(count) or 0) >= group.members_most:
        raise Refusal(fields={"group_id": f"{group.name} is full: a group has at most {group.members_most} members."})


def find(session: Session, cooperative_id: UUID, member_id: UUID) -> Member | None:
    """A member with the group."""
    query = select(Member).where(Member.cooperative_id == cooperative_id, Member.id == member_id)
    return session.scalar(query.options(joinedload(Member.group)))


def find_by_number(session: Session, cooperative_id: UUID, number: int) -> Member | None:
    query = select(Member).where(Member.cooperative_id == cooperative_id, Member.number == number)
    return session.scalar(query.options(joinedload(Member.group)))


def find_by_person(session: Session, cooperative_id: UUID, person_id: UUID) -> Member | None:
    """This person's own membership here."""
    return session.scalar(select(Member).where(Member.cooperative_id == cooperative_id, Member.person_id == person_id))


def find_many(session: Session, cooperative_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Member]:
    """These members by id."""
    query = select(Member).where(Member.cooperative_id == cooperative_id, Member.id.in_(sorted(set(ids))))
    return {member.id: member for member in session.scalars(query)}


def all_of(session: Session, cooperative_id: UUID) -> list[Member]:
    """Every member, by number, those who left included: pools remember them."""
    return list(session.scalars(select(Member).where(Member.cooperative_id == cooperative_id).order_by(Member.number)))


def search(session: Session, cooperative_id: UUID, words: str = "", *, after: int = 0, most: int = 50) -> list[Member]:
    """Members by number, name or phone; `after` is the last number of the page before. One too many means there is more."""
    query = select(Member).where(Member.cooperative_id == cooperative_id, Member.number > after)
    asked = words.strip()
    if asked:
        pattern = "%" + asked.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        ways = [func.lower(Member.name).like(pattern, escape="\\"), Member.phone.like(pattern, escape="\\")]
        if asked.isascii() and asked.isdigit() and len(asked) < 12:
            ways.append(Member.number == int(asked))
        query = query.where(or_(*ways))
    return list(session.scalars(query.options(joinedload(Member.group)).order_by(Member.number).limit(most + 1)))


def count(session: Session, cooperative_id: UUID) -> int:
    """How many members there are now."""
    query = select(func.count()).where(Member.cooperative_id == cooperative_id, Member.left_on.is_(None))
    return int(session.scalar(query) or 0)


def memberships_of(session: Session, person_id: UUID) -> list[Member]:
    """This person's memberships everywhere: the person's own rows, so no one cooperative is named."""
    return list(session.scalars(select(Member).where(Member.person_id == person_id).order_by(Member.joined_on)))
