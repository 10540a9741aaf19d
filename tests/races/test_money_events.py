"""The provider's news, many times and in any order; and money back, asked for by two at once: all of it counts once."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from admin.commands.audit import CHECKS
from ground import clock, inbox
from ground.ids import new_id
from ground.inbox import NotYet, ProviderEvent
from ground.money import Money
from ground.outbox import Letter
from ground.stripe.answers import RefundIntent
from ground.stripe.failures import Unknown
from ground.stripe.modes import make_gateway
from inventory.holds import Hold
from inventory.lots import Lot
from ledger import audit, books, history
from ledger.accounts import Pot
from storefront import cancellations, card_events, card_payments, collections, orders, pickings, refunds
from storefront.alarms import Alarm
from storefront.card_payments import CardPayment
from storefront.checkouts import How
from storefront.refunds import Refund
from tests.races import together

STAFF, WORKERS = "tests.races.staff", "tests.races.workers"
pytestmark = pytest.mark.slow


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru-highlands")


@pytest.fixture
def sandbox(place):
    """A sandbox beside the database, in memory where that is."""
    return str(place.home / f"{new_id()}.sqlite")


@pytest.fixture
def till(make, sandbox, worker_engine):
    made = make.till(worker_engine)
    return type(made)(make_gateway({"SANDBOX_DATABASE": sandbox}), made.unit, made.secret_key, made.base_url)


def balance(session, cooperative, code, **keys):
    session.rollback()
    found = history.sum_of(session, books.of_cooperative(session, cooperative.id), code, **keys).minor
    session.rollback()
    return found


@pytest.fixture
def paid_page(session, make, till, meru):
    """The page of an order of KES 100 that was paid at the provider."""
    made = make.placed(till, make.basket({make.shelf(meru): 2}))
    session.commit()
    card_events.send(till, made.payment.id)
    session.expire_all()
    found = session.get(CardPayment, made.payment.id).session_ref
    session.commit()
    till.gateway.sandbox.pay(found, "4242424242424242")
    return found


@pytest.mark.case("attack:A085")
@pytest.mark.case("commerce:M09")
def test_one_event_fifty_times_in_four_processes_pays_once(session, place, meru, sandbox, paid_page):
    said = together(f"{WORKERS}:hear", place.worker_url, 4, sandbox, "evt_the_same evt_a_copy", "50", paid_page)
    told = [word for worker in said for word in worker]
    assert told.count("paid") == 1 and set(told) <= {"paid", "paid before"}
    assert (balance(session, meru, "2050"), balance(session, meru, "1040")) != (0, 0)
    assert balance(session, meru, "2050") == 10_000
    assert session.scalar(select(func.count()).select_from(ProviderEvent)) == 2
    assert [found.check.name for found in audit.run(session, CHECKS) if found.differences] == []


def test_without_the_guards_every_copy_of_the_event_is_money(session, place, meru, sandbox, paid_page):
    together(f"{WORKERS}:hear_without_guards", place.worker_url, 4, sandbox, "", "2", paid_page)
    assert balance(session, meru, "2050") > 10_000


# -- any order -----------------------------------------------------------------------------------------------------------

NEWS = {
    "completed": "checkout.session.completed", "expired": "checkout.session.expired", "refund made": "refund.created",
    "refund settled": "refund.updated",
}  # fmt: skip
STEPS = ("asked again", *NEWS)


class Deaf:
    """A gateway on a line that carries what is asked, and never an answer."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.answer: Any = None

    def create_checkout(self, intent):
        self.answer = self.gateway.create_checkout(intent)
        raise Unknown("no answer")

    def refund(self, intent):
        self.answer = self.gateway.refund(intent)
        raise Unknown("no answer")


def step(session, till, name, payment_id, session_ref, refund_ref):
    """One piece of news reaches us, or we ask once more ourselves."""
    if name == "asked again":
        card_events.send(till, payment_id)
        return
    body = json.dumps({"data": {"object": {}}}).encode()
    key, kind = str(new_id()), NEWS[name]
    told = refund_ref if name.startswith("refund") else session_ref
    inbox.receive(session, "stripe", key, kind=kind, object_key=told, body=body)
    event = session.scalars(select(ProviderEvent).where(ProviderEvent.event_key == key)).one()
    session.commit()
    card_events.handlers(till)["stripe", kind](event)


def in_some_order(session, till, names, turn, *told):
    """Each of these steps once, and two of them once more; what came too early comes again."""
    rnd = random.Random(turn)
    early = []
    for name in (*names, rnd.choice(names), rnd.choice(names)):
        try:
            step(session, till, name, *told)
        except NotYet:
            early.append(name)
    for name in early:
        step(session, till, name, *told)


