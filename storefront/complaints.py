"""Complaints: what was short, spoiled, wrong or missing of a line that was handed over, told by its buyer; one open at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, func, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.errors import Missing, Refusal
from ground.words import _, _l, ngettext
from storefront import complaint_photos, letters
from storefront.complaint_answers import ComplaintAnswer
from storefront.complaint_photos import ComplaintPhoto
from storefront.orders import Order, OrderLine
from storefront.tills import Till


class Kind(StrEnum):
    """What was wrong with it."""

    SPOILED = "spoiled"
    SHORT = "short"
    WRONG = "wrong"
    MISSING = "missing"

    @property
    def said(self) -> str:
        """In the language spoken now, as its buyer would say it."""
        return str(SAID[self])


SAID = {
    Kind.SPOILED: _l("It was spoiled or damaged"),
    Kind.SHORT: _l("It weighed less than it should"),
    Kind.WRONG: _l("It was not what I ordered"),
    Kind.MISSING: _l("It was not there at all"),
}


OPEN = text("answered_at IS NULL")


class Complaint(OfCooperative, Model):
    """What the buyer told. `answered_at` moves once, by conditional UPDATE: whoever moves it writes the answer."""

    __tablename__ = "complaint"
    __table_args__ = (
        tenant_unique(),
        tenant_key("order_id", "customer_order"),
        tenant_key("line_id", "order_line"),
        Index("uq_complaint_open", "line_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_complaint_order", "cooperative_id", "order_id"),
        CheckConstraint("quantity >= 1", "quantity"),
        CheckConstraint("length(words) >= 1", "words"),
    )
    frozen_columns = ("cooperative_id", "order_id", "line_id", "kind", "quantity", "words", "by_id")
    erasable_columns = ("words",)

    order_id: Mapped[UUID]
    line_id: Mapped[UUID]
    kind: Mapped[Kind]
    quantity: Mapped[int]  # Packs.
    words: Mapped[str]
    by_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    answered_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(
        lazy="raise", primaryjoin="foreign(Complaint.order_id) == Order.id", viewonly=True
    )
    line: Mapped[OrderLine] = relationship(
        lazy="raise", primaryjoin="foreign(Complaint.line_id) == OrderLine.id", viewonly=True
    )
    photo: Mapped[ComplaintPhoto | None] = relationship(
        lazy="raise", primaryjoin="foreign(ComplaintPhoto.complaint_id) == Complaint.id", viewonly=True, uselist=False
    )
    answer: Mapped[ComplaintAnswer | None] = relationship(
        lazy="raise", primaryjoin="foreign(ComplaintAnswer.complaint_id) == Complaint.id", viewonly=True, uselist=False
    )


def until(order: Order, days: int) -> datetime | None:
    """The last moment to complain about an order: so many days after it was handed over, which it may not be yet."""
    return order.collection.created_at + timedelta(days=days) if order.collection is not None else None


def obstacle(order: Order, days: int) -> str:
    """Why nobody can complain about this order now; nothing where its buyer can."""
    end = until(order, days)
    if order.cancellation is not None:
        return _("This order was cancelled: there is nothing to complain about.")
    if end is None:
        return _("You can tell us here once you have collected it.")
    if end < clock.now():
        return ngettext(
            "You could tell us for %(count)s day after you collected it. That is over; please ask where you collected it.",
            "You could tell us for %(count)s days after you collected it. That is over; please ask where you collected it.",
            days,
        )
    return ""


def complain(
    session: Session,
    till: Till,
    order: Order,
    line_id: UUID,
    kind: Kind,
    quantity: int,
    words: str,
    *,
    days: int,
    by: UUID | None,
    webp: bytes | None = None,
) -> Complaint:
    """Write down what was wrong with so many packs of a line, and tell its buyer that we have it.

    Refusal out of the window, for a line that waits for an answer already, and for more packs than were bought.
    """
    if reason := obstacle(order, days):
        raise Refusal(reason)
    line = next((line for line in order.lines if line.id == line_id), None)
    if line is None:
        raise Refusal(fields={"line": _("Choose one of the list.")})
    if line.id in waiting(session, order):
        raise Refusal(fields={"line": _("You told us about this already. We answer it first.")})
    if quantity > line.quantity:
        told = ngettext("You bought %(count)s pack of it.", "You bought %(count)s packs of it.", line.quantity)
        raise Refusal(fields={"quantity": told})
    complaint = Complaint(
        cooperative_id=order.cooperative_id, order_id=order.id, line_id=line.id, kind=kind, quantity=quantity, words=words,
        by_id=by, answered_at=None,
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    if webp is not None:
        complaint_photos.keep(session, order.cooperative_id, complaint.id, webp)
    letters.complaint_received(session, order.checkout, order, line, complaint, till.link_to(order.checkout_id))
    return complaint


def loaded(query: Select[Complaint]) -> Select[Complaint]:
    """With all that a page shows of complaints."""
    return query.options(
        joinedload(Complaint.line), joinedload(Complaint.photo), joinedload(Complaint.answer)
    ).execution_options(populate_existing=True)


def of_orders(session: Session, orders: Sequence[Order]) -> dict[UUID, list[Complaint]]:
    """All complaints about each of these orders, oldest first."""
    found: dict[UUID, list[Complaint]] = {order.id: [] for order in orders}
    owners = sorted({order.cooperative_id for order in orders})
    query = select(Complaint).where(Complaint.cooperative_id.in_(owners), Complaint.order_id.in_(sorted(found)))
    for each in session.scalars(loaded(query.order_by(Complaint.created_at, Complaint.id))):
        found[each.order_id].append(each)
    return found


def waiting(session: Session, order: Order) -> set[UUID]:
    """The lines of an order that were told about and not answered yet."""
    mine = (Complaint.cooperative_id == order.cooperative_id, Complaint.order_id == order.id)
    return set(session.scalars(select(Complaint.line_id).where(*mine, Complaint.answered_at.is_(None))))


def find(session: Session, cooperative_id: UUID, complaint_id: UUID) -> Complaint:
    """The cooperative's complaint of this id; another's is missing in the same words."""
    query = select(Complaint).where(Complaint.cooperative_id == cooperative_id, Complaint.id == complaint_id)
    found = session.scalar(loaded(query))
    if found is None:
        raise Missing(_("There is no such complaint."))
    return found


def photo_of(session: Session, cooperative_ids: Sequence[UUID], order_ids: Sequence[UUID] | None, id: UUID) -> bytes:
    """The photo of a complaint of these cooperatives, and where orders are given about one of these."""
    query = select(ComplaintPhoto.webp).join(Complaint, Complaint.id == ComplaintPhoto.complaint_id).where(
        Complaint.cooperative_id.in_(cooperative_ids), ComplaintPhoto.cooperative_id.in_(cooperative_ids),
        Complaint.id == id,
    )  # fmt: skip
    if order_ids is not None:
        query = query.where(Complaint.order_id.in_(order_ids))
    found = session.scalar(query)
    if found is None:
        raise Missing(_("There is no such photo."))
    return found


def recent(session: Session, cooperative_id: UUID, *, most: int = 100) -> list[Complaint]:
    """The open ones first, the oldest of them on top; then the latest answered."""
    answered = Complaint.answered_at.is_not(None)
    query = select(Complaint).where(Complaint.cooperative_id == cooperative_id).options(selectinload(Complaint.order))
    queue = query.where(~answered).order_by(Complaint.created_at, Complaint.id).limit(most)
    done = query.where(answered).order_by(Complaint.answered_at.desc(), Complaint.id).limit(most)
    return [*session.scalars(loaded(queue)), *session.scalars(loaded(done))]


def count_open(session: Session, cooperative_id: UUID) -> int:
    mine = (Complaint.cooperative_id == cooperative_id, Complaint.answered_at.is_(None))
    return int(session.scalar(select(func.count()).select_from(Complaint).where(*mine)) or 0)
