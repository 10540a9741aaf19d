"""Answers to complaints: packs paid back, an amount out of goodwill, or nothing but words; one row, written once."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ground.db import Model, OfCooperative, points_at, tenant_key, tenant_unique
from ground.money import Money
from ground.words import _, ngettext


class Outcome(StrEnum):
    """How a complaint ended: packs paid back, an amount out of goodwill, or nothing but words."""

    REFUNDED = "refunded"
    GOODWILL = "goodwill"
    REFUSED = "refused"


class ComplaintAnswer(OfCooperative, Model):
    """The one answer to a complaint: who, what in words, and the refund that carries its money."""

    __tablename__ = "complaint_answer"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("complaint_id"),
        UniqueConstraint("refund_id"),
        tenant_key("complaint_id", "complaint"),
        tenant_key("refund_id", "refund"),
        CheckConstraint("(outcome = 'refused') = (refund_id IS NULL)", "refused_costs_nothing"),
        CheckConstraint("(refund_id IS NULL) = (amount_minor IS NULL)", "amount_of_refund"),
        CheckConstraint("(outcome = 'refunded') = (quantity IS NOT NULL)", "packs_of_refund"),
        CheckConstraint("quantity >= 1 AND amount_minor >= 1", "above_nought"),
        CheckConstraint("length(words) >= 1", "words"),
    )
    append_only = True

    complaint_id: Mapped[UUID]
    outcome: Mapped[Outcome]
    words: Mapped[str]
    quantity: Mapped[int | None]  # Packs paid back.
    amount_minor: Mapped[int | None]
    currency: Mapped[str]
    refund_id: Mapped[UUID | None]
    by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    def told(self) -> str:
        """One sentence for the buyer, before the words of whoever answered."""
        match self.outcome:
            case Outcome.REFUNDED:
                return ngettext(
                    "We give back %(amount)s for %(count)s pack.", "We give back %(amount)s for %(count)s packs.",
                    self.quantity or 0, amount=self.amount,
                )  # fmt: skip
            case Outcome.GOODWILL:
                return _("We give you %(amount)s out of goodwill.", amount=self.amount)
            case Outcome.REFUSED:
                return _("We do not give money back for this.")
