"""A buyer who cancels and a packer who packs the same order, at once; and the same without the order's lock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ground.barriers import barrier
from ground.errors import Refusal
from ground.ids import new_id
from storefront import card_payments, changes, orders, pickings, withdrawals
from storefront.orders import Order
from storefront.tills import Till
from tests.races import meeting
from tests.races.deeds import acting, till_at, unguarded


def meet(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    """The first packs, the second cancels."""
    return _meet(engine, number, asked, sandbox, cancel)


def meet_changing(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    """The first packs, the second takes one pack instead of what was ordered."""
    return _meet(engine, number, asked, sandbox, take_one)


def take_one(session: Session, till: Till, order: Order) -> None:
    counts, key = {line.pack_id: 1 for line in order.lines}, new_id()
    total = changes.preview(session, order, counts).total
    assert total is not None
    changes.change(session, till, order, counts, expected=total, request_key=key, by=None)
    barrier("change: written")


def cancel(session: Session, till: Till, order: Order) -> None:
    withdrawals.withdraw(session, till, order, card_payments.of_checkout(session, order.checkout_id), by=None)


def change(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    """One buyer alone changes the order."""
    return _meet(engine, 1, asked, sandbox, take_one)


def _meet(engine: Engine, number: int, asked: str, sandbox: str, buyer: Callable[[Session, Till, Order], None]) -> str:
    coop, order_number, clerk = json.loads(asked)
    till = till_at(engine, sandbox)

    def deed(session: Session) -> str:
        order = orders.find(session, UUID(coop), order_number)
        if number == 0:
            pickings.pick(session, till, order, by=UUID(clerk))
        else:
            buyer(session, till, order)
        return "done"

    try:
        return acting(engine, deed, sees=[coop])
    except Refusal as no:
        return f"{type(no).__name__}"


def meet_without_the_lock(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    """The anti-test: both look at the order before either writes."""
    return _unlocked(engine, number, asked, sandbox, cancel)


def meet_changing_without_the_lock(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    return _unlocked(engine, number, asked, sandbox, take_one)


def _unlocked(
    engine: Engine, number: int, asked: str, sandbox: str, buyer: Callable[[Session, Till, Order], None]
) -> str:
    look = orders.lock

    def looked(session: Session, order: Any) -> Any:
        found = look(session, order)
        meeting.all_have_looked()
        return found

    with patch.object(orders, "lock", looked):
        return _meet(unguarded(engine), number, asked, sandbox, buyer)
