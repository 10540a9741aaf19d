"""A pool's figures: all that its settlement depends on, read from stock and ledger, and the hash an approval is bound to."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cooperative.members import Member
from ground.engines import canonical_json
from ground.errors import Refusal
from ground.ids import NOBODY
from ground.money import Money
from ground.quantity import Quantity, Unit
from inventory.deliveries import Delivery
from inventory.lot_moves import LotMove, MoveKind
from inventory.lots import Lot
from inventory.pools import Pool
from ledger import history
from ledger.accounts import Pot
from ledger.books import Book
from proceeds.rules import Rules, Take, To
from proceeds.waterfall import Delivered, PoolInputs

OWED = {To.OVER_ADVANCE: "1230", To.INPUT_CREDIT: "1210", To.LOAN: "1220"}
"""Where a member's debts stand; an advance of this very pool stands in 1200 under member and pool."""
REACHED = {To.SHARES: ("3010", "2300"), To.SAVINGS: ("2100",)}
"""What counts towards a target."""


@dataclass(frozen=True, slots=True)
class LotShare:
    """How much one member brought of one grade into one lot, in base units."""

    member_id: UUID
    grade: str
    lot_number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The pool's inputs, what each member owes, and which lots the deliveries were in and how those were sold."""

    given: PoolInputs
    owed: Mapping[str, Mapping[UUID, int]]
    reached: Mapping[str, Mapping[UUID, int]]
    shares: Sequence[LotShare]
    sold_by_lot: Mapping[int, Mapping[str, int]]

    def sha256(self, rules_id: UUID) -> str:
        """One fingerprint of everything: whatever changes, the approval no longer fits [attack:A075]."""
        given = self.given
        seen = {
            "rules": rules_id,
            "sales": {channel: money.minor for channel, money in given.sales.items()},
            "refunds": {channel: money.minor for channel, money in given.refunds.items()},
            "deliveries": [[d.member_number, str(d.member_id), d.grade, d.amount] for d in sorted(given.deliveries)],
            "recorded": dict(given.recorded),
            "late": [[str(pool_id), minor] for pool_id, minor in given.late],
            "owed": {key: {str(member): minor for member, minor in debts.items()} for key, debts in self.owed.items()},
            "reached": {
                key: {str(member): minor for member, minor in held.items()} for key, held in self.reached.items()
            },
        }
        return hashlib.sha256(canonical_json(seen).encode()).hexdigest()


def gather(session: Session, book: Book, pool: Pool, rules: Rules, recorded: Mapping[str, int]) -> Figures:
    """Read it all as it stands now. Refuses a pool that cannot be settled yet, and says what is missing."""
    coop, unit = pool.cooperative_id, pool.product.unit
    _all_sold(session, pool, unit)
    shares, deliveries = _deliveries(session, pool)
    sales, refunds = _sales(session, pool)
    booked = history.balance(session, book, Pot("2010", pool.id))
    earned = sum(sales.values(), book.money(0)) - sum(refunds.values(), book.money(0))
    if booked != earned:
        raise Refusal(
            f"The books hold {booked} for this pool and its sales come to {earned}. Let the open sales be posted first."
        )
    mine = {row.member_id for row in deliveries}
    late = _late(session, book, pool) if any(step.take is Take.LATE for step in rules.pool) else []
    given = PoolInputs(book.currency, unit, sales, refunds, deliveries, dict(recorded), late)
    owed = {step.key: _debts(session, book, pool, step.to, mine) for step in rules.member if step.take is Take.OWED}
    reached = {
        step.key: _held(session, book, REACHED.get(step.to, ()), mine)
        for step in rules.member
        if step.take is Take.TARGET
    }
    return Figures(given, owed, reached, shares, _sold_by_lot(session, coop, pool))


def _all_sold(session: Session, pool: Pool, unit: Unit) -> None:
    query = select(Lot.number, Lot.quantity_left).where(
        Lot.cooperative_id == pool.cooperative_id, Lot.pool_id == pool.id, Lot.quantity_left > 0
    )
    left = session.execute(query.order_by(Lot.number).limit(6)).all()
    if left:
        told = ", ".join(f"{Quantity(amount, unit)} in lot {number}" for number, amount in left[:5])
        raise Refusal(f"Not all is sold: {told}{' and more' if len(left) > 5 else ''}. Sell it or write it off first.")


