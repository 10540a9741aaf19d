"""Statements: what came into a member's account, what went out, and what is in it; every line adds up to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative.members import Member
from ground.money import Money
from ground.quantity import Quantity
from ground.words import _, _l
from inventory import deliveries, pools
from inventory.deliveries import Delivery
from inventory.pools import Pool
from ledger import history
from ledger.accounts import Pot
from ledger.books import Book
from proceeds import claims
from proceeds.claims import Claim
from proceeds.instructions import IN_FLIGHT, Instruction
from proceeds.obligations import Obligation, Payee

ENTRIES_MOST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One happening in the account: `change` is what it did, `balance` what was there after it."""

    at: datetime
    words: str
    change: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Brought:
    """One delivery, as the receipt says."""

    delivery: Delivery
    weighed: Quantity
    product: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The whole answer for one member: opening + what came in − what went out = closing [finance:F03]."""

    member: Member
    opening: Money
    entries: Sequence[Entry]
    closing: Money
    came_in: Money
    went_out: Money
    on_its_way: Money
    owed: Sequence[tuple[str, Money]]
    claims: Sequence[Claim]
    brought: Sequence[Brought]
    open_pools: Sequence[Pool]


def of(session: Session, book: Book, member: Member, *, since: datetime | None = None) -> Statement:
    """The statement from `since` (all time without it), read from the ledger and from what was stored at each close."""
    mine = claims.of_member(session, book.cooperative_id, member.id)
    known = {pool.id: pool for pool in pools.all_of(session, book.cooperative_id)}
    given = deliveries.of_member(session, book.cooperative_id, member.id)
    brought = [
        Brought(each, Quantity(each.net, known[each.pool_id].product.unit), known[each.pool_id].product.said.name)
        for each in given
    ]
    whole = _entries(session, book, member, mine, brought)
    shown = [entry for entry in whole if since is None or entry.at >= since][-ENTRIES_MOST:]
    zero = book.money(0)
    opening = shown[0].balance - shown[0].change if shown else whole[-1].balance if whole else zero
    came_in = sum((entry.change for entry in shown if entry.change > zero), zero)
    went_out = -sum((entry.change for entry in shown if entry.change < zero), zero)
    closing = shown[-1].balance if shown else opening
    assert opening + came_in - went_out == closing, "a statement adds up"
    still_open = [
        pool for pool in known.values() if pool.closed_at is None and any(each.pool_id == pool.id for each in given)
    ]
    return Statement(
        member, opening, shown, closing, came_in, went_out, _on_its_way(session, book, member.id),
        _owed(session, book, member.id), mine, brought, still_open,
    )  # fmt: skip


def _entries(
    session: Session, book: Book, member: Member, mine: Sequence[Claim], brought: Sequence[Brought]
) -> list[Entry]:
    """One entry per happening: a settlement moves many lines at once, and its own page explains them."""
    words: dict[UUID, str] = {
        claim.settlement_id: _(
            "Your part of %(product)s %(season)s", product=claim.pool.product.said.name, season=claim.pool.season
        )
        for claim in mine
    }
    words |= {
        each.delivery.id: _("Advance for %(weight)s of %(product)s", weight=each.weighed, product=each.product)
        for each in brought
    }
    told: list[Entry] = []
    last: tuple[str, UUID] | None = None
    for line in history.lines(session, book, "2020", member.id):
        what = (line.kind, line.subject_id)
        if what == last:
            before = told.pop()
            told.append(Entry(before.at, before.words, before.change + line.change, line.balance))
        else:
            name = words.get(line.subject_id) or _KINDS.get(line.kind) or line.reason or line.kind.capitalize()
            told.append(Entry(line.at, str(name), line.change, line.balance))
        last = what
    return [entry for entry in told if entry.change]


_KINDS = {
    "payout answered": _l("Paid out to you"),
    "payout returned": _l("A payment to you came back"),
    "advance": _l("Advance for a delivery"),
    "settlement": _l("Your part of a pool"),
}


def _on_its_way(session: Session, book: Book, member_id: UUID) -> Money:
    query = (
        select(Instruction.amount_minor)
        .join(Obligation, Obligation.id == Instruction.obligation_id)
        .where(
            Instruction.cooperative_id == book.cooperative_id,
            Obligation.payee == Payee.MEMBER,
            Obligation.payee_id == member_id,
        )
        .where(Instruction.state.in_(IN_FLIGHT))
    )
    return book.money(sum(session.scalars(query)))


def _owed(session: Session, book: Book, member_id: UUID) -> list[tuple[str, Money]]:
    """What the member owes the cooperative, where it is anything."""
    asked = {
        "1230": _("Paid to you too much before"),
        "1210": _("Seed and inputs on credit"),
        "1220": _("Loan from the cooperative"),
    }
    owed = [(words, history.balance(session, book, Pot(code, member_id))) for code, words in asked.items()]
    return [(words, money) for words, money in owed if money]
