"""Outlooks: what a shopper can order for now, until when, and for which window; one query for windows, one for cycles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import local_time
from inventory.price_lists import Holders
from storefront import cycles
from storefront.cycles import OrderCycle, Sells
from storefront.window_rules import WindowRule
from storefront.windows import Window


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a cooperative offers from now on. It has windows at all, or it writes when an order is packed, as ever."""

    has_windows: bool = False
    windows: tuple[Window, ...] = ()

    @property
    def first(self) -> Window | None:
        """The next one with room."""
        return next((window for window in self.windows if window.left > 0), None)

    @property
    def delivers(self) -> bool:
        return any(window.is_delivery for window in self.windows)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a product's page may say: why it cannot be ordered (`shut`), or until when, for when and where."""

    shut: str = ""
    until: str = ""
    on: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Street:
    """Windows and cycles of the cooperatives on a page, as they stand at one moment."""

    now: datetime
    buyers: frozenset[Sells]
    by_owner: dict[UUID, Outlook]
    cycles: tuple[OrderCycle, ...]

    @property
    def next_change(self) -> datetime | None:
        """When the first of these windows or cycles opens or closes: until then all of this stays true."""
        moments = [window.cut_off_at for outlook in self.by_owner.values() for window in outlook.windows]
        moments += [
            moment for cycle in self.cycles for moment in (cycle.opens_at, cycle.closes_at) if moment is not None
        ]
        return min((moment for moment in moments if moment > self.now), default=None)

    def of(self, owner_id: UUID) -> Outlook:
        return self.by_owner.get(owner_id, Outlook())

    def shut(self, owner: Cooperative, product_id: UUID) -> str:
        """In words why this product cannot be ordered now, or nothing."""
        return cycles.why_shut(self.cycles, owner, product_id, self.buyers, self.now)

    def promise(self, owner: Cooperative, product_id: UUID) -> Promise:
        """The whole answer for one product: the earlier of its cycle's closing and its window's cut-off counts."""
        if shut := self.shut(owner, product_id):
            return Promise(shut=shut)
        window = self.of(owner.id).first
        closes = cycles.closing(self.cycles, owner.id, product_id, self.buyers, self.now)
        ends = [moment for moment in (closes, window.cut_off_at if window else None) if moment is not None]
        until = local_time.short_words(min(ends), owner.zone, self.now) if ends else ""
        if window is None:
            return Promise(until=until)
        return Promise(until=until, on=local_time.day_words(window.starts_at, owner.zone), place=window.place)


def buyers_of(holders: Holders) -> frozenset[Sells]:
    """As whom a visitor may buy: everybody retail, a company's person wholesale too."""
    return frozenset({Sells.RETAIL, Sells.WHOLESALE} if holders.company_ids else {Sells.RETAIL})


def street(session: Session, owner_ids: Iterable[UUID], now: datetime, *, holders: Holders) -> Street:
    """What these cooperatives offer."""
    ids = sorted(set(owner_ids))
    return Street(now, buyers_of(holders), of_owners(session, ids, now), tuple(cycles.dated(session, ids)))


def of_owners(session: Session, owner_ids: Collection[UUID], now: datetime) -> dict[UUID, Outlook]:
    """For each cooperative the windows that take orders, soonest first, full ones among them."""
    if not owner_ids:
        return {}
    query = (
        select(Window, WindowRule.id)
        .outerjoin(WindowRule, (WindowRule.id == Window.rule_id) & WindowRule.ended_at.is_(None))
        .where(Window.cooperative_id.in_(owner_ids), Window.starts_at > now)
        .order_by(Window.starts_at, Window.id)
        .execution_options(populate_existing=True)
    )
    has: set[UUID] = set()
    offered: dict[UUID, list[Window]] = defaultdict(list)
    for window, live_rule in session.execute(query):
        if (
            window.closed_at is None or live_rule is not None
        ):  # A rule's closed days are a pause, not the end of windows.
            has.add(window.cooperative_id)
        if window.takes_orders(now):
            offered[window.cooperative_id].append(window)
    return {id: Outlook(id in has, tuple(offered[id])) for id in owner_ids}
