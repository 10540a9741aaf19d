"""Payout instructions: one attempt to pay one obligation, its states (DOMAIN 7) and the transfers that follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, select, text, update
from sqlalchemy.orm import Mapped, Session

from cooperative.destinations import Rail
from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Missing
from ground.money import Money
from ledger import transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg, Transfer
from proceeds import arrivals
from proceeds.obligations import Obligation, Payee


class State(StrEnum):
    """DOMAIN 7. `unknown` is never `failed`: only a definite refusal is."""

    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SETTLED = "settled"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


NEXT: Mapping[State, frozenset[State]] = {
    State.READY: frozenset({State.SENDING, State.CANCELLED}),
    State.SENDING: frozenset({State.ACCEPTED, State.UNKNOWN, State.SETTLED, State.FAILED}),
    State.UNKNOWN: frozenset({State.SENDING, State.ACCEPTED, State.SETTLED, State.FAILED}),
    State.ACCEPTED: frozenset({State.SETTLED, State.FAILED}),
    State.SETTLED: frozenset({State.RETURNED}),
    State.FAILED: frozenset(),
    State.RETURNED: frozenset(),
    State.CANCELLED: frozenset(),
}
IN_FLIGHT = (State.SENDING, State.UNKNOWN, State.ACCEPTED)
LIVE = text("state NOT IN ('failed', 'returned', 'cancelled')")


class Instruction(OfCooperative, Model):
    """Amount, destination and reference are frozen at birth; a change of any is a new attempt with a new reference."""

    __tablename__ = "instruction"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "reference"),
        UniqueConstraint("obligation_id", "attempt"),
        Index("uq_instruction_one_live", "obligation_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_instruction_run", "cooperative_id", "run_id", "position"),
        Index("ix_instruction_batch", "cooperative_id", "batch_id"),
        tenant_key("obligation_id", "obligation"),
        tenant_key("run_id", "payout_run"),
        tenant_key("batch_id", "payout_batch"),
        tenant_key("transfer_id", "transfer"),
        CheckConstraint("amount_minor > 0 AND attempt >= 1 AND position >= 1", "amount"),
        CheckConstraint("(rail = 'bank') = (account IS NOT NULL AND bank_code IS NOT NULL)", "bank_has_an_account"),
        CheckConstraint("(state IN ('ready', 'cancelled')) = (transfer_id IS NULL)", "sent_is_reserved"),
        CheckConstraint("(transfer_id IS NULL) = (batch_id IS NULL)", "sent_in_a_batch"),
    )
    frozen_columns = (
        "cooperative_id", "obligation_id", "run_id", "attempt", "position", "reference", "rail", "holder", "bank_code",
        "account", "amount_minor", "currency",
    )  # fmt: skip

    obligation_id: Mapped[UUID]
    run_id: Mapped[UUID]
    attempt: Mapped[int]
    position: Mapped[int]
    reference: Mapped[str]
    rail: Mapped[Rail]
    holder: Mapped[str]
    bank_code: Mapped[str | None]
    account: Mapped[str | None]
    payee_number: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[State]
    batch_id: Mapped[UUID | None]
    transfer_id: Mapped[UUID | None]
    sent_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    reason: Mapped[str]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def masked(self) -> str:
        return "" if self.account is None else f"…{self.account[-4:]}"


def fits(state: State, to: State) -> bool:
    """Whether this step is one of DOMAIN 7: answers that come late, twice or out of order are not."""
    return to in NEXT[state]


def move(
    session: Session,
    book: Book,
    cause_id: UUID,
    moves: Sequence[tuple[Instruction, State]],
    *,
    by: UUID | None = None,
    reasons: Mapping[UUID, str] | None = None,
) -> None:
    """Take each step by compare-and-set and let the ledger follow under one cause: post what settled, void what failed.

    Raises Conflict when a state moved meanwhile; steps that DOMAIN 7 does not know are our mistake (ask `fits` first).
    """
    if not moves:
        return
    assert all(fits(instruction.state, to) for instruction, to in moves), "a step that does not exist"
    now = clock.now()
    step = (
        update(Instruction)
        .where(
            Instruction.cooperative_id == book.cooperative_id,
            Instruction.id == bindparam("at"),
            Instruction.state == bindparam("was"),
        )
        .values(state=bindparam("to"), moved_at=now, reason=bindparam("why"), sent_at=bindparam("sent"))
    )
    why = reasons or {}
    rows = [
        {
            "at": i.id,
            "was": i.state,
            "to": to,
            "why": why.get(i.id, ""),
            "sent": now if to is State.SENDING else i.sent_at,
        }
        for i, to in sorted(moves, key=lambda pair: pair[0].id)
    ]
    if session.connection().execute(step, rows).rowcount != len(rows):
        raise Conflict("Another answer came at the same moment; look again.")
    _follow(session, book, cause_id, moves, by)
    for instruction, _ in moves:
        session.expire(instruction, ["state", "moved_at", "reason", "sent_at"])


def _follow(
    session: Session, book: Book, cause_id: UUID, moves: Sequence[tuple[Instruction, State]], by: UUID | None
) -> None:
    ended = {i.id: to for i, to in moves if to in (State.SETTLED, State.FAILED)}
    if ended:
        reserved = _reserved(session, book, list(ended))
        pairs = [
            (reserved[i.id], i.amount if ended[i.id] is State.SETTLED else None) for i, _ in moves if i.id in ended
        ]
        transfers.resolve(session, book, "payout answered", cause_id, pairs, by=by)
    back = [(i, session.get_one(Obligation, i.obligation_id)) for i, to in moves if to is State.RETURNED]
    legs = [Leg(source(i.rail), obligation.pot, i.amount) for i, obligation in back]
    transfers.post(session, book, "payout returned", cause_id, legs, by=by)
    for i, obligation in back:
        if obligation.payee is Payee.COOPERATIVE:
            arrivals.went_back(session, obligation.payee_id, i.id, i.amount, by=by)
    settled = {i.obligation_id: i for i, to in moves if to is State.SETTLED}
    for obligation in _of_cooperatives(session, book, list(settled)):
        i = settled[obligation.id]
        arrivals.arrived(session, obligation.payee_id, i.id, i.amount, by=by)
    done = [i.obligation_id for i, to in moves if to in (State.SETTLED, State.CANCELLED)]
    if done:
        end = update(Obligation).where(
            Obligation.cooperative_id == book.cooperative_id,
            Obligation.id == bindparam("at"),
            Obligation.ended_at.is_(None),
        )
        end = end.values(ended_at=clock.now())
        assert session.connection().execute(end, [{"at": at} for at in sorted(done)]).rowcount == len(done), "owed once"


def _of_cooperatives(session: Session, book: Book, ids: list[UUID]) -> list[Obligation]:
    """Those of these obligations that are the operator's to a cooperative; members' are many and need not be read."""
    query = select(Obligation).where(
        Obligation.cooperative_id == book.cooperative_id, Obligation.payee == Payee.COOPERATIVE
    )
    return list(session.scalars(query.where(Obligation.id.in_(ids[:500])))) if ids else []


def _reserved(session: Session, book: Book, ids: list[UUID]) -> dict[UUID, Transfer]:
    found: dict[UUID, Transfer] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(Instruction.id, Transfer)
            .join(Transfer, Transfer.id == Instruction.transfer_id)
            .where(Instruction.cooperative_id == book.cooperative_id, Instruction.id.in_(ids[start : start + 500]))
        )
        for at, transfer in session.execute(query):
            found[at] = transfer
    return found


def source(rail: Rail) -> Pot:
    """What a rail pays from."""
    return Pot("1010") if rail is Rail.CASH else Pot("1020")


def find(session: Session, cooperative_id: UUID, instruction_id: UUID) -> Instruction:
    found = session.scalar(
        select(Instruction).where(Instruction.cooperative_id == cooperative_id, Instruction.id == instruction_id)
    )
    if found is None:
        raise Missing("There is no such payment.")
    return found


def of_run(
    session: Session, cooperative_id: UUID, run_id: UUID, *, after: int = 0, most: int | None = None
) -> list[Instruction]:
    """A run's payments in order; with `most`, one too many means there is more."""
    query = select(Instruction).where(
        Instruction.cooperative_id == cooperative_id, Instruction.run_id == run_id, Instruction.position > after
    )
    query = query.order_by(Instruction.position)
    return list(session.scalars(query if most is None else query.limit(most + 1)))


def of_batch(session: Session, cooperative_id: UUID, batch_id: UUID) -> list[Instruction]:
    query = select(Instruction).where(Instruction.cooperative_id == cooperative_id, Instruction.batch_id == batch_id)
    return list(session.scalars(query.order_by(Instruction.position)))
