"""Settlement in the office: enter the costs, look at every line, a second person approves, then the pool is closed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from admin import falls, seconds
from cooperative import bylaws, members
from cooperative.roles import Role
from ground import clock, keys, trail
from ground.db import db
from ground.errors import Refusal
from ground.forms import Reader
from ground.money import Money
from ground.web import Door, here, visitor
from inventory import pools
from proceeds import claims, closings, explanations, rules, settlements

door = Door("settlements", __name__, url_prefix="/office/<coop>/settlements")
OFFICE = (Role.MANAGER, Role.TREASURER)
A_PAGE = 50


@door.get("/", who=OFFICE)
def index(coop: str) -> str:
    """Pools that can be settled, and every settlement so far."""
    home = here().cooperative
    found = settlements.all_of(db.session, home.id)
    begun = {settlement.pool_id for settlement in found}
    free = [pool for pool in pools.all_of(db.session, home.id) if pool.closed_at is None and pool.id not in begun]
    return render_template(
        "admin/settlements.html", settlements=found, free=free,
        bylaw=bylaws.in_force(db.session, home.id, bylaws.SETTLEMENT, _today()),
        may_adopt=Role.MANAGER in here().roles, starter=rules.parse(rules.STARTER),
    )  # fmt: skip


@door.post("/bylaw", who=(Role.MANAGER,), action="bylaw.adopt", again="settlements.index", step_up=True)
def adopt(coop: str) -> Response:
    """Adopt the starter's settlement by-law, as the meeting decided."""
    read = Reader(request.form)
    key, source = read.once(), read.text("source", least=3, most=200)
    seen = read.whole("version", most=10**9)
    read.done()
    keys.claim(
        db.session,
        principal=visitor(),
        key=key,
        body={"source": source},
        location=url_for("settlements.index", coop=coop),
    )
    bylaw = bylaws.adopt(
        db.session, here().cooperative.id, bylaws.SETTLEMENT, rules.STARTER, effective_from=_today(), source=source,
        by=here().person.id, seen=seen,
    )  # fmt: skip
    trail.about(db.session, bylaw.id, version=bylaw.version, source=source)
    db.session.commit()
    flash("The rules are adopted.", "ok")
    return redirect(url_for("settlements.index", coop=coop), 303)


@door.post("/", who=OFFICE, action="settlement.draft", again="settlements.index")
def draft(coop: str) -> Response:
    """Begin to settle a pool."""
    read = Reader(request.form)
    pool_id = read.id("pool_id")
    read.done()
    settlement = settlements.draft(db.session, here().cooperative.id, pool_id, by=here().person.id)
    trail.about(db.session, settlement.id, pool=str(pool_id))
    db.session.commit()
    return redirect(url_for("settlements.show", coop=coop, settlement_id=settlement.id), 303)


@door.get("/<uuid:settlement_id>", who=OFFICE)
def show(coop: str, settlement_id: UUID) -> str:
    """The pool's lines and the members' lines: as they would be now, or as they were stored at the close."""
    home = here().cooperative
    settlement = settlements.find(db.session, home.id, settlement_id)
    asked = request.args.get("after", "")
    after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    page = {"settlement": settlement, "after": after, "me": here().person.id, "recorded": _recorded(settlement)}
    if settlement.closing is not None:
        lines = closings.lines_of(db.session, settlement)
        shared = claims.shared(db.session, home.id, settlement.id, settlement.pool.currency)
        found = claims.of_settlement(db.session, home.id, settlement.id, after=after, most=A_PAGE)
        return render_template(
            "admin/settlement.html", **page, preview=None, missing="", shared=shared,
            bars=falls.of_pool(lines, shared.claims, shared.due),
            told=[(claim, claim.lines) for claim in found[:A_PAGE]],
            more=found[A_PAGE - 1].member_number if len(found) > A_PAGE else 0,
            names=members.find_many(db.session, home.id, [claim.member_id for claim in found]),
        )  # fmt: skip
    try:
        preview = closings.preview(db.session, settlement)
    except Refusal as not_yet:
        return render_template(
            "admin/settlement.html", **page, preview=None, missing=str(not_yet), bars=None, told=[], more=0, names={}
        )
    zero = Money.zero(settlement.pool.currency)
    shared = claims.Shared(
        sum(member.given.amount for member in preview.members),
        sum((member.given.claim for member in preview.members), zero),
        sum((member.due for member in preview.members), zero),
    )
    later = [member for member in preview.members if member.given.number > after]
    shown = later[:A_PAGE]
    return render_template(
        "admin/settlement.html", **page, preview=preview, missing="", shared=shared,
        seconds=seconds.beside(db.session, home.id, settlement.prepared_by_id, OFFICE),
        bars=falls.of_pool(preview.pool.lines, shared.claims, shared.due),
        told=list(explanations.told(preview.figures, preview.pool, shown)),
        more=shown[-1].given.number if len(later) > A_PAGE else 0,
        names=members.find_many(db.session, home.id, [member.given.member_id for member in shown]),
    )  # fmt: skip


