"""Collection points: where members bring what they grew, and shoppers fetch what they ordered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_unique


class CollectionPoint(OfCooperative, Model):
    """A place with a scale. Its whereabouts are public, in millionths of a degree where they are known."""

    __tablename__ = "collection_point"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "code"),
        CheckConstraint("code <> '' AND name <> ''", "named"),
        CheckConstraint("latitude_udeg BETWEEN -90000000 AND 90000000", "latitude"),
        CheckConstraint("longitude_udeg BETWEEN -180000000 AND 180000000", "longitude"),
    )
    public_read = "true"
    on_the_street = "true"

    code: Mapped[str]
    name: Mapped[str]
    county: Mapped[str]
    latitude_udeg: Mapped[int | None]
    longitude_udeg: Mapped[int | None]


def open_point(
    session: Session,
    cooperative_id: UUID,
    *,
    code: str,
    name: str,
    county: str = "",
    latitude_udeg: int | None = None,
    longitude_udeg: int | None = None,
) -> CollectionPoint:
    """A new collection point; its code is the cooperative's own and unique there."""
    point = CollectionPoint(
        cooperative_id=cooperative_id, code=code, name=name, county=county,
        latitude_udeg=latitude_udeg, longitude_udeg=longitude_udeg,
    )  # fmt: skip
    session.add(point)
    return point


def all_of(session: Session, cooperative_id: UUID) -> list[CollectionPoint]:
    """The cooperative's points by name."""
    query = select(CollectionPoint).where(CollectionPoint.cooperative_id == cooperative_id)
    return list(session.scalars(query.order_by(CollectionPoint.name, CollectionPoint.code)))


def find(session: Session, cooperative_id: UUID, point_id: UUID) -> CollectionPoint | None:
    query = select(CollectionPoint).where(
        CollectionPoint.cooperative_id == cooperative_id, CollectionPoint.id == point_id
    )
    return session.scalar(query)


def find_by_code(session: Session, cooperative_id: UUID, code: str) -> CollectionPoint | None:
    query = select(CollectionPoint).where(
        CollectionPoint.cooperative_id == cooperative_id, CollectionPoint.code == code
    )
    return session.scalar(query)
