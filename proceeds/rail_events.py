"""Rail events: what came back from the bank, or was signed on a sheet; recorded by its own id before anything follows from it."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from cooperative.destinations import Rail
from ground import clock
from ground.barriers import barrier
from ground.db import Model, OfCooperative, tenant_unique
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ledger import books
from proceeds import batches, instructions
from proceeds.instructions import Instruction, State
from proceeds.rails import pain002
from proceeds.rails.pain002 import Answer, Report

TOLD_MOST = 1_000
"""Lines of words kept about one answer: a file of nothing but strange references must not become a row as large."""


class RailEvent(OfCooperative, Model):
    """One answer, once: `own_id` is the bank's message id, or the reference and outcome of a signed line."""

    __tablename__ = "rail_event"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "rail", "own_id"),
        Index("ix_rail_event_batch", "cooperative_id", "batch_id"),
    )
    append_only = True

    rail: Mapped[Rail]
    own_id: Mapped[str]
    batch_id: Mapped[UUID]
    body_sha256: Mapped[str]
    told: Mapped[list[Any]]
    by_id: Mapped[UUID | None]


def _first(session: Session, values: dict[str, Any]) -> bool:
    """Whether this event is new; two at once, one wins."""
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    written = native.insert(RailEvent).values(values).on_conflict_do_nothing().returning(RailEvent.id)
    return session.scalar(written) is not None


def receive_report(session: Session, cooperative_id: UUID, body: bytes, *, by: UUID | None) -> list[str]:
    """Read a bank's answer and move what it speaks of; answers in words what happened, line by line.

    The same file twice changes nothing. References we do not know and amounts that differ are told, never acted on.
    """
    report = pain002.read(body)
    batch = batches.find_by_message(session, cooperative_id, report.about)
    if batch is None:
        raise Refusal(fields={"file": f"This answers the file {report.about[:40]}, which is none of ours."})
    digest = hashlib.sha256(body).hexdigest()
    known = {i.reference: i for i in instructions.of_batch(session, cooperative_id, batch.id)}
    told, wanted, reasons = _weigh(report, known)
    if len(told) > TOLD_MOST:
        told = [*told[:TOLD_MOST], f"{len(told) - TOLD_MOST:,} more lines like these; nothing done."]
    values = {
        "id": new_id(), "created_at": clock.now(), "cooperative_id": cooperative_id, "rail": Rail.BANK,
        "own_id": report.message_id,
        "batch_id": batch.id, "body_sha256": digest, "told": told, "by_id": by,
    }  # fmt: skip
    if not _first(session, values):
        same = select(RailEvent.body_sha256).where(
            RailEvent.cooperative_id == cooperative_id,
            RailEvent.rail == Rail.BANK,
            RailEvent.own_id == report.message_id,
        )
        if session.scalar(same) != digest:
            raise Conflict("Another file with this message id was read before. Ask the bank which of them is true.")
        return ["This file was read before; nothing changed."]
    barrier("payout answer: recorded")
    book = books.of_cooperative(session, cooperative_id)
    instructions.move(session, book, values["id"], wanted, by=by, reasons=reasons)
    barrier("payout answer: followed")
    return told


Weighed = tuple[list[str], list[tuple[Instruction, State]], dict[UUID, str]]


def _weigh(report: Report, known: dict[str, Instruction]) -> Weighed:
    """What the report asks for, against what we know: steps to take, and words for what is left out."""
    told: list[str] = []
    steps: list[tuple[Instruction, State]] = []
    reasons: dict[UUID, str] = {}
    listed: dict[str, Answer] = {}
    for answer in report.answers:
        if answer.reference not in known:
            told.append(
                f"{answer.reference[:40] or 'A payment without reference'}: not in this file of ours; nothing done."
            )
        elif answer.reference in listed:
            told.append(f"{answer.reference}: listed twice; the first answer counts.")
        else:
            listed[answer.reference] = answer
    answers = list(listed.values())
    if report.whole in pain002.KNOWN:
        answers += [Answer(reference, report.whole, report.reason) for reference in known if reference not in listed]
    for answer in answers:
        instruction = known[answer.reference]
        to = _state(answer.status)
        if answer.amount_wrong or (answer.amount is not None and answer.amount != instruction.amount):
            theirs = answer.amount or "an amount nobody can read"
            told.append(f"{answer.reference}: the bank speaks of {theirs}, we sent {instruction.amount}; nothing done.")
        elif to is None:
            told.append(
                f"{answer.reference}: the bank says {answer.status[:10] or 'nothing'}, which we do not know; nothing done."
            )
        elif instructions.fits(instruction.state, to):
            steps.append((instruction, to))
            if answer.reason:
                reasons[instruction.id] = answer.reason
        elif instruction.state is not to and not (to is State.ACCEPTED and instruction.state is State.SETTLED):
            told.append(f"{answer.reference}: the bank says {to}, but it is {instruction.state}; nothing done.")
    count = {to: sum(1 for _, asked in steps if asked is to) for to in (State.SETTLED, State.ACCEPTED, State.FAILED)}
    words = [f"{count[State.SETTLED]} paid, {count[State.ACCEPTED]} accepted, {count[State.FAILED]} refused."]
    return words + told, steps, reasons


def _state(status: str) -> State | None:
    if status in pain002.SETTLED:
        return State.SETTLED
    if status in pain002.ACCEPTED:
        return State.ACCEPTED
    return State.FAILED if status in pain002.REJECTED else None


def sign(session: Session, instruction: Instruction, outcome: State, *, by: UUID, words: str = "") -> bool:
    """What a person saw: a signed line of the cash sheet (settled), money not collected (failed), or a payment that came
    back (returned). The same once more changes nothing; False then."""
    assert outcome in (State.SETTLED, State.FAILED, State.RETURNED)
    if outcome is not State.RETURNED and instruction.rail is not Rail.CASH:
        raise Refusal("What became of a bank payment is told by the bank's file.")
    if outcome is State.RETURNED and not words.strip():
        raise Refusal(fields={"words": "Say how you know that it came back, such as the line of the bank statement."})
    if instruction.state is outcome:
        return False
    if not instructions.fits(instruction.state, outcome):
        raise Conflict(f"This payment is {instruction.state} already.")
    values = {
        "id": new_id(), "created_at": clock.now(), "cooperative_id": instruction.cooperative_id, "rail": instruction.rail,
        "own_id": f"{instruction.reference}: {outcome}", "batch_id": instruction.batch_id, "body_sha256": "", "told": [words],
        "by_id": by,
    }  # fmt: skip
    if not _first(session, values):
        return False
    barrier("payout line: recorded")
    book = books.of_cooperative(session, instruction.cooperative_id)
    instructions.move(session, book, values["id"], [(instruction, outcome)], by=by, reasons={instruction.id: words})
    return True


def of_batch(session: Session, cooperative_id: UUID, batch_id: UUID) -> list[RailEvent]:
    """What came back about a batch, the latest first."""
    query = select(RailEvent).where(RailEvent.cooperative_id == cooperative_id, RailEvent.batch_id == batch_id)
    return list(session.scalars(query.order_by(RailEvent.created_at.desc()).limit(100)))
