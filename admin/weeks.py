"""Weeks: how many kilograms were weighed in and how many were sold, week by week, for the desk's picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.quantity import Unit
from inventory.heaps import Heap
from inventory.lot_moves import LotMove, MoveKind
from inventory.lots import Lot

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Week:
    """From Monday to Sunday, in the cooperative's own days; both in grams, of what is measured by weight."""

    monday: date
    weighed: int
    sold: int


def latest(session: Session, cooperative: Cooperative) -> list[Week]:
    """The last eight weeks with this one at the end, in one query; empty where nothing moved in any of them."""
    today = clock.now().astimezone(cooperative.zone).date()
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(weeks=back) for back in range(SHOWN - 1, -2, -1)]
    edges = [datetime.combine(monday, time(), cooperative.zone) for monday in mondays]
    sums = [
        func.coalesce(func.sum(case((_within(since, until) & (LotMove.kind == kind), LotMove.quantity))), 0)
        for since, until in pairwise(edges)
        for kind in (MoveKind.RECEIVE, MoveKind.SELL)
    ]
    query = (
        select(*sums)
        .select_from(LotMove)
        .join(Lot, (Lot.cooperative_id == LotMove.cooperative_id) & (Lot.id == LotMove.lot_id))
        .join(Heap, (Heap.cooperative_id == Lot.cooperative_id) & (Heap.id == Lot.heap_id))
        .where(LotMove.cooperative_id == cooperative.id, LotMove.created_at >= edges[0], Heap.unit == Unit.GRAM)
    )
    found = [int(amount) for amount in session.execute(query).one()]
    weeks = [Week(monday, found[2 * n], -found[2 * n + 1]) for n, monday in enumerate(mondays[:-1])]
    return weeks if any(week.weighed or week.sold for week in weeks) else []


def _within(since: datetime, until: datetime) -> ColumnElement[bool]:
    return (LotMove.created_at >= since) & (LotMove.created_at < until)
