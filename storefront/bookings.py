"""Bookings: the window each order of a checkout is for, taken while the order is placed, given back when it is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.errors import Conflict, Missing, Refusal
from ground.words import _
from storefront import outlooks, windows
from storefront.outlooks import Outlook
from storefront.windows import Window

FIELD = "window-"
"""The form's field for a cooperative's window: this and the cooperative's id."""


def take(
    session: Session, owners: Iterable[Cooperative], chosen: Mapping[UUID, UUID], *, address: str
) -> dict[UUID, Window]:
    """Book the chosen window of every cooperative that has windows; by cooperative.

    Refusal and Conflict name the field and what is free instead; the caller rolls back. Windows are taken before stock, in
    ascending order of cooperative, so that two buyers ask for them alike.
    """
    now, taken = clock.now(), {}
    wanted = sorted(owners, key=lambda owner: owner.id)
    found = outlooks.of_owners(session, [owner.id for owner in wanted], now)
    for owner in wanted:
        if not found[owner.id].has_windows:
            continue
        window = _chosen(owner, found[owner.id], chosen.get(owner.id), session, now)
        if window.is_delivery and not address:
            raise Refusal(fields={"address": _("Write where to bring it.")})
        if not windows.book(session, owner.id, window.id, now):
            raise Conflict(fields={f"{FIELD}{owner.id}": _full(session, owner, window, now)})
        taken[owner.id] = window
    return taken


def _chosen(owner: Cooperative, outlook: Outlook, window_id: UUID | None, session: Session, now: datetime) -> Window:
    field = f"{FIELD}{owner.id}"
    window = next((window for window in outlook.windows if window.id == window_id), None)
    if window is not None:
        return window
    instead = _instead(owner, outlook)
    if window_id is None:
        missing = _("Choose when you get the goods of %(seller)s.", seller=owner.name)
        raise Refusal(fields={field: missing if outlook.first else instead})
    try:
        gone = windows.find(session, owner.id, window_id)
    except Missing:
        raise Refusal(fields={field: _("Choose one of the list.")}) from None
    when, at = gone.words(owner.zone), gone.order_by_words(owner.zone, now)
    if gone.closed_at is not None:
        raise Conflict(fields={field: _("%(window)s was closed meanwhile.", window=when) + f" {instead}"})
    raise Conflict(
        fields={field: _("Ordering for %(window)s closed at %(moment)s.", window=when, moment=at) + f" {instead}"}
    )


def _full(session: Session, owner: Cooperative, window: Window, now: datetime) -> str:
    outlook = outlooks.of_owners(session, [owner.id], now)[owner.id]
    return _("%(window)s is full.", window=window.words(owner.zone)) + f" {_instead(owner, outlook)}"


def _instead(owner: Cooperative, outlook: Outlook) -> str:
    """What there is instead."""
    if outlook.first is None:
        return _("%(seller)s has no other time at the moment: come back later, or remove its lines.", seller=owner.name)
    return _(
        "Move to %(window)s, or remove the lines of %(seller)s.",
        window=outlook.first.words(owner.zone),
        seller=owner.name,
    )
