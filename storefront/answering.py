"""Answering a complaint, once: packs paid back, an amount out of goodwill, or no money; the money by the refund machine."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ground import clock
from ground.errors import Conflict, Refusal
from ground.money import Money, split
from ground.quantity import Quantity
from inventory.lot_moves import LotMove, MoveKind
from inventory.lots import Lot
from inventory.pools import Pool
from storefront import letters, orders, refunds
from storefront.complaint_answers import ComplaintAnswer, Outcome
from storefront.complaints import Complaint
from storefront.orders import Order, OrderLine
from storefront.refunds import Refund
from storefront.tills import Till


@dataclass(frozen=True, slots=True)
class Drawn:
    """One lot of which the line was packed, and the pool whose members it came from."""

    lot_number: int
    quantity: Quantity
    pool: Pool


def refuse(session: Session, till: Till, complaint: Complaint, words: str, *, by: UUID) -> ComplaintAnswer:
    """No money, and the reason in words that the buyer reads."""
    order, _ = _locked(session, complaint)
    _close(session, complaint)
    return _record(session, till, order, complaint, Outcome.REFUSED, words, by=by)


def pay_back(
    session: Session, till: Till, complaint: Complaint, packs: int, words: str, *, by: UUID, request_key: UUID
) -> ComplaintAnswer:
    """Give back what so many packs of the line cost; whoever earned them bears it, as with every refund.

    Never more packs than were bought, all answers together, and never more money than the line has left.
    """
    order, line = _locked(session, complaint)
    _close(session, complaint)
    before = packs_paid_back(session, complaint)
    if before + packs > line.quantity:
        raise Refusal(
            fields={"quantity": f"At most {line.quantity - before} packs of this line are left to give back."}
        )
    amount = worth(line, before, packs)
    if not amount:
        raise Refusal(fields={"quantity": "Nothing was paid for these: answer in words."})
    if amount > line.refundable:
        told = f"They cost {amount}, and only {line.refundable} of this line is left to give back."
        raise Refusal(fields={"quantity": told})
    refund = refunds.start(session, till, order, line.id, amount, words, by=by, request_key=request_key)
    return _record(session, till, order, complaint, Outcome.REFUNDED, words, by=by, refund=refund, packs=packs)


def goodwill(
    session: Session, till: Till, complaint: Complaint, amount: Money, words: str, *, by: UUID, request_key: UUID
) -> ComplaintAnswer:
    """An amount without counting packs, at most what the line has left [commerce:R08]. The cooperative bears it (0015)."""
    order, line = _locked(session, complaint)
    _close(session, complaint)
    refund = refunds.start(session, till, order, line.id, amount, words, by=by, request_key=request_key, goodwill=True)
    return _record(session, till, order, complaint, Outcome.GOODWILL, words, by=by, refund=refund)


def worth(line: OrderLine, before: int, packs: int) -> Money:
    """What `packs` more cost after `before`: all parts of a line together are exactly what was paid for it."""

    def share(count: int) -> int:
        return split(line.paid.minor, [count, line.quantity - count])[0]

    return Money(share(before + packs) - share(before), line.currency)


def packs_paid_back(session: Session, complaint: Complaint) -> int:
    """Packs of the complaint's line that earlier answers paid back."""
    query = (
        select(func.coalesce(func.sum(ComplaintAnswer.quantity), 0))
        .join(Complaint, Complaint.id == ComplaintAnswer.complaint_id)
        .where(Complaint.cooperative_id == complaint.cooperative_id, Complaint.line_id == complaint.line_id)
        .where(ComplaintAnswer.cooperative_id == complaint.cooperative_id)
    )
    return int(session.scalar(query) or 0)


def drawn(session: Session, complaint: Complaint, line: OrderLine) -> list[Drawn]:
    """The lots of the line, as they were taken at picking."""
    query = (
        select(Lot.number, LotMove.quantity, Pool)
        .join(Lot, Lot.id == LotMove.lot_id)
        .join(Pool, Pool.id == Lot.pool_id)
        .where(LotMove.cooperative_id == complaint.cooperative_id, LotMove.cause_id == complaint.line_id)
        .where(LotMove.kind == MoveKind.SELL)
        .order_by(Lot.number)
    )
    return [Drawn(number, Quantity(-taken, line.unit), pool) for number, taken, pool in session.execute(query)]


def _locked(session: Session, complaint: Complaint) -> tuple[Order, OrderLine]:
    """The order for ourselves: all money of its lines moves under this lock, so what is left is read for good."""
    found = session.scalars(orders.by_id(complaint.cooperative_id, complaint.order_id)).one()
    order = orders.lock(session, found)
    return order, next(line for line in order.lines if line.id == complaint.line_id)


def _close(session: Session, complaint: Complaint) -> None:
    """Only one closes it. Conflict for all others, before any money is looked at."""
    closed = session.scalar(
        update(Complaint)
        .where(Complaint.cooperative_id == complaint.cooperative_id, Complaint.id == complaint.id)
        .where(Complaint.answered_at.is_(None))
        .values(answered_at=clock.now())
        .returning(Complaint.id)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise Conflict("Somebody answered this complaint before you. Look at what stands there now.")
    session.expire(complaint, ["answered_at"])


def _record(
    session: Session,
    till: Till,
    order: Order,
    complaint: Complaint,
    outcome: Outcome,
    words: str,
    *,
    by: UUID,
    refund: Refund | None = None,
    packs: int | None = None,
) -> ComplaintAnswer:
    answer = ComplaintAnswer(
        cooperative_id=complaint.cooperative_id, complaint_id=complaint.id, outcome=outcome, words=words, quantity=packs,
        amount_minor=refund.amount_minor if refund else None, currency=order.currency, refund_id=refund.id if refund else None,
        by_id=by,
    )  # fmt: skip
    session.add(answer)
    session.flush()
    line = next(line for line in order.lines if line.id == complaint.line_id)
    letters.complaint_answered(session, order.checkout, order, line, answer, till.link_to(order.checkout_id))
    return answer
