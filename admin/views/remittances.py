"""Remittances at the operator's desk: what is owed to each cooperative, sent on by the same machine that pays members."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from cooperative.roles import Role
from ground import keys, trail
from ground.db import db
from ground.errors import Missing
from ground.forms import Reader
from ground.money import Money
from ground.web import Door, here, visitor
from ledger import books
from proceeds import bank_accounts, payouts, remittances
from proceeds.payouts import Kind

door = Door("remittances", __name__, url_prefix="/office/<coop>/remittances")
DESK = (Role.OPERATOR, Role.TREASURER)


@door.get("/", who=DESK)
def index(coop: str) -> str:
    """What can be remitted now, and the runs so far."""
    home = here().cooperative
    if not home.is_operator:
        raise Missing("There is no such page.")
    payable, without = remittances.payable(db.session, books.of_cooperative(db.session, home.id))
    runs = payouts.all_of(db.session, home.id, Kind.REMITTANCE)
    return render_template(
        "admin/remittances.html", payable=payable, without=without, runs=runs,
        total=sum((paid.amount for paid in payable), Money.zero(home.currency)),
        progress=payouts.progress(db.session, home.id, [run.id for run in runs]),
        account=bank_accounts.live(db.session, [home.id]).get(home.id),
    )  # fmt: skip


@door.post("/", who=DESK, action="remittance.make", again="remittances.index", step_up=True)
def make(coop: str) -> Response:
    """Write down a run that remits everything that can be remitted now."""
    home = here().cooperative
    if not home.is_operator:
        raise Missing("There is no such page.")
    read = Reader(request.form)
    key = read.once()
    read.done()
    keys.claim(
        db.session, principal=visitor(), key=key, body={"run": coop}, location=url_for("remittances.index", coop=coop)
    )
    run = remittances.make_run(db.session, home.id, by=here().person.id)
    trail.about(db.session, run.id, number=run.number, payments=run.payments, total=str(run.total))
    db.session.commit()
    return redirect(url_for("payouts.show", coop=coop, run_id=run.id), 303)