def _recorded(settlement: settlements.Settlement) -> list[tuple[rules.Step, str]]:
    """The costs people enter, each with what stands there now, as a field holds it."""
    currency = settlement.pool.currency
    found = []
    for step in rules.parse(settlement.bylaw.rules).recorded:
        minor = settlement.recorded.get(step.key)
        found.append((step, "" if minor is None else str(Money(minor, currency).decimal)))
    return found


@door.post("/<uuid:settlement_id>/costs", who=OFFICE, action="settlement.costs", again="settlements.show")
def record(coop: str, settlement_id: UUID) -> Response:
    """Enter what was really spent; approvals given before no longer fit."""
    home = here().cooperative
    settlement = settlements.find(db.session, home.id, settlement_id)
    read = Reader(request.form)
    amounts = {
        step.key: read.money(f"cost-{step.key}", home.currency, optional=True)
        for step in rules.parse(settlement.bylaw.rules).recorded
    }
    seen = read.whole("version", most=10**9)
    read.done()
    settlements.record(db.session, settlement, amounts, by=here().person.id, seen=seen)
    trail.about(db.session, settlement.id, costs={key: str(money) for key, money in amounts.items()})
    db.session.commit()
    flash("The costs are saved.", "ok")
    return redirect(url_for("settlements.show", coop=coop, settlement_id=settlement_id), 303)


@door.post(
    "/<uuid:settlement_id>/approval", who=OFFICE, action="settlement.approve", again="settlements.show", step_up=True
)
def approve(coop: str, settlement_id: UUID) -> Response:
    """A second person's yes to the figures on their page."""
    read = Reader(request.form)
    seen = read.text("seen", least=64, most=64)
    read.done()
    settlement = settlements.find(db.session, here().cooperative.id, settlement_id)
    closings.approve(db.session, settlement, seen, by=here().person.id)
    trail.about(db.session, settlement.id, inputs_sha256=seen)
    db.session.commit()
    flash("You approved these figures.", "ok")
    return redirect(url_for("settlements.show", coop=coop, settlement_id=settlement_id), 303)


@door.post(
    "/<uuid:settlement_id>/closing", who=OFFICE, action="settlement.close", again="settlements.show", step_up=True
)
def close(coop: str, settlement_id: UUID) -> Response:
    """Give the pool's money to its members, and close it for good."""
    Reader(request.form).done()
    settlement = settlements.find(db.session, here().cooperative.id, settlement_id)
    closing = closings.close(db.session, settlement, by=here().person.id)
    trail.about(db.session, settlement.id, claims_minor=closing.claims_minor, members=closing.members)
    db.session.commit()
    flash(f"The pool is closed. {closing.claims} is in the members’ accounts.", "ok")
    return redirect(url_for("settlements.show", coop=coop, settlement_id=settlement_id), 303)


def _today() -> date:
    return clock.now().astimezone(here().cooperative.zone).date()
