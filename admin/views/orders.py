"""The packing desk: what is to be picked, from which lots, and what is handed over."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import points
from cooperative.roles import Role
from ground import clock, trail
from ground.db import db
from ground.forms import DIGITS, Reader
from ground.web import Door, here
from ground.web.files import handed
from storefront import (
    cancellations,
    card_payments,
    collections,
    complaints,
    extras,
    invoices,
    orders,
    papers,
    pickings,
    refunds,
)
from storefront.checkouts import How
from storefront.orders import Order
from storefront.tills import Till
from storefront.windows import Window

door = Door("office_orders", __name__, url_prefix="/office/<coop>/orders")
PACKERS = (Role.COLLECTOR, Role.MANAGER)
READERS = (Role.COLLECTOR, Role.MANAGER, Role.TREASURER)
A_PAGE = 50


@door.get("/", who=READERS)
def index(coop: str) -> str:
    """The latest orders; `?page=` goes back."""
    home = here().cooperative
    told = request.args.get("page", "1")
    page = int(told) if DIGITS.fullmatch(told) and 0 < int(told) < 10_000 else 1
    found = orders.recent(db.session, home.id, most=A_PAGE + 1, offset=(page - 1) * A_PAGE)
    paid = card_payments.states_of(db.session, [order.checkout_id for order in found])
    waiting = pickings.to_pick(db.session, home.id)
    return render_template(
        "admin/orders.html", orders=found[:A_PAGE], paid=paid, waiting=len(waiting),
        older=url_for("office_orders.index", coop=coop, page=page + 1) if len(found) > A_PAGE else "",
    )  # fmt: skip


@door.get("/picking", who=PACKERS)
def picking(coop: str) -> str:
    """The pick list: orders by place and window, soonest first, each line with the lots that expire first."""
    home = here().cooperative
    waiting = pickings.to_pick(db.session, home.id)
    takes = pickings.suggestions(db.session, waiting)
    places = points.all_of(db.session, home.id)
    by_place = [(place, _by_window([order for order in waiting if order.point_id == place.id])) for place in places]
    return render_template("admin/picking.html", by_place=[each for each in by_place if each[1]], takes=takes)


def _by_window(of_place: list[Order]) -> list[tuple[Window | None, list[Order]]]:
    """The orders of one place by their window, the soonest first; those without one last."""
    windows = {order.window_id: order.window for order in of_place}
    ordered = sorted(windows.values(), key=lambda window: (window is None, window.starts_at if window else clock.now()))
    return [(each, [order for order in of_place if order.window_id == (each.id if each else None)]) for each in ordered]


@door.get("/notes", who=PACKERS)
def notes(coop: str) -> str:
    """Delivery notes of what is packed, to be printed: one order a sheet."""
    return render_template("admin/notes.html", orders=pickings.packed(db.session, here().cooperative.id))


@door.get("/<int:number>", who=READERS)
def show(coop: str, number: int) -> str:
    """One order: its lines, what happened to it, and what can be done now."""
    home = here().cooperative
    order = orders.find(db.session, home.id, number)
    payment = card_payments.of_checkout(db.session, order.checkout_id)
    may_answer = bool(here().roles & {Role.MANAGER, Role.TREASURER})
    return render_template(
        "admin/order.html", order=order, payment=payment, refunds=refunds.of_order(db.session, order),
        invoice=invoices.of_order(db.session, order), papers=papers.of_orders(db.session, [order])[order.id],
        extras=extras.of_order(order), complaints=complaints.of_orders(db.session, [order])[order.id] if may_answer else [],
        takes=pickings.suggestions(db.session, [order]) if order.picking is None and order.cancellation is None else {},
        cash=order.total.in_cash() if order.checkout.how is How.COLLECTION else None,
    )  # fmt: skip


@door.get("/<int:number>/papers/<uuid:paper_id>", who=READERS)
def paper(coop: str, number: int, paper_id: UUID) -> Response:
    """A receipt, an invoice or a credit note of this order: the very bytes the buyer has."""
    home = here().cooperative
    order = orders.find(db.session, home.id, number)
    found = papers.find(db.session, [home.id], [order.id], paper_id)
    return handed(papers.bytes_of(db.session, found), kind="application/pdf", name=found.filename)


@door.post("/<int:number>/picking", who=PACKERS, action="order.pick", again="office_orders.show")
def pick(coop: str, number: int) -> Response:
    """The goods are taken from their lots and packed."""
    Reader(request.form).done()
    order = orders.find(db.session, here().cooperative.id, number)
    pickings.pick(db.session, _till(), order, by=here().person.id)
    trail.about(db.session, order.id, order=number)
    db.session.commit()
    flash(f"Order {number} is packed.", "ok")
    return redirect(url_for("office_orders.show", coop=coop, number=number), 303)


@door.post("/<int:number>/collection", who=PACKERS, action="order.collect", again="office_orders.show")
def collect(coop: str, number: int) -> Response:
    """The buyer has the goods; where cash is taken, exactly the sum in coins there are."""
    home = here().cooperative
    order = orders.find(db.session, home.id, number)
    read = Reader(request.form)
    cash = read.money("cash", order.currency) if order.checkout.how is How.COLLECTION else None
    read.done()
    _, invoice = collections.collect(db.session, order, by=here().person.id, received=cash)
    trail.about(db.session, order.id, order=number, **({"cash": str(cash)} if cash else {}))
    db.session.commit()
    flash(f"Order {number} is handed over.", "ok")
    if invoice is not None and here().roles & {Role.MANAGER, Role.TREASURER}:  # A collector has no business there.
        return redirect(url_for("invoices.show", coop=coop, number=invoice.number), 303)
    return redirect(url_for("office_orders.show", coop=coop, number=number), 303)


@door.post(
    "/<int:number>/cancellation", who=(Role.MANAGER,), action="order.cancel", again="office_orders.show", step_up=True
)
def cancel(coop: str, number: int) -> Response:
    """An order that is not packed is given up; what was paid for it goes back, so it is asked whether it is still you."""
    read = Reader(request.form)
    reason = read.text("reason", least=3)
    read.done()
    order = orders.find(db.session, here().cooperative.id, number)
    cancellations.cancel(db.session, _till(), order, reason, by=here().person.id)
    trail.about(db.session, order.id, order=number, reason=reason)
    db.session.commit()
    flash(f"Order {number} is cancelled.", "ok")
    return redirect(url_for("office_orders.show", coop=coop, number=number), 303)


def _till() -> Till:
    found: Till = current_app.extensions["till"]
    return found
