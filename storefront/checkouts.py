"""Checkouts: one person's one payment, for orders of one or several cooperatives."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, func, select, text, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ground.changes import rows_changed
from ground.db import Model, OfCooperative, points_at, tenant_key
from ground.money import LARGEST_MINOR, Money
from ground.words import LANGUAGES
from storefront.tills import hashed


class How(StrEnum):
    """How it is paid: by card now, in cash when collected, or on a company's invoice."""

    CARD = "card"
    COLLECTION = "collection"
    INVOICE = "invoice"


class Checkout(Model):
    """Frozen when placed. Only the hash of its secret link is kept: who has the link sees the order, nobody else."""

    __tablename__ = "checkout"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("request_key"),
        Index("ix_checkout_person", "person_id"),
        Index("ix_checkout_cart", "cart_id"),
        Index(
            "ix_checkout_guest",
            text("lower(email)"),
            sqlite_where=text("person_id IS NULL"),
            postgresql_where=text("person_id IS NULL"),
        ),
        CheckConstraint(f"total_minor BETWEEN 0 AND {LARGEST_MINOR}", "total"),
        CheckConstraint("(how = 'invoice') = (company_id IS NOT NULL)", "invoice_has_company"),
        CheckConstraint("(how = 'card') = (expires_at IS NOT NULL)", "card_expires"),
        CheckConstraint(f"language IN {tuple(LANGUAGES)}", "language"),
    )
    frozen_columns = (
        "token_hash",
        "request_key",
        "company_id",
        "email",
        "currency",
        "total_minor",
        "how",
        "expires_at",
        "language",
    )
    erasable_columns = ("email",)

    own_statements: ClassVar = {
        "sqlite": (
            "CREATE TRIGGER checkout_buyer_stays BEFORE UPDATE OF person_id ON checkout WHEN OLD.person_id IS NOT NULL"
            " AND OLD.person_id IS NOT NEW.person_id BEGIN SELECT RAISE(ABORT, 'checkout keeps its buyer'); END",
        ),
        "postgresql": (
            "CREATE TRIGGER checkout_buyer_stays BEFORE UPDATE ON checkout FOR EACH ROW WHEN (OLD.person_id IS NOT NULL"
            " AND OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION refuse_change()",
        ),
    }
    """A guest's checkout may find its person once; nobody's becomes somebody else's."""

    token_hash: Mapped[str]
    request_key: Mapped[UUID]
    cart_id: Mapped[UUID | None] = mapped_column(points_at("cart.id"))
    person_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    company_id: Mapped[UUID | None] = mapped_column(points_at("company.id"))
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    total_minor: Mapped[int]
    how: Mapped[How]
    expires_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default="en")
    parts: Mapped[list[CheckoutPart]] = relationship(
        lazy="raise",
        primaryjoin="foreign(CheckoutPart.checkout_id) == Checkout.id",
        viewonly=True,
        order_by="CheckoutPart.cooperative_id",
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class CheckoutPart(OfCooperative, Model):
    """One cooperative's order within a checkout. No tenant walls: from it we learn whose rows the buyer sees."""

    __tablename__ = "checkout_part"
    __table_args__ = (
        UniqueConstraint("checkout_id", "cooperative_id"),
        UniqueConstraint("order_id"),
        tenant_key("order_id", "customer_order"),
        CheckConstraint("total_minor >= 0", "total"),
    )
    append_only = True
    tenant_walls = False

    checkout_id: Mapped[UUID] = mapped_column(points_at("checkout.id"))
    order_id: Mapped[UUID]
    total_minor: Mapped[int]


def find(session: Session, checkout_id: UUID) -> Checkout | None:
    return _with_parts(session, select(Checkout).where(Checkout.id == checkout_id))


def find_by_token(session: Session, token: str) -> Checkout | None:
    """The checkout of a secret link; None for any other word."""
    return _with_parts(session, select(Checkout).where(Checkout.token_hash == hashed(token)))


def find_by_request(session: Session, request_key: UUID) -> Checkout | None:
    """What an earlier sending of the same form made."""
    return session.scalar(select(Checkout).where(Checkout.request_key == request_key))


def _with_parts(session: Session, query: Select[Checkout]) -> Checkout | None:
    query = query.options(joinedload(Checkout.parts)).execution_options(populate_existing=True)
    return session.scalars(query).unique().one_or_none()


def adopt(session: Session, person_id: UUID, email: str) -> int:
    """Guests' orders under an address that this person has proved to be theirs are theirs now; how many."""
    guests = (Checkout.person_id.is_(None), func.lower(Checkout.email) == email)
    return rows_changed(session, update(Checkout).where(*guests).values(person_id=person_id))
