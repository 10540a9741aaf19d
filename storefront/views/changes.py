"""Changing a placed order: other quantities, the new price shown first, then a new order in its place."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug import Response

from ground import trail
from ground.db import db
from ground.forms import DIGITS, Reader
from ground.money import Money
from ground.web import PUBLIC, Door, here
from ground.words import _
from storefront import changes, checkouts
from storefront.carts import QUANTITY_MAX
from storefront.orders import Order
from storefront.views import frame, links

door = Door("changes", __name__, url_prefix="/orders/<token>/parts/<uuid:order_id>/change")
FIELD = "quantity-"
"""The form's field for a line: this and its pack's id."""


@door.get("", who=PUBLIC)
def show(token: str, order_id: UUID) -> Response:
    """The order's lines with what they would cost; quantities in the address or just typed are priced."""
    order = links.order_of(token, order_id)
    counts = _asked(order)
    basket = changes.preview(db.session, order, counts)
    page = frame.page(
        "storefront/change.html", order=order, token=token, counts=counts, obstacle=changes.obstacle(order), basket=basket,
        now={line.pack_id: line for line in basket.lines}, most=QUANTITY_MAX,
        changed=any(counts[line.pack_id] != line.quantity for line in order.lines),
    )  # fmt: skip
    return links.unkept(page)


@door.post("", who=PUBLIC, action="order.change", again="changes.show")
def make(token: str, order_id: UUID) -> Response:
    """Agreed: the old order gives way to the new one. The same form sent twice makes one change."""
    order = links.order_of(token, order_id)
    read = Reader(request.form)
    counts = {line.pack_id: read.whole(f"{FIELD}{line.pack_id}", least=0, most=QUANTITY_MAX) for line in order.lines}
    expected, key = Money(read.whole("expected_minor", most=10**15), order.currency), read.once()
    read.done()
    before = checkouts.find_by_request(db.session, key)
    if before is not None:
        return redirect(url_for("orders.show", token=frame.till().token_of(before.id)), 303)
    new = changes.change(
        db.session, frame.till(), order, counts, expected=expected, request_key=key, by=here().person_id
    )
    trail.about(db.session, new.id, order=order.number, instead=new.number)
    db.session.commit()
    flash(_("Your order is changed. It is order %(number)s now.", number=new.number), "ok")
    return redirect(url_for("orders.show", token=frame.till().token_of(new.checkout_id)), 303)


def _asked(order: Order) -> dict[UUID, int]:
    """By pack: the quantity in the form or the address where it is one, else what was ordered."""
    found = {}
    for line in order.lines:
        told = request.form.get(f"{FIELD}{line.pack_id}") or request.args.get(f"{FIELD}{line.pack_id}") or ""
        fits = DIGITS.fullmatch(told.strip()) and int(told) <= QUANTITY_MAX
        found[line.pack_id] = int(told) if fits else line.quantity
    return found
