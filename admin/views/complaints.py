"""Complaints in the office: what buyers told, where the goods came from, and the one answer."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative.roles import Role
from ground import keys, trail
from ground.db import db
from ground.forms import Reader
from ground.web import Door, here, visitor
from ground.web.files import handed
from storefront import answering, complaints, orders
from storefront.carts import QUANTITY_MAX
from storefront.complaint_answers import Outcome
from storefront.complaints import Complaint
from storefront.orders import Order, OrderLine
from storefront.tills import Till

door = Door("office_complaints", __name__, url_prefix="/office/<coop>/complaints")
ANSWERERS = (Role.MANAGER, Role.TREASURER)
WORDS_MOST = 1_000


@door.get("/", who=ANSWERERS)
def index(coop: str) -> str:
    """What waits for an answer, the oldest first, and what was answered."""
    return render_template("admin/complaints.html", complaints=complaints.recent(db.session, here().cooperative.id))


@door.get("/<uuid:complaint_id>", who=ANSWERERS)
def show(coop: str, complaint_id: UUID) -> str:
    """One complaint with its line, the lots it was packed from, and the answer or the form for it."""
    complaint, order, line = _found(complaint_id)
    before = answering.packs_paid_back(db.session, complaint)
    left = line.quantity - before
    return render_template(
        "admin/complaint.html", complaint=complaint, order=order, line=line, left=left,
        drawn=answering.drawn(db.session, complaint, line), outcomes=list(Outcome),
        pack_price=answering.worth(line, before, 1) if left else None,
    )  # fmt: skip


@door.get("/<uuid:complaint_id>/photo", who=ANSWERERS)
def photo(coop: str, complaint_id: UUID) -> Response:
    """The photo that came with it."""
    webp = complaints.photo_of(db.session, [here().cooperative.id], None, complaint_id)
    return handed(webp, kind="image/webp", name="complaint.webp")


@door.post(
    "/<uuid:complaint_id>/answer",
    who=ANSWERERS,
    action="complaint.answer",
    again="office_complaints.show",
    step_up=True,
)
def answer(coop: str, complaint_id: UUID) -> Response:
    """Packs paid back, an amount out of goodwill, or words alone: once, and never over what the line was paid."""
    complaint, order, line = _found(complaint_id)
    read = Reader(request.form)
    outcome = read.choice("outcome", Outcome)
    packs = read.whole("quantity", least=1, most=QUANTITY_MAX, optional=True)
    amount = read.money("amount", line.currency, least_minor=1, optional=True)
    words, key = read.text("words", least=3, most=WORDS_MOST, lines=True), read.once()
    if outcome is Outcome.REFUNDED and not packs:
        read.fault("quantity", "Say how many packs you give back.")
    if outcome is Outcome.GOODWILL and not amount:
        read.fault("amount", "Say how much you give.")
    if outcome is not Outcome.GOODWILL and amount:
        read.fault("amount", "Leave this empty, or choose the amount out of goodwill above.")
    read.done()
    body = {"complaint": complaint_id, "outcome": outcome, "packs": packs, "amount": amount.minor, "words": words}
    back = url_for("office_complaints.show", coop=coop, complaint_id=complaint_id)
    keys.claim(db.session, principal=visitor(), key=key, body=body, location=back)
    till, by = _till(), here().person.id
    if outcome is Outcome.REFUNDED:
        made = answering.pay_back(db.session, till, complaint, packs, words, by=by, request_key=key)
    elif outcome is Outcome.GOODWILL:
        made = answering.goodwill(db.session, till, complaint, amount, words, by=by, request_key=key)
    else:
        made = answering.refuse(db.session, till, complaint, words, by=by)
    given = {"amount": str(made.amount)} if made.amount else {}
    trail.about(db.session, complaint.id, order=order.number, outcome=made.outcome.value, **given)
    db.session.commit()
    flash("Answered. The buyer has a letter.", "ok")
    return redirect(back, 303)


def _found(complaint_id: UUID) -> tuple[Complaint, Order, OrderLine]:
    home = here().cooperative
    complaint = complaints.find(db.session, home.id, complaint_id)
    order = db.session.scalars(orders.by_id(home.id, complaint.order_id)).one()
    return complaint, order, next(line for line in order.lines if line.id == complaint.line_id)


def _till() -> Till:
    found: Till = current_app.extensions["till"]
    return found
