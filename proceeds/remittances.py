"""Remittances: the operator passes the cooperatives' money on (2600 → 1020), by the same machine that pays members."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative import cooperatives
from cooperative.destinations import Rail
from ground import tenants
from ledger import books, history
from ledger.books import Book
from proceeds import bank_accounts, payouts
from proceeds.obligations import Obligation, Payee
from proceeds.payable import Payment
from proceeds.payouts import Kind, Run


def payable(session: Session, book: Book) -> tuple[list[Payment], list[str]]:
    """Every cooperative that is owed money and has a bank account, and the names of those that have none.

    The operator may read the bank accounts of all it owes: the session is let in here.
    """
    owed = {owner: money for (owner, _), money in history.balances(session, book, "2600").items() if money.minor > 0}
    busy = select(Obligation.payee_id).where(
        Obligation.cooperative_id == book.cooperative_id,
        Obligation.payee == Payee.COOPERATIVE,
        Obligation.ended_at.is_(None),
    )
    for payee_id in session.scalars(busy):
        owed.pop(payee_id, None)
    if not owed:
        return [], []
    tenants.allow(session, *owed)
    names = cooperatives.find_many(session, sorted(owed))
    accounts = bank_accounts.live(session, owed)
    payments, without = [], []
    for number, cooperative in enumerate(sorted(names.values(), key=lambda row: row.name), 1):
        to = accounts.get(cooperative.id)
        if to is None:
            without.append(cooperative.name)
            continue
        payments.append(
            Payment(cooperative.id, number, to.holder, Rail.BANK, to.bank_code, to.account, owed[cooperative.id])
        )
    return payments, without


def make_run(session: Session, operator_id: UUID, *, by: UUID) -> Run:
    """A run that remits everything that can be remitted now."""
    cooperatives.lock(session, operator_id)
    book = books.of_cooperative(session, operator_id)
    return payouts.write_run(session, book, Kind.REMITTANCE, payable(session, book)[0], by=by)
