"""Claims: each member's part of a closed pool, with the lines that explain it, as they were written at the close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, relationship, selectinload

from ground import clock
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.ids import new_id
from ground.money import Money
from ground.quantity import Quantity
from inventory.pools import Pool
from proceeds.member_lines import MemberLine, MemberResult


class Claim(OfCooperative, Model):
    """`claim_minor` is the part of the pool, `due_minor` what became payable, `carried_minor` an advance that was too high."""

    __tablename__ = "claim"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("settlement_id", "member_id"),
        tenant_key("settlement_id", "settlement"),
        tenant_key("pool_id", "pool"),
        tenant_key("member_id", "member"),
        Index("ix_claim_member", "cooperative_id", "member_id"),
        CheckConstraint("claim_minor >= 0 AND due_minor >= 0 AND due_minor <= claim_minor", "due"),
        CheckConstraint("carried_minor >= 0 AND (carried_minor = 0 OR due_minor = 0)", "carried"),
    )
    append_only = True

    settlement_id: Mapped[UUID]
    pool_id: Mapped[UUID]
    member_id: Mapped[UUID]
    member_number: Mapped[int]
    quantity: Mapped[int]
    claim_minor: Mapped[int]
    due_minor: Mapped[int]
    carried_minor: Mapped[int]
    currency: Mapped[str]

    lines: Mapped[list[ClaimLine]] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin="foreign(ClaimLine.claim_id) == Claim.id",
        order_by="ClaimLine.position",
    )
    pool: Mapped[Pool] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(Claim.pool_id) == Pool.id")

    @property
    def claim(self) -> Money:
        return Money(self.claim_minor, self.currency)

    @property
    def due(self) -> Money:
        return Money(self.due_minor, self.currency)

    @property
    def carried(self) -> Money:
        return Money(self.carried_minor, self.currency)

    @property
    def weighed(self) -> Quantity:
        return Quantity(self.quantity, self.pool.product.unit)


class ClaimLine(OfCooperative, Model):
    """One line of the explanation, signed: the lines of a claim sum to what was due."""

    __tablename__ = "claim_line"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("claim_id", "position"),
        tenant_key("claim_id", "claim"),
        CheckConstraint("step BETWEEN 8 AND 19", "step"),
    )
    append_only = True

    claim_id: Mapped[UUID]
    position: Mapped[int]
    step: Mapped[int]
    name: Mapped[str]
    words: Mapped[str]
    amount_minor: Mapped[int]
    left_minor: Mapped[int]
    currency: Mapped[str]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def left(self) -> Money:
        return Money(self.left_minor, self.currency)


def store(
    session: Session,
    cooperative_id: UUID,
    settlement_id: UUID,
    pool_id: UUID,
    explained: Iterable[tuple[MemberResult, Sequence[MemberLine]]],
) -> int:
    """Write every claim and its lines in two bulk inserts; answers how many claims there are."""
    claims: list[dict] = []
    lines: list[dict] = []
    now = clock.now()
    for result, told in explained:
        currency = result.due.currency
        claim_id = new_id()
        claims.append(
            {
                "id": claim_id, "created_at": now, "cooperative_id": cooperative_id, "settlement_id": settlement_id,
                "pool_id": pool_id, "member_id": result.given.member_id, "member_number": result.given.number,
                "quantity": result.given.amount, "claim_minor": result.given.claim.minor, "due_minor": result.due.minor,
                "carried_minor": result.over_advance.minor, "currency": currency,
            }
        )  # fmt: skip
        lines += [
            {
                "id": new_id(), "created_at": now, "cooperative_id": cooperative_id, "claim_id": claim_id,
                "position": position, "step": line.step, "name": line.name, "words": line.words,
                "amount_minor": line.amount.minor, "left_minor": line.left.minor, "currency": currency,
            }
            for position, line in enumerate(told, 1)
        ]  # fmt: skip
    if claims:
        session.execute(insert(Claim), claims)
        session.execute(insert(ClaimLine), lines)
    return len(claims)


def of_member(session: Session, cooperative_id: UUID, member_id: UUID) -> list[Claim]:
    """A member's claims with their lines, pools and products, the latest first."""
    query = select(Claim).where(Claim.cooperative_id == cooperative_id, Claim.member_id == member_id)
    query = query.options(selectinload(Claim.lines), selectinload(Claim.pool).selectinload(Pool.product))
    return list(session.scalars(query.order_by(Claim.created_at.desc(), Claim.id.desc())))


def of_settlement(
    session: Session, cooperative_id: UUID, settlement_id: UUID, *, after: int = 0, most: int = 50
) -> list[Claim]:
    """Claims of a closed pool with their lines, by member number; one too many means there is more."""
    query = select(Claim).where(
        Claim.cooperative_id == cooperative_id, Claim.settlement_id == settlement_id, Claim.member_number > after
    )
    return list(session.scalars(query.options(selectinload(Claim.lines)).order_by(Claim.member_number).limit(most + 1)))


@dataclass(frozen=True, slots=True)
class Shared:
    """A closed pool's claims in one line: base units weighed in, the members' parts, and what was due after all was taken."""

    quantity: int
    claims: Money
    due: Money


def shared(session: Session, cooperative_id: UUID, settlement_id: UUID, currency: str) -> Shared:
    """The sums over every member of a settlement, in one query; zero before the close."""
    query = select(func.sum(Claim.quantity), func.sum(Claim.claim_minor), func.sum(Claim.due_minor)).where(
        Claim.cooperative_id == cooperative_id, Claim.settlement_id == settlement_id
    )
    quantity, claimed, due = session.execute(query).one()
    return Shared(int(quantity or 0), Money(int(claimed or 0), currency), Money(int(due or 0), currency))
