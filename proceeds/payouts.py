"""Payout runs: who is paid what and where, made by one person and approved by another before anything is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from cooperative import cooperatives, destinations
from cooperative.destinations import Destination, Rail
from cooperative.people import Person
from ground import clock, tenants
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.engines import canonical_json
from ground.errors import Conflict, Denied, Missing, Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import numbering
from ledger import books
from ledger.books import Book
from proceeds import bank_accounts, payable
from proceeds.instructions import Instruction, State
from proceeds.obligations import Obligation, Payee
from proceeds.payable import Payment


class Kind(StrEnum):
    """Whom a run pays."""

    MEMBERS = "members"
    REMITTANCE = "remittance"


class Run(OfCooperative, Model):
    """A list of payments that never changes: whoever wants another amount or destination makes another run."""

    __tablename__ = "payout_run"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "number"),
        CheckConstraint("payments >= 1 AND total_minor > 0", "pays_somebody"),
    )
    append_only = True

    number: Mapped[int]
    kind: Mapped[Kind]
    payments: Mapped[int]
    total_minor: Mapped[int]
    currency: Mapped[str]
    payments_sha256: Mapped[str]
    made_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    made_by: Mapped[Person] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Run.made_by_id) == Person.id"
    )
    approval: Mapped[RunApproval | None] = relationship(
        lazy="raise", viewonly=True, uselist=False, primaryjoin="foreign(RunApproval.run_id) == Run.id"
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class RunApproval(OfCooperative, Model):
    """A second person's yes to exactly these payments, by their hash."""

    __tablename__ = "payout_approval"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("run_id"),
        tenant_key("run_id", "payout_run"),
        CheckConstraint("approver_id <> maker_id", "second_person"),
    )
    append_only = True

    run_id: Mapped[UUID]
    payments_sha256: Mapped[str]
    maker_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    approver_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    approver: Mapped[Person] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(RunApproval.approver_id) == Person.id"
    )


def make_run(session: Session, cooperative_id: UUID, *, by: UUID) -> Run:
    """A run that pays everybody who is payable now. Two makers at once: the second finds nobody left."""
    cooperatives.lock(session, cooperative_id)
    book = books.of_cooperative(session, cooperative_id)
    return write_run(session, book, Kind.MEMBERS, payable.to_members(session, book), by=by)


def retry(session: Session, cooperative_id: UUID, instruction_ids: Iterable[UUID], *, by: UUID) -> Run:
    """New attempts for failed payments, with new references, to where each payee is paid today; a run of its own, to be
    approved like any other."""
    cooperatives.lock(session, cooperative_id)
    book = books.of_cooperative(session, cooperative_id)
    wanted = sorted(set(instruction_ids))
    query = select(Instruction, Obligation).join(Obligation, Obligation.id == Instruction.obligation_id)
    query = query.where(Instruction.cooperative_id == cooperative_id, Instruction.id.in_(wanted)).order_by(
        Instruction.position
    )
    failed = [(i, o) for i, o in session.execute(query) if i.state is State.FAILED and o.ended_at is None]
    latest = _latest_attempts(session, cooperative_id, [o.id for _, o in failed])
    if len(failed) != len(wanted) or any(latest[o.id] != i.attempt for i, o in failed):
        raise Conflict("Only failed payments that were not tried again can be tried again.")
    kind = Kind.REMITTANCE if any(o.payee is Payee.COOPERATIVE for _, o in failed) else Kind.MEMBERS
    payees = [o.payee_id for _, o in failed]
    if kind is Kind.REMITTANCE:
        tenants.allow(session, *payees)
    live = (
        destinations.live(session, cooperative_id, payees)
        if kind is Kind.MEMBERS
        else bank_accounts.live(session, payees)
    )
    payments = []
    for i, o in failed:
        to = live.get(o.payee_id)
        rail = to.rail if isinstance(to, Destination) else Rail.BANK if to else Rail.CASH
        where = (to.holder, rail, to.bank_code, to.account) if to else (i.holder, rail, None, None)
        payments.append(Payment(o.payee_id, i.payee_number, *where, i.amount, o, i.attempt + 1))
    return write_run(session, book, kind, payments, by=by)


def can_retry(session: Session, run: Run) -> list[UUID]:
    """The failed payments of this run whose debt is still open and was not tried again."""
    query = (
        select(Instruction)
        .join(Obligation, Obligation.id == Instruction.obligation_id)
        .where(Instruction.cooperative_id == run.cooperative_id, Instruction.run_id == run.id)
        .where(Instruction.state == State.FAILED, Obligation.ended_at.is_(None))
    )
    failed = list(session.scalars(query.order_by(Instruction.position)))
    latest = _latest_attempts(session, run.cooperative_id, [i.obligation_id for i in failed])
    return [i.id for i in failed if latest[i.obligation_id] == i.attempt]


def _latest_attempts(session: Session, cooperative_id: UUID, obligations: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Instruction.obligation_id, func.max(Instruction.attempt)).where(
        Instruction.cooperative_id == cooperative_id, Instruction.obligation_id.in_(obligations)
    )
    return {at: int(attempt) for at, attempt in session.execute(query.group_by(Instruction.obligation_id))}


