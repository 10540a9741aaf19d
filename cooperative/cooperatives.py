"""Cooperatives, and the one operator who runs the marketplace: the public directory, in which each keeps a book of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import CheckConstraint, Index, inspect, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import jurisdictions
from ground import clock, tenants
from ground.db import Model
from ground.errors import Refusal
from ground.money import DECIMALS
from ledger import books


class Kind(StrEnum):
    """What stands behind the row: farmers together, or the marketplace itself."""

    COOPERATIVE = "cooperative"
    OPERATOR = "operator"


class Label(StrEnum):
    """The colour a cooperative's crates are painted in."""

    MARIGOLD = "marigold"
    TOMATO = "tomato"
    LEAF = "leaf"
    SKY = "sky"
    PLUM = "plum"
    CLAY = "clay"
    LAGOON = "lagoon"
    MAIZE = "maize"


SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Cooperative(Model):
    """One cooperative. The row is public; whether shoppers find it is `listed_at`, whether its office opens is `closed_at`."""

    __tablename__ = "cooperative"
    __table_args__ = (
        Index("uq_cooperative_one_operator", "kind", unique=True,
              sqlite_where=text("kind = 'operator'"), postgresql_where=text("kind = 'operator'")),
        CheckConstraint("slug <> '' AND name <> ''", "named"),
        CheckConstraint("length(currency) = 3", "currency"),
        CheckConstraint("kind <> 'operator' OR listed_at IS NULL", "operator_sells_nothing"),
    )  # fmt: skip
    frozen_columns = ("kind", "currency")
    on_the_street = "true"

    kind: Mapped[Kind]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    label: Mapped[Label]
    place: Mapped[str]
    county: Mapped[str]
    country: Mapped[str]
    jurisdiction: Mapped[str]
    currency: Mapped[str]
    timezone: Mapped[str]
    society_code: Mapped[str | None] = mapped_column(unique=True)
    listed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    story: Mapped[str]

    @property
    def is_operator(self) -> bool:
        return self.kind is Kind.OPERATOR

    @property
    def law(self) -> jurisdictions.Jurisdiction:
        """The legal limits it lives under."""
        return jurisdictions.of(self.jurisdiction)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def put_on_the_market(self) -> None:
        """Let shoppers find it; a second call changes nothing."""
        assert not self.is_operator, "the operator sells nothing"
        self.listed_at = self.listed_at or clock.now()


def register(
    session: Session,
    *,
    name: str,
    slug: str,
    currency: str,
    timezone: str = "Africa/Nairobi",
    jurisdiction: str = "KE",
    country: str = "Kenya",
    county: str = "",
    place: str = "",
    label: Label | str = Label.MARIGOLD,
    kind: Kind = Kind.COOPERATIVE,
    society_code: str | None = None,
    story: str = "",
    listed: bool = False,
) -> Cooperative:
    """A new cooperative with its open book; the session may see it from now on. A Refusal names what cannot be."""
    wrong: dict[str, str] = {}
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        wrong["slug"] = "Use small letters, digits and single hyphens."
    elif find_by_slug(session, slug) is not None:
        wrong["slug"] = "Another cooperative has this address."
    if currency not in DECIMALS:
        wrong["currency"] = f"We keep no books in {currency}."
    if timezone not in available_timezones():
        wrong["timezone"] = "This is no time zone, such as Africa/Nairobi."
    if jurisdiction not in jurisdictions.ALL:
        wrong["jurisdiction"] = "We do not know the law of this place yet."
    if not name.strip():
        wrong["name"] = "Write the cooperative's name."
    if wrong:
        raise Refusal(fields=wrong)
    cooperative = Cooperative(
        kind=kind, name=name.strip(), slug=slug, label=Label(label), place=place, county=county, country=country,
        jurisdiction=jurisdiction, currency=currency, timezone=timezone, society_code=society_code, story=story,
        listed_at=clock.now() if listed else None, closed_at=None,
    )  # fmt: skip
    session.add(cooperative)
    tenants.allow(session, cooperative.id)  # Whoever registers it must see its book to open it.
    books.open_book(session, cooperative.id, currency)
    session.flush()
    return cooperative


def find(session: Session, cooperative_id: UUID) -> Cooperative | None:
    return session.get(Cooperative, cooperative_id)


def find_by_slug(session: Session, slug: str) -> Cooperative | None:
    return session.scalar(select(Cooperative).where(Cooperative.slug == slug))


def find_many(session: Session, ids: list[UUID]) -> dict[UUID, Cooperative]:
    """These cooperatives by id, whatever their state: for pages that name the partners of an order.

    As `session.get` does it: what this transaction has read already is not asked again.
    """
    found = {
        id: row for id in ids
        if (row := session.identity_map.get(session.identity_key(Cooperative, id))) is not None and not inspect(row).expired
    }  # fmt: skip
    missing = [id for id in ids if id not in found]
    if missing:
        found |= {row.id: row for row in session.scalars(select(Cooperative).where(Cooperative.id.in_(missing)))}
    return found


def find_operator(session: Session) -> Cooperative | None:
    """The operator, where there is one yet."""
    return session.scalars(select(Cooperative).where(Cooperative.kind == Kind.OPERATOR)).one_or_none()


def operator(session: Session) -> Cooperative:
    """The one operator; without one nothing can be sold by card, so a missing one is our mistake."""
    return session.scalars(select(Cooperative).where(Cooperative.kind == Kind.OPERATOR)).one()


def listed(session: Session, *, most: int = 100) -> list[Cooperative]:
    """The cooperatives shoppers may find, by name."""
    query = select(Cooperative).where(Cooperative.listed_at.is_not(None), Cooperative.closed_at.is_(None))
    return list(session.scalars(query.order_by(Cooperative.name).limit(most)))


def listed_as(session: Session, slugs: Sequence[str]) -> list[Cooperative]:
    """Those of these addresses that shoppers may find, by name."""
    query = select(Cooperative).where(Cooperative.listed_at.is_not(None), Cooperative.closed_at.is_(None))
    return list(session.scalars(query.where(Cooperative.slug.in_(slugs)).order_by(Cooperative.name))) if slugs else []


def at_home(session: Session, words: Sequence[str], *, most: int = 3) -> list[Cooperative]:
    """Listed cooperatives that have every one of these words in their name, place, county or country."""
    query = select(Cooperative).where(Cooperative.listed_at.is_not(None), Cooperative.closed_at.is_(None))
    for word in words:
        columns = (Cooperative.name, Cooperative.place, Cooperative.county, Cooperative.country)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return list(session.scalars(query.order_by(Cooperative.name).limit(most))) if words else []


def lock(session: Session, cooperative_id: UUID) -> None:
    """Hold the cooperative's row until the end of the transaction: what must be counted before it is changed queues here.

    NO KEY UPDATE on PostgreSQL, so that rows which only refer to the cooperative need not wait; SQLite's writers queue anyway.
    """
    query = select(Cooperative.id).where(Cooperative.id == cooperative_id).with_for_update(key_share=True)
    assert session.scalar(query) is not None, "no such cooperative"
