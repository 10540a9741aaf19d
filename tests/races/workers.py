"""The worker as a process of its own: everything that is due at a moment later than now, by the roof's own duties."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

import app
from admin.commands.work import round_of_work
from ground import clock, inbox, jobs, leases, outbox
from ground.db import db
from ground.ids import new_id
from ground.stripe.modes import make_gateway
from ledger import transfers
from storefront import card_events, card_payments
from storefront.tills import Till
from tests.races.deeds import ADDRESS, SECRET

ROUNDS_MOST = 30


def work(engine: Engine, number: int, sandbox: str, seconds: str = "0", address: str = ADDRESS) -> int:
    """Rounds of work until nothing is due, as if so many seconds had passed since; how much was done."""
    db.use(engine)
    till = Till(make_gateway({"SANDBOX_DATABASE": sandbox}), db.unit, SECRET, address)
    duties, done = app.duties(till), 0
    config = {"SMTP_HOST": "", "MAIL_FOLDER": str(Path(sandbox).parent / "mail"), "MAIL_SENDER": "shop@example.org"}
    later = clock.now() + timedelta(seconds=int(seconds))
    with patch.object(clock, "read", lambda: later):
        for _ in range(ROUNDS_MOST):
            for timer in duties.timers.values():
                timer.due = 0.0
            did = round_of_work(duties, config)
            if not did:
                return done
            done += did
    raise AssertionError("the worker never comes to rest")


def hear(engine: Engine, number: int, sandbox: str, event_keys: str, times: str, object_key: str) -> list[str]:
    """The same event comes again and again, and the worker drains the inbox in between; what was done, in its own words."""
    return _hear(engine, sandbox, event_keys.split(), int(times), object_key)


def hear_without_guards(
    engine: Engine, number: int, sandbox: str, event_keys: str, times: str, object_key: str
) -> list[str]:
    """The anti-test: no event is known again, "paid" is not looked at before it is written, and the ledger takes all."""
    real, find = transfers.post, card_payments.of_reference

    def post(session: Session, book: Any, kind: str, subject_id: UUID, legs: Any, **rest: Any) -> Any:
        return real(session, book, kind, new_id(), legs, **rest)

    def seen_open(*args: Any) -> Any:
        payment = find(*args)
        if payment is not None:
            set_committed_value(payment, "state", card_payments.State.OPEN)
        return payment

    def paid(session: Session, payment_id: UUID, **values: Any) -> bool:
        real_paid(session, payment_id, **values)
        return True

    real_paid = card_payments.paid
    fresh = [str(new_id()) for _ in range(int(times))]
    with (
        patch.object(transfers, "post", post), patch.object(card_payments, "of_reference", seen_open),
        patch.object(card_payments, "paid", paid),
    ):  # fmt: skip
        return _hear(engine, sandbox, fresh, int(times), object_key)


def _hear(engine: Engine, sandbox: str, event_keys: list[str], times: int, object_key: str) -> list[str]:
    db.use(engine)
    till = Till(make_gateway({"SANDBOX_DATABASE": sandbox}), db.unit, SECRET, ADDRESS)
    handlers, said = card_events.handlers(till), []

    def remembering(handler: inbox.Handler) -> inbox.Handler:
        def handle(event: inbox.ProviderEvent) -> str:
            said.append(handler(event))
            return said[-1]

        return handle

    body = json.dumps({"data": {"object": {}}}).encode()
    for turn in range(times):
        key = event_keys[turn % len(event_keys)]
        with db.unit() as session:
            inbox.receive(session, "stripe", key, kind="checkout.session.completed", object_key=object_key, body=body)
            session.commit()
        inbox.drain(db.unit, {key: remembering(handler) for key, handler in handlers.items()})
    return said


def post_letters(engine: Engine, number: int) -> list[str]:
    """Send every letter that is due; which this worker sent."""
    return _share(
        engine, lambda sent: outbox.send_due(_unit(engine), lambda _, id: sent.append(str(id)), "shop@example.org")
    )


def post_letters_without_a_lease(engine: Engine, number: int) -> list[str]:
    """The anti-test: look which letter is due, and send it."""
    return _without_lease(lambda: post_letters(engine, number))


def do_jobs(engine: Engine, number: int) -> list[str]:
    """Do every job that is due; which this worker did."""
    return _share(engine, lambda done: jobs.run_due(_unit(engine), {"pay": lambda id: done.append(str(id))}))


def do_jobs_without_a_lease(engine: Engine, number: int) -> list[str]:
    return _without_lease(lambda: do_jobs(engine, number))


def handle_events(engine: Engine, number: int) -> list[str]:
    """Handle every event that is due; which this worker handled."""

    def drain(done: list[str]) -> int:
        def handle(event: inbox.ProviderEvent) -> str:
            done.append(event.event_key)
            return "done"

        return inbox.drain(_unit(engine), {("stripe", "paid"): handle})

    return _share(engine, drain)


def handle_events_without_a_lease(engine: Engine, number: int) -> list[str]:
    return _without_lease(lambda: handle_events(engine, number))


def _share(engine: Engine, work_on: Callable[[list[str]], int]) -> list[str]:
    """Work until five looks in a row found nothing."""
    done: list[str] = []
    idle = 0
    while idle < 5:
        idle = 0 if work_on(done) else idle + 1
        time.sleep(0.01)
    return done


def _without_lease(work_on: Callable[[], list[str]]) -> list[str]:
    def look(session: Session, model: Any, unfinished: Any, **terms: Any) -> Any:
        found = session.scalar(select(model).where(unfinished).order_by(model.id).limit(1))
        session.commit()
        time.sleep(0.05)
        return found

    with patch.object(leases, "take", look):
        return work_on()


def _unit(engine: Engine) -> Any:
    db.use(engine)
    return db.unit
