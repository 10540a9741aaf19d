"""Account history: what an account holds now, and the transfers that brought it there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ground.money import Money
from ledger.accounts import Account, Pot
from ledger.books import Book
from ledger.chart import CHART, Side
from ledger.transfers import Cause, Phase, Transfer

MOVED = Transfer.phase.in_((Phase.SINGLE, Phase.POST))
"""Transfers that moved money; a pending one only reserves it, a void frees it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer as its account sees it: `change` is positive when the account's normal side grew."""

    at: datetime
    kind: str
    subject_id: UUID
    reason: str
    change: Money
    balance: Money


def net_by_account(book: Book) -> Select:
    """Per account of the book: id and debits less credits, in minor units."""
    debits = select(Transfer.debit_id.label("account_id"), Transfer.amount_minor.label("minor")).where(
        Transfer.cooperative_id == book.cooperative_id, MOVED
    )
    credits = select(Transfer.credit_id.label("account_id"), (-Transfer.amount_minor).label("minor")).where(
        Transfer.cooperative_id == book.cooperative_id, MOVED
    )
    both = union_all(debits, credits).subquery()
    return select(both.c.account_id, func.sum(both.c.minor).label("minor")).group_by(both.c.account_id)


def balance(session: Session, book: Book, pot: Pot) -> Money:
    """What the account holds, positive on its normal side; an account never opened holds nothing."""
    return sum_of(session, book, pot.code, owner_id=pot.owner_id, subject_id=pot.subject_id)


def sum_of(
    session: Session, book: Book, code: str, *, owner_id: UUID | None = None, subject_id: UUID | None = None
) -> Money:
    """What all accounts of a code hold together, or those of one owner or one subject, positive on the normal side."""
    chosen = [Account.cooperative_id == book.cooperative_id, Account.book_id == book.id, Account.code == code]
    if owner_id is not None:
        chosen.append(Account.owner_id == owner_id)
    if subject_id is not None:
        chosen.append(Account.subject_id == subject_id)
    ids = select(Account.id).where(*chosen).scalar_subquery()
    received = select(Transfer.amount_minor.label("minor")).where(
        Transfer.cooperative_id == book.cooperative_id, Transfer.debit_id.in_(ids), MOVED
    )
    gave = select((-Transfer.amount_minor).label("minor")).where(
        Transfer.cooperative_id == book.cooperative_id, Transfer.credit_id.in_(ids), MOVED
    )
    both = union_all(
        received, gave
    ).subquery()  # Each half by its own index; an OR over both would read every transfer.
    net = int(session.scalar(select(func.coalesce(func.sum(both.c.minor), 0))) or 0)
    return book.money(net if CHART[code].side is Side.DEBIT else -net)


def balances(session: Session, book: Book, code: str) -> dict[tuple[UUID, UUID], Money]:
    """Every account of a code by its two keys, with what it holds on its normal side."""
    nets = net_by_account(book).subquery()
    query = (
        select(Account.owner_id, Account.subject_id, func.coalesce(nets.c.minor, 0))
        .outerjoin(nets, nets.c.account_id == Account.id)
        .where(Account.cooperative_id == book.cooperative_id, Account.book_id == book.id, Account.code == code)
    )
    sign = 1 if CHART[code].side is Side.DEBIT else -1
    return {(owner, subject): book.money(sign * int(minor)) for owner, subject, minor in session.execute(query)}


def trial_balance(session: Session, book: Book) -> dict[str, Money]:
    """Debits less credits of each code; the whole sums to zero."""
    nets = net_by_account(book).subquery()
    query = (
        select(Account.code, func.sum(nets.c.minor))
        .join(nets, nets.c.account_id == Account.id)
        .where(Account.cooperative_id == book.cooperative_id, Account.book_id == book.id)
        .group_by(Account.code)
        .order_by(Account.code)
    )
    return {code: book.money(int(minor)) for code, minor in session.execute(query)}


def lines(
    session: Session,
    book: Book,
    code: str,
    owner_id: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Line]:
    """The account history of one owner under one code, oldest first, each line with the balance after it."""
    sign = 1 if CHART[code].side is Side.DEBIT else -1
    mine = list(
        session.scalars(
            select(Account.id).where(
                Account.cooperative_id == book.cooperative_id, Account.book_id == book.id, Account.code == code,
                Account.owner_id == owner_id,
            )
        )
    )  # fmt: skip
    received, gave = Transfer.debit_id.in_(mine), Transfer.credit_id.in_(mine)
    query = (
        select(
            Transfer.created_at, Cause.kind, Cause.subject_id, Cause.reason, Transfer.amount_minor,
            case((received, literal(sign)), else_=literal(-sign)),
        )
        .join(Cause, Cause.id == Transfer.cause_id)
        .where(Transfer.cooperative_id == book.cooperative_id, MOVED, or_(received, gave))
        .where(~and_(received, gave))  # From one of their accounts to another changes nothing here.
        .order_by(Transfer.created_at, Transfer.cause_id, Transfer.leg)
    )  # fmt: skip
    found, running = [], 0
    for at, kind, subject_id, reason, minor, direction in session.execute(query):
        running += minor * direction
        if (since is None or at >= since) and (until is None or at < until):
            found.append(Line(at, kind, subject_id, reason, book.money(minor * direction), book.money(running)))
    return found


def total(parts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts of one currency; of none, zero."""
    return sum(parts, Money.zero(currency))
