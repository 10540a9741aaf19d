"""Settlements: the draft of how one pool's money will be shared, by which by-law, with the costs people recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from cooperative import bylaws, cooperatives
from cooperative.bylaws import Bylaw
from cooperative.people import Person
from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.money import Money
from inventory import pools
from inventory.pools import Pool
from proceeds import rules


class Settlement(OfCooperative, Model):
    """The draft: which pool by which by-law, and the costs people recorded, `version` times. `prepared_by_id` is who did last."""

    __tablename__ = "settlement"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("pool_id"),
        tenant_key("pool_id", "pool"),
        tenant_key("bylaw_id", "bylaw"),
    )
    frozen_columns = ("cooperative_id", "pool_id")

    pool_id: Mapped[UUID]
    bylaw_id: Mapped[UUID]
    recorded: Mapped[dict[str, Any]]
    version: Mapped[int]
    prepared_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    pool: Mapped[Pool] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(Settlement.pool_id) == Pool.id")
    bylaw: Mapped[Bylaw] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Settlement.bylaw_id) == Bylaw.id"
    )
    prepared_by: Mapped[Person] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Settlement.prepared_by_id) == Person.id"
    )
    approvals: Mapped[list[SettlementApproval]] = relationship(
        lazy="raise", viewonly=True, order_by="SettlementApproval.created_at",
        primaryjoin="foreign(SettlementApproval.settlement_id) == Settlement.id",
    )  # fmt: skip
    closing: Mapped[SettlementClose | None] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin="foreign(SettlementClose.settlement_id) == Settlement.id",
        uselist=False,
    )


class SettlementApproval(OfCooperative, Model):
    """A second person's yes to exactly these inputs: it carries their hash, so that any change leaves it without meaning."""

    __tablename__ = "settlement_approval"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("settlement_id", "inputs_sha256", "preparer_id"),
        tenant_key("settlement_id", "settlement"),
        CheckConstraint("approver_id <> preparer_id", "second_person"),
    )
    append_only = True

    settlement_id: Mapped[UUID]
    inputs_sha256: Mapped[str]
    preparer_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    approver_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    approver: Mapped[Person] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(SettlementApproval.approver_id) == Person.id"
    )


class SettlementClose(OfCooperative, Model):
    """The pool's money is given away. The CHECK is the sentence of DOMAIN 2 that says where every unit went."""

    __tablename__ = "settlement_close"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("settlement_id"),
        UniqueConstraint("pool_id"),
        tenant_key("settlement_id", "settlement"),
        tenant_key("pool_id", "pool"),
        tenant_key("approval_id", "settlement_approval"),
        CheckConstraint("sold_minor - refunded_minor + loss_minor = given_minor + claims_minor", "all_given_away"),
        CheckConstraint("sold_minor >= 0 AND refunded_minor >= 0 AND loss_minor >= 0 AND claims_minor >= 0", "signs"),
    )
    append_only = True

    settlement_id: Mapped[UUID]
    pool_id: Mapped[UUID]
    approval_id: Mapped[UUID]
    inputs_sha256: Mapped[str]
    sold_minor: Mapped[int]
    refunded_minor: Mapped[int]
    loss_minor: Mapped[int]
    given_minor: Mapped[int]  # Fees, costs, levies, margin, stabilisation, holdback and late refunds together.
    claims_minor: Mapped[int]
    members: Mapped[int]
    currency: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def claims(self) -> Money:
        return Money(self.claims_minor, self.currency)


def draft(session: Session, cooperative_id: UUID, pool_id: UUID, *, by: UUID) -> Settlement:
    """Begin to settle a pool, by the by-law in force today; who comes second gets the draft that is there."""
    pool = pools.lock(session, cooperative_id, pool_id)
    found = session.scalar(
        select(Settlement).where(Settlement.cooperative_id == cooperative_id, Settlement.pool_id == pool_id)
    )
    if found is not None:
        return found
    if pool.closed_at is not None:
        raise Conflict("This pool is closed already.")
    settlement = Settlement(
        cooperative_id=cooperative_id,
        pool_id=pool_id,
        bylaw_id=bylaw_in_force(session, cooperative_id).id,
        recorded={},
        version=0,
        prepared_by_id=by,
    )
    session.add(settlement)
    session.flush()
    return settlement


def record(
    session: Session, settlement: Settlement, amounts: Mapping[str, Money], *, by: UUID, seen: int | None = None
) -> None:
    """Enter what was really spent, by the keys of the by-law's recorded steps. Approvals given before no longer fit.

    A person says which version they `seen`; Conflict tells, beside each cost, what somebody else entered meanwhile.
    """
    lock_open(session, settlement)
    if seen is not None and seen != settlement.version:
        raise _overtaken(settlement, amounts)
    bylaw = bylaw_in_force(session, settlement.cooperative_id)
    known = {step.key for step in rules.parse(bylaw.rules).recorded}
    assert set(amounts) <= known, "amounts of steps that the by-law has"
    settlement.bylaw_id = bylaw.id
    settlement.recorded = {key: money.minor for key, money in sorted(amounts.items())}
    settlement.prepared_by_id = by
    settlement.version += 1
    session.flush()


def _overtaken(settlement: Settlement, amounts: Mapping[str, Money]) -> Conflict:
    theirs = {
        key: Money(settlement.recorded.get(key, 0), mine.currency)
        for key, mine in amounts.items()
        if settlement.recorded.get(key, 0) != mine.minor
    }
    return Conflict(
        "Somebody else entered costs while you wrote. Yours still stand below; save again to put them in place of theirs.",
        fields={f"cost-{key}": f"Meanwhile somebody else wrote: {there}" for key, there in theirs.items()},
    )


def lock_open(session: Session, settlement: Settlement) -> Pool:
    """The locked pool; what another transaction did to the draft meanwhile is read anew."""
    pool = pools.lock(session, settlement.cooperative_id, settlement.pool_id)
    session.refresh(settlement)
    if pool.closed_at is not None:
        raise Conflict("This pool is closed already; late money is a supplementary payment.")
    return pool


def bylaw_in_force(session: Session, cooperative_id: UUID) -> Bylaw:
    cooperative = cooperatives.find(session, cooperative_id)
    assert cooperative is not None
    found = bylaws.in_force(session, cooperative_id, bylaws.SETTLEMENT, clock.now().astimezone(cooperative.zone).date())
    if found is None:
        raise Refusal("This cooperative has no settlement by-law yet. Adopt one first.")
    return found


def find(session: Session, cooperative_id: UUID, settlement_id: UUID) -> Settlement:
    """A settlement with pool, product, by-law, people and close."""
    query = select(Settlement).where(Settlement.cooperative_id == cooperative_id, Settlement.id == settlement_id)
    found = session.scalar(query.options(*_whole()))
    if found is None:
        raise Missing("There is no such settlement.")
    return found


def all_of(session: Session, cooperative_id: UUID) -> list[Settlement]:
    """Every settlement, the latest first."""
    query = select(Settlement).where(Settlement.cooperative_id == cooperative_id).options(*_whole())
    return list(session.scalars(query.order_by(Settlement.created_at.desc())))


def _whole() -> tuple[ORMOption, ...]:
    return (
        selectinload(Settlement.pool).selectinload(Pool.product),
        selectinload(Settlement.bylaw),
        selectinload(Settlement.prepared_by),
        selectinload(Settlement.approvals).selectinload(SettlementApproval.approver),
        selectinload(Settlement.closing),
    )
