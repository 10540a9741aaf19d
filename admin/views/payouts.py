"""Payouts in the office: who is paid what and where; made by one, approved by another, sent, and followed until it arrived."""

from __future__ import annotations

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug import Response

from admin import seconds
from cooperative.destinations import Rail
from cooperative.roles import Role
from ground import keys, trail
from ground.db import db
from ground.errors import Missing, Refusal
from ground.forms import Reader
from ground.money import Money
from ground.web import Door, here, upload, visitor
from ledger import books
from proceeds import bank_accounts, batches, instructions, payable, payouts, rail_events
from proceeds.instructions import State
from proceeds.payouts import Kind, Run
from proceeds.rails import pain002

door = Door("payouts", __name__, url_prefix="/office/<coop>/payouts")
OFFICE = (Role.MANAGER, Role.TREASURER, Role.OPERATOR)
A_PAGE = 100


@door.get("/", who=OFFICE)
def index(coop: str) -> str:
    """Who can be paid now, the account we pay from, and the runs so far."""
    home = here().cooperative
    runs = payouts.all_of(db.session, home.id)
    found = payable.to_members(db.session, books.of_cooperative(db.session, home.id))
    zero = Money.zero(home.currency)
    sums = [(rail, [paid for paid in found if paid.rail is rail]) for rail in Rail]
    return render_template(
        "admin/payouts.html", runs=runs, progress=payouts.progress(db.session, home.id, [run.id for run in runs]),
        payable=found[:A_PAGE], count=len(found), total=sum((paid.amount for paid in found), zero),
        sums=[(rail, len(paid), sum((each.amount for each in paid), zero)) for rail, paid in sums],
        account=bank_accounts.live(db.session, [home.id]).get(home.id),
    )  # fmt: skip


@door.post("/account", who=OFFICE, action="bank account.change", again="payouts.index", step_up=True)
def account(coop: str) -> Response:
    """The bank account the house pays from and is paid at, from now on."""
    home = here().cooperative
    read = Reader(request.form)
    key, holder = read.once(), read.text("holder", most=100)
    bank_code, number = read.text("bank_code", most=20), read.text("account", most=60)
    seen = read.id("seen", optional=True)
    read.done()
    page = "remittances.index" if home.is_operator else "payouts.index"
    where = url_for(page, coop=coop)
    keys.claim(
        db.session, principal=visitor(), key=key, body={"a": number, "b": bank_code, "h": holder}, location=where
    )
    opened = bank_accounts.open_account(
        db.session, home.id, holder=holder, bank_code=bank_code, account=number, by=here().person.id, seen=seen
    )
    trail.about(db.session, opened.id, account=opened.masked, bank_code=opened.bank_code)
    db.session.commit()
    flash("The account is saved.", "ok")
    return redirect(where, 303)


@door.post("/", who=OFFICE, action="payout.make", again="payouts.index", step_up=True)
def make(coop: str) -> Response:
    """Write down a run that pays everybody who is payable now."""
    read = Reader(request.form)
    key = read.once()
    read.done()
    keys.claim(
        db.session, principal=visitor(), key=key, body={"run": coop}, location=url_for("payouts.index", coop=coop)
    )
    return _made(coop, payouts.make_run(db.session, here().cooperative.id, by=here().person.id))


def _made(coop: str, run: Run) -> Response:
    trail.about(db.session, run.id, number=run.number, payments=run.payments, total=str(run.total))
    db.session.commit()
    return redirect(url_for("payouts.show", coop=coop, run_id=run.id), 303)


@door.get("/<uuid:run_id>", who=OFFICE)
def show(coop: str, run_id: UUID) -> str:
    """One run: its payments by state, its batches and what came back about them."""
    home = here().cooperative
    run = payouts.find(db.session, home.id, run_id)
    asked = request.args.get("after", "")
    after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    found = instructions.of_run(db.session, home.id, run.id, after=after, most=A_PAGE)
    sent = batches.of_run(db.session, home.id, run.id)
    states = payouts.progress(db.session, home.id, [run.id])[run.id]
    return render_template(
        "admin/payout.html", run=run, payments=found[:A_PAGE], more=found[A_PAGE - 1].position if len(found) > A_PAGE else 0,
        states=states, done=states.get(State.SETTLED, 0), batches=sent, me=here().person.id, Rail=Rail, State=State, Kind=Kind,
        events={batch.id: rail_events.of_batch(db.session, home.id, batch.id) for batch in sent},
        again=payouts.can_retry(db.session, run), seconds=_seconds(run) if states.get(State.READY) and not run.approval else [],
    )  # fmt: skip


