"""Secret links: who has an order's address may see it and act for its buyer; nobody keeps a copy on the way."""

from __future__ import annotations

from uuid import UUID

from flask import abort, make_response
from werkzeug import Response

from ground import tenants
from ground.db import db
from ground.errors import Missing
from ground.words import _
from storefront import checkouts, orders
from storefront.checkouts import Checkout
from storefront.orders import Order


def checkout_of(token: str) -> Checkout:
    """The checkout of this link, its cooperatives' rows in sight from now on; 404 for any other word."""
    found = checkouts.find_by_token(db.session, token) if token.isascii() and len(token) <= 64 else None
    if found is None:
        abort(404)
    tenants.allow(db.session, *(part.cooperative_id for part in found.parts))  # The link is the right to see them.
    return found


def order_of(token: str, order_id: UUID) -> Order:
    """One order behind this link with its goods; another's is missing in the same words."""
    checkout = checkout_of(token)
    found = next(
        (order for order in orders.of_checkout(db.session, checkout, goods_only=True) if order.id == order_id), None
    )
    if found is None:
        raise Missing(_("There is no such order."))
    return found


def unkept(page: str) -> Response:
    """No cache keeps it, no search engine lists it, no other host hears of it.

    Not `no-referrer`: browsers then hide the origin of its forms from ourselves too, and the guard would refuse them.
    """
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
