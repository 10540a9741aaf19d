"""The desk: what waits for whoever sits in this office today, and four figures that say how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from cooperative import shares
from cooperative.cooperatives import Cooperative
from cooperative.roles import Role
from ground import clock
from ground.money import Money
from inventory.deliveries import Delivery
from inventory.heaps import Heap
from inventory.pools import Pool
from ledger import books, history
from proceeds.payouts import Run, RunApproval
from proceeds.settlements import Settlement
from storefront import invoices
from storefront.alarms import Alarm
from storefront.orders import Cancellation, Order, Picking


@dataclass(frozen=True, slots=True)
class Task:
    """One sentence of the to-do list, with the page (its endpoint) where it is done."""

    words: str
    page: str
    note: str = ""
    icon: str = "check"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the office stands: grams and pieces in store by unit, deliveries of today, and what is owed both ways."""

    in_store: dict[str, int]
    weighed_today: int
    owed_to_members: Money
    buyers_owe: Money


def figures(session: Session, cooperative: Cooperative) -> Figures:
    """The four figures, in four queries."""
    book = books.of_cooperative(session, cooperative.id)
    stock = session.execute(
        select(Heap.unit, func.sum(Heap.on_hand)).where(Heap.cooperative_id == cooperative.id).group_by(Heap.unit)
    )
    midnight = datetime.combine(clock.now().astimezone(cooperative.zone).date(), time(), cooperative.zone)
    weighed = _count(session, Delivery, cooperative.id, Delivery.delivered_at >= midnight)
    return Figures(
        {unit.value: int(total) for unit, total in stock if total},
        weighed,
        history.sum_of(session, book, "2020"),
        history.sum_of(session, book, "1100"),
    )


def tasks(session: Session, cooperative: Cooperative, roles: frozenset[str]) -> list[Task]:
    """What waits here for somebody with these roles, the most pressing first."""
    found: list[Task] = []
    if roles & {Role.MANAGER, Role.COLLECTOR}:
        found += _orders(session, cooperative.id)
    if roles & {Role.MANAGER, Role.TREASURER}:
        found += _money(session, cooperative)
    if Role.OPERATOR in roles:
        found += _market(session, cooperative)
    return found


def _orders(session: Session, cooperative_id: UUID) -> list[Task]:
    untouched = ~exists().where(
        Picking.cooperative_id == cooperative_id, Picking.order_id == Order.id
    ) & ~exists().where(Cancellation.cooperative_id == cooperative_id, Cancellation.order_id == Order.id)
    waiting = _count(session, Order, cooperative_id, untouched)
    return (
        [Task(_many(waiting, "order waits", "orders wait") + " to be picked", "office_orders.index", icon="package")]
        if waiting
        else []
    )


def _money(session: Session, cooperative: Cooperative) -> list[Task]:
    coop, found = cooperative.id, []
    left = invoices.dues(session, coop, cooperative.currency)
    late = invoices.count_overdue(session, coop, left, clock.now().date())
    if late:
        found.append(
            Task(
                _many(late, "invoice is", "invoices are") + " overdue",
                "invoices.index",
                icon="triangle-alert",
                kind="bad",
            )
        )
    unapproved = ~exists().where(RunApproval.cooperative_id == coop, RunApproval.run_id == Run.id)
    if runs := _count(session, Run, coop, unapproved):
        found.append(
            Task(
                _many(runs, "payout run waits", "payout runs wait") + " for a second person",
                "payouts.index",
                icon="banknote",
                kind="warn",
            )
        )
    if drafts := _count(session, Settlement, coop, _not_closed(coop)):
        found.append(
            Task(
                _many(drafts, "settlement is", "settlements are") + " under way",
                "settlements.index",
                icon="file-pen-line",
                kind="warn",
            )
        )
    if asked := len(shares.waiting(session, coop)):
        found.append(
            Task(
                _many(asked, "share application waits", "share applications wait") + " for approval",
                "shares.show",
                icon="piggy-bank",
            )
        )
    old = clock.now() - timedelta(days=60)
    if open_long := _count(session, Pool, coop, Pool.closed_at.is_(None) & (Pool.opened_at < old)):
        found.append(
            Task(_many(open_long, "pool has", "pools have") + " been open for two months", "pools.index", icon="clock")
        )
    return found


def _not_closed(cooperative_id: UUID) -> ColumnElement[bool]:
    closed = exists().where(
        Pool.cooperative_id == cooperative_id, Pool.id == Settlement.pool_id, Pool.closed_at.is_not(None)
    )
    return ~closed


def _market(session: Session, operator: Cooperative) -> list[Task]:
    found = []
    book = books.of_cooperative(session, operator.id)
    owing = history.sum_of(session, book, "2600")
    if owing.minor > 0:
        found.append(Task(f"{owing} is due to cooperatives", "remittances.index", icon="banknote", kind="warn"))
    if alarms := int(session.scalar(select(func.count()).select_from(Alarm)) or 0):
        found.append(
            Task(
                _many(alarms, "payment needs", "payments need") + " a person's eyes",
                "remittances.index",
                icon="triangle-alert",
                kind="bad",
            )
        )
    return found


def _count(session: Session, model: type[Any], cooperative_id: UUID, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(model).where(model.cooperative_id == cooperative_id, *which)
    return int(session.scalar(query) or 0)


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
