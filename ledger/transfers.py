"""Transfers: one debit, one credit, one amount, one cause. They are written once, here, and never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, aliased

from ground import clock
from ground.clashes import already_there
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import LARGEST_MINOR, Money
from ledger import accounts, guarded
from ledger.accounts import Account, Pot
from ledger.books import Book


class Phase(StrEnum):
    """A transfer is `single`, or reserves (`pending`), or ends that: `post` moves it (whole or less), `void` frees it."""

    SINGLE = "single"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


class Cause(OfCooperative, Model):
    """The business event that moved money in one book. It happens once, and it knows how many transfers it wrote."""

    __tablename__ = "cause"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("book_id", "kind", "subject_id"),
        tenant_key("book_id", "book"),
        tenant_key("reverses_id", "cause"),
        UniqueConstraint("reverses_id"),
        Index("ix_cause_subject", "subject_id"),
        CheckConstraint("legs >= 1", "legs"),
    )
    append_only = True

    book_id: Mapped[UUID]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    legs: Mapped[int]
    reverses_id: Mapped[UUID | None]
    reason: Mapped[str]
    by_id: Mapped[UUID | None]


class Transfer(OfCooperative, Model):
    """Money moved from `credit_id` to `debit_id`: the books balance because nothing else can be written."""

    __tablename__ = "transfer"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cause_id", "leg"),
        UniqueConstraint("resolves_id"),
        tenant_key("cause_id", "cause"),
        tenant_key("debit_id", "account"),
        tenant_key("credit_id", "account"),
        tenant_key("resolves_id", "transfer"),
        Index("ix_transfer_debit", "debit_id"),
        Index("ix_transfer_credit", "credit_id"),
        CheckConstraint(f"amount_minor > 0 AND amount_minor <= {LARGEST_MINOR}", "amount"),
        CheckConstraint("debit_id <> credit_id", "moves"),
        CheckConstraint("(phase IN ('post', 'void')) = (resolves_id IS NOT NULL)", "resolves"),
    )
    append_only = True

    cause_id: Mapped[UUID]
    leg: Mapped[int]
    debit_id: Mapped[UUID]
    credit_id: Mapped[UUID]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    phase: Mapped[Phase]
    resolves_id: Mapped[UUID | None]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one transfer should move. `debit` receives, `credit` gives; a leg of zero moves nothing and is not written."""

    debit: Pot
    credit: Pot
    amount: Money
    pending: bool = False

    def turned(self) -> Leg:
        """The same amount the other way round."""
        return Leg(self.credit, self.debit, self.amount, self.pending)


def post(
    session: Session,
    book: Book,
    kind: str,
    subject_id: UUID,
    legs: Iterable[Leg],
    *,
    by: UUID | None = None,
    reason: str = "",
    reverses: Cause | None = None,
) -> Cause | None:
    """The one posting function: write the cause `(kind, subject_id)` of this book whole, or raise and write nothing of it.

    Guarded accounts move by one conditional UPDATE each, in ascending order of id; the first that would fall below zero
    raises Refusal. A cause that exists already raises Conflict: what happens once is posted once. Legs of zero are left
    out; None when nothing was left to move.
    """
    moving = [leg for leg in legs if leg.amount.minor != 0]
    if not moving:
        return None
    for leg in moving:
        assert leg.amount.minor > 0, "a transfer has no sign; swap debit and credit"
        assert leg.amount.currency == book.currency, f"{leg.amount.currency} in a book of {book.currency}"
    if already(session, book, kind, subject_id):
        raise Conflict("This was posted already.")
    cause = Cause(
        cooperative_id=book.cooperative_id, book_id=book.id, kind=kind, subject_id=subject_id, legs=len(moving),
        reverses_id=reverses.id if reverses else None, reason=reason, by_id=by,
    )  # fmt: skip
    with _whole(session):
        session.add(cause)
        found = accounts.find_or_open(session, book, (pot for leg in moving for pot in (leg.debit, leg.credit)))
        rows = [
            _row(cause, number, found[leg.debit], found[leg.credit], leg.amount.minor, book.currency,
                 Phase.PENDING if leg.pending else Phase.SINGLE)
            for number, leg in enumerate(moving, start=1)
        ]  # fmt: skip
        _move(session, list(found.values()), rows)
    return cause


