"""Sending refunds: the intent is leased, the provider asked, the answer noted; what is unknown is looked up, never guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import clock
from ground.errors import Conflict
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from storefront import letters, orders, papers
from storefront.checkouts import Checkout
from storefront.papers import Kind
from storefront.refunds import Refund, State, Way
from storefront.tills import Till

LEASE = timedelta(minutes=1)
"""Who began asking has so long; after it another may ask again, with the same key."""


def begin_sending(session: Session, refund_id: UUID) -> Refund | None:
    """Take the lease on asking the provider; None when it is taken or over. Commit before asking."""
    now = clock.now()
    waiting = or_(
        Refund.state.in_((State.READY, State.UNKNOWN)),
        and_(Refund.state == State.SENDING, Refund.sent_at < now - LEASE),
    )
    if not _move(session, refund_id, waiting, state=State.SENDING, sent_at=now, tries=Refund.tries + 1):
        return None
    return session.get(Refund, refund_id, populate_existing=True)


def unsure(session: Session, refund_id: UUID, trouble: str, *, provider_ref: str | None = None) -> bool:
    """No answer, or "on its way": it is looked up until it is known."""
    values: dict[str, Any] = {"provider_ref": provider_ref} if provider_ref else {}
    waiting = Refund.state.in_((State.SENDING, State.UNKNOWN))
    return _move(session, refund_id, waiting, state=State.UNKNOWN, trouble=trouble[:500], **values)


def failed(session: Session, refund_id: UUID, trouble: str) -> bool:
    """A definite no: the money is still the buyer's and still in 2050; a new attempt gets a new reference."""
    waiting = Refund.state.in_((State.SENDING, State.UNKNOWN))
    return _move(session, refund_id, waiting, state=State.FAILED, trouble=trouble[:500])


def try_again(session: Session, refund: Refund) -> None:
    """A new attempt of a failed refund, under a new key."""
    again = _move(
        session, refund.id, Refund.state == State.FAILED,
        state=State.READY, attempt=Refund.attempt + 1, tries=0, provider_ref=None, sent_at=None, trouble="",
    )  # fmt: skip
    if not again:
        raise Conflict("This refund is not failed any more.")


def paid(session: Session, till: Till, refund: Refund, provider_ref: str) -> bool:
    """The provider gave it back: 2050 → 1040 here, 2600 → 1030 in the operator's book. True for the one who moved it."""
    over = Refund.state != State.PAID
    if not _move(
        session, refund.id, over, state=State.PAID, paid_at=clock.now(), provider_ref=provider_ref, trouble=""
    ):
        return False
    book = books.of_cooperative(session, refund.cooperative_id, refund.currency)
    legs = [Leg(Pot("2050", refund.order_id), Pot("1040"), refund.amount)]
    transfers.post(session, book, "refund paid", refund.id, legs, by=refund.by_id)
    operator = cooperatives.operator(session)
    desk = books.of_cooperative(session, operator.id, refund.currency)
    mirror = [Leg(Pot("2600", refund.cooperative_id), Pot("1030"), refund.amount)]
    transfers.post(session, desk, "refund paid", refund.id, mirror)
    order = session.scalars(orders.by_id(refund.cooperative_id, refund.order_id)).one()
    checkout = session.get_one(Checkout, order.checkout_id)
    papers.promise(session, Kind.CREDIT_NOTE, refund.id)
    letters.refunded(session, checkout, order, refund, till.link_to(checkout.id))
    return True


def to_send(session: Session, *, most: int = 50) -> list[UUID]:
    """Intents that a crash or a silent provider left behind."""
    before = clock.now() - LEASE
    waiting = or_(
        and_(Refund.state == State.READY, Refund.way == Way.CARD, Refund.created_at < before),
        and_(Refund.state.in_((State.SENDING, State.UNKNOWN)), Refund.sent_at < before),
    )
    return list(session.scalars(select(Refund.id).where(waiting).order_by(Refund.created_at).limit(most)))


def _move(session: Session, refund_id: UUID, condition: ColumnElement[bool], **values: Any) -> bool:
    moving = update(Refund).where(Refund.id == refund_id, condition).values(**values).returning(Refund.id)
    moved = session.scalar(moving.execution_options(synchronize_session=False))
    held = session.identity_map.get(session.identity_key(Refund, refund_id))
    if held is not None:
        session.expire(held)
    return moved is not None
