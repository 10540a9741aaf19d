"""The operator's desk: what the payment provider paid into the bank."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative.roles import Role
from ground import clock, trail
from ground.db import db
from ground.forms import Reader
from ground.web import Door, here
from ledger import books
from storefront import provider_payouts

door = Door("provider_payouts", __name__, url_prefix="/office/<coop>/provider-payouts")
DESK = (Role.OPERATOR,)


@door.get("/", who=DESK)
def index(coop: str) -> str:
    """What the provider holds, what it paid out, and the form for the next line of the bank's statement."""
    home = here().cooperative
    return render_template(
        "admin/provider_payouts.html",
        held=provider_payouts.held(db.session, books.of_cooperative(db.session, home.id)),
        payouts=provider_payouts.latest(db.session, home.id),
        today=clock.now().astimezone(home.zone).date(),
    )


@door.post("/", who=DESK, action="provider payout.record", again="provider_payouts.index", step_up=True)
def record(coop: str) -> Response:
    """Book one line, once per reference."""
    home = here().cooperative
    read = Reader(request.form)
    reference, amount = read.text("reference", most=80), read.money("amount", home.currency, least_minor=1)
    received_on = read.day("received_on")
    if received_on is not None and received_on > clock.now().astimezone(home.zone).date():
        read.fault("received_on", "This day has not come yet.")
    read.done()
    assert received_on is not None
    book = books.of_cooperative(db.session, home.id)
    payout = provider_payouts.record(
        db.session, book, reference=reference, amount=amount, received_on=received_on, by=here().person.id
    )
    trail.about(db.session, payout.id, reference=reference, amount=str(amount))
    db.session.commit()
    flash(f"{amount} is in the bank.", "ok")
    return redirect(url_for("provider_payouts.index", coop=coop), 303)