def _seconds(run: Run) -> list[tuple[str, str]]:
    home = here().cooperative
    return seconds.beside(
        db.session, home.id, run.made_by_id, [role for role in OFFICE if home.is_operator == (role is Role.OPERATOR)]
    )


@door.post("/<uuid:run_id>/approval", who=OFFICE, action="payout.approve", again="payouts.show", step_up=True)
def approve(coop: str, run_id: UUID) -> Response:
    """A second person's yes."""
    read = Reader(request.form)
    seen = read.text("seen", least=64, most=64)
    read.done()
    run = payouts.find(db.session, here().cooperative.id, run_id)
    payouts.approve(db.session, run, by=here().person.id, seen_sha256=seen)
    trail.about(db.session, run.id, number=run.number, total=str(run.total))
    db.session.commit()
    flash(f"You approved run {run.number}. It can be sent now.", "ok")
    return redirect(url_for("payouts.show", coop=coop, run_id=run_id), 303)


@door.post("/<uuid:run_id>/sending", who=OFFICE, action="payout.send", again="payouts.show", step_up=True)
def send(coop: str, run_id: UUID) -> Response:
    """Set the money aside and write sheet and file; they can be printed and taken only after this is committed."""
    Reader(request.form).done()
    run = payouts.find(db.session, here().cooperative.id, run_id)
    sent = batches.send(db.session, run, by=here().person.id)
    trail.about(db.session, run.id, batches={str(batch.rail): str(batch.control_sum) for batch in sent})
    db.session.commit()
    flash(f"Run {run.number} is on its way.", "ok")
    return redirect(url_for("payouts.show", coop=coop, run_id=run_id), 303)


@door.post("/<uuid:run_id>/cancellation", who=OFFICE, action="payout.cancel", again="payouts.show", step_up=True)
def cancel(coop: str, run_id: UUID) -> Response:
    """Take back what was not sent."""
    Reader(request.form).done()
    run = payouts.find(db.session, here().cooperative.id, run_id)
    trail.about(db.session, run.id, cancelled=batches.cancel(db.session, run, by=here().person.id))
    db.session.commit()
    flash(f"Run {run.number} is taken back. Nothing was sent.", "ok")
    return redirect(url_for("payouts.show", coop=coop, run_id=run_id), 303)


@door.get("/<uuid:run_id>/sheet", who=OFFICE)
def sheet(coop: str, run_id: UUID) -> str:
    """The cash sheet: printed, signed line by line, then written down here."""
    home = here().cooperative
    run = payouts.find(db.session, home.id, run_id)
    cash = [
        i for i in instructions.of_run(db.session, home.id, run.id) if i.rail is Rail.CASH and i.batch_id is not None
    ]
    if not cash:
        raise Missing("This run has no cash sheet.")
    total = sum((i.amount for i in cash), Money.zero(run.currency))
    return render_template("admin/cash_sheet.html", run=run, payments=cash, total=total, State=State)


