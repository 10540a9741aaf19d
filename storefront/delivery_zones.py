"""Delivery zones: the named places a cooperative brings orders to, each with the fee rule that pays for the way, if any."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_unique
from ground.errors import Conflict, Missing, Refusal


class DeliveryZone(OfCooperative, Model):
    """`places` are counties, towns or estates, one in each line; `fee_id` names the fee that is charged for the way, or none."""

    __tablename__ = "delivery_zone"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "name"),
        CheckConstraint("name <> ''", "named"),
    )
    frozen_columns = ("cooperative_id", "name")
    public_read = "true"

    name: Mapped[str]
    places: Mapped[str]
    fee_id: Mapped[UUID | None]


def draw(session: Session, cooperative_id: UUID, *, name: str, places: str, fee_id: UUID | None = None) -> DeliveryZone:
    """A new zone; its name is the cooperative's own and unique there."""
    if not places.strip():
        raise Refusal(fields={"places": "Name the counties, towns or estates, one in each line."})
    if any(zone.name == name for zone in all_of(session, cooperative_id)):
        raise Conflict(fields={"zone_name": "There is a zone of this name already."})
    zone = DeliveryZone(cooperative_id=cooperative_id, name=name, places=places, fee_id=fee_id)
    session.add(zone)
    session.flush()
    return zone


def all_of(session: Session, cooperative_id: UUID) -> list[DeliveryZone]:
    """The cooperative's zones by name."""
    query = select(DeliveryZone).where(DeliveryZone.cooperative_id == cooperative_id)
    return list(session.scalars(query.order_by(DeliveryZone.name)))


def find(session: Session, cooperative_id: UUID, zone_id: UUID) -> DeliveryZone:
    query = select(DeliveryZone).where(DeliveryZone.cooperative_id == cooperative_id, DeliveryZone.id == zone_id)
    found = session.scalar(query)
    if found is None:
        raise Missing("There is no such zone.")
    return found
