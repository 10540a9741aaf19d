"""Papers: receipts, invoices and credit notes as they were issued, byte for byte, numbered by cooperative without gaps."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import jobs
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Missing
from ground.words import _
from storefront.orders import Order


class Kind(StrEnum):
    """What it is proof of: that money came, that money is owed, that money went back."""

    RECEIPT = "receipt"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"

    def named(self, number: int) -> str:
        """In the language spoken now."""
        return {
            Kind.RECEIPT: _("Receipt %(number)s", number=number),
            Kind.INVOICE: _("Invoice %(number)s", number=number),
            Kind.CREDIT_NOTE: _("Credit note %(number)s", number=number),
        }[self]

    @property
    def series(self) -> str:
        """What its numbers are counted under; deliveries have receipts of their own."""
        return {Kind.RECEIPT: "sale receipt", Kind.INVOICE: "invoice", Kind.CREDIT_NOTE: "credit note"}[self]

    @property
    def job(self) -> str:
        """The worker's job that issues it; its subject is what it is proof of."""
        return f"issue {self.value}"


class Paper(OfCooperative, Model):
    """Issued once and never changed: who asks again gets the same bytes. `cause_id` is the order, invoice or refund it proves."""

    __tablename__ = "paper"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "kind", "number"),
        UniqueConstraint("kind", "cause_id"),
        tenant_key("order_id", "customer_order"),
        Index("ix_paper_order", "cooperative_id", "order_id"),
        CheckConstraint("number >= 1", "number"),
        CheckConstraint("length(sha256) = 64", "sha256"),
        CheckConstraint("length(pdf) > 0", "pdf"),
    )
    append_only = True

    kind: Mapped[Kind]
    number: Mapped[int]
    order_id: Mapped[UUID]
    cause_id: Mapped[UUID]
    language: Mapped[str]
    sha256: Mapped[str]
    pdf: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)

    @property
    def title(self) -> str:
        return self.kind.named(self.number)

    @property
    def filename(self) -> str:
        return f"{self.kind.value.replace('_', '-')}-{self.number}.pdf"


def promise(session: Session, kind: Kind, cause_id: UUID) -> None:
    """The worker will issue it after commit: a paper that cannot be printed must not stop money from being booked."""
    jobs.enqueue(session, kind.job, cause_id)


def of_orders(session: Session, orders: Sequence[Order]) -> dict[UUID, list[Paper]]:
    """All papers of each order, oldest first, without their bytes."""
    found: dict[UUID, list[Paper]] = {order.id: [] for order in orders}
    owners = sorted({order.cooperative_id for order in orders})
    query = select(Paper).where(Paper.cooperative_id.in_(owners), Paper.order_id.in_(sorted(found)))
    for paper in session.scalars(query.order_by(Paper.created_at, Paper.id)):
        found[paper.order_id].append(paper)
    return found


def find(session: Session, cooperative_ids: list[UUID], order_ids: list[UUID], paper_id: UUID) -> Paper:
    """A paper of one of these orders; another's is missing in the same words."""
    query = select(Paper).where(
        Paper.cooperative_id.in_(cooperative_ids), Paper.order_id.in_(order_ids), Paper.id == paper_id
    )
    found = session.scalar(query)
    if found is None:
        raise Missing(_("There is no such paper."))
    return found


def bytes_of(session: Session, paper: Paper) -> bytes:
    """The PDF as it was issued."""
    query = select(Paper.pdf).where(Paper.cooperative_id == paper.cooperative_id, Paper.id == paper.id)
    return session.scalars(query).one()
