"""A product's words in another language, as its cooperative wrote them: what is left empty stays as it was written first."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Said:
    """What a product is called and what is said of it, to one reader."""

    name: str
    description: str
    storage: str
    allergens: str


class ProductWords(OfCooperative, Model):
    """One product in one language. It belongs to the product: nobody else points at it."""

    __tablename__ = "product_words"
    __table_args__ = (
        tenant_unique(),
        tenant_key("product_id", "product"),
        UniqueConstraint("product_id", "language"),
        CheckConstraint(f"language IN {tuple(LANGUAGES)}", "language"),
        CheckConstraint("name <> '' OR description <> '' OR storage <> '' OR allergens <> ''", "says_something"),
    )
    frozen_columns = ("cooperative_id", "product_id", "language")
    public_read = "EXISTS (SELECT 1 FROM product p WHERE p.id = product_words.product_id AND p.listed_at IS NOT NULL)"
    on_the_street = "true"

    product_id: Mapped[UUID]
    language: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    storage: Mapped[str]
    allergens: Mapped[str]


def find(session: Session, cooperative_id: UUID, product_id: UUID, language: str) -> ProductWords | None:
    return session.scalar(select(ProductWords).where(*_which(cooperative_id, product_id, language)))


def languages(session: Session, cooperative_id: UUID, product_id: UUID) -> set[str]:
    """Those it is written in besides the first."""
    mine = (ProductWords.cooperative_id == cooperative_id, ProductWords.product_id == product_id)
    return set(session.scalars(select(ProductWords.language).where(*mine)))


def write(session: Session, cooperative_id: UUID, product_id: UUID, language: str, said: Said) -> None:
    """Write these words in place of the ones before; nothing at all takes them away."""
    if said == Said("", "", "", ""):
        session.execute(delete(ProductWords).where(*_which(cooperative_id, product_id, language)))
        return
    found = find(session, cooperative_id, product_id, language)
    if found is None:
        found = ProductWords(cooperative_id=cooperative_id, product_id=product_id, language=language)
        session.add(found)
    found.name, found.description, found.storage, found.allergens = (
        said.name, said.description, said.storage, said.allergens,
    )  # fmt: skip
    session.flush()


def _which(cooperative_id: UUID, product_id: UUID, language: str) -> tuple[ColumnElement[bool], ...]:
    return (
        ProductWords.cooperative_id == cooperative_id,
        ProductWords.product_id == product_id,
        ProductWords.language == language,
    )
