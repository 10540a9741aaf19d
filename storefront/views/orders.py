"""The buyer's own orders: by a secret link that needs no account, and as a list for whoever has one."""

from __future__ import annotations

from flask import abort, make_response
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug import Response

from cooperative import cooperatives
from ground import clock, tenants
from ground.db import db
from ground.web import PUBLIC, SIGNED_IN, Door, here
from storefront import card_payments, checkouts, invoices, orders, papers, refunds
from storefront.card_payments import State
from storefront.checkouts import Checkout
from storefront.views import frame

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
    """Who has the link sees the order. No cache keeps it, no search engine lists it, no other page hears of it."""
    checkout = checkouts.find_by_token(db.session, token) if token.isascii() and len(token) <= 64 else None
    if checkout is None:
        abort(404)
    tenants.allow(db.session, *(part.cooperative_id for part in checkout.parts))  # The link is the right to see them.
    made = orders.of_checkout(db.session, checkout)
    payment = card_payments.of_checkout(db.session, checkout.id)
    awaiting = payment is not None and payment.state not in (State.PAID, State.EXPIRED, State.FAILED)
    cancelled = all(order.cancellation is not None for order in made)
    payable = awaiting and not cancelled and checkout.expires_at is not None and checkout.expires_at > clock.now()
    page = frame.page(
        "storefront/order.html", checkout=checkout, orders=made, payment=payment, awaiting=awaiting and not cancelled,
        pay_url=payment.url if payment and payable else None, cancelled=cancelled,
        names=cooperatives.find_many(db.session, [order.cooperative_id for order in made]),
        refunds={order.id: refunds.of_order(db.session, order) for order in made},
        papers=papers.of_orders(db.session, made), token=token,
        invoices={order.id: invoices.of_order(db.session, order) for order in made},
    )  # fmt: skip
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
