"""What racing buyers do, and what they would do with the guards of stock and of the form's key taken away."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app import create_app
from ground import tenants
from ground.engines import make_session
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from ground.web.guard import RETRIES_MOST
from inventory import heaps, holds, packs
from inventory.heaps import Heap
from storefront import carts, placements
from storefront.checkouts import How
from storefront.placements import PlaceForm
from storefront.tills import Till
from tests.races.deeds import ADDRESS, SECRET, acting, clashes, till_at, widened


def buy(
    engine: Engine, number: int, cooperative: str, sandbox: str, pack_ids: str, count: str, minor: str, seed: str, *,
    look: Callable[[], None] = lambda: None,
) -> dict[str, Any]:  # fmt: skip
    """So many buyers one after the other, each one pack of every product, put into the basket in another order each time."""
    till, sold = till_at(engine, sandbox), 0
    for turn in range(int(count)):
        look()
        sold += _one_buyer(engine, till, cooperative, pack_ids, int(minor), f"{seed}:{number}:{turn}")
    return {"sold": sold, "clashes": clashes}


def buy_by_looking_first(engine: Engine, number: int, cooperative: str, *more: str) -> dict[str, Any]:
    """The anti-test: look what a heap holds, decide, write the new figure."""
    seen: dict[UUID, tuple[int, int]] = {}

    def look() -> None:
        session = make_session(engine)
        tenants.enter(session, [UUID(cooperative)])
        query = select(Heap).where(Heap.cooperative_id == UUID(cooperative))
        seen.update({heap.id: (heap.on_hand, heap.held) for heap in session.scalars(query)})
        session.close()
        time.sleep(0.02)

    def shift(session: Session, cooperative_id: UUID, heap_id: UUID, *, on_hand: int = 0, held: int = 0) -> bool:
        hand, promised = seen[heap_id]
        if not 0 <= promised + held <= hand + on_hand:
            return False
        seen[heap_id] = (hand + on_hand, promised + held)
        mine = (Heap.cooperative_id == cooperative_id, Heap.id == heap_id)
        session.execute(update(Heap).where(*mine).values(on_hand=hand + on_hand, held=promised + held))
        return True

    with patch.object(heaps, "shift", shift):
        return buy(engine, number, cooperative, *more, look=look)


def _one_buyer(engine: Engine, till: Till, cooperative: str, pack_ids: str, minor: int, seed: str) -> bool:
    rnd, token = random.Random(seed), str(new_id())
    order = [UUID(id) for id in json.loads(pack_ids)]
    rnd.shuffle(order)
    how = rnd.choice((How.CARD, How.COLLECTION))

    def fill(session: Session) -> None:
        found = packs.find_for_basket(session, [(UUID(cooperative), id) for id in order])
        cart = carts.open_for(session, token=token)
        for id in order:
            carts.put(session, cart, found[id], 1, Money(0, "KES"))

    def place(session: Session) -> bool:
        cart = carts.find(session, token=token)
        assert cart is not None
        form = PlaceForm("Amina Yusuf", "amina@example.org", "", how, Money(minor, "KES"), new_id())
        placements.place(session, till, cart, form, by=None)
        return True

    acting(engine, fill)
    try:
        return acting(engine, place)
    except Refusal:
        return False


def hold(
    engine: Engine, number: int, cooperative: str, heap_ids: str, count: str, *, tries: int = RETRIES_MOST
) -> dict[str, Any]:
    """Hold some of each heap, beginning with another one each time, and let every second hold go again."""
    kept, asked = 0, [UUID(id) for id in json.loads(heap_ids)]
    for turn in range(int(count)):
        first = (number + turn) % len(asked)
        wanted = asked[first:] + asked[:first]
        cause = new_id()

        def verb(session: Session, cause: UUID = cause, wanted: list[UUID] = wanted) -> None:
            heaps.find(session, UUID(cooperative), wanted[0])
            holds.hold(session, UUID(cooperative), dict.fromkeys(wanted, 1), cause)

        acting(engine, verb, sees=[cooperative], tries=tries)
        kept += 1
        if turn % 2:
            acting(
                engine,
                lambda session, cause=cause: holds.release(session, UUID(cooperative), cause),
                sees=[cooperative],
            )
            kept -= 1
    return {"kept": kept, "clashes": clashes}


def hold_in_any_order(engine: Engine, number: int, *more: str) -> dict[str, Any]:
    """The anti-test: heaps in the order in which they were asked for, and on SQLite a writer that does not say so at once."""
    real = heaps.shift

    def shift(*args: Any, **kwargs: Any) -> bool:
        moved = real(*args, **kwargs)
        time.sleep(0.1)
        return moved

    with (
        patch.object(heaps, "in_order", list), patch.object(heaps, "shift", shift),
        patch.object(heaps, "find", widened(heaps.find)),
    ):  # fmt: skip
        return hold(engine.execution_options(sqlite_begin="DEFERRED"), number, *more, tries=1)


def submit(engine: Engine, number: int, url: str, sandbox: str, token: str, forms: str) -> list[tuple[int, str]]:
    """Send these checkout forms to the shop, one after the other, as one guest's browser; status and where it leads."""
    shop = create_app(
        TESTING=True, DATABASE_URL=url, SECRET_KEY=SECRET, SANDBOX_DATABASE=sandbox, COOKIES_SECURE=False, PUBLIC_URL=ADDRESS
    )  # fmt: skip
    browser = shop.test_client()
    browser.set_cookie("gm-cart", token)
    browser.set_cookie("gm-visit", "given by the page that the form stood on")
    answers = []
    for form in json.loads(forms):
        answer = browser.post("/checkout", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        answers.append((answer.status_code, answer.headers.get("Location", "")))
    return answers


def submit_without_a_key(engine: Engine, number: int, url: str, sandbox: str, token: str, forms: str) -> Any:
    """The anti-test: nothing says that two sendings are one."""
    return submit(
        engine, number, url, sandbox, token, json.dumps([form | {"once": str(new_id())} for form in json.loads(forms)])
    )
