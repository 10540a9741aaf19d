"""The trail's page: who did what in this cooperative, newest first."""

from __future__ import annotations

import re
from datetime import datetime

from flask import abort, render_template, request, url_for

from cooperative import people
from cooperative.roles import Role
from ground import trail
from ground.db import db
from ground.web import Door, here

door = Door("trail", __name__, url_prefix="/office/<coop>/trail")
A_PAGE = 50
_MACHINE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
DEEDS = {
    "authenticator.adopt": "Set up an authenticator",
    "authenticator.drop": "Gave up the authenticator",
    "bank account.change": "Changed the bank account that is paid from",
    "bylaw.adopt": "Adopted a by-law",
    "delivery.record": "Weighed in a delivery",
    "group.form": "Formed a group",
    "invitation.accept": "Accepted an invitation",
    "invoice.receive": "Booked money from the bank",
    "member.destination": "Changed where a member is paid",
    "member.enrol": "Added a member",
    "member.group": "Moved a member to a group",
    "member.invite": "Invited a member to sign in",
    "order.cancel": "Cancelled an order",
    "order.collect": "Handed over an order",
    "order.pick": "Packed an order",
    "pack.add": "Added a pack",
    "pack.listing": "Showed or left out a pack",
    "password.change": "Changed the password",
    "payout.answer": "Read the bank’s answer",
    "payout.approve": "Approved a payout run",
    "payout.cancel": "Took back a payout run",
    "payout.make": "Made a payout run",
    "payout.retry": "Tried payments again",
    "payout.return": "Wrote down a payment that came back",
    "payout.send": "Sent a payout run",
    "payout.send again": "Sent the bank file once more",
    "payout.sign": "Wrote down the cash sheet",
    "pool.open": "Opened a pool",
    "price.seed": "Made packs and prices from the market",
    "price.set": "Set prices",
    "product.add": "Added a product",
    "product.change": "Changed a product’s words",
    "product.listing": "Put a product on or off the market",
    "provider payout.record": "Booked what the payment provider paid",
    "refund.start": "Gave money back",
    "refund.try-again": "Tried to give money back again",
    "remittance.make": "Made a remittance run",
    "role.grant": "Gave a role",
    "role.invite": "Invited somebody to work here",
    "role.withdraw": "Took back a role",
    "settlement.approve": "Approved a settlement",
    "settlement.close": "Closed a pool",
    "settlement.costs": "Entered what was spent",
    "settlement.draft": "Began to settle a pool",
    "shares.apply": "Entered an application for shares",
    "shares.approve": "Approved shares",
    "stock.change": "Corrected the stock",
    "stock.count": "Counted the stock",
    "stock.oversell": "Changed what may be promised",
    "terms.approve": "Approved a buyer’s terms",
}
"""Deeds as people say them; one without words here stands as it was written."""


@door.get("/", who=(Role.MANAGER, Role.TREASURER, Role.OPERATOR))
def show(coop: str) -> str:
    """Fifty deeds; `?before=` pages back."""
    entries = trail.latest(db.session, here().cooperative.id, before=_before(), most=A_PAGE + 1)
    names = {
        person.id: person.name
        for person in people.find_many(db.session, {e.by_id for e in entries if e.by_id}).values()
    }
    older = (
        url_for("trail.show", coop=coop, before=entries[A_PAGE - 1].created_at.isoformat())
        if len(entries) > A_PAGE
        else ""
    )
    return render_template(
        "admin/trail.html", entries=entries[:A_PAGE], names=names, older=older, deeds=DEEDS, said=_said
    )


def _before() -> datetime | None:
    given = request.args.get("before")
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        abort(400)
    if found.tzinfo is None or not 1900 <= found.year <= 2200:
        abort(400)
    return found


def _said(value: object) -> str:
    """A detail as a sentence holds it; nothing for keys and fingerprints, which mean something to programs only."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(_said(each) for each in value)
    words = str(value)
    return "" if _MACHINE.fullmatch(words) else words
