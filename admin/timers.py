"""Timers: what the worker does every so often, each one verb of a package in a unit of its own, committed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.keepers import KEEPERS
from cooperative import challenges, erasures, links, throttle
from ground import clock, refusals
from ground.db import db
from ground.jobs import Timer
from inventory import holds, listings
from ledger.books import Book
from proceeds import batches
from storefront import sweeper, window_rules
from storefront.tills import Till

A_DAY = 24 * 3600


def of_the_shop(till: Till) -> Mapping[str, Timer]:
    """Every timer by its name; the sandbox rings its own webhooks where there is one."""
    timers = {
        "sweep": Timer(20, lambda: sweeper.sweep(till)),
        "expired holds": _timer(10, lambda session, now: len(holds.expire_due(session, now))),
        "prices of the day": _timer(60, listings.follow_the_calendar),
        "silent banks": _timer(300, _silent_banks),
        "windows": _timer(3600, window_rules.materialise),
        "erasures": _timer(600, lambda session, now: erasures.carry_out(session, KEEPERS, now)),
        "forgotten guesses": _timer(A_DAY, throttle.sweep),
        "old challenges": _timer(3600, challenges.sweep),
        "old links": _timer(A_DAY, links.sweep),
        "forgotten refusals": _timer(A_DAY, refusals.sweep),
    }
    if till.gateway.sandbox is not None:
        timers["sandbox webhooks"] = Timer(1, till.gateway.sandbox.deliver_due)
    return timers


def _timer(every_seconds: float, verb: Callable[[Session, datetime], int]) -> Timer:
    """Call the verb in one unit, and commit what it did."""

    def work() -> int:
        with db.unit() as session:
            done = verb(session, clock.now())
            session.commit()
        return done

    return Timer(every_seconds, work)


def _silent_banks(session: Session, now: datetime) -> int:
    """Payments that no bank answered become unknown, book by book."""
    return sum(batches.no_answer(session, book) for book in session.scalars(select(Book)).all())
