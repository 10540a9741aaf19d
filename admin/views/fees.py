"""Fees: what is charged beyond the goods, in words; a new version of one, and its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from admin import percents
from cooperative.roles import Role
from ground import clock, keys, trail
from ground.db import db
from ground.forms import Reader
from ground.money import Money
from ground.web import Door, here, visitor
from storefront import fees
from storefront.charges import Basis, Kind, PayableTo, Terms
from storefront.fees import FeeTax

door = Door("fees", __name__, url_prefix="/office/<coop>/fees")
READERS = (Role.MANAGER, Role.TREASURER)
DECIDERS = (Role.MANAGER,)
IN_PERCENT = (Basis.PERCENT, Basis.ITEM_PERCENT)

BASES = (
    (Basis.ORDER, "Each order, once"), (Basis.LINE, "Each line of the order"), (Basis.ITEM, "Each pack"),
    (Basis.WEIGHT, "Each kilogram"), (Basis.PERCENT, "A percentage of the goods"),
    (Basis.ITEM_PERCENT, "A percentage of each pack"), (Basis.TIERED, "The first pack, and less for each further one"),
    (Basis.SACK, "Each order, and less from a sum on"),
)  # fmt: skip


@door.get("/", who=READERS)
def index(coop: str) -> str:
    """What is charged now, what will be, and what was."""
    return render_template(
        "admin/fees.html", fees=fees.all_of(db.session, here().cooperative.id), now=clock.now(), bases=BASES, kinds=list(Kind),
        taxes=list(FeeTax), may_decide=Role.MANAGER in here().roles, in_percent=IN_PERCENT,
    )  # fmt: skip


@door.post("/", who=DECIDERS, action="fee.add", again="fees.index", step_up=True)
def add(coop: str) -> Response:
    """A new fee; one that the cooperative gives is below zero."""
    read = Reader(request.form)
    key, name, kind = read.once(), read.text("name", least=2, most=80), read.choice("kind", Kind)
    basis, tax = read.choice("basis", Basis), read.choice("tax", FeeTax)
    gives, carrier = read.tick("gives"), read.text("carrier", most=80, optional=True)
    amount, bps = _figure(read, basis)
    more, threshold = (read.money(each, here().cooperative.currency, optional=True) for each in ("more", "threshold"))
    most, begins = read.whole("items_most", least=1, most=10_000, optional=True), _begins(read)
    if basis is Basis.SACK and not threshold:
        read.fault("threshold", "From which sum on does it cost less?")
    if gives and (carrier or basis in (*IN_PERCENT, Basis.TIERED, Basis.SACK)):
        read.fault("gives", "What you give is a flat sum of your own, per order, line, pack or kilogram.")
    read.done()
    keys.claim(
        db.session, principal=visitor(), key=key, body={**request.form}, location=url_for("fees.index", coop=coop)
    )
    terms = Terms(
        name, kind, basis, -amount if gives else amount, bps, more if basis in (Basis.TIERED, Basis.SACK) else None,
        (most or None) if basis is Basis.TIERED else None, threshold if basis is Basis.SACK else None,
        payable_to=PayableTo.TRANSPORTER if carrier else PayableTo.COOPERATIVE, payee=carrier,
    )  # fmt: skip
    fee = fees.add(db.session, here().cooperative.id, terms, by=here().person.id, tax=tax, starts_at=begins)
    return _done(coop, fee, "The fee is written down.")


@door.post("/<uuid:fee_id>/versions", who=DECIDERS, action="fee.change", again="fees.index", step_up=True)
def change(coop: str, fee_id: UUID) -> Response:
    """The same fee at another figure from a day on; orders placed before keep theirs."""
    fee = fees.find(db.session, here().cooperative.id, fee_id)
    read = Reader(request.form)
    key = read.once()
    amount, bps = _figure(read, fee.basis)
    begins = _begins(read)
    read.done()
    keys.claim(
        db.session, principal=visitor(), key=key, body={"fee": str(fee_id), **request.form},
        location=url_for("fees.index", coop=coop),
    )  # fmt: skip
    terms = replace(fee.terms, amount=-amount if fee.amount_minor < 0 else amount, bps=bps)
    made = fees.add(
        db.session, fee.cooperative_id, terms, by=here().person.id, tax=fee.tax_class, tax_included=fee.tax_included,
        starts_at=begins, follows=fee,
    )  # fmt: skip
    return _done(coop, made, "The new version is written down.")


@door.post("/<uuid:fee_id>/ending", who=DECIDERS, action="fee.end", again="fees.index", step_up=True)
def end(coop: str, fee_id: UUID) -> Response:
    """Charge it no more from now on."""
    Reader(request.form).done()
    fee = fees.find(db.session, here().cooperative.id, fee_id)
    fees.end(db.session, fee, at=max(clock.now(), fee.starts_at))
    return _done(coop, fee, f"{fee.name} is charged no more.")


def _done(coop: str, fee: fees.Fee, words: str) -> Response:
    trail.about(db.session, fee.id, fee=fee.name, version=fee.version, rule=fee.terms.rule)
    db.session.commit()
    flash(words, "ok")
    return redirect(url_for("fees.index", coop=coop), 303)


def _figure(read: Reader, basis: Basis) -> tuple[Money, int]:
    """An amount, or a percentage where the basis is one: exactly the one that is asked for."""
    amount, bps = read.money("amount", here().cooperative.currency, optional=True), percents.bps(read, "percent")
    wanted, other = ("percent", "amount") if basis in IN_PERCENT else ("amount", "percent")
    given = {"amount": bool(amount), "percent": bool(bps)}
    if not given[wanted]:
        read.fault(wanted, "Please fill this in.")
    if given[other]:
        read.fault(other, "Leave this empty: it is counted the other way.")
    return amount, bps


def _begins(read: Reader) -> datetime | None:
    """The first moment of the day given, in the cooperative's own time; None is now."""
    day: date | None = read.day("starts_on", optional=True)
    return datetime.combine(day, time(), here().cooperative.zone) if day else None
