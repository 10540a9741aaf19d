"""Batches: payments sent together over one rail. Money is set aside and the bank's file stored before anything leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import cooperatives
from cooperative.destinations import Rail
from ground import clock
from ground.barriers import barrier
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Denied, Missing, Refusal
from ground.ids import new_id
from ground.money import Money
from ledger import books, transfers
from ledger.books import Book
from ledger.transfers import Leg
from proceeds import bank_accounts, instructions, payouts
from proceeds.instructions import Instruction, State
from proceeds.obligations import Obligation
from proceeds.payouts import Run
from proceeds.rails import pain001

QUIET = timedelta(days=2)
"""A bank that has not answered for so long is asked: until then nothing may be sent again."""


class Batch(OfCooperative, Model):
    """What was sent, over which rail; for the bank the very bytes, with their hash and control sum. It never changes."""

    __tablename__ = "payout_batch"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("run_id", "rail"),
        UniqueConstraint("cooperative_id", "message_id"),
        tenant_key("run_id", "payout_run"),
        Index("ix_payout_batch", "cooperative_id", "created_at"),
        CheckConstraint("payments >= 1 AND control_sum_minor > 0", "pays_somebody"),
        CheckConstraint("(rail = 'bank') = (file IS NOT NULL AND file_sha256 IS NOT NULL)", "bank_has_a_file"),
    )
    append_only = True

    run_id: Mapped[UUID]
    rail: Mapped[Rail]
    message_id: Mapped[str]
    payments: Mapped[int]
    control_sum_minor: Mapped[int]
    currency: Mapped[str]
    file: Mapped[bytes | None] = mapped_column(deferred=True)
    file_sha256: Mapped[str | None]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def control_sum(self) -> Money:
        return Money(self.control_sum_minor, self.currency)


def send(session: Session, run: Run, *, by: UUID) -> list[Batch]:
    """Commit to pay: one batch per rail, every payment `sending`, its money set aside (2020 → 1010 or 1020 pending).

    This is the intent of DOMAIN 7: the caller commits, and only then does a sheet get printed or a file get uploaded.
    """
    cooperatives.lock(session, run.cooperative_id)
    run = payouts.find(session, run.cooperative_id, run.id)
    if run.approval is None:
        raise Denied("A second person must approve this run before it is sent.")
    if run.approval.payments_sha256 != run.payments_sha256 or not payouts.still_as_approved(session, run):
        raise Conflict("These are not the payments that were approved.")
    ready = [i for i in instructions.of_run(session, run.cooperative_id, run.id) if i.state is State.READY]
    if not ready:
        raise Conflict("This run was sent already.")
    book = books.of_cooperative(session, run.cooperative_id)
    sent = [
        _send(session, book, run, rail, some, by) for rail in Rail if (some := [i for i in ready if i.rail is rail])
    ]
    barrier("payout: money set aside")
    return sent


def _send(session: Session, book: Book, run: Run, rail: Rail, ready: Sequence[Instruction], by: UUID) -> Batch:
    batch_id, total = new_id(), book.money(sum(i.amount_minor for i in ready))
    message_id = f"GM{batch_id.hex[:30]}".upper()
    file = _bank_file(session, book, run, message_id, ready) if rail is Rail.BANK else None
    batch = Batch(
        id=batch_id, cooperative_id=book.cooperative_id, run_id=run.id, rail=rail, message_id=message_id, payments=len(ready),
        control_sum_minor=total.minor, currency=book.currency, file=file,
        file_sha256=hashlib.sha256(file).hexdigest() if file is not None else None, by_id=by,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    query = select(Instruction.id, Obligation).join(Obligation, Obligation.id == Instruction.obligation_id)
    query = query.where(Instruction.cooperative_id == book.cooperative_id, Instruction.run_id == run.id)
    owed = {at: obligation for at, obligation in session.execute(query)}  # noqa: C416  (rows are not pairs to ty)
    legs = [Leg(owed[i.id].pot, instructions.source(rail), i.amount, pending=True) for i in ready]
    transfers.post(session, book, "payout sent", batch_id, legs, by=by)
    barrier("payout: transfers written")
    reserved = transfers.reserved_by(session, book, "payout sent", batch_id)
    step = (
        update(Instruction)
        .where(
            Instruction.cooperative_id == book.cooperative_id,
            Instruction.id == bindparam("at"),
            Instruction.state == State.READY,
        )
        .values(
            state=State.SENDING,
            batch_id=batch_id,
            transfer_id=bindparam("reserved"),
            sent_at=clock.now(),
            moved_at=clock.now(),
        )
    )
    rows = [{"at": i.id, "reserved": transfer.id} for i, transfer in zip(ready, reserved, strict=True)]
    if session.connection().execute(step, rows).rowcount != len(rows):
        raise Conflict("Somebody cancelled or sent a payment of this run at the same moment; look again.")
    for i in ready:
        session.expire(i)
    return batch


def _bank_file(session: Session, book: Book, run: Run, message_id: str, ready: Sequence[Instruction]) -> bytes:
    own = bank_accounts.live(session, [book.cooperative_id]).get(book.cooperative_id)
    if own is None:
        raise Refusal("Write down the bank account that is paid from, then send.")
    if any((i.bank_code, i.account) == (own.bank_code, own.account) for i in ready):
        raise Refusal(
            "A payment of this run goes to the account that it is paid from: correct where it goes, then retry."
        )
    now = clock.now()
    header = pain001.Header(message_id, now, own.holder, own.bank_code, own.account, book.currency, now.date())
    rows = [
        pain001.Payment(
            i.reference, i.amount_minor, i.holder, i.bank_code or "", i.account or "", f"Payout {run.number}"
        )
        for i in ready
    ]
    return pain001.file(header, rows)


def cancel(session: Session, run: Run, *, by: UUID) -> int:
    """Take back every payment of the run that was not sent; answers how many."""
    cooperatives.lock(session, run.cooperative_id)
    ready = [i for i in instructions.of_run(session, run.cooperative_id, run.id) if i.state is State.READY]
    if not ready:
        raise Conflict("All payments of this run were sent or taken back already.")
    book = books.of_cooperative(session, run.cooperative_id)
    instructions.move(session, book, new_id(), [(i, State.CANCELLED) for i in ready], by=by)
    return len(ready)


def no_answer(session: Session, book: Book) -> int:
    """Bank payments that nobody answered for QUIET become `unknown`, which a person must look into. Answers how many."""
    query = select(Instruction).where(
        Instruction.cooperative_id == book.cooperative_id, Instruction.rail == Rail.BANK, Instruction.state == State.SENDING,
        Instruction.sent_at < clock.now() - QUIET,
    )  # fmt: skip
    silent = list(session.scalars(query))
    instructions.move(session, book, new_id(), [(i, State.UNKNOWN) for i in silent])
    return len(silent)


def send_again(session: Session, batch: Batch, *, by: UUID) -> int:
    """The very same file once more, for payments the bank says it never saw: same message, same references, so that a bank
    which did see it refuses the copy. Only after QUIET, and never for cash."""
    if batch.rail is not Rail.BANK:
        raise Refusal("A cash sheet is not sent again: ask who was paid, and write that down line by line.")
    silent = [i for i in instructions.of_batch(session, batch.cooperative_id, batch.id) if i.state is State.UNKNOWN]
    if any(i.sent_at is not None and clock.now() - i.sent_at < QUIET for i in silent) or not silent:
        raise Conflict("Nothing of this file may be sent again yet.")
    book = books.of_cooperative(session, batch.cooperative_id)
    instructions.move(session, book, new_id(), [(i, State.SENDING) for i in silent], by=by)
    return len(silent)


def find(session: Session, cooperative_id: UUID, batch_id: UUID) -> Batch:
    found = session.scalar(select(Batch).where(Batch.cooperative_id == cooperative_id, Batch.id == batch_id))
    if found is None:
        raise Missing("There is no such batch.")
    return found


def bytes_of(session: Session, batch: Batch) -> bytes:
    """The stored file, checked against its hash: what is taken to the bank is what was approved and written."""
    query = select(Batch.file).where(Batch.cooperative_id == batch.cooperative_id, Batch.id == batch.id)
    body = session.scalars(query).one()
    assert body is not None and hashlib.sha256(body).hexdigest() == batch.file_sha256, (
        "the stored file is not what was written"
    )
    return bytes(body)


def of_run(session: Session, cooperative_id: UUID, run_id: UUID) -> list[Batch]:
    query = select(Batch).where(Batch.cooperative_id == cooperative_id, Batch.run_id == run_id)
    return list(session.scalars(query.order_by(Batch.created_at, Batch.id)))


def find_by_message(session: Session, cooperative_id: UUID, message_id: str) -> Batch | None:
    """The batch that an answer from the bank speaks of."""
    return session.scalar(select(Batch).where(Batch.cooperative_id == cooperative_id, Batch.message_id == message_id))
