"""Order again: a page that shows what changed since, and one button that fills the basket."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug import Response

from ground import trail
from ground.db import db
from ground.errors import Refusal
from ground.forms import Reader
from ground.web import PUBLIC, Door
from ground.words import _ as say
from ground.words import ngettext
from storefront import again, baskets, carts, orders
from storefront.views import frame, links

door = Door("again", __name__, url_prefix="/orders/<token>/again")


@door.get("", who=PUBLIC)
def show(token: str) -> Response:
    """Line by line: then and now."""
    checkout = links.checkout_of(token)
    found, basket = again.offers(
        db.session, orders.of_checkout(db.session, checkout, goods_only=True), holders=frame.my_holders()
    )
    page = frame.page("storefront/again.html", offers=found, basket=basket, then=checkout.total, token=token)
    return links.unkept(page)


@door.post("", who=PUBLIC, action="basket.order-again", again="again.show")
def refill(token: str) -> Response:
    """What can be had goes into the visitor's own basket, at the prices just shown; the basket shows them once more."""
    Reader(request.form).done()
    checkout = links.checkout_of(token)
    found, _ = again.offers(
        db.session, orders.of_checkout(db.session, checkout, goods_only=True), holders=frame.my_holders()
    )
    cart = frame.my_cart_opened()
    count = again.refill(db.session, cart, found)
    if not count:
        raise Refusal(say("Nothing of this order can be had today."))
    db.session.flush()
    priced = baskets.price(db.session, carts.find_by_id(db.session, cart.id), holders=frame.my_holders())
    carts.show(db.session, cart, {line.pack_id: line.tag.total for line in priced.lines if line.tag is not None})
    trail.about(db.session, cart.id)
    db.session.commit()
    flash(ngettext("%(count)s line is in your basket.", "%(count)s lines are in your basket.", count), "ok")
    return redirect(url_for("baskets.show"), 303)