def resolve(
    session: Session,
    book: Book,
    kind: str,
    subject_id: UUID,
    pending: Sequence[tuple[Transfer, Money | None]],
    *,
    by: UUID | None = None,
) -> Cause:
    """End reservations: each is posted with the amount given (at most the reserved [finance:D12]), or voided with None.

    A reservation ends once: Conflict when one of them has ended before, whoever ended it.
    """
    assert pending, "a cause that ends nothing"
    if already(session, book, kind, subject_id):
        raise Conflict("This was posted already.")
    cause = Cause(
        cooperative_id=book.cooperative_id, book_id=book.id, kind=kind, subject_id=subject_id, legs=len(pending),
        reverses_id=None, reason="", by_id=by,
    )  # fmt: skip
    rows = []
    for number, (reserved, amount) in enumerate(pending, start=1):
        assert reserved.phase is Phase.PENDING and reserved.cooperative_id == book.cooperative_id
        if amount is not None and not 0 < amount.minor <= reserved.amount_minor:
            raise Refusal(f"At most {book.money(reserved.amount_minor)} was set aside.")
        assert reserved.currency == book.currency, f"{reserved.currency} in a book of {book.currency}"
        row = _row(cause, number, reserved, reserved, reserved.amount_minor if amount is None else amount.minor, book.currency,
                   Phase.VOID if amount is None else Phase.POST)  # fmt: skip
        rows.append(
            row
            | {
                "debit_id": reserved.debit_id,
                "credit_id": reserved.credit_id,
                "resolves_id": reserved.id,
                "reserved": reserved.amount_minor,
            }
        )
    touched = sorted({row["debit_id"] for row in rows} | {row["credit_id"] for row in rows})
    query = select(Account).where(
        Account.cooperative_id == book.cooperative_id, Account.book_id == book.id, Account.id.in_(touched)
    )
    with _whole(session):
        session.add(cause)
        found = list(session.scalars(query))
        assert len(found) == len(touched), "a reservation of another book"
        _move(session, found, rows)
    return cause


def reverse(session: Session, book: Book, cause: Cause, *, reason: str, by: UUID | None = None) -> Cause:
    """Undo a whole cause by the same amounts the other way round: a correction is a transfer with a reason, never an edit."""
    assert reason, "a correction says why"
    debit, credit = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Transfer, debit, credit)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(Transfer.cooperative_id == book.cooperative_id, Transfer.cause_id == cause.id)
        .order_by(Transfer.leg)
    ).all()
    assert all(transfer.phase is Phase.SINGLE for transfer, _, _ in rows), "a reservation is voided, not reversed"
    legs = [
        Leg(
            Pot(c.code, c.owner_id, c.subject_id),
            Pot(d.code, d.owner_id, d.subject_id),
            book.money(transfer.amount_minor),
        )
        for transfer, d, c in rows
    ]
    undone = post(session, book, f"undo {cause.kind}", cause.subject_id, legs, by=by, reason=reason, reverses=cause)
    assert undone is not None
    return undone


def already(session: Session, book: Book, kind: str, subject_id: UUID) -> Cause | None:
    """The cause, when this event was posted in this book before."""
    return session.scalar(
        select(Cause).where(
            Cause.cooperative_id == book.cooperative_id,
            Cause.book_id == book.id,
            Cause.kind == kind,
            Cause.subject_id == subject_id,
        )
    )


def reserved_by(session: Session, book: Book, kind: str, subject_id: UUID) -> list[Transfer]:
    """The pending transfers that a cause wrote, in order of leg, whether or not they have ended since."""
    query = (
        select(Transfer)
        .join(Cause, Cause.id == Transfer.cause_id)
        .where(
            Cause.cooperative_id == book.cooperative_id,
            Cause.book_id == book.id,
            Cause.kind == kind,
            Cause.subject_id == subject_id,
        )
        .where(Transfer.phase == Phase.PENDING)
        .order_by(Transfer.leg)
    )
    return list(session.scalars(query))


def _row(
    cause: Cause,
    leg: int,
    debit: Account | Transfer,
    credit: Account | Transfer,
    minor: int,
    currency: str,
    phase: Phase,
) -> dict:
    return {
        "id": new_id(), "created_at": clock.now(), "cooperative_id": cause.cooperative_id, "cause_id": cause.id, "leg": leg,
        "debit_id": debit.id, "credit_id": credit.id, "amount_minor": minor, "currency": currency, "phase": phase,
        "resolves_id": None,
    }  # fmt: skip


@contextmanager
def _whole(session: Session) -> Generator[None]:
    """A savepoint: a caller that catches the refusal and goes on commits nothing of what was refused.

    Two at once: the unique keys let one win, and the other hears the same words as one who comes later.
    """
    try:
        with session.begin_nested():
            yield
    except guarded.Short as short:
        raise Refusal(guarded.why(session, short)) from None
    except IntegrityError as error:
        if already_there(error):
            raise Conflict("This was posted already.") from error
        raise


def _move(session: Session, touched: list[Account], rows: list[dict]) -> None:
    """Write the transfers, then move the guarded balances that they touch.

    A pending debit counts against the limit at once; a pending credit does not count until it is posted [finance:D15].
    """
    balance: dict[UUID, int] = defaultdict(int)
    pending: dict[UUID, int] = defaultdict(int)
    for row in rows:
        minor, phase = row["amount_minor"], row["phase"]
        if phase is Phase.PENDING:
            pending[row["debit_id"]] += minor
            continue
        if phase in (Phase.POST, Phase.VOID):
            pending[row["debit_id"]] -= row.pop("reserved")
        if phase is not Phase.VOID:
            balance[row["debit_id"]] -= minor
            balance[row["credit_id"]] += minor
    session.flush()  # The cause stands before its transfers.
    session.execute(insert(Transfer), rows)
    watched = [account for account in touched if account.guarded]
    guarded.shift(
        session,
        [
            guarded.Shift(account, balance[account.id], pending[account.id])
            for account in watched
            if balance[account.id] or pending[account.id]
        ],
    )
    for account in watched:
        session.expire(account, ["balance_minor", "pending_minor"])
