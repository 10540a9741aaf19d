"""Books: each cooperative, each group and the operator keeps one; its currency and decimals are pinned when it is opened."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_unique
from ground.ids import NOBODY
from ground.money import DECIMALS, Money


class Book(OfCooperative, Model):
    """The accounts of one holder in one currency. `group_id` is NOBODY's for the cooperative's (or operator's) own book."""

    __tablename__ = "book"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "group_id", "currency"),
        CheckConstraint("decimals BETWEEN 0 AND 3", "decimals"),
        CheckConstraint("length(currency) = 3", "currency"),
    )
    frozen_columns = ("currency", "decimals", "cooperative_id", "group_id")

    group_id: Mapped[UUID]
    currency: Mapped[str]
    decimals: Mapped[int]

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


def open_book(session: Session, cooperative_id: UUID, currency: str, *, group_id: UUID = NOBODY) -> Book:
    """A new book. The scale of its currency is written down today, because sources change and history must not."""
    book = Book(cooperative_id=cooperative_id, group_id=group_id, currency=currency, decimals=DECIMALS[currency])
    session.add(book)
    return book


def of_cooperative(session: Session, cooperative_id: UUID, currency: str | None = None) -> Book:
    """The cooperative's own book; `currency` only where it keeps several."""
    query = select(Book).where(Book.cooperative_id == cooperative_id, Book.group_id == NOBODY).order_by(Book.created_at)
    if currency is not None:
        query = query.where(Book.currency == currency)
    return session.scalars(query.limit(1)).one()
