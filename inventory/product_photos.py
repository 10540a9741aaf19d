"""A product's photograph: which stored files show it, and what they show in words."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_key, tenant_unique


class ProductPhoto(OfCooperative, Model):
    """`key` names the files (`ground/photographs.py`); `alt` is what somebody who cannot see it is told."""

    __tablename__ = "product_photo"
    __table_args__ = (
        tenant_unique(),
        tenant_key("product_id", "product"),
        UniqueConstraint("product_id"),
        CheckConstraint("length(key) = 64 AND length(alt) > 0", "shown"),
    )
    frozen_columns = ("cooperative_id", "product_id")
    public_read = "EXISTS (SELECT 1 FROM product p WHERE p.id = product_photo.product_id AND p.listed_at IS NOT NULL)"
    on_the_street = "true"

    product_id: Mapped[UUID]
    key: Mapped[str]
    alt: Mapped[str]


def show(session: Session, cooperative_id: UUID, product_id: UUID, *, key: str, alt: str) -> str:
    """This is its photograph from now on; the key of the one before, whose files are to go, or nothing."""
    mine = (ProductPhoto.cooperative_id == cooperative_id, ProductPhoto.product_id == product_id)
    found = session.scalar(select(ProductPhoto).where(*mine).with_for_update())
    if found is None:
        session.add(ProductPhoto(cooperative_id=cooperative_id, product_id=product_id, key=key, alt=alt))
        session.flush()
        return ""
    before, found.key, found.alt = found.key, key, alt
    session.flush()
    return before if before != key else ""


def remove(session: Session, cooperative_id: UUID, product_id: UUID) -> str:
    """No photograph any more; the key of the one that was, or nothing."""
    mine = (ProductPhoto.cooperative_id == cooperative_id, ProductPhoto.product_id == product_id)
    gone = session.scalar(delete(ProductPhoto).where(*mine).returning(ProductPhoto.key))
    return gone or ""