@door.post("/<uuid:run_id>/signatures", who=OFFICE, action="payout.sign", again="payouts.sheet", step_up=True)
def sign(coop: str, run_id: UUID) -> Response:
    """What the sheet says of each line: signed, or not collected."""
    home = here().cooperative
    read = Reader(request.form)
    wanted = {name: read.text(name, optional=True) for name in read.names("line-")}
    read.done()
    run = payouts.find(db.session, home.id, run_id)
    payments = {f"line-{i.id}": i for i in instructions.of_run(db.session, home.id, run.id)}
    told = {"paid": (State.SETTLED, "Signed on the sheet"), "not collected": (State.FAILED, "Not collected")}
    done: dict[str, str] = {}
    for name, outcome in wanted.items():
        if not outcome:
            continue
        if name not in payments or outcome not in told:
            raise Refusal(fields={name: "Choose one of the list."})
        to, words = told[outcome]
        if rail_events.sign(db.session, payments[name], to, by=here().person.id, words=words):
            done[payments[name].reference] = outcome
    trail.about(db.session, run_id, lines=done)
    db.session.commit()
    flash("Written down.", "ok")
    return redirect(url_for("payouts.sheet", coop=coop, run_id=run_id), 303)


@door.get("/<uuid:run_id>/file", who=OFFICE)
def file(coop: str, run_id: UUID) -> Response:
    """The bank's file: the bytes that were stored when it was sent."""
    home = here().cooperative
    found = next((batch for batch in batches.of_run(db.session, home.id, run_id) if batch.rail is Rail.BANK), None)
    if found is None:
        raise Missing("This run has no bank file.")
    answer = make_response(batches.bytes_of(db.session, found))
    answer.headers["Content-Type"] = "application/xml"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.message_id}.xml"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@door.post(
    "/<uuid:run_id>/answers", who=OFFICE, action="payout.answer", again="payouts.show", step_up=True, upload="file",
    bytes_most=pain002.BYTES_MOST,
)  # fmt: skip
def answer(coop: str, run_id: UUID) -> Response:
    """The bank's answer (pain.002): what it says is done at once, and told line by line."""
    Reader(request.form).done()
    payouts.find(db.session, here().cooperative.id, run_id)
    body = upload("file", bytes_most=pain002.BYTES_MOST)
    told = rail_events.receive_report(db.session, here().cooperative.id, body, by=here().person.id)
    trail.about(db.session, run_id, told=told[:20])
    db.session.commit()
    flash("The bank’s answer is read.", "ok")
    return redirect(url_for("payouts.show", coop=coop, run_id=run_id, _anchor="answers"), 303)


@door.post("/<uuid:run_id>/silence", who=OFFICE, action="payout.send again", again="payouts.show", step_up=True)
def send_again(coop: str, run_id: UUID) -> Response:
    """The bank never saw the file: the very same one goes once more."""
    Reader(request.form).done()
    home = here().cooperative
    silent = next((batch for batch in batches.of_run(db.session, home.id, run_id) if batch.rail is Rail.BANK), None)
    if silent is None:
        raise Missing("This run has no bank file.")
    trail.about(db.session, run_id, again=batches.send_again(db.session, silent, by=here().person.id))
    db.session.commit()
    return redirect(url_for("payouts.show", coop=coop, run_id=run_id), 303)


@door.post(
    "/<uuid:run_id>/returns/<uuid:instruction_id>",
    who=OFFICE,
    action="payout.return",
    again="payouts.show",
    step_up=True,
)
def came_back(coop: str, run_id: UUID, instruction_id: UUID) -> Response:
    """A payment that had arrived came back: it is owed again."""
    read = Reader(request.form)
    words = read.text("words", least=3, most=200)
    read.done()
    instruction = instructions.find(db.session, here().cooperative.id, instruction_id)
    if instruction.run_id != run_id:
        raise Missing("There is no such payment in this run.")
    rail_events.sign(db.session, instruction, State.RETURNED, by=here().person.id, words=words)
    trail.about(db.session, instruction.id, reference=instruction.reference, words=words)
    db.session.commit()
    flash("It is owed again.", "ok")
    return redirect(url_for("payouts.show", coop=coop, run_id=run_id), 303)


@door.post("/<uuid:run_id>/retries", who=OFFICE, action="payout.retry", again="payouts.show", step_up=True)
def retry(coop: str, run_id: UUID) -> Response:
    """New attempts for what failed, as a run of its own that a second person approves."""
    Reader(request.form).done()
    home = here().cooperative
    run = payouts.find(db.session, home.id, run_id)
    return _made(coop, payouts.retry(db.session, home.id, payouts.can_retry(db.session, run), by=here().person.id))
