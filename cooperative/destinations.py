"""Payout destinations: where a member's money goes. A change is a new row, so that every payment can show where it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import cooperatives
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal

BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
ACCOUNT = re.compile(r"[A-Z0-9]{5,34}")


class Rail(StrEnum):
    """How money leaves the house."""

    CASH = "cash"
    BANK = "bank"


class Destination(OfCooperative, Model):
    """One place a member is paid at, from the moment it was written until the next is."""

    __tablename__ = "destination"
    __table_args__ = (
        tenant_unique(),
        tenant_key("member_id", "member"),
        Index("ix_destination_member", "cooperative_id", "member_id", "created_at"),
        CheckConstraint("holder <> ''", "holder"),
        CheckConstraint("(rail = 'bank') = (account IS NOT NULL AND bank_code IS NOT NULL)", "bank_has_an_account"),
    )
    append_only = True

    member_id: Mapped[UUID]
    rail: Mapped[Rail]
    holder: Mapped[str]
    bank_code: Mapped[str | None]
    account: Mapped[str | None]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def masked(self) -> str:
        """The account as a page shows it: its last four signs."""
        return "" if self.account is None else f"…{self.account[-4:]}"


def change(
    session: Session,
    cooperative_id: UUID,
    member_id: UUID,
    *,
    rail: Rail,
    holder: str,
    bank_code: str | None = None,
    account: str | None = None,
    by: UUID,
    seen: UUID | None = None,
) -> Destination:
    """From now on the member is paid here. A Refusal names what is no bank code (BIC) or account number.

    A person says which destination they `seen` (NOBODY: none); Conflict tells which one was written down meanwhile.
    """
    wrong: dict[str, str] = {}
    code = re.sub(r"\s+", "", bank_code or "").upper() if rail is Rail.BANK else None
    number = re.sub(r"[\s-]+", "", account or "").upper() if rail is Rail.BANK else None
    if code is not None and not BIC.fullmatch(code):
        wrong["bank_code"] = "Write the bank's BIC: eight or eleven letters and digits, such as KCBLKENX."
    if number is not None and not ACCOUNT.fullmatch(number):
        wrong["account"] = "Write the account number: 5 to 34 letters and digits."
    if not holder.strip():
        wrong["holder"] = "Write whose account it is."
    if wrong:
        raise Refusal(fields=wrong)
    if seen is not None:
        cooperatives.lock(session, cooperative_id)
        there = live(session, cooperative_id, [member_id]).get(member_id)
        if there is not None and there.id != seen:
            where = "cash" if there.account is None else f"{there.bank_code} {there.masked}"
            raise Conflict(
                f"Somebody else wrote down another place meanwhile: {where}, {there.holder}. Yours still stands below; save"
                " again to put it in its place."
            )
    destination = Destination(
        cooperative_id=cooperative_id, member_id=member_id, rail=rail, holder=holder.strip(),
        bank_code=code, account=number, by_id=by,
    )  # fmt: skip
    session.add(destination)
    session.flush()
    return destination


def live(session: Session, cooperative_id: UUID, member_ids: Iterable[UUID]) -> dict[UUID, Destination]:
    """Where each of these members is paid now; who has no destination is not in it."""
    wanted = set(member_ids)
    query = select(Destination).where(Destination.cooperative_id == cooperative_id)
    query = query.order_by(Destination.created_at, Destination.id)  # The last one read is the one that counts.
    if (
        len(wanted) <= 500
    ):  # A whole cooperative is read in one sweep: PostgreSQL takes 65,535 parameters, SQLite fewer.
        query = query.where(Destination.member_id.in_(sorted(wanted)))
    return {row.member_id: row for row in session.scalars(query) if row.member_id in wanted}


def history(session: Session, cooperative_id: UUID, member_id: UUID) -> list[Destination]:
    """Every destination this member had, the latest first."""
    query = select(Destination).where(Destination.cooperative_id == cooperative_id, Destination.member_id == member_id)
    return list(session.scalars(query.order_by(Destination.created_at.desc(), Destination.id.desc())))
