"""Obligations: what is owed to one payee and not yet paid. One open at a time, so that nobody is paid one debt twice."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from ground.db import Model, OfCooperative, tenant_unique
from ledger.accounts import Pot


class Payee(StrEnum):
    """Who is owed: a member of this cooperative, or (in the operator's rows) a cooperative."""

    MEMBER = "member"
    COOPERATIVE = "cooperative"


OPEN = text("ended_at IS NULL")


class Obligation(OfCooperative, Model):
    """Open until an instruction settles it or it is cancelled; a failed attempt leaves it open for the next."""

    __tablename__ = "obligation"
    __table_args__ = (
        tenant_unique(),
        Index(
            "uq_obligation_one_open",
            "cooperative_id",
            "payee",
            "payee_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        CheckConstraint("amount_minor > 0", "amount"),
    )
    frozen_columns = ("cooperative_id", "payee", "payee_id", "amount_minor", "currency")

    payee: Mapped[Payee]
    payee_id: Mapped[UUID]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    ended_at: Mapped[datetime | None]

    @property
    def pot(self) -> Pot:
        """The account that owes it."""
        return Pot("2020" if self.payee is Payee.MEMBER else "2600", self.payee_id)
