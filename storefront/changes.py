"""Changes: a placed order that nobody has packed gets other quantities, by giving way to a new order at today's prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground.barriers import barrier
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal
from ground.ids import new_secret
from ground.money import Money
from ground.words import _
from storefront import again, baskets, cancellations, carts, placements, withdrawals
from storefront import orders as order_book
from storefront.baskets import Basket
from storefront.carts import Cart, CartLine
from storefront.checkouts import Checkout, How
from storefront.orders import Order
from storefront.placements import PlaceForm
from storefront.tills import Till, hashed

CHANGED = "The buyer changed it: another order takes its place."


class Change(OfCooperative, Model):
    """Which order took the place of which. The old one is cancelled in the same transaction."""

    __tablename__ = "order_change"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("order_id"),
        UniqueConstraint("new_order_id"),
        tenant_key("order_id", "customer_order"),
        tenant_key("new_order_id", "customer_order"),
        CheckConstraint("order_id <> new_order_id", "another"),
    )
    append_only = True

    order_id: Mapped[UUID]
    new_order_id: Mapped[UUID]


def obstacle(order: Order) -> str:
    """Why its buyer cannot change this order now; nothing where they can.

    An order that is paid keeps its sum: more on it would be money that nobody agreed to pay, so the rest is a new order.
    """
    if order.checkout.how is How.CARD:
        return _(
            "This order is paid by card, so its sum stays. Order what is missing as a new order, or cancel this one whole."
        )
    return withdrawals.obstacle(order, None)


def preview(session: Session, order: Order, counts: Mapping[UUID, int]) -> Basket:
    """What it would cost with these packs (pack → how many; 0 takes a line out). Its own goods count as free."""
    holders = placements.holders_of(session, order.checkout.person_id)
    quantities = [counts.get(line.pack_id, line.quantity) for line in order.lines]
    return baskets.price(session, again.imagined(order.lines, quantities), holders=holders, own=order)


def change(
    session: Session,
    till: Till,
    order: Order,
    counts: Mapping[UUID, int],
    *,
    expected: Money,
    request_key: UUID,
    by: UUID | None,
) -> Order:
    """Give up the order and place one with these packs instead, in one transaction; the new order.

    Prices are asked again by the one price function [commerce:C01]; Conflict where they are not what was shown, or where
    somebody began to pack it: the order's lock decides who was first.
    """
    order = order_book.lock(session, order)
    words = obstacle(order)
    if words:
        raise Conflict(words)
    wanted = {line.pack_id: counts.get(line.pack_id, line.quantity) for line in order.lines}
    if not any(wanted.values()):
        raise Refusal(_("Nothing would be left of the order. Cancel it instead."))
    if all(wanted[line.pack_id] == line.quantity for line in order.lines):
        raise Refusal(_("Nothing is changed yet: write another quantity first."))
    checkout: Checkout = order.checkout
    cancellations.give_up(session, order, CHANGED, by=by)
    form = PlaceForm(
        name=checkout.name, email=checkout.email, phone=checkout.phone, how=checkout.how, expected=expected,
        request_key=request_key, address=checkout.address,
        windows={order.cooperative_id: order.window_id} if order.window_id else {},
    )  # fmt: skip
    cart = _written(session, order, wanted)
    placed = placements.place(session, till, cart, form, by=checkout.person_id, instead_of=order)
    (new,) = placed.orders
    session.add(Change(cooperative_id=order.cooperative_id, order_id=order.id, new_order_id=new.id))
    session.flush()
    barrier("change: written")
    return new


def _written(session: Session, order: Order, wanted: Mapping[UUID, int]) -> Cart:
    """A cart of its own, opened by nobody's cookie, so that the buyer's basket of today stays as it is."""
    cart = Cart(token_hash=hashed(new_secret()), person_id=None)
    session.add(cart)
    session.flush()
    for line in order.lines:
        if wanted[line.pack_id]:
            session.add(
                CartLine(
                    cart_id=cart.id, cooperative_id=line.cooperative_id, pack_id=line.pack_id,
                    quantity=wanted[line.pack_id], seen_minor=line.line_minor,
                )
            )  # fmt: skip
    session.flush()
    return carts.find_by_id(session, cart.id)


def of_orders(session: Session, orders: Sequence[Order]) -> dict[UUID, Order]:
    """By the id of an order that gave way: the order that took its place."""
    owners, ids = sorted({order.cooperative_id for order in orders}), [order.id for order in orders]
    query = (
        select(Change.order_id, Order)
        .join(Order, Order.id == Change.new_order_id)
        .where(Change.cooperative_id.in_(owners), Change.order_id.in_(ids))
    )
    return {row[0]: row[1] for row in session.execute(query)}
