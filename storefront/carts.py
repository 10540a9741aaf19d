"""Carts: what somebody thinks of buying, over several cooperatives. A guest's is known by a cookie whose hash we keep."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ground.db import Model, OfCooperative, points_at, tenant_key

QUANTITY_MAX = 10_000
"""Packs of one kind in one basket: more is a contract's business."""


class Cart(Model):
    """A guest's cart has a token, a person's the person; never both: signing out leaves nothing behind [commerce:X14]."""

    __tablename__ = "cart"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("person_id"),
        CheckConstraint("(token_hash IS NULL) <> (person_id IS NULL)", "one_holder"),
    )

    token_hash: Mapped[str | None]
    person_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    lines: Mapped[list[CartLine]] = relationship(
        lazy="raise", primaryjoin="foreign(CartLine.cart_id) == Cart.id", viewonly=True, order_by="CartLine.id"
    )


class CartLine(OfCooperative, Model):
    """So many packs; `seen_minor` is the line's total as the buyer last saw it, so that a change is shown [commerce:C01]."""

    __tablename__ = "cart_line"
    __table_args__ = (
        UniqueConstraint("cart_id", "pack_id"),
        tenant_key("pack_id", "pack"),
        CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", "quantity"),
        CheckConstraint("seen_minor >= 0", "seen"),
    )
    tenant_walls = False

    cart_id: Mapped[UUID] = mapped_column(points_at("cart.id"))
    pack_id: Mapped[UUID]
    quantity: Mapped[int]
    seen_minor: Mapped[int]
