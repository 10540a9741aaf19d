"""Alarms: what only a person can decide at the operator's desk: odd payments, bursts of refusals, work and letters that hang."""

from __future__ import annotations

from flask import render_template

from cooperative.roles import Role
from ground import clock, inbox, jobs, outbox, refusals
from ground.db import db
from ground.web import Door
from storefront import alarms

door = Door("alarms", __name__, url_prefix="/office/<coop>/alarms")


@door.get("/", who=(Role.OPERATOR,))
def index(coop: str) -> str:
    """All of it on one page, the latest first."""
    return render_template(
        "admin/alarms.html",
        alarms=alarms.latest(db.session),
        bursts=refusals.bursts(db.session, clock.now()),
        jobs=jobs.stuck(db.session),
        events=inbox.stuck(db.session),
        letters=outbox.stuck(db.session),
    )
