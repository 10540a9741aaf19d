"""Bank accounts of the house: where a cooperative (or the operator) pays from and is paid at. A change is a new row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import cooperatives
from cooperative.destinations import ACCOUNT, BIC
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Conflict, Refusal


class BankAccount(OfCooperative, Model):
    """One account, from the moment it was written until the next is."""

    __tablename__ = "bank_account"
    __table_args__ = (
        tenant_unique(),
        Index("ix_bank_account_latest", "cooperative_id", "created_at"),
        CheckConstraint("holder <> '' AND bank_code <> '' AND account <> ''", "whole"),
    )
    append_only = True

    holder: Mapped[str]
    bank_code: Mapped[str]
    account: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def masked(self) -> str:
        """The account as a page shows it: its last four signs."""
        return f"…{self.account[-4:]}"


def open_account(
    session: Session,
    cooperative_id: UUID,
    *,
    holder: str,
    bank_code: str,
    account: str,
    by: UUID,
    seen: UUID | None = None,
) -> BankAccount:
    """From now on the house pays from here. A Refusal names what is no bank code or account number.

    A person says which account they `seen` in use (NOBODY: none); Conflict tells which one was written down meanwhile.
    """
    code, number = re.sub(r"\s+", "", bank_code).upper(), re.sub(r"[\s-]+", "", account).upper()
    wrong: dict[str, str] = {}
    if not BIC.fullmatch(code):
        wrong["bank_code"] = "Write the bank's BIC: eight or eleven letters and digits, such as KCBLKENX."
    if not ACCOUNT.fullmatch(number):
        wrong["account"] = "Write the account number: 5 to 34 letters and digits."
    if not holder.strip():
        wrong["holder"] = "Write whose account it is."
    if wrong:
        raise Refusal(fields=wrong)
    if seen is not None:
        cooperatives.lock(session, cooperative_id)
        there = live(session, [cooperative_id]).get(cooperative_id)
        if there is not None and there.id != seen:
            raise Conflict(
                f"Somebody else wrote down another account meanwhile: {there.bank_code} {there.masked}, {there.holder}."
                " Yours still stands below; save again to put it in its place."
            )
    opened = BankAccount(cooperative_id=cooperative_id, holder=holder.strip(), bank_code=code, account=number, by_id=by)
    session.add(opened)
    session.flush()
    return opened


def is_at(session: Session, cooperative_id: UUID, account: str) -> bool:
    """Whether this is the account the house uses now, however it was spaced."""
    there = live(session, [cooperative_id]).get(cooperative_id)
    return there is not None and there.account == re.sub(r"[\s-]+", "", account).upper()


def live(session: Session, cooperative_ids: Iterable[UUID]) -> dict[UUID, BankAccount]:
    """The account each of these cooperatives uses now; who has none is not in it."""
    query = select(BankAccount).where(BankAccount.cooperative_id.in_(sorted(set(cooperative_ids))))
    return {row.cooperative_id: row for row in session.scalars(query.order_by(BankAccount.created_at, BankAccount.id))}
