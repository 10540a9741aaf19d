"""Arrivals: what the cooperative's own book says when the operator's money reached its bank, or came back out of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from ground import tenants
from ground.money import Money
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg


def arrived(session: Session, cooperative_id: UUID, instruction_id: UUID, amount: Money, *, by: UUID | None) -> None:
    """1040 → 1020: it is in the bank. The caller moves the operator's half in the same transaction."""
    tenants.allow(session, cooperative_id)
    book = books.of_cooperative(session, cooperative_id, amount.currency)
    transfers.post(session, book, "remittance received", instruction_id, [Leg(Pot("1020"), Pot("1040"), amount)], by=by)


def went_back(session: Session, cooperative_id: UUID, instruction_id: UUID, amount: Money, *, by: UUID | None) -> None:
    """1020 → 1040: it is due from the operator again."""
    tenants.allow(session, cooperative_id)
    book = books.of_cooperative(session, cooperative_id, amount.currency)
    transfers.post(session, book, "remittance returned", instruction_id, [Leg(Pot("1040"), Pot("1020"), amount)], by=by)
