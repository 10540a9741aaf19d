"""Cart windows: which window a buyer has in mind for each cooperative of the basket; nothing is booked before the order."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_key
from ground.ids import new_id


class CartWindow(OfCooperative, Model):
    """One per cart and cooperative."""

    __tablename__ = "cart_window"
    __table_args__ = (UniqueConstraint("cart_id", "cooperative_id"), tenant_key("window_id", "collection_window"))
    tenant_walls = False

    cart_id: Mapped[UUID] = mapped_column(points_at("cart.id"))
    window_id: Mapped[UUID]


def choose(session: Session, cart_id: UUID, cooperative_id: UUID, window_id: UUID) -> None:
    """The buyer has this one in mind now."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "id": new_id(), "created_at": clock.now(), "cart_id": cart_id, "cooperative_id": cooperative_id, "window_id": window_id,
    }  # fmt: skip
    session.execute(
        native.insert(CartWindow)
        .values(row)
        .on_conflict_do_update(index_elements=["cart_id", "cooperative_id"], set_={"window_id": window_id})
    )


def of_cart(session: Session, cart_id: UUID) -> dict[UUID, UUID]:
    """Cooperative → window."""
    query = select(CartWindow.cooperative_id, CartWindow.window_id).where(CartWindow.cart_id == cart_id)
    return {row[0]: row[1] for row in session.execute(query)}


def move(session: Session, from_id: UUID, to_id: UUID) -> None:
    """At sign-in: what the guest chose last counts."""
    for cooperative_id, window_id in sorted(of_cart(session, from_id).items()):
        choose(session, to_id, cooperative_id, window_id)
    mine = delete(CartWindow).where(CartWindow.cart_id == from_id)
    session.execute(mine.execution_options(synchronize_session=False))
