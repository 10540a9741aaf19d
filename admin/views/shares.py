"""Shares: entering a member's paid application, and the second person's approval."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import members, shares
from cooperative.roles import Role
from ground import clock, keys, trail
from ground.db import db
from ground.errors import Missing, Refusal
from ground.forms import Reader
from ground.web import Door, here, visitor
from ledger import books

door = Door("shares", __name__, url_prefix="/office/<coop>/shares")

OFFICE = (Role.MANAGER, Role.TREASURER)


@door.get("/", who=OFFICE)
def show(coop: str) -> str:
    """What waits for a second person, and what all members hold together."""
    house = here().cooperative
    return render_template(
        "admin/shares.html",
        waiting=shares.waiting(db.session, house.id),
        whole=shares.whole(db.session, books.of_cooperative(db.session, house.id)),
        limit=house.law.limit("holding"),
        me=here().person,
    )


@door.post("/members/<int:number>", who=OFFICE, action="shares.apply", again="members.show")
def subscribe(coop: str, number: int) -> Response:
    """Enter a paid application for shares; the form counts once, and another person approves it."""
    read = Reader(request.form)
    count = read.whole("shares", least=1, most=1_000_000)
    once = read.once()
    read.done()
    house = here().cooperative
    member = members.find_by_number(db.session, house.id, number) if number < 2**63 else None
    if member is None:
        raise Missing("There is no such member.")
    par = shares.par(db.session, house.id, house.currency, clock.now().astimezone(house.zone).date())
    if par is None:
        raise Refusal(fields={"shares": "The by-laws do not say yet what a share costs."})
    location = url_for("members.show", coop=coop, number=number)
    keys.claim(
        db.session, principal=visitor(), key=once, body={"shares": count, "member": member.id}, location=location
    )
    book = books.of_cooperative(db.session, house.id)
    made = shares.subscribe(db.session, book, member, count, par, by=here().person.id)
    trail.about(db.session, made.id, member=number, shares=count, amount=str(made.amount))
    db.session.commit()
    return redirect(location, 303)


@door.post("/<uuid:subscription_id>/approval", who=OFFICE, action="shares.approve", again="shares.show", step_up=True)
def approve(coop: str, subscription_id: UUID) -> Response:
    """The second person's word: the money becomes share capital."""
    Reader(request.form).done()
    book = books.of_cooperative(db.session, here().cooperative.id)
    shares.approve(db.session, book, subscription_id, by=here().person.id)
    trail.about(db.session, subscription_id)
    db.session.commit()
    flash("The shares are approved.", "ok")
    return redirect(url_for("shares.show", coop=coop), 303)
