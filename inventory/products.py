"""Products: what a cooperative grows and sells, counted in one base unit, shown in the shop once it is listed."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint, and_, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, foreign, mapped_column, relationship

from ground import clock
from ground.changes import rows_changed
from ground.db import Model, OfCooperative, tenant_unique
from ground.errors import Conflict, Missing, Refusal
from ground.quantity import Unit
from ground.words import language
from inventory.product_photos import ProductPhoto
from inventory.product_words import ProductWords, Said


class Kind(StrEnum):
    """The shelf it stands on: the categories of the market price registers, and coffee."""

    CEREALS = "cereals and tubers"
    VEGETABLES = "vegetables and fruits"
    PULSES = "pulses and nuts"
    MEAT = "meat, fish and eggs"
    DAIRY = "milk and dairy"
    OIL = "oil and fats"
    COFFEE = "coffee and tea"
    OTHER = "other food"


class TaxClass(StrEnum):
    """How sales tax looks at it; which rate that is, and since when, is the cooperative's adopted rule."""

    EXEMPT = "exempt"
    ZERO = "zero"
    REDUCED = "reduced"
    STANDARD = "standard"


class Certificate(StrEnum):
    """What somebody outside has looked at and signed for."""

    ORGANIC = "organic"
    FAIR_TRADE = "fair trade"
    RAINFOREST = "rainforest"
    GOOD_PRACTICE = "good practice"


class Words(TypedDict):
    """What of a product may be written anew."""

    kind: Kind
    grades: list[str]
    description: str
    storage: str
    allergens: str
    keeps_days: int | None


class Product(OfCooperative, Model):
    """`keeps_days` from coming in sets a lot's expiry (None: it keeps); `grades` are what a collector chooses from.

    `certificates` keeps who certifies what, `{"organic": "Kilimohai KE-118"}`: a claim without a certifier is none.
    `version` counts how often its words were written: who changes them says which they saw.
    """

    __tablename__ = "product"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "slug"),
        CheckConstraint("length(slug) > 0 AND length(name) > 0", "named"),
        CheckConstraint("keeps_days IS NULL OR keeps_days > 0", "keeps"),
    )
    frozen_columns = ("cooperative_id", "unit")
    public_read = "listed_at IS NOT NULL"
    on_the_street = "true"

    slug: Mapped[str]
    name: Mapped[str]
    kind: Mapped[Kind]
    unit: Mapped[Unit]
    grades: Mapped[list[Any]]
    description: Mapped[str]
    picture: Mapped[str]  # a key under static/img, empty for crate art
    storage: Mapped[str]
    allergens: Mapped[str]
    keeps_days: Mapped[int | None]
    tax_class: Mapped[TaxClass] = mapped_column(default=TaxClass.EXEMPT)
    certificates: Mapped[dict[str, Any]]
    listed_at: Mapped[datetime | None]
    version: Mapped[int]
    translation: Mapped[ProductWords | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(ProductWords.product_id) == Product.id,
            foreign(ProductWords.cooperative_id) == Product.cooperative_id,
            ProductWords.language == bindparam(None, callable_=language, type_=String),
        ),
        viewonly=True,
        uselist=False,
        lazy="joined",
    )
    """Its words in the language spoken when it was read: part of the same statement wherever a product is read."""
    photo: Mapped[ProductPhoto | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(ProductPhoto.product_id) == Product.id,
            foreign(ProductPhoto.cooperative_id) == Product.cooperative_id,
        ),
        viewonly=True,
        uselist=False,
        lazy="joined",
    )
    """Read with it, too."""

    @property
    def said(self) -> Said:
        """Its words for the reader at hand; what nobody translated is said as it was first written."""
        theirs = self.translation
        if theirs is None:
            return Said(self.name, self.description, self.storage, self.allergens)
        return Said(
            theirs.name or self.name, theirs.description or self.description, theirs.storage or self.storage,
            theirs.allergens or self.allergens,
        )  # fmt: skip

    def list_in_shop(self) -> None:
        self.listed_at = self.listed_at or clock.now()

    def take_off(self) -> None:
        self.listed_at = None


def slugged(name: str) -> str:
    """A name as it stands in an address: `Maize (white)` → `maize-white`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def add(
    session: Session,
    cooperative_id: UUID,
    name: str,
    *,
    kind: Kind = Kind.OTHER,
    unit: Unit = Unit.GRAM,
    grades: tuple[str, ...] = ("A",),
    description: str = "",
    picture: str = "",
    storage: str = "",
    allergens: str = "",
    keeps_days: int | None = None,
    tax_class: TaxClass = TaxClass.EXEMPT,
    certificates: dict[str, str] | None = None,
    listed: bool = False,
) -> Product:
    """A new product; a Refusal names `name` where the cooperative has one of that name."""
    slug = slugged(name)
    if not slug:
        raise Refusal(fields={"name": "Give the product a name in letters."})
    if find_by_slug(session, cooperative_id, slug):
        raise Refusal(fields={"name": f"There is a product called {name} already."})
    product = Product(
        cooperative_id=cooperative_id,
        slug=slug,
        name=name,
        kind=kind,
        unit=unit,
        grades=list(grades) or ["A"],
        description=description,
        picture=picture,
        storage=storage,
        allergens=allergens,
        keeps_days=keeps_days,
        tax_class=tax_class,
        certificates=certificates or {},
        listed_at=clock.now() if listed else None,
        version=1,
    )
    session.add(product)
    return product


def reword(session: Session, product: Product, words: Words, *, seen: int) -> None:
    """Write its words anew, if nobody did since version `seen`; else Conflict says beside each field what stands there now."""
    asked = update(Product).where(
        Product.cooperative_id == product.cooperative_id, Product.id == product.id, Product.version == seen
    )
    if rows_changed(session, asked.values(**words, version=seen + 1)) == 1:
        return
    session.refresh(product)
    theirs = {name: getattr(product, name) for name, mine in words.items() if getattr(product, name) != mine}
    raise Conflict(
        "Somebody else saved these words while you wrote. Yours still stand below; save again to put them in place of theirs.",
        fields={name: f"Meanwhile somebody else wrote: {_said(there)}" for name, there in theirs.items()},
    )


def _said(there: object) -> str:
    return "nothing." if there in ("", None) else ", ".join(there) if isinstance(there, list) else str(there)


def find(session: Session, cooperative_id: UUID, product_id: UUID) -> Product:
    """This cooperative's product; another's is missing in the same words."""
    found = session.scalar(select(Product).where(Product.cooperative_id == cooperative_id, Product.id == product_id))
    if found is None:
        raise Missing("There is no such product.")
    return found


def find_by_slug(session: Session, cooperative_id: UUID, slug: str) -> Product | None:
    return session.scalar(select(Product).where(Product.cooperative_id == cooperative_id, Product.slug == slug))


def all_of(session: Session, cooperative_id: UUID) -> list[Product]:
    return list(session.scalars(select(Product).where(Product.cooperative_id == cooperative_id).order_by(Product.name)))
