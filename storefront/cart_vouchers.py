"""Vouchers in a basket: the word a buyer typed, kept with the cart until they order or take it off."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import tenants
from ground.db import Model, OfCooperative, points_at, tenant_key
from storefront import cancellations
from storefront.order_charges import OrderGift
from storefront.vouchers import Voucher


class CartVoucher(OfCooperative, Model):
    """At most one per cooperative: the last one typed."""

    __tablename__ = "cart_voucher"
    __table_args__ = (UniqueConstraint("cart_id", "cooperative_id"), tenant_key("voucher_id", "voucher"))
    tenant_walls = False

    cart_id: Mapped[UUID] = mapped_column(points_at("cart.id"))
    voucher_id: Mapped[UUID]


def put(session: Session, cart_id: UUID, voucher: Voucher) -> None:
    """Use this voucher with its cooperative's goods, in place of another; the caller holds the cart. Twice is once."""
    mine = (CartVoucher.cart_id == cart_id, CartVoucher.voucher_id == voucher.id)
    if session.scalar(select(CartVoucher.id).where(*mine)) is not None:
        return
    remove(session, cart_id, voucher.cooperative_id)
    session.add(CartVoucher(cart_id=cart_id, cooperative_id=voucher.cooperative_id, voucher_id=voucher.id))
    session.flush()


def remove(session: Session, cart_id: UUID, cooperative_id: UUID) -> bool:
    """Take it off; False when there was none."""
    mine = (CartVoucher.cart_id == cart_id, CartVoucher.cooperative_id == cooperative_id)
    taken = delete(CartVoucher).where(*mine).returning(CartVoucher.id).execution_options(synchronize_session=False)
    return session.scalar(taken) is not None


def named(session: Session, typed: Mapping[UUID, UUID]) -> dict[UUID, Voucher]:
    """The vouchers that a cart's lines name (cooperative → voucher); one that was stopped is no longer seen."""
    query = select(Voucher).where(Voucher.cooperative_id.in_(sorted(typed)), Voucher.id.in_(sorted(typed.values())))
    query = query.where(Voucher.stopped_at.is_(None)).execution_options(populate_existing=True)
    return {voucher.cooperative_id: voucher for voucher in session.scalars(query)} if typed else {}


def mine_pending(session: Session, cart_id: UUID, voucher: Voucher) -> int:
    """How often an unpaid attempt of this very cart uses it now: that use comes back when they order anew."""
    if voucher.uses_most is None:
        return 0
    order_ids = [part.order_id for part in cancellations.unpaid_attempts(session, cart_id)]
    uses = select(func.count()).where(
        OrderGift.cooperative_id == voucher.cooperative_id, OrderGift.voucher_id == voucher.id,
        OrderGift.order_id.in_(order_ids), OrderGift.returned_at.is_(None),
    )  # fmt: skip
    if not order_ids:
        return 0
    tenants.allow(session, voucher.cooperative_id)  # Their own orders.
    return int(session.scalars(uses).one())


def move(session: Session, guest_id: UUID, mine_id: UUID) -> None:
    """At sign-in the guest's vouchers join the person's cart; what the person typed themselves stays."""
    have = set(session.scalars(select(CartVoucher.cooperative_id).where(CartVoucher.cart_id == mine_id)))
    for row in session.scalars(select(CartVoucher).where(CartVoucher.cart_id == guest_id)).all():
        if row.cooperative_id not in have:
            session.add(CartVoucher(cart_id=mine_id, cooperative_id=row.cooperative_id, voucher_id=row.voucher_id))
    session.flush()
    session.execute(
        delete(CartVoucher).where(CartVoucher.cart_id == guest_id).execution_options(synchronize_session=False)
    )
