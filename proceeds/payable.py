"""Who can be paid now: what each member's account holds, where it goes, and what may not be paid yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative import bylaws, destinations, members
from cooperative.destinations import Rail
from ground import clock
from ground.money import CASH_STEP_MINOR, Money
from ledger.accounts import Account
from ledger.books import Book
from proceeds import rules
from proceeds.obligations import Obligation, Payee


@dataclass(frozen=True, slots=True)
class Payment:
    """What a run would pay one payee, before it is written. `obligation` is the open one of a payment tried again."""

    payee_id: UUID
    number: int
    holder: str
    rail: Rail
    bank_code: str | None
    account: str | None
    amount: Money
    obligation: Obligation | None = None
    attempt: int = 1

    @property
    def masked(self) -> str:
        return "" if self.account is None else f"…{self.account[-4:]}"


def to_members(session: Session, book: Book) -> list[Payment]:
    """Everybody whose account holds enough and who has no payment under way, by member number.

    Less than the by-law's minimum is held; cash is paid in coins that exist, the rest stays in the account.
    """
    coop = book.cooperative_id
    least = max(_least(session, coop), 1)
    free = Account.balance_minor - Account.pending_minor
    query = select(Account.owner_id, free).where(
        Account.cooperative_id == coop, Account.book_id == book.id, Account.code == "2020", free >= least
    )
    owed = {owner: int(minor) for owner, minor in session.execute(query)}
    busy = set(
        session.scalars(
            select(Obligation.payee_id).where(
                Obligation.cooperative_id == coop, Obligation.payee == Payee.MEMBER, Obligation.ended_at.is_(None)
            )
        )
    )
    people = [member for member in members.all_of(session, coop) if member.id in owed and member.id not in busy]
    live = destinations.live(session, coop, [member.id for member in people])
    found = []
    for member in people:
        to = live.get(member.id)
        rail = to.rail if to else Rail.CASH
        minor = owed[member.id]
        if rail is Rail.CASH:
            minor -= minor % CASH_STEP_MINOR.get(book.currency, 1)
        if minor:
            found.append(
                Payment(
                    member.id, member.number, to.holder if to else member.name, rail, to.bank_code if to else None,
                    to.account if to else None, book.money(minor),
                )
            )  # fmt: skip
    return found


def _least(session: Session, cooperative_id: UUID) -> int:
    bylaw = bylaws.in_force(session, cooperative_id, bylaws.SETTLEMENT, clock.now().date())
    return rules.parse(bylaw.rules).payout_min_minor if bylaw else 0
