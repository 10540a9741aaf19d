"""Guarded balances: they move by one conditional UPDATE each, and never below zero."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from ledger.accounts import Account
from ledger.chart import CHART


@dataclass(frozen=True, slots=True)
class Shift:
    """What one guarded account should do: its balance moves by `delta_minor`, its reservations by `hold_minor`."""

    account: Account
    delta_minor: int
    hold_minor: int


class Short(Exception):
    """One of these shifts would end below zero. Some of the others have been written: the savepoint around them ends."""

    def __init__(self, shifts: list[Shift]) -> None:
        super().__init__("short")
        self.shifts = shifts


def shift(session: Session, shifts: list[Shift]) -> None:
    """Move these balances, in ascending order of the accounts' ids, or raise Short."""
    table = Account.metadata.tables[Account.__tablename__]
    left = table.c.balance_minor + bindparam("delta") - table.c.pending_minor - bindparam("hold")
    statement = (
        update(table)
        .where(table.c.cooperative_id == bindparam("cooperative"), table.c.id == bindparam("at"), left >= 0)
        .values(
            balance_minor=table.c.balance_minor + bindparam("delta"),
            pending_minor=table.c.pending_minor + bindparam("hold"),
        )
    )
    rows = [
        {"cooperative": s.account.cooperative_id, "at": s.account.id, "delta": s.delta_minor, "hold": s.hold_minor}
        for s in sorted(shifts, key=lambda s: s.account.id)
    ]
    if rows and session.connection().execute(statement, rows).rowcount != len(rows):
        raise Short(shifts)


def why(session: Session, short: Short) -> str:
    """In words, which account held too little; asked after the savepoint has ended, so that it sees what stood before."""
    wanted: dict[UUID, Shift] = {s.account.id: s for s in short.shifts}
    query = select(Account.id, Account.balance_minor - Account.pending_minor).where(
        Account.cooperative_id.in_({s.account.cooperative_id for s in short.shifts}), Account.id.in_(sorted(wanted))
    )
    lacking = [
        wanted[account_id]
        for account_id, left in session.execute(query)
        if left + wanted[account_id].delta_minor - wanted[account_id].hold_minor < 0
    ]
    code = (lacking or short.shifts)[0].account.code
    return f"{CHART[code].name} would fall below zero."
