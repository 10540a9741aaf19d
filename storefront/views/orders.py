"""The buyer's own orders: by a secret link that needs no account, and as a list for whoever has one."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug import Response

from cooperative import cooperatives
from ground import clock, trail
from ground.db import db
from ground.forms import Reader
from ground.web import PUBLIC, SIGNED_IN, Door, here
from ground.words import _
from storefront import (
    card_payments,
    changes,
    complaints,
    extras,
    invoices,
    orders,
    papers,
    refunds,
    standings,
    withdrawals,
)
from storefront.checkouts import Checkout
from storefront.complaints import Complaint
from storefront.orders import Order
from storefront.views import frame, links

door = Door("orders", __name__, url_prefix="/orders")
MOST = 50


@door.get("", who=SIGNED_IN)
def mine() -> str:
    """The orders of the person signed in, latest first."""
    person = here().person
    query = select(Checkout).where(Checkout.person_id == person.id).order_by(Checkout.created_at.desc()).limit(MOST)
    found = list(db.session.scalars(query.options(selectinload(Checkout.parts))))
    links = {checkout.id: f"/orders/{frame.till().token_of(checkout.id)}" for checkout in found}
    names = cooperatives.find_many(db.session, [part.cooperative_id for each in found for part in each.parts])
    return frame.page("storefront/orders.html", here_is="orders", checkouts=found, links=links, names=names)


@door.get("/<token>", who=PUBLIC)
def show(token: str) -> Response:
    """Who has the link sees the order: what is true now, what comes next, its papers, and what can still be done."""
    checkout = links.checkout_of(token)
    made = orders.of_checkout(db.session, checkout)
    payment = card_payments.of_checkout(db.session, checkout.id)
    names = cooperatives.find_many(db.session, [order.cooperative_id for order in made])
    standing = standings.of(checkout, made, payment, names[made[0].cooperative_id].zone, clock.now())
    told = complaints.of_orders(db.session, made)
    page = frame.page(
        "storefront/order.html", checkout=checkout, orders=made, payment=payment, standing=standing, names=names,
        awaiting=standing is not None and standing.waits,
        pay_url=payment.url if payment and standing and standing.payable else None,
        refunds={order.id: refunds.of_order(db.session, order) for order in made},
        papers=papers.of_orders(db.session, made), token=token, complaints=told,
        may_complain=_may_complain(made, told),
        instead=changes.of_orders(db.session, made), token_of=frame.till().token_of,
        obstacles={order.id: withdrawals.obstacle(order, payment) for order in made},
        cash=orders.cash_of([order for order in made if order.cancellation is None] or made),
        extras={order.id: extras.of_order(order) for order in made},
        invoices={order.id: invoices.of_order(db.session, order) for order in made},
    )  # fmt: skip
    return links.unkept(page)


def _may_complain(made: list[Order], told: dict[UUID, list[Complaint]]) -> set[UUID]:
    """The orders whose buyer can still say that something was wrong: with a line that does not wait for an answer already."""
    days: int = current_app.config["COMPLAINT_DAYS"]
    waiting = {each.line_id for order in made for each in told[order.id] if each.answered_at is None}
    free = (order for order in made if {line.id for line in order.lines} - waiting)
    return {order.id for order in free if not complaints.obstacle(order, days)}


@door.post("/<token>/parts/<uuid:order_id>/cancellation", who=PUBLIC, action="order.withdraw", again="orders.show")
def withdraw(token: str, order_id: UUID) -> Response:
    """The buyer gives up one order that nobody has packed; what they paid goes back the way it came."""
    Reader(request.form).done()
    order = links.order_of(token, order_id)
    payment = card_payments.of_checkout(db.session, order.checkout_id)
    withdrawals.withdraw(db.session, frame.till(), order, payment, by=here().person_id)
    trail.about(db.session, order.id, order=order.number)
    db.session.commit()
    flash(_("Order %(number)s is cancelled.", number=order.number), "ok")
    return redirect(url_for("orders.show", token=token), 303)
