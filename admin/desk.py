"""The desk: what waits for whoever sits in this office today, and four figures that say how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, selectinload

from cooperative import shares
from cooperative.cooperatives import Cooperative
from cooperative.roles import Role
from ground import clock, inbox, jobs, outbox, refusals
from ground.money import Money
from inventory.deliveries import Delivery
from inventory.heaps import Heap
from inventory.pools import Pool
from ledger import books, history
from proceeds.instructions import Instruction, State
from proceeds.payouts import Run
from proceeds.settlements import Settlement
from storefront import complaints, invoices, pickings
from storefront.alarms import Alarm
from storefront.orders import Collection, Order, Picking

URGENCY = ("bad", "warn", "")
SHOWN_MOST = 5


@dataclass(frozen=True, slots=True)
class Task:
    """One sentence of the to-do list, with the page (its endpoint) where it is done."""

    words: str
    page: str
    where: Mapping[str, Any] = field(default_factory=dict)
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


def tasks(session: Session, cooperative: Cooperative, roles: frozenset[str], me: UUID) -> list[Task]:
    """What waits here for this person with these roles, the most pressing first."""
    found: list[Task] = []
    if roles & {Role.MANAGER, Role.TREASURER}:
        found += _money(session, cooperative, me)
    if Role.OPERATOR in roles:
        found += _market(session, cooperative) + _runs(session, cooperative, me)
    if roles & {Role.MANAGER, Role.COLLECTOR}:
        found += _orders(session, cooperative.id)
    return sorted(found, key=lambda task: URGENCY.index(task.kind))


def _orders(session: Session, cooperative_id: UUID) -> list[Task]:
    found = []
    if waiting := pickings.to_pick(session, cooperative_id):
        words = _many(len(waiting), "order waits", "orders wait") + " to be packed"
        note = "The list says which lot to take"
        found.append(Task(words, "office_orders.picking", note=note, icon="package", kind="warn"))
    packed = exists().where(Picking.cooperative_id == cooperative_id, Picking.order_id == Order.id)
    given = exists().where(Collection.cooperative_id == cooperative_id, Collection.order_id == Order.id)
    if ready := _count(session, Order, cooperative_id, packed & ~given):
        words = _many(ready, "packed order waits", "packed orders wait") + " for the buyer"
        found.append(Task(words, "office_orders.index", note="Hand it over and take the cash", icon="shopping-basket"))
    return found


def _money(session: Session, cooperative: Cooperative, me: UUID) -> list[Task]:
    coop, found = cooperative.id, _runs(session, cooperative, me)
    left = invoices.dues(session, coop, cooperative.currency)
    if late := invoices.count_overdue(session, coop, left, clock.now().astimezone(cooperative.zone).date()):
        words = _many(late, "invoice is", "invoices are") + " overdue"
        found.append(Task(words, "invoices.index", note="Call the buyer", icon="triangle-alert", kind="bad"))
    if told := complaints.count_open(session, coop):
        words = _many(told, "complaint waits", "complaints wait") + " for an answer"
        found.append(
            Task(words, "office_complaints.index", note="A buyer was let down", icon="message-square", kind="bad")
        )
    owed = history.sum_of(session, books.of_cooperative(session, coop), "2020")
    if owed.minor > 0 and not any(task.page == "payouts.show" for task in found):
        found.append(Task(f"{owed} is owed to members", "payouts.index", note="Make a payout run", icon="banknote"))
    drafts = select(Settlement).where(Settlement.cooperative_id == coop, _not_closed(coop)).limit(SHOWN_MOST)
    for draft in session.scalars(drafts.options(selectinload(Settlement.pool).selectinload(Pool.product))):
        words = f"Settle {draft.pool.product.name}, {draft.pool.season}"
        note = "You prepared it" if draft.prepared_by_id == me else "Somebody else prepared it: you may approve it"
        found.append(Task(words, "settlements.show", {"settlement_id": draft.id}, note, "file-pen-line", "warn"))
    for asked in shares.waiting(session, coop)[:SHOWN_MOST]:
        mine = asked.applied_by_id == me
        words = f"{asked.member.name} asked for {_many(asked.shares, 'share', 'shares')}"
        note = "You entered it: somebody else approves it" if mine else "Needs your approval"
        found.append(Task(words, "shares.show", note=note, icon="piggy-bank", kind="" if mine else "warn"))
    old = clock.now() - timedelta(days=60)
    if open_long := _count(session, Pool, coop, Pool.closed_at.is_(None) & (Pool.opened_at < old)):
        words = _many(open_long, "pool has", "pools have") + " been open for two months"
        found.append(Task(words, "pools.index", note="Members wait for their second payment", icon="clock"))
    return found


def _runs(session: Session, cooperative: Cooperative, me: UUID) -> list[Task]:
    """Payout runs with something still to approve or to send; a run that was taken back asks nothing of anybody."""
    ready = exists().where(
        Instruction.cooperative_id == cooperative.id, Instruction.run_id == Run.id, Instruction.state == State.READY
    )
    query = select(Run).where(Run.cooperative_id == cooperative.id, ready).options(
        selectinload(Run.approval), selectinload(Run.made_by)
    )  # fmt: skip
    found = []
    for run in session.scalars(query.order_by(Run.number).limit(SHOWN_MOST)):
        note, where = f"{run.total} in {_many(run.payments, 'payment', 'payments')}", {"run_id": run.id}
        if run.approval is not None:
            found.append(Task(f"Send run {run.number}", "payouts.show", where, f"{note}, approved", "banknote", "warn"))
        elif run.made_by_id == me:
            note += ". You made it: somebody else approves it"
            found.append(Task(f"Run {run.number} waits for a second person", "payouts.show", where, note, "clock"))
        else:
            note += f", made by {run.made_by.name}"
            words = f"Run {run.number} needs your approval"
            found.append(Task(words, "payouts.show", where, note, "banknote", "warn"))
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
        found.append(
            Task(
                f"{owing} is due to cooperatives",
                "remittances.index",
                note="Make a remittance run",
                icon="banknote",
                kind="warn",
            )
        )
    for count, one, more, note in (
        (_all(session, Alarm), "payment needs", "payments need", "No rule may decide it"),
        (
            len(refusals.bursts(session, clock.now())),
            "burst of refusals asks for",
            "bursts of refusals ask for",
            "A script?",
        ),
        (len(jobs.stuck(session)), "piece of work hangs and needs", "pieces of work hang and need", "Tried in vain"),
        (
            len(inbox.stuck(session)),
            "event of the provider hangs and needs",
            "events of the provider hang and need",
            "Tried in vain",
        ),
        (len(outbox.stuck(session)), "letter hangs and needs", "letters hang and need", "No server takes it"),
    ):
        if count:
            words = f"{_many(count, one, more)} a person's eyes"
            found.append(Task(words, "alarms.index", note=note, icon="triangle-alert", kind="bad"))
    return found


def _all(session: Session, model: type[Any]) -> int:
    return int(session.scalar(select(func.count()).select_from(model)) or 0)


def _count(session: Session, model: type[Any], cooperative_id: UUID, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(model).where(model.cooperative_id == cooperative_id, *which)
    return int(session.scalar(query) or 0)


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
