"""Closings: a settlement is previewed, approved by a second person, and closed in one transaction; each a row that says who."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, selectinload

from cooperative.bylaws import Bylaw
from ground import clock
from ground.barriers import barrier
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Denied
from ground.money import Money
from inventory import pools
from inventory.pools import RevenueBasis
from ledger import books, history, transfers
from ledger.accounts import Pot
from proceeds import (
    claims,
    explanations,
    member_lines,
    pool_figures,
    postings,
    rules,
    settlements,
    splits_told,
    waterfall,
)
from proceeds.member_lines import MemberResult
from proceeds.pool_figures import Figures
from proceeds.rules import Rules
from proceeds.settlements import Settlement, SettlementApproval, SettlementClose
from proceeds.waterfall import PoolResult

CAUSE = "settlement"


class SettlementLine(OfCooperative, Model):
    """One line of the pool's waterfall as it stood at the close."""

    __tablename__ = "settlement_line"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("settlement_id", "position"),
        tenant_key("settlement_id", "settlement"),
        Index("ix_settlement_line", "cooperative_id", "settlement_id"),
        CheckConstraint("step BETWEEN 1 AND 8", "step"),
    )
    append_only = True

    settlement_id: Mapped[UUID]
    position: Mapped[int]
    step: Mapped[int]
    key: Mapped[str]
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


@dataclass(frozen=True, slots=True)
class Preview:
    """What a close would do at this moment, and the hash of everything it was reckoned from."""

    rules: Rules
    figures: Figures
    pool: PoolResult
    members: tuple[MemberResult, ...]
    inputs_sha256: str
    approval: SettlementApproval | None


def preview(session: Session, settlement: Settlement) -> Preview:
    """Reckon the whole settlement from how things stand now, and write nothing."""
    book = books.of_cooperative(session, settlement.cooperative_id)
    bylaw = session.scalars(
        select(Bylaw).where(Bylaw.cooperative_id == settlement.cooperative_id, Bylaw.id == settlement.bylaw_id)
    ).one()
    parsed = rules.parse(bylaw.rules)
    pool = pools.find(session, settlement.cooperative_id, settlement.pool_id)
    figures = pool_figures.gather(session, book, pool, parsed, settlement.recorded)
    result = waterfall.run(figures.given, parsed)
    members = tuple(member_lines.run(given, parsed) for given in explanations.member_inputs(figures, result, parsed))
    digest = figures.sha256(bylaw.id)
    return Preview(parsed, figures, result, members, digest, _approval(session, settlement, digest))


def approve(session: Session, settlement: Settlement, inputs_sha256: str, *, by: UUID) -> SettlementApproval:
    """A second person's yes to what they saw: the hash on their page. Refused to the preparer, and when figures moved since."""
    settlements.lock_open(session, settlement)
    if by == settlement.prepared_by_id:
        raise Denied("Whoever prepared a settlement cannot approve it. Ask a second person.")
    now = preview(session, settlement)
    if now.inputs_sha256 != inputs_sha256:
        raise Conflict("Figures changed since this page was opened. Look at them again, then approve.")
    if now.approval is not None:
        raise Conflict("This was approved already.")
    approval = SettlementApproval(
        cooperative_id=settlement.cooperative_id, settlement_id=settlement.id, inputs_sha256=inputs_sha256,
        preparer_id=settlement.prepared_by_id, approver_id=by,
    )  # fmt: skip
    session.add(approval)
    session.flush()
    return approval


def close(session: Session, settlement: Settlement, *, by: UUID) -> SettlementClose:
    """Give the pool's money away in one transaction and close the pool for good: clearing ends at exactly zero."""
    pool = settlements.lock_open(session, settlement)
    now = preview(session, settlement)
    if now.approval is None:
        raise Conflict("No second person has approved these figures as they stand now.")
    book = books.of_cooperative(session, settlement.cooperative_id)
    coop, year = settlement.cooperative_id, clock.now().year
    legs = postings.settlement_legs(
        coop,
        pool.id,
        year,
        now.figures.given,
        now.pool,
        now.members,
        principal=pool.revenue_basis is RevenueBasis.PRINCIPAL,
    )
    transfers.post(session, book, CAUSE, settlement.id, legs, by=by)
    barrier("settlement: posted")
    count = claims.store(session, coop, settlement.id, pool.id, explanations.told(now.figures, now.pool, now.members))
    session.add_all(_lines(settlement, now.pool))
    closing = SettlementClose(
        cooperative_id=coop, settlement_id=settlement.id, pool_id=pool.id, approval_id=now.approval.id,
        inputs_sha256=now.inputs_sha256,
        sold_minor=now.figures.given.gross.minor, refunded_minor=now.figures.given.refunded.minor,
        loss_minor=now.pool.loss.minor, given_minor=-sum(line.amount.minor for line in now.pool.lines if line.to is not None),
        claims_minor=now.pool.net.minor, members=count, currency=book.currency, by_id=by,
    )  # fmt: skip
    session.add(closing)
    pool.close(by=by)
    whole = now.figures.given.gross - now.figures.given.refunded
    splits_told.tell(session, pool, now.pool, growers=count, whole_minor=whole.minor)
    barrier("settlement: claims written")
    session.flush()
    assert not history.balance(session, book, Pot("2010", pool.id)), "clearing of a closed pool is zero"
    return closing


def _lines(settlement: Settlement, result: PoolResult) -> list[SettlementLine]:
    return [
        SettlementLine(
            cooperative_id=settlement.cooperative_id, settlement_id=settlement.id, position=position,
            step=line.step, key=line.key,
            name=line.name, words=line.words, amount_minor=line.amount.minor, left_minor=line.left.minor,
            currency=line.amount.currency,
        )
        for position, line in enumerate(result.lines, 1)
    ]  # fmt: skip


def _approval(session: Session, settlement: Settlement, digest: str) -> SettlementApproval | None:
    """The approval that still fits: of these inputs, as prepared by whoever touched the draft last."""
    query = select(SettlementApproval).where(
        SettlementApproval.cooperative_id == settlement.cooperative_id, SettlementApproval.settlement_id == settlement.id,
        SettlementApproval.inputs_sha256 == digest, SettlementApproval.preparer_id == settlement.prepared_by_id,
    )  # fmt: skip
    return session.scalar(query.options(selectinload(SettlementApproval.approver)))


def lines_of(session: Session, settlement: Settlement) -> list[SettlementLine]:
    """The pool's lines as stored at the close."""
    query = select(SettlementLine).where(
        SettlementLine.cooperative_id == settlement.cooperative_id, SettlementLine.settlement_id == settlement.id
    )
    return list(session.scalars(query.order_by(SettlementLine.position)))
