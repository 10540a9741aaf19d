"""What buyers do who race for the last places of a window, and what they would do without its conditional UPDATE."""

from __future__ import annotations

from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import packs
from storefront import carts, placements, windows
from storefront.checkouts import How
from storefront.placements import PlaceForm
from storefront.windows import Window
from tests.races.deeds import acting, till_at, unguarded, widened


def book(engine: Engine, number: int, cooperative: str, sandbox: str, pack: str, window: str, count: str) -> int:
    """So many buyers one after the other, each one pack for this window; how many were taken."""
    till, taken, owner = till_at(engine, sandbox), 0, UUID(cooperative)
    for _ in range(int(count)):
        token = str(new_id())

        def buy(session: Session, token: str = token) -> None:
            found = packs.find_for_basket(session, [(owner, UUID(pack))])
            cart = carts.open_for(session, token=token)
            carts.put(session, cart, found[UUID(pack)], 1, Money(0, "KES"))
            form = PlaceForm(
                "Amina Yusuf",
                "amina@example.org",
                "",
                How.COLLECTION,
                Money(5_000, "KES"),
                new_id(),
                {owner: UUID(window)},
            )
            placements.place(session, till, carts.find_by_id(session, cart.id), form, by=None)

        try:
            acting(engine, buy)
        except Refusal:
            continue
        taken += 1
    return taken


def book_by_looking_first(engine: Engine, number: int, *more: str) -> int:
    """The anti-test: read what is booked, decide, write the new figure."""

    def look(session: Session, window_id: UUID) -> tuple[int, int]:
        row = session.execute(select(Window.booked, Window.capacity).where(Window.id == window_id)).one()
        return row[0], row[1]

    looks = widened(look)

    def take(session: Session, cooperative_id: UUID, window_id: UUID, now: object) -> bool:
        booked, capacity = looks(session, window_id)
        if booked >= capacity:
            return False
        mine = (Window.cooperative_id == cooperative_id, Window.id == window_id)
        session.execute(update(Window).where(*mine).values(booked=booked + 1))
        return True

    with patch.object(windows, "book", take):
        return book(unguarded(engine), number, *more)
