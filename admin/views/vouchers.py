"""Vouchers: words that take something off; how often each was used, and its end."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from admin import percents
from cooperative.roles import Role
from ground import clock, trail
from ground.db import db
from ground.forms import Reader
from ground.ids import NOBODY
from ground.web import Door, here
from inventory import products
from storefront import vouchers

door = Door("vouchers", __name__, url_prefix="/office/<coop>/vouchers")
READERS = (Role.MANAGER, Role.TREASURER)
DECIDERS = (Role.MANAGER,)
CODE = re.compile(r"[A-Za-z0-9-]{3,20}")


@door.get("/", who=READERS)
def index(coop: str) -> str:
    """Every voucher, the newest first, with what it takes off and how often it was used."""
    home = here().cooperative
    every = products.all_of(db.session, home.id)
    return render_template(
        "admin/vouchers.html", vouchers=vouchers.all_of(db.session, home.id), products=every, now=clock.now(),
        named={str(product.id): product.name for product in every}, may_decide=Role.MANAGER in here().roles,
    )  # fmt: skip


@door.post("/", who=DECIDERS, action="voucher.make", again="vouchers.index", step_up=True)
def make(coop: str) -> Response:
    """A new word: a sum or a percentage, with the limits that protect the purse."""
    home = here().cooperative
    read = Reader(request.form)
    code = read.text("code", most=20)
    if code and not CODE.fullmatch(code):
        read.fault("code", "Use 3 to 20 letters A to Z, digits and hyphens.")
    amount, bps = read.money("amount", home.currency, optional=True), percents.bps(read, "percent")
    if bool(amount) == bool(bps) and "percent" not in read.errors:
        read.fault("amount", "Write a sum or a percentage, one of the two.")
    least = read.money("least", home.currency, optional=True)
    most, each = (read.whole(name, least=1, most=10**6, optional=True) for name in ("uses_most", "uses_most_each"))
    last, product_id = read.day("ends_on", optional=True), read.id("product", optional=True)
    ends_at = datetime.combine(last + timedelta(days=1), time(), home.zone) if last else None
    if ends_at is not None and ends_at <= clock.now():
        read.fault("ends_on", "This day is over.")
    if product_id != NOBODY and product_id not in {product.id for product in products.all_of(db.session, home.id)}:
        read.fault("product", "Choose one of the list.")
    read.done()
    made = vouchers.add(
        db.session, home.id, code, by=here().person.id, amount=amount or None, bps=bps or None, currency=home.currency,
        least=least, ends_at=ends_at, uses_most=most or None, uses_most_each=each or None,
        product_ids=[product_id] if product_id != NOBODY else [],
    )  # fmt: skip
    trail.about(db.session, made.id, voucher=made.code)
    db.session.commit()
    flash(f"Whoever types {made.code} has it.", "ok")
    return redirect(url_for("vouchers.index", coop=coop), 303)


@door.post("/<uuid:voucher_id>/stopping", who=DECIDERS, action="voucher.stop", again="vouchers.index")
def stop(coop: str, voucher_id: UUID) -> Response:
    """Nobody can use it from now on."""
    Reader(request.form).done()
    voucher = vouchers.find(db.session, here().cooperative.id, voucher_id)
    vouchers.stop(db.session, voucher)
    trail.about(db.session, voucher.id, voucher=voucher.code)
    db.session.commit()
    flash(f"{voucher.code} is stopped.", "ok")
    return redirect(url_for("vouchers.index", coop=coop), 303)
