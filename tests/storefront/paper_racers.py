"""Workers that issue the same papers at once, and the same without waiting for their turn."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from ground.barriers import barrier
from ground.errors import Conflict
from inventory import numbering
from storefront import issuing
from storefront.papers import Kind, Paper
from tests.races import meeting
from tests.races.deeds import acting, unguarded


def issue(engine: Engine, number: int, order_ids: str) -> int:
    """Every worker issues all of them, each beginning elsewhere; how many are there for it."""
    waiting = json.loads(order_ids)
    turned = waiting[number:] + waiting[:number]
    made = 0
    for order_id in turned:
        made += acting(engine, lambda session, id=order_id: issuing_one(session, id))
    return made


def issuing_one(session: Any, order_id: str) -> int:
    issuing.issue(session, Kind.RECEIPT, UUID(order_id))
    barrier("paper: written")
    return 1


def issue_by_looking_first(engine: Engine, number: int, order_ids: str) -> str:
    """Nobody waits: the last number is read, everybody has looked, everybody writes the next one. Each has its own order."""
    mine = UUID(json.loads(order_ids)[number])

    def next_number(session: Any, cooperative_id: UUID, series: str) -> int:
        last = session.scalar(select(func.max(Paper.number)).where(Paper.cooperative_id == cooperative_id)) or 0
        meeting.all_have_looked()
        return int(last) + 1

    with patch.object(numbering, "wait_turn", lambda *_: None), patch.object(numbering, "next_number", next_number):
        try:
            acting(unguarded(engine), lambda session: bool(issuing.issue(session, Kind.RECEIPT, mine)), tries=1)
        except (DBAPIError, Conflict) as clash:
            return type(clash).__name__
    return "issued"
