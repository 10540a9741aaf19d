"""Price lists: who may buy by which ladders. A signed contract or a company's prices are a list with that holder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload

from ground import clock
from ground.db import Model, OfCooperative, tenant_unique
from ground.ids import NOBODY
from inventory.ladders import Ladder
from inventory.packs import Pack
from inventory.pricing import OWN_LIST, LadderView, Level


class PriceList(OfCooperative, Model):
    """A named list of one level; `holder_id` is the contract, company or group it is for (NOBODY: everybody)."""

    __tablename__ = "price_list"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("cooperative_id", "level", "holder_id", "name"),
        Index("ix_price_list_holder", "holder_id"),
        CheckConstraint(f"(level = 'public') = (holder_id = '{NOBODY}')", "public_has_no_holder"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", "window"),
        CheckConstraint("length(name) > 0", "named"),
    )
    frozen_columns = ("cooperative_id", "level", "holder_id")
    public_read = "level = 'public'"
    on_the_street = "true"
    own_row = (
        "level = 'company' AND EXISTS (SELECT 1 FROM company_person c"
        " WHERE c.company_id = price_list.holder_id AND c.person_id = seeing_person())"
    )

    level: Mapped[Level]
    holder_id: Mapped[UUID]
    name: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Holders:
    """Whose lists this buyer may buy from, besides the public ones. Decided by who asks, never by what is sent."""

    contract_ids: tuple[UUID, ...] = ()
    company_ids: tuple[UUID, ...] = ()
    group_ids: tuple[UUID, ...] = ()

    def pairs(self) -> list[tuple[Level, UUID]]:
        by_level = (
            (Level.CONTRACT, self.contract_ids),
            (Level.COMPANY, self.company_ids),
            (Level.GROUP, self.group_ids),
        )
        return [(level, holder) for level, holders in by_level for holder in holders]


def ladders_for(
    session: Session, packs: Iterable[Pack], *, holders: Holders, at: datetime
) -> dict[UUID, tuple[LadderView, ...]]:
    """Every ladder that may price each pack now, for these holders and everybody; packs without one have an empty tuple."""
    by_id = {pack.id: pack for pack in packs}
    mine = [and_(PriceList.level == level, PriceList.holder_id == holder) for level, holder in holders.pairs()]
    query = (
        select(Ladder)
        .join(PriceList, PriceList.id == Ladder.price_list_id)
        .where(
            Ladder.cooperative_id.in_({pack.cooperative_id for pack in by_id.values()}), Ladder.pack_id.in_(list(by_id))
        )
        .where(or_(PriceList.level == Level.PUBLIC, *mine))
        .where(PriceList.valid_from <= at, or_(PriceList.valid_until.is_(None), PriceList.valid_until > at))
        .options(contains_eager(Ladder.price_list), joinedload(Ladder.rungs))
        .order_by(Ladder.id)
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[LadderView]] = {pack_id: [] for pack_id in by_id}
    for ladder in session.scalars(query).unique() if by_id else ():
        if ladder.rungs:
            found[ladder.pack_id].append(ladder.view(by_id[ladder.pack_id]))
    return {pack_id: tuple(ladders) for pack_id, ladders in found.items()}


def next_change(session: Session, at: datetime) -> datetime | None:
    """When the next public list of anybody begins or ends after `at`: prices change then without a row that does."""
    begins, ends = (
        select(func.min(when)).where(PriceList.level == Level.PUBLIC, when > at)
        for when in (PriceList.valid_from, PriceList.valid_until)
    )
    return min((moment for moment in session.scalars(begins.union_all(ends)) if moment is not None), default=None)


def find_public(session: Session, cooperative_id: UUID) -> PriceList | None:
    """The cooperative's own public list, once it has one."""
    query = select(PriceList).where(PriceList.cooperative_id == cooperative_id, PriceList.level == Level.PUBLIC)
    return session.scalar(query.order_by(PriceList.created_at).limit(1))


def public(session: Session, cooperative_id: UUID) -> PriceList:
    """The cooperative's own public list; made the first time it is asked for."""
    return find_public(session, cooperative_id) or open_list(
        session, cooperative_id, Level.PUBLIC, NOBODY, OWN_LIST.text
    )


def open_list(
    session: Session,
    cooperative_id: UUID,
    level: Level,
    holder_id: UUID,
    name: str,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> PriceList:
    price_list = PriceList(
        cooperative_id=cooperative_id,
        level=level,
        holder_id=holder_id,
        name=name,
        valid_from=valid_from or clock.now(),
        valid_until=valid_until,
    )
    session.add(price_list)
    session.flush()
    return price_list
