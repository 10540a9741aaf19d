"""Makers of books: one with money in it, and the pots that tests name again and again."""

from __future__ import annotations

import itertools
from uuid import UUID

from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import tenants
from ground.ids import NOBODY, new_id
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Cause, Leg

_count = itertools.count(1)


def book(session: Session, currency: str = "KES", *, slug: str = "") -> Book:
    """The open book of a cooperative of its own; the session sees it from now on."""
    slug = slug or f"book-{next(_count)}"
    cooperative = cooperatives.register(session, name=slug.title(), slug=slug, currency=currency)
    tenants.allow(session, cooperative.id)
    session.flush()
    return books.of_cooperative(session, cooperative.id)


def pot(session: Session, code: str, owner_id: UUID | None = None, subject_id: UUID = NOBODY) -> Pot:
    """A pot of somebody of its own where none is named: `make.pot("2020")`."""
    return Pot(code, owner_id or new_id(), subject_id)


def posting(
    session: Session,
    book: Book,
    debit: Pot,
    credit: Pot,
    minor: int,
    *,
    pending: bool = False,
    kind: str = "test",
    subject_id: UUID | None = None,
) -> Cause:
    """One leg, posted."""
    cause = transfers.post(
        session, book, kind, subject_id or new_id(), [Leg(debit, credit, book.money(minor), pending)]
    )
    assert cause is not None
    return cause


def funded(session: Session, book: Book, code: str, minor: int) -> Pot:
    """A pot of this code that somebody's cash filled: a member owed 100, an order's deposit of 100."""
    filled = Pot(code, new_id())
    posting(session, book, Pot("1020"), filled, minor, kind="fund")
    return filled
