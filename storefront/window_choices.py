"""Window choices: what basket and checkout offer for each cooperative, in words, with the one that is preselected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import tenants
from ground.words import _, ngettext
from storefront import bookings, cancellations
from storefront.orders import Order
from storefront.outlooks import Outlook
from storefront.windows import Window

SHOWN_MOST = 6
FEW_LEFT = 5


@dataclass(frozen=True, slots=True)
class Option:
    """One window as a line to pick."""

    id: UUID
    when: str
    note: str
    room: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A cooperative's windows. `gone` says what became of the one the buyer had in mind; no options: nothing is free now."""

    owner: Cooperative
    field: str
    options: tuple[Option, ...]
    chosen: UUID | None
    gone: str
    full: tuple[str, ...]
    delivers: bool

    @property
    def picked(self) -> Option | None:
        return next((option for option in self.options if option.id == self.chosen), None)


def offered(
    outlooks: Mapping[UUID, Outlook],
    owners: Iterable[Cooperative],
    in_mind: Mapping[UUID, UUID],
    mine: Mapping[UUID, int],
    now: datetime,
) -> dict[UUID, Choice]:
    """By cooperative; those without windows are left out. `in_mind` is what the cart remembers, by cooperative."""
    found = {}
    for owner in owners:
        outlook = outlooks[owner.id]
        if outlook.has_windows:
            found[owner.id] = _choice(owner, outlook, in_mind.get(owner.id), mine, now)
    return found


def booked_by_me(session: Session, cart_id: UUID) -> dict[UUID, int]:
    """What this cart's unpaid attempts have booked: it does not stand in the buyer's own way [commerce:S09]."""
    attempts = cancellations.unpaid_attempts(session, cart_id)
    if not attempts:
        return {}
    tenants.allow(session, *(part.cooperative_id for part in attempts))  # Their own orders.
    query = (
        select(Order.window_id, func.count())
        .where(Order.cooperative_id.in_({part.cooperative_id for part in attempts}))
        .where(Order.id.in_([part.order_id for part in attempts]), Order.window_id.is_not(None))
        .group_by(Order.window_id)
    )
    return {window_id: int(count) for window_id, count in session.execute(query) if window_id is not None}


def _choice(
    owner: Cooperative, outlook: Outlook, wanted: UUID | None, mine: Mapping[UUID, int], now: datetime
) -> Choice:
    free = [window for window in outlook.windows if window.left + mine.get(window.id, 0) > 0]
    full = [window for window in outlook.windows if window not in free]
    chosen = next((window for window in free if window.id == wanted), None)
    shown = free[:SHOWN_MOST] + ([chosen] if chosen is not None and chosen not in free[:SHOWN_MOST] else [])
    gone = ""
    if wanted is not None and chosen is None:
        late = next((window for window in full if window.id == wanted), None)
        gone = (
            _("%(window)s is full.", window=late.words(owner.zone))
            if late
            else _("The time you had chosen takes no more orders.")
        )
    picked = chosen or (free[0] if free else None)
    return Choice(
        owner, f"{bookings.FIELD}{owner.id}", tuple(_option(window, owner, mine, now) for window in shown),
        picked.id if picked else None, gone, tuple(window.words(owner.zone) for window in full[:3]),
        any(window.is_delivery for window in shown),
    )  # fmt: skip


def _option(window: Window, owner: Cooperative, mine: Mapping[UUID, int], now: datetime) -> Option:
    left = window.left + mine.get(window.id, 0)
    until = window.order_by_words(owner.zone, now)
    if window.is_delivery:
        note = _("Brought to you in %(place)s; order until %(moment)s", place=window.place, moment=until)
    else:
        note = _("Collect at %(place)s; order until %(moment)s", place=window.place, moment=until)
    room = ngettext("%(count)s left", "%(count)s left", left) if left <= FEW_LEFT else ""
    return Option(window.id, window.words(owner.zone), note, room)
