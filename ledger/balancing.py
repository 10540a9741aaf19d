"""Balancing: the legs that take from several pots in order, or that empty a pot into another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ground.errors import Refusal
from ground.money import Money
from ledger import history
from ledger.accounts import Account, Pot
from ledger.books import Book
from ledger.chart import CHART, Side
from ledger.transfers import Leg


def take_in_order(session: Session, book: Book, sources: Sequence[Pot], target: Pot, amount: Money) -> list[Leg]:
    """Legs by which each source gives what it has, in order, until `amount` is reached [finance:D16].

    Raises Refusal when all of them together hold less: then nothing is taken from any. What is reserved is not taken. A
    source that somebody empties before these legs are posted is refused by the posting, if it is guarded.
    """
    needed, legs = amount, []
    for source in sources:
        taken = min(available(session, book, source), needed)
        if taken.minor <= 0:
            continue
        legs.append(_from(source, target, taken))
        needed -= taken
        if not needed:
            return legs
    if needed:
        raise Refusal(f"There is {needed} too little for {amount}.")
    return legs


def empty_into(session: Session, book: Book, pots: Iterable[Pot], into: Pot) -> list[Leg]:
    """Legs that bring every pot to zero against `into`, whichever side each stands on [finance:D13]."""
    legs = []
    for pot in pots:
        held = history.balance(session, book, pot)
        legs.append(_from(pot, into, held) if held.minor > 0 else _from(pot, into, -held).turned())
    return [leg for leg in legs if leg.amount]


def available(session: Session, book: Book, pot: Pot) -> Money:
    """What a pot holds on its normal side and nobody has reserved."""
    if not CHART[pot.code].guarded:
        return history.balance(session, book, pot)
    minor = session.scalar(
        select(Account.balance_minor - Account.pending_minor).where(
            Account.cooperative_id == book.cooperative_id, Account.book_id == book.id, Account.code == pot.code,
            Account.owner_id == pot.owner_id, Account.subject_id == pot.subject_id,
        )
    )  # fmt: skip
    return book.money(minor or 0)


def _from(source: Pot, target: Pot, amount: Money) -> Leg:
    """A leg that makes the source smaller on its normal side."""
    if CHART[source.code].side is Side.CREDIT:
        return Leg(source, target, amount)
    return Leg(target, source, amount)
