"""By-laws: the rules a cooperative gave itself, as versioned data. A version is never edited; a new one follows it."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cooperative import cooperatives
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Conflict, Refusal

SETTLEMENT = "settlement"
SHARES = "shares"


class Bylaw(OfCooperative, Model):
    """One version of one by-law: what it says, from when, by whose word. Who reads `rules` parses them strictly."""

    __tablename__ = "bylaw"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "kind", "version"),
        CheckConstraint("version >= 1", "version"),
        CheckConstraint("source <> ''", "sourced"),
    )
    append_only = True
    public_read = "kind = 'taxes'"  # Whoever may buy may know what tax a price holds.

    kind: Mapped[str]
    version: Mapped[int]
    effective_from: Mapped[date]
    rules: Mapped[dict[str, Any]]
    source: Mapped[str]
    approved_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))


def adopt(
    session: Session,
    cooperative_id: UUID,
    kind: str,
    rules: dict[str, Any],
    *,
    effective_from: date,
    source: str,
    by: UUID,
    seen: int | None = None,
) -> Bylaw:
    """The next version of this by-law. It may not begin before the version it follows: what was settled stays explained.

    A person says which version they `seen` as the last (0: none); Conflict tells what was adopted meanwhile.
    """
    cooperatives.lock(session, cooperative_id)
    last = session.execute(
        select(func.max(Bylaw.version), func.max(Bylaw.effective_from)).where(
            Bylaw.cooperative_id == cooperative_id, Bylaw.kind == kind
        )
    ).one()
    if seen is not None and seen != (last[0] or 0):
        raise Conflict(_overtaken(versions(session, cooperative_id, kind)[-1:], source))
    if last[1] is not None and effective_from < last[1]:
        raise Refusal(
            fields={"effective_from": f"The version before begins on {last[1]:%d %B %Y}; begin on that day or later."}
        )
    bylaw = Bylaw(
        cooperative_id=cooperative_id, kind=kind, version=(last[0] or 0) + 1, effective_from=effective_from,
        rules=rules, source=source, approved_by_id=by,
    )  # fmt: skip
    session.add(bylaw)
    session.flush()
    return bylaw


def _overtaken(last: list[Bylaw], source: str) -> str:
    there = f"Version {last[0].version} stands there now, by “{last[0].source}”" if last else "None stands there now"
    return f"{there}; you wrote “{source}”. Nothing of yours was saved: read what stands there first."


def in_force(session: Session, cooperative_id: UUID, kind: str, at: date) -> Bylaw | None:
    """The version that governs this day, or None where the cooperative has none yet."""
    query = select(Bylaw).where(Bylaw.cooperative_id == cooperative_id, Bylaw.kind == kind, Bylaw.effective_from <= at)
    return session.scalar(query.order_by(Bylaw.version.desc()).limit(1))


def versions(session: Session, cooperative_id: UUID, kind: str) -> list[Bylaw]:
    """Every version, oldest first."""
    query = select(Bylaw).where(Bylaw.cooperative_id == cooperative_id, Bylaw.kind == kind)
    return list(session.scalars(query.order_by(Bylaw.version)))


def model_rules(jurisdiction: str, kind: str) -> dict[str, Any]:
    """Rules to begin with, from `model_bylaws.toml`: a cooperative reads them, changes them and adopts them as its own."""
    return tomllib.loads(files("cooperative").joinpath("model_bylaws.toml").read_text("utf-8"))[jurisdiction][kind]
