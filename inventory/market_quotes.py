"""Market quotes: what a market paid for a commodity on a day, as published, its unit read into base units."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session

from ground.db import Model
from ground.errors import Refusal
from ground.money import Money
from ground.quantity import Quantity, Unit


class PriceType(StrEnum):
    """Whether a household or a trader paid it."""

    RETAIL = "retail"
    WHOLESALE = "wholesale"


class MarketQuote(Model):
    """One published observation; a public fact, so it belongs to no cooperative. `content` base units cost `price_minor`."""

    __tablename__ = "market_quote"
    __table_args__ = (
        UniqueConstraint("observed_on", "market", "commodity", "unit_text", "price_type", "currency"),
        Index("ix_market_quote_commodity", "commodity", "price_type", "observed_on"),
        CheckConstraint("content > 0", "content"),
        CheckConstraint("price_minor > 0", "price"),
    )
    append_only = True

    observed_on: Mapped[date]
    province: Mapped[str]
    market: Mapped[str]
    latitude_udeg: Mapped[int | None]
    longitude_udeg: Mapped[int | None]
    category: Mapped[str]
    commodity: Mapped[str]
    unit_text: Mapped[str]
    unit: Mapped[Unit]
    content: Mapped[int]
    price_type: Mapped[PriceType]
    currency: Mapped[str]
    price_minor: Mapped[int]

    @property
    def price(self) -> Money:
        """Of the whole unit as published: of 90 kg where it says `90 KG`."""
        return Money(self.price_minor, self.currency)

    def price_of(self, content: int) -> Money:
        """What `content` base units cost at this quote, rounded once."""
        return self.price.times(Fraction(content, self.content))


WORDS = {"KG": (Unit.GRAM, 1_000), "G": (Unit.GRAM, 1), "L": (Unit.MILLILITRE, 1_000), "ML": (Unit.MILLILITRE, 1)}
PIECES = {"UNIT", "HEAD", "BUNCH", "LOAF", "DOZEN"}


def read_unit(text: str) -> Quantity:
    """`90 KG` → 90,000 g, `500 ML` → 500 ml, `Head`, `Bunch` and `Unit` → one piece; Refusal for what we cannot weigh."""
    cleaned = text.strip().upper()
    if cleaned in PIECES:
        return Quantity(12 if cleaned == "DOZEN" else 1, Unit.PIECE)
    found = re.fullmatch(r"(?:([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*)?(KG|G|L|ML)", cleaned)
    if found is None:
        raise Refusal(fields={"unit": f"Unknown unit {text!r}."})
    unit, size = WORDS[found[2]]
    exact = Fraction(found[1] or "1") * size
    if exact.denominator != 1 or exact <= 0:
        raise Refusal(fields={"unit": f"{text!r} is no whole number of {unit.value}."})
    return Quantity(int(exact), unit)


def latest(
    session: Session, commodity: str, price_type: PriceType, *, currency: str, market: str | None = None
) -> MarketQuote | None:
    """The most recent quote, of one market where it has any; else of the market seen last."""
    query = select(MarketQuote).where(
        MarketQuote.commodity == commodity, MarketQuote.price_type == price_type, MarketQuote.currency == currency
    )
    query = query.order_by(MarketQuote.observed_on.desc(), MarketQuote.market, MarketQuote.unit_text)
    if market and (found := session.scalar(query.where(MarketQuote.market == market).limit(1))):
        return found
    return session.scalar(query.limit(1))


def commodities(session: Session, currency: str) -> list[str]:
    """Every commodity that has a price here, by name."""
    query = (
        select(MarketQuote.commodity).where(MarketQuote.currency == currency).distinct().order_by(MarketQuote.commodity)
    )
    return list(session.scalars(query))


def find(session: Session, quote_id: UUID) -> MarketQuote | None:
    return session.scalar(select(MarketQuote).where(MarketQuote.id == quote_id))