def write_run(session: Session, book: Book, kind: Kind, payments: Sequence[Payment], *, by: UUID) -> Run:
    """Freeze these payments as a run: obligations where they are new, one ready instruction each."""
    if not payments:
        raise Refusal("Nobody is owed anything that can be paid now.")
    coop, now = book.cooperative_id, clock.now()
    number = numbering.next_number(session, coop, "payout run")
    run_id = new_id()
    payee = Payee.MEMBER if kind is Kind.MEMBERS else Payee.COOPERATIVE
    obligations: list[dict] = []
    rows: list[dict] = []
    for position, paid in enumerate(payments, 1):
        obligation_id = paid.obligation.id if paid.obligation else new_id()
        if paid.obligation is None:
            obligations.append(
                {
                    "id": obligation_id, "created_at": now, "cooperative_id": coop, "payee": payee, "payee_id": paid.payee_id,
                    "amount_minor": paid.amount.minor, "currency": book.currency, "ended_at": None,
                }
            )  # fmt: skip
        rows.append(
            {
                "id": new_id(), "created_at": now, "cooperative_id": coop, "obligation_id": obligation_id, "run_id": run_id,
                "attempt": paid.attempt, "position": position, "reference": f"R{number}-{position}-{paid.attempt}",
                "rail": paid.rail, "holder": paid.holder, "bank_code": paid.bank_code, "account": paid.account,
                "payee_number": paid.number, "amount_minor": paid.amount.minor, "currency": book.currency,
                "state": State.READY, "batch_id": None, "transfer_id": None, "sent_at": None, "moved_at": None, "reason": "",
            }
        )  # fmt: skip
    run = Run(
        id=run_id, cooperative_id=coop, number=number, kind=kind, payments=len(rows),
        total_minor=sum(paid.amount.minor for paid in payments), currency=book.currency,
        payments_sha256=_digest(rows), made_by_id=by,
    )  # fmt: skip
    session.add(run)
    session.flush()
    if obligations:
        session.execute(insert(Obligation), obligations)
    session.execute(insert(Instruction), rows)
    return run


def _digest(rows: Iterable[dict]) -> str:
    seen = [
        [row[name] for name in ("reference", "rail", "holder", "bank_code", "account", "amount_minor", "currency")]
        for row in rows
    ]
    return hashlib.sha256(canonical_json(seen).encode()).hexdigest()


def still_as_approved(session: Session, run: Run) -> bool:
    """Whether the payments are to the last letter those whose hash the run carries [attack:A075]."""
    columns = (
        Instruction.reference, Instruction.rail, Instruction.holder, Instruction.bank_code, Instruction.account,
        Instruction.amount_minor, Instruction.currency,
    )  # fmt: skip
    query = select(*columns).where(Instruction.cooperative_id == run.cooperative_id, Instruction.run_id == run.id)
    return (
        _digest(dict(row._mapping) for row in session.execute(query.order_by(Instruction.position)))
        == run.payments_sha256
    )


def approve(session: Session, run: Run, *, by: UUID, seen_sha256: str | None = None) -> RunApproval:
    """A second person's yes to the payments on their page."""
    if by == run.made_by_id:
        raise Denied("Whoever made a payout run cannot approve it. Ask a second person.")
    cooperatives.lock(session, run.cooperative_id)
    if session.scalar(
        select(RunApproval.id).where(RunApproval.cooperative_id == run.cooperative_id, RunApproval.run_id == run.id)
    ):
        raise Conflict("This run was approved already.")
    if (seen_sha256 or run.payments_sha256) != run.payments_sha256 or not still_as_approved(session, run):
        raise Conflict("These are not the payments that you saw. Open the run again.")
    approval = RunApproval(
        cooperative_id=run.cooperative_id,
        run_id=run.id,
        payments_sha256=run.payments_sha256,
        maker_id=run.made_by_id,
        approver_id=by,
    )
    session.add(approval)
    session.flush()
    return approval


def find(session: Session, cooperative_id: UUID, run_id: UUID) -> Run:
    """A run with its people."""
    query = (
        select(Run)
        .where(Run.cooperative_id == cooperative_id, Run.id == run_id)
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query.options(*_people()))
    if found is None:
        raise Missing("There is no such payout run.")
    return found


def all_of(session: Session, cooperative_id: UUID, kind: Kind = Kind.MEMBERS, *, most: int = 50) -> list[Run]:
    """The latest runs."""
    query = select(Run).where(Run.cooperative_id == cooperative_id, Run.kind == kind).options(*_people())
    return list(session.scalars(query.order_by(Run.number.desc()).limit(most)))


def progress(session: Session, cooperative_id: UUID, run_ids: Iterable[UUID]) -> dict[UUID, dict[State, int]]:
    """How many payments of each run stand in each state."""
    found: dict[UUID, dict[State, int]] = {run_id: {} for run_id in run_ids}
    query = select(Instruction.run_id, Instruction.state, func.count()).where(
        Instruction.cooperative_id == cooperative_id, Instruction.run_id.in_(list(found))
    )
    for run_id, state, count in session.execute(query.group_by(Instruction.run_id, Instruction.state)):
        found[run_id][state] = int(count)
    return found


def _people() -> tuple[ORMOption, ...]:
    return selectinload(Run.made_by), selectinload(Run.approval).selectinload(RunApproval.approver)