def _deliveries(session: Session, pool: Pool) -> tuple[list[LotShare], list[Delivered]]:
    query = (
        select(Delivery.member_id, Member.number, Delivery.grade, Lot.number, func.sum(Delivery.net))
        .join(Member, Member.id == Delivery.member_id)
        .join(Lot, Lot.id == Delivery.lot_id)
        .where(Delivery.cooperative_id == pool.cooperative_id, Delivery.pool_id == pool.id)
        .group_by(Delivery.member_id, Member.number, Delivery.grade, Lot.number)
        .order_by(Member.number, Delivery.grade, Lot.number)
    )
    shares: list[LotShare] = []
    whole: dict[tuple[int, str, UUID], int] = defaultdict(int)
    for member_id, number, grade, lot_number, amount in session.execute(query):
        shares.append(LotShare(member_id, grade, lot_number, int(amount)))
        whole[number, grade, member_id] += int(amount)
    return shares, [
        Delivered(number, grade, amount, member_id) for (number, grade, member_id), amount in whole.items() if amount
    ]


def _sales(session: Session, pool: Pool) -> tuple[dict[str, Money], dict[str, Money]]:
    query = (
        select(LotMove.kind, LotMove.channel, func.sum(LotMove.net_minor))
        .join(Lot, Lot.id == LotMove.lot_id)
        .where(LotMove.cooperative_id == pool.cooperative_id, Lot.pool_id == pool.id)
        .where(LotMove.kind.in_((MoveKind.SELL, MoveKind.REFUND)))
        .group_by(LotMove.kind, LotMove.channel)
        .order_by(LotMove.kind, LotMove.channel)
    )
    sales: dict[str, Money] = {}
    refunds: dict[str, Money] = {}
    for kind, channel, minor in session.execute(query):
        (sales if kind is MoveKind.SELL else refunds)[str(channel)] = Money(abs(int(minor)), pool.currency)
    return sales, refunds


def _sold_by_lot(session: Session, cooperative_id: UUID, pool: Pool) -> dict[int, dict[str, int]]:
    query = (
        select(Lot.number, LotMove.channel, func.sum(-LotMove.quantity))
        .join(Lot, Lot.id == LotMove.lot_id)
        .where(LotMove.cooperative_id == cooperative_id, Lot.pool_id == pool.id, LotMove.kind == MoveKind.SELL)
        .group_by(Lot.number, LotMove.channel)
    )
    sold: dict[int, dict[str, int]] = defaultdict(dict)
    for number, channel, amount in session.execute(query):
        sold[number][str(channel)] = int(amount)
    return sold


def _late(session: Session, book: Book, pool: Pool) -> list[tuple[UUID, int]]:
    """What closed pools of this product still have to bear, the oldest first."""
    waiting = {
        owner: money.minor for (owner, _), money in history.balances(session, book, "1240").items() if money.minor > 0
    }
    if not waiting:
        return []
    query = select(Pool.id).where(
        Pool.cooperative_id == pool.cooperative_id,
        Pool.product_id == pool.product_id,
        Pool.id != pool.id,
        Pool.closed_at.is_not(None),
    )
    return [
        (pool_id, waiting[pool_id])
        for pool_id in session.scalars(query.order_by(Pool.opened_at, Pool.id))
        if pool_id in waiting
    ]


def _debts(session: Session, book: Book, pool: Pool, to: To, members: set[UUID]) -> dict[UUID, int]:
    if to is To.ADVANCE:
        found = history.balances(session, book, "1200")
        return {member: money.minor for (member, of), money in found.items() if of == pool.id and money.minor > 0}
    return _held(session, book, (OWED[to],), members) if to in OWED else {}


def _held(session: Session, book: Book, codes: Sequence[str], members: set[UUID]) -> dict[UUID, int]:
    held: dict[UUID, int] = defaultdict(int)
    for code in codes:
        for (owner, subject), money in history.balances(session, book, code).items():
            if owner in members and subject == NOBODY and money.minor > 0:
                held[owner] += money.minor
    return dict(held)
