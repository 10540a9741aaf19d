"""A buyer who cancels and a packer who packs the same order, at once; and the same without the order's lock."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ground.errors import Refusal
from storefront import card_payments, orders, pickings, withdrawals
from tests.races import meeting
from tests.races.deeds import acting, till_at, unguarded


def meet(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    """The first packs, the second cancels."""
    coop, order_number, clerk = json.loads(asked)
    till = till_at(engine, sandbox)

    def deed(session: Session) -> str:
        order = orders.find(session, UUID(coop), order_number)
        if number == 0:
            pickings.pick(session, till, order, by=UUID(clerk))
        else:
            payment = card_payments.of_checkout(session, order.checkout_id)
            withdrawals.withdraw(session, till, order, payment, by=None)
        return "done"

    try:
        return acting(engine, deed, sees=[coop])
    except Refusal as no:
        return f"{type(no).__name__}"


def meet_without_the_lock(engine: Engine, number: int, asked: str, sandbox: str) -> str:
    """The anti-test: both look at the order before either writes."""
    look = orders.lock

    def looked(session: Session, order: Any) -> Any:
        found = look(session, order)
        meeting.all_have_looked()
        return found

    with patch.object(orders, "lock", looked):
        return meet(unguarded(engine), number, asked, sandbox)
