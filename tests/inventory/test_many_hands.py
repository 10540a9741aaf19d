"""Many hands on one store: whoever comes at the same moment, nothing is promised twice and no gram goes missing."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from ground import clock, tenants
from ground.clashes import worth_retrying
from ground.engines import make_session
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import audits, deliveries, heaps, holds, lots
from inventory.deliveries import DeliveryForm
from ledger import audit


def together(engine, cooperative, deeds):
    """Run every deed at once, each in its own connection and transaction, again where the database asks; their answers."""

    def run(deed):
        for _ in range(12):
            session = make_session(engine)
            tenants.enter(session, [cooperative.id])
            try:
                answer = deed(session)
                session.commit()
                return answer
            except Refusal as refusal:
                return str(refusal)
            except DBAPIError as error:
                if not worth_retrying(error):
                    raise
            finally:
                session.close()
        raise AssertionError("the database never let it through")

    with ThreadPoolExecutor(max_workers=8) as hands:
        return list(hands.map(run, deeds))


def nothing_differs(session):
    return [found.check.name for found in audit.run(session, audits.CHECKS) if found.differences] == []


@pytest.mark.case("commerce:S01")
@pytest.mark.case("commerce:S18")
def test_of_many_who_want_the_last_ones_exactly_as_many_get_them(engine, session, make):
    meru = make.cooperative("Meru Highlands")
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 10)
    session.commit()
    deeds = [lambda s: bool(holds.hold(s, meru.id, {heap.id: 1_000}, new_id())) for _ in range(40)]
    answers = together(engine, meru, deeds)
    assert (answers.count(True), answers.count("Apples is sold out.")) == (10, 30)
    assert nothing_differs(session)


def test_without_the_guard_and_the_check_more_would_be_promised_than_there_is(
    engine, owner_engine, session, make, monkeypatch
):
    """The anti-test: the same race with both walls taken down must go wrong, or the test above proves nothing."""
    from sqlalchemy import select, text, true, update

    meru = make.cooperative("Meru Highlands")
    heap = make.stock(meru, make.product("Apples", cooperative=meru), 10)
    session.commit()
    monkeypatch.setattr(heaps, "promises_kept", lambda on_hand=0, held=0: true())
    with owner_engine.connect() as connection:
        native = connection.dialect.name
    if native == "sqlite":  # SQLite cannot drop a CHECK; it can be told to look away.
        looks_away = lambda s: s.execute(text("PRAGMA ignore_check_constraints = ON"))  # noqa: E731
    else:
        with owner_engine.begin() as connection:
            connection.execute(text("ALTER TABLE heap DROP CONSTRAINT ck_heap_promises_within_stock"))
        looks_away = lambda s: None  # noqa: E731

    def grab(s):
        looks_away(s)
        return bool(holds.hold(s, meru.id, {heap.id: 1_000}, new_id()))

    try:
        assert together(engine, meru, [grab for _ in range(40)]).count(True) == 40
        assert session.scalar(select(heaps.Heap.held)) == 40_000
    finally:
        if native == "postgresql":
            session.execute(update(heaps.Heap).values(held=0))
            session.commit()
            with owner_engine.begin() as connection:
                connection.execute(
                    text(
                        "ALTER TABLE heap ADD CONSTRAINT ck_heap_promises_within_stock CHECK (held <= on_hand + oversell_limit)"
                    )
                )


def test_weighing_holding_drawing_and_expiring_at_once_leave_no_difference(engine, session, make, seeds):
    meru = make.cooperative("Meru Highlands")
    products = [make.product(name, cooperative=meru) for name in ("Apples", "Beans")]
    stocked = [make.stock(meru, product, 60) for product in products]
    member, collector = make.member(meru), make.person()
    session.commit()

    def weigh(s, product, heap, grams):
        form = DeliveryForm(
            id=new_id(), member_id=member.id, point_id=heap.point_id, product_id=product.id, grade="A", gross=grams
        )
        return deliveries.record(s, meru, form, by=collector.id).receipt_no

    def buy(s, wants, seconds):
        order = new_id()
        holds.hold(s, meru.id, wants, order, clock.now() + timedelta(seconds=seconds))
        if seconds > 0:
            holds.fasten(s, meru.id, order)
            for heap_id, grams in sorted(wants.items()):
                lots.draw(
                    s,
                    heap_id,
                    grams,
                    cooperative_id=meru.id,
                    cause_id=new_id(),
                    channel="retail",
                    net=Money(grams, "KES"),
                    by=None,
                    held_by=order,
                )
        return order

    def deed(dice):
        wants = {heap.id: dice.randrange(1, 9_000) for heap in dice.sample(stocked, dice.randrange(1, 3))}
        which, kind = dice.randrange(2), dice.randrange(4)
        grams = dice.randrange(1, 20_000)
        if kind == 0:
            return lambda s: weigh(s, products[which], stocked[which], grams)
        if kind == 1:
            return lambda s: holds.expire_due(s, clock.now())
        return lambda s: buy(s, wants, -1 if kind == 2 else 60)

    for seed in seeds(1, 20):
        dice = random.Random(seed)
        together(engine, meru, [deed(dice) for _ in range(60)])
        session.rollback()
        assert nothing_differs(session)