@pytest.mark.case("attack:A085")
@pytest.mark.parametrize("first", STEPS)
def test_a_hundred_and_twenty_orders_of_news_with_copies_end_alike(first, session, make, till, meru):
    """Our answer was lost, the buyer paid, somebody gave part of it back on the provider's page: then we hear of it."""
    shelf, endings = make.shelf(meru, kilograms=1_000), []
    session.commit()
    for turn, order in enumerate(itertools.permutations(STEPS)):
        if order[0] != first:
            continue
        made = make.placed(till, make.basket({shelf: 2}))
        session.commit()
        deaf = Deaf(till.gateway)
        assert made.payment is not None
        assert card_events.send(replace(till, gateway=deaf), made.payment.id) is None
        page = deaf.answer
        till.gateway.sandbox.pay(page.id, "4242424242424242")
        paid = till.gateway.fetch_checkout(page.id).payment_intent
        elsewhere = RefundIntent(f"elsewhere:{turn}", clock.now(), paid, Money(1_000, "KES"))
        in_some_order(session, till, order, turn, made.payment.id, page.id, till.gateway.refund(elsewhere).id)
        endings.append(ending(session, meru, made))
    assert endings == [["paid", 10_000, ["order paid"], ["refund not ours"], [None]]] * 24


def ending(session, meru, made):
    """How it stands with one checkout: payment, deposit, letters, alarms, holds."""
    session.expire_all()
    payment = card_payments.of_checkout(session, made.checkout.id)
    assert payment is not None
    order = orders.of_checkout(session, made.checkout)[0]
    deposit = history.balance(session, books.of_cooperative(session, meru.id), Pot("2050", order.id)).minor
    about = {made.checkout.id, payment.id, order.id}
    letters = sorted(session.scalars(select(Letter.kind).where(Letter.cause_id.in_(about))))
    rung = sorted(session.scalars(select(Alarm.kind).where(Alarm.created_at >= payment.created_at)))
    held = list(session.scalars(select(Hold.expires_at).where(Hold.cause_id == order.id)))
    session.rollback()
    return [payment.state.value, deposit, letters, rung, held]


def test_our_own_refund_is_paid_once_in_whatever_order_we_hear_of_it(session, make, till, meru):
    shelf, clerk = make.shelf(meru, kilograms=1_000), make.staff(meru, "manager")
    session.commit()
    for turn, order in enumerate(itertools.permutations(("ask", "refund made", "refund settled"))):
        made = make.placed(till, make.basket({shelf: 2}))
        session.commit()
        assert made.payment is not None
        url = card_events.send(till, made.payment.id)
        assert url is not None
        page = url.rpartition("/")[2]
        till.gateway.sandbox.pay(page, "4242424242424242")
        step(session, till, "completed", made.payment.id, page, "")
        found = orders.of_checkout(session, made.checkout)[0]
        cancellations.cancel(session, till, found, "The lorry broke down.", by=clerk.id)
        refund = refunds.of_order(session, found)[0]
        session.commit()
        deaf = Deaf(till.gateway)
        card_events.jobs(replace(till, gateway=deaf))[refunds.JOB](refund.id)
        send, theirs = card_events.jobs(till)[refunds.JOB], deaf.answer.id
        rnd = random.Random(turn)
        for name in (*order, rnd.choice(order), rnd.choice(order)):
            if name == "ask":
                send(refund.id)
            else:
                step(session, till, name, made.payment.id, page, theirs)
        session.expire_all()
        assert refunds.find(session, meru.id, refund.id).state is refunds.State.PAID
        book = books.of_cooperative(session, meru.id)
        assert not history.balance(session, book, Pot("2050", found.id))
        session.rollback()
    assert session.scalar(select(func.count()).select_from(Alarm)) == 0


# -- money back ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def collected(session, make, till, meru):
    """Two kilograms that were paid KES 100 in cash, and a pool that has earned far more."""
    shelf, clerk = make.shelf(meru), make.staff(meru, "manager")
    for quantity in (2, 40):
        made = make.placed(till, make.basket({shelf: quantity}), How.COLLECTION)
        [found] = made.orders
        pickings.pick(session, till, found, by=clerk.id)
        collections.collect(session, found, by=clerk.id, received=found.total)
    session.commit()
    pool = session.scalars(select(Lot.pool_id).where(Lot.cooperative_id == meru.id)).one()
    session.commit()
    return [str(meru.id), "sandbox", "1", "6000", str(clerk.id)], str(pool)


@pytest.mark.case("attack:A064")
def test_two_refunds_that_together_are_more_than_was_paid_are_one(session, place, meru, collected, sandbox):
    told, _ = collected
    told[1] = sandbox
    answers = together(f"{STAFF}:give_back", place.url, 4, *told)
    assert sorted(answers) == ["Refusal", "Refusal", "Refusal", "done"]
    assert session.scalar(select(func.sum(Refund.amount_minor))) == 6_000
    assert balance(session, meru, "2010") == 210_000 - 6_000
    assert [found.check.name for found in audit.run(session, CHECKS) if found.differences] == []


def test_refunds_that_look_first_and_write_after_give_back_more_than_was_paid(session, place, collected, sandbox):
    told, pool = collected
    told[1] = sandbox
    together(f"{STAFF}:give_back_by_looking_first", place.url, 4, *told, pool)
    assert session.scalar(select(func.sum(Refund.amount_minor))) > 10_000
