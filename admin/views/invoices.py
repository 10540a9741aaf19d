"""Invoices: what companies owe, until when, and what the bank's statement says they paid."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative.roles import Role
from ground import clock, trail
from ground.db import db
from ground.forms import Reader
from ground.money import Money
from ground.web import Door, here
from storefront import invoices, receipts

door = Door("invoices", __name__, url_prefix="/office/<coop>/invoices")
READERS = (Role.MANAGER, Role.TREASURER)


@door.get("/", who=READERS)
def index(coop: str) -> str:
    """All invoices, latest first, with what is due of each and in all."""
    home = here().cooperative
    found = invoices.loaded_all(db.session, home.id)
    left = invoices.dues(db.session, home.id, home.currency)
    today = clock.now().astimezone(home.zone).date()
    total = sum(left.values(), Money.zero(home.currency))
    overdue = sum(
        (left[each.id] for each in found if each.id in left and each.due_on < today), Money.zero(home.currency)
    )
    return render_template("admin/invoices.html", invoices=found, left=left, total=total, overdue=overdue, today=today)


@door.get("/<int:number>", who=READERS)
def show(coop: str, number: int) -> str:
    """One invoice, its receipts, and the form for the next line of the bank's statement."""
    home = here().cooperative
    invoice = invoices.find(db.session, home.id, number)
    return render_template(
        "admin/invoice.html", invoice=invoice, due=invoices.due(db.session, invoice),
        receipts=receipts.of_invoice(db.session, invoice), today=clock.now().astimezone(home.zone).date(),
    )  # fmt: skip


@door.post("/<int:number>/receipts", who=READERS, action="invoice.receive", again="invoices.show", step_up=True)
def receive(coop: str, number: int) -> Response:
    """Money came by the bank: booked once per reference of the bank's."""
    home = here().cooperative
    invoice = invoices.find(db.session, home.id, number)
    read = Reader(request.form)
    reference, amount = read.text("reference", most=80), read.money("amount", invoice.currency, least_minor=1)
    received_on = read.day("received_on")
    if received_on is not None and received_on > clock.now().astimezone(home.zone).date():
        read.fault("received_on", "This day has not come yet.")
    read.done()
    assert received_on is not None
    receipt, left = receipts.record(
        db.session, invoice, reference=reference, amount=amount, received_on=received_on, by=here().person.id
    )
    trail.about(db.session, receipt.id, invoice=number, amount=str(amount), left=str(left))
    db.session.commit()
    flash(f"{amount} is booked.", "ok")
    return redirect(url_for("invoices.show", coop=coop, number=number), 303)
