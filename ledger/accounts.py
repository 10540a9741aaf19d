"""Accounts: a code of the chart, kept for someone or something, in one book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.ids import NOBODY, new_id
from ledger.books import Book
from ledger.chart import CHART, Code


class Account(OfCooperative, Model):
    """`owner_id` and `subject_id` are the sub-ledger's keys in the chart's order, NOBODY where the code has fewer.

    Only guarded accounts keep `balance_minor` (credits less debits) and `pending_minor` (debits reserved but not posted);
    the CHECK is the second wall behind the conditional UPDATE that posts.
    """

    __tablename__ = "account"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("book_id", "code", "owner_id", "subject_id"),
        tenant_key("book_id", "book"),
        Index("ix_account_owner", "cooperative_id", "code", "owner_id"),
        CheckConstraint("pending_minor >= 0", "pending"),
        CheckConstraint("NOT guarded OR balance_minor - pending_minor >= 0", "guarded_never_below_zero"),
        CheckConstraint("guarded OR (balance_minor = 0 AND pending_minor = 0)", "only_guarded_cache"),
    )
    frozen_columns = ("cooperative_id", "book_id", "code", "owner_id", "subject_id", "guarded")

    book_id: Mapped[UUID]
    code: Mapped[str]
    owner_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    guarded: Mapped[bool]
    balance_minor: Mapped[int]
    pending_minor: Mapped[int]

    @property
    def chart(self) -> Code:
        return CHART[self.code]


@dataclass(frozen=True, slots=True, order=True)
class Pot:
    """The name of an account before anyone looked it up: code, then the sub-ledger's keys."""

    code: str
    owner_id: UUID = NOBODY
    subject_id: UUID = NOBODY

    def __post_init__(self) -> None:
        keys = len(CHART[self.code].kept_by)
        given = (self.owner_id != NOBODY) + (self.subject_id != NOBODY)
        in_order = self.subject_id == NOBODY or (keys == 2 and self.owner_id != NOBODY)
        kept_by = CHART[self.code].kept_by or "nothing"
        assert given <= keys and in_order, f"{self.code} {CHART[self.code].name} is kept by {kept_by}"


def payee(cooperative_id: UUID, name: str) -> UUID:
    """The sub-ledger's key of somebody who is named in words: the same name, the same account."""
    return uuid5(cooperative_id, f"payee: {name.casefold()}")


def find_or_open(session: Session, book: Book, pots: Iterable[Pot]) -> dict[Pot, Account]:
    """The accounts of these pots, opened where they are new. Two openers at once: the unique key lets one win."""
    wanted = sorted(set(pots))
    found = _find(session, book, wanted)
    missing = [pot for pot in wanted if pot not in found]
    if missing:
        native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(native.insert(Account).on_conflict_do_nothing(), [_row(book, pot) for pot in missing])
        found |= _find(session, book, missing)
    return found


def _row(book: Book, pot: Pot) -> dict[str, object]:
    return {
        "id": new_id(), "created_at": clock.now(), "cooperative_id": book.cooperative_id, "book_id": book.id,
        "code": pot.code, "owner_id": pot.owner_id, "subject_id": pot.subject_id,
        "guarded": CHART[pot.code].guarded, "balance_minor": 0, "pending_minor": 0,
    }  # fmt: skip


def _find(session: Session, book: Book, pots: list[Pot]) -> dict[Pot, Account]:
    """Whole codes are read where many pots of them are asked for: one query whatever the number of members."""
    found: dict[Pot, Account] = {}
    by_code: dict[str, set[Pot]] = {}
    for pot in pots:
        by_code.setdefault(pot.code, set()).add(pot)
    for code, asked in by_code.items():
        query = select(Account).where(
            Account.cooperative_id == book.cooperative_id, Account.book_id == book.id, Account.code == code
        )
        if len(asked) <= 500:
            query = query.where(Account.owner_id.in_(sorted({pot.owner_id for pot in asked})))
        for account in session.scalars(query):
            pot = Pot(account.code, account.owner_id, account.subject_id)
            if pot in asked:
                found[pot] = account
    return found
