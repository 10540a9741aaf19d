"""Tellings: letters of deeds that know no link; the worker, who does, writes them after."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from storefront import checkouts, letters, orders
from storefront.checkouts import Checkout
from storefront.orders import Order
from storefront.tills import Till

COLLECTED, UNPAID = "tell: collected", "tell: not paid"
"""Jobs: the first is about an order, the second about a checkout."""


def jobs(till: Till) -> dict[str, Callable[[UUID], None]]:
    """The worker's part."""
    return {COLLECTED: partial(_run, till, _collected), UNPAID: partial(_run, till, _unpaid)}


def _run(till: Till, tell: Callable[[Session, Till, UUID], None], subject_id: UUID) -> None:
    with till.unit() as session:
        tell(session, till, subject_id)
        session.commit()


def _collected(session: Session, till: Till, order_id: UUID) -> None:
    found = session.get_one(Order, order_id)
    order = session.scalars(orders.by_id(found.cooperative_id, order_id)).one()
    letters.collected(session, order.checkout, order, till.link_to(order.checkout_id))


def _unpaid(session: Session, till: Till, checkout_id: UUID) -> None:
    checkout: Checkout | None = checkouts.find(session, checkout_id)
    assert checkout is not None
    letters.unpaid(session, checkout, orders.of_checkout(session, checkout), till.link_to(checkout_id))
