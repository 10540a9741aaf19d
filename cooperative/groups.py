"""Self-help groups: some twenty members who meet, save and stand for one another."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_unique
from ground.errors import Refusal

LEAST, MOST = 20, 25
"""Members of a group where its by-laws say nothing else (DOMAIN section 1)."""


class MemberGroup(OfCooperative, Model):
    """A group. Below `members_least` it is still forming; it never takes in more than `members_most`."""

    __tablename__ = "member_group"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "name"),
        CheckConstraint("name <> ''", "named"),
        CheckConstraint("members_least >= 1 AND members_most >= members_least", "size"),
    )

    name: Mapped[str]
    members_least: Mapped[int]
    members_most: Mapped[int]


def form(session: Session, cooperative_id: UUID, name: str, *, least: int = LEAST, most: int = MOST) -> MemberGroup:
    """A new group; a Refusal where the name is taken."""
    taken = session.scalar(
        select(MemberGroup.id).where(MemberGroup.cooperative_id == cooperative_id, MemberGroup.name == name.strip())
    )
    if taken is not None:
        raise Refusal(fields={"name": "Another group has this name."})
    group = MemberGroup(cooperative_id=cooperative_id, name=name.strip(), members_least=least, members_most=most)
    session.add(group)
    session.flush()
    return group


def all_of(session: Session, cooperative_id: UUID) -> list[MemberGroup]:
    """The cooperative's groups by name."""
    query = select(MemberGroup).where(MemberGroup.cooperative_id == cooperative_id)
    return list(session.scalars(query.order_by(MemberGroup.name)))


def find(session: Session, cooperative_id: UUID, group_id: UUID) -> MemberGroup | None:
    query = select(MemberGroup).where(MemberGroup.cooperative_id == cooperative_id, MemberGroup.id == group_id)
    return session.scalar(query)


def lock(session: Session, cooperative_id: UUID, group_id: UUID) -> MemberGroup | None:
    """The group, held until the end of the transaction, so that its members can be counted before one is added."""
    query = select(MemberGroup).where(MemberGroup.cooperative_id == cooperative_id, MemberGroup.id == group_id)
    return session.scalar(query.with_for_update(key_share=True))
