"""Refunds: part of a line's money given back, by somebody who says why and confirms that it is them."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative.roles import Role
from ground import keys, trail
from ground.db import db
from ground.errors import Missing
from ground.forms import Reader
from ground.web import Door, here, visitor
from storefront import orders, refund_sendings, refunds
from storefront.order_charges import OrderFee
from storefront.orders import Order, OrderLine

door = Door("refunds", __name__, url_prefix="/office/<coop>/orders/<int:number>")
GIVERS = (Role.MANAGER, Role.TREASURER)


@door.get("/lines/<uuid:line_id>/refund", who=GIVERS)
def new(coop: str, number: int, line_id: UUID) -> str:
    """How much of this line, and why."""
    order, line = _line(number, line_id)
    return render_template("admin/refund.html", order=order, line=line)


@door.post("/lines/<uuid:line_id>/refund", who=GIVERS, action="refund.start", again="refunds.new", step_up=True)
def give(coop: str, number: int, line_id: UUID) -> Response:
    """At most what the line was paid less earlier refunds; sent twice it is given once."""
    order, line = _line(number, line_id)
    read = Reader(request.form)
    amount = read.money("amount", line.currency, least_minor=1)
    reason, key = read.text("reason", least=3), read.once()
    read.done()
    back = url_for("office_orders.show", coop=coop, number=number)
    body = {"line": line_id, "amount": amount.minor, "reason": reason}
    keys.claim(db.session, principal=visitor(), key=key, body=body, location=back)
    made = refunds.start(
        db.session, current_app.extensions["till"], order, line.id, amount, reason,
        by=here().person.id, request_key=key,
    )  # fmt: skip
    trail.about(db.session, made.id, order=number, amount=str(amount), reason=reason)
    db.session.commit()
    return redirect(back, 303)


@door.post(
    "/refunds/<uuid:refund_id>/attempts",
    who=GIVERS,
    action="refund.try-again",
    again="office_orders.show",
    step_up=True,
)
def try_again(coop: str, number: int, refund_id: UUID) -> Response:
    """A refund that the provider refused is asked for anew, under a new reference."""
    Reader(request.form).done()
    order = orders.find(db.session, here().cooperative.id, number)
    refund = refunds.find(db.session, here().cooperative.id, refund_id)
    if refund.order_id != order.id:
        raise Missing("There is no such refund in this order.")
    refund_sendings.try_again(db.session, refund)
    trail.about(db.session, refund.id, order=number)
    db.session.commit()
    return redirect(url_for("office_orders.show", coop=coop, number=number), 303)


def _line(number: int, line_id: UUID) -> tuple[Order, OrderLine | OrderFee]:
    """A line of goods, or a fee."""
    order = orders.find(db.session, here().cooperative.id, number)
    line = next((line for line in order.items if line.id == line_id), None)
    if line is None:
        raise Missing("There is no such line in this order.")
    return order, line
