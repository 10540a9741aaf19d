"""Racers who use one gift: a voucher of one use, or a credit that is enough for one order; and what they do unguarded."""

from __future__ import annotations

from unittest.mock import patch

from sqlalchemy import Engine, event, true
from sqlalchemy.orm import Session

from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from storefront import carts, placements, vouchers
from storefront.checkouts import How
from storefront.placements import PlaceForm
from tests.races.deeds import acting, till_at, unguarded, widened


def use_voucher(engine: Engine, number: int, sandbox: str, minor: str, *tokens: str) -> str:
    """Place this racer's basket, which holds the voucher, for the total it shows."""
    till = till_at(engine, sandbox)

    def place(session: Session) -> None:
        cart = carts.find(session, token=tokens[number % len(tokens)])
        assert cart is not None
        form = PlaceForm(
            "Amina Yusuf", f"amina{number}@example.org", "", How.COLLECTION, Money(int(minor), "KES"), new_id()
        )
        placements.place(session, till, cart, form, by=None)

    try:
        acting(engine, place)
    except (Refusal, Conflict):
        return "told"
    return "given"


def use_voucher_by_looking_first(engine: Engine, number: int, *rest: str) -> str:
    """The anti-test: the basket looked whether the voucher was free, and the claim believes it."""
    with (
        patch.object(vouchers, "free_to_use", lambda now: true()),
        patch.object(placements.baskets, "price", widened(placements.baskets.price)),
    ):
        return use_voucher(_without_second_wall(unguarded(engine)), number, *rest)


def _without_second_wall(engine: Engine) -> Engine:
    """SQLite heeds no CHECK any more; on PostgreSQL the owner has dropped it."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA ignore_check_constraints = ON"))
    return engine
