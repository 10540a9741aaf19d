"""Refusals: each one line with its reason, none with a secret; a burst of them rings once and the quiet never do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from ground import clock, refusals
from ground.ids import new_id
from ground.refusals import RINGS_AT, STEP, Burst, Counting
from tests.ground.web.conftest import OURS, Street


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """A process that has refused nobody yet."""
    monkeypatch.setattr(refusals, "counting", Counting())


@pytest.fixture
def meru(make, session):
    found = make.cooperative("Meru Highlands", slug="meru")
    session.commit()
    return found


def lines(street: Street, event: str = "refused") -> list[dict[str, Any]]:
    return [line for line in map(json.loads, street.log.getvalue().splitlines()) if line["event"] == event]


def rang(session) -> list[tuple[str, str, int]]:
    session.rollback()
    found = refusals.bursts(session, clock.now())
    session.rollback()  # The test must not hold the one write lock of SQLite.
    return [(burst.kind, burst.subject, burst.refusals) for burst in found]


@pytest.mark.case("attack:A278")
def test_each_way_to_be_refused_is_one_line_with_its_reason(street: Street, meru):
    someone = street.client(street.people.sign_in("Kiprop", collector=meru.id))
    manager = street.client(street.people.sign_in("Wanjiru", manager=meru.id))
    thing = new_id()
    street.client().get("/office/meru/")
    someone.get(f"/office/meru/things/{thing}")
    manager.get(f"/office/meru/things/{thing}")
    manager.post("/office/meru/", headers={"Sec-Fetch-Site": "cross-site"})
    manager.post("/office/meru/pay", headers=OURS)
    manager.post("/office/meru/", data={"refuse": "1", "name": "the secret of Meru"}, headers=OURS)
    told = lines(street)
    assert [line["reason"] for line in told] == [
        "signed out", "denied", "missing", "foreign form", "unconfirmed", "refused",
    ]  # fmt: skip
    assert [line["status"] for line in told] == [303, 403, 404, 403, 303, 422]
    assert told[1]["target"] == {"thing": str(thing)} and told[1]["house"] == "meru" and told[1]["person"]
    assert told[5]["fields"] == ["name"]
    assert all({"endpoint", "address", "request_id"} <= line.keys() for line in told)
    assert "the secret of Meru" not in street.log.getvalue()


@pytest.mark.case("attack:A278")
def test_twenty_in_a_minute_from_one_address_ring(street: Street, session):
    browser = street.client()
    for _ in range(RINGS_AT - 1):
        browser.get("/me")
    assert rang(session) == [] and lines(street, "refusals.burst") == []
    browser.get("/me")
    assert rang(session) == [("address", "127.0.0.1", RINGS_AT)]
    assert [line["reason"] for line in lines(street, "refusals.burst")] == ["signed out"]


@pytest.mark.case("attack:A278")
def test_an_account_that_comes_from_everywhere_rings_too(street: Street, session, meru):
    token = street.people.sign_in("Kiprop", collector=meru.id)
    person = str(street.people.sign_ins[token].person.id)
    for number in range(RINGS_AT):
        client = street.client(token)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert client.get(f"/office/meru/things/{new_id()}").status_code == 403
    assert rang(session) == [("account", person, RINGS_AT)]


@pytest.mark.case("attack:A278")
def test_processes_that_share_a_burst_ring_together(street: Street, session, monkeypatch):
    """Each has counted only a quarter of it: the row is what adds them up."""
    for _ in range(4):
        monkeypatch.setattr(refusals, "counting", Counting())
        for _ in range(STEP):
            street.client().get("/me")
    assert rang(session) == [("address", "127.0.0.1", RINGS_AT)]


def test_whoever_is_refused_now_and_then_never_rings(street: Street, session, monkeypatch):
    now = clock.now()
    for minute in range(40):
        monkeypatch.setattr(clock, "read", lambda minute=minute: now + timedelta(seconds=20 * minute))
        street.client().get("/me")
    assert session.scalars(select(Burst)).all() == []


def test_a_slow_drip_of_full_steps_never_rings(session):
    now = clock.now()
    for minute in range(30):
        at = now + timedelta(seconds=61 * minute)
        assert not refusals.tell(session, "address", "192.0.2.1", STEP, reason="denied", rule="/", at=at)
    assert session.scalars(select(Burst.refusals)).all() == [STEP]


def test_a_typing_mistake_is_no_attack(street: Street, session, meru):
    client = street.client(street.people.sign_in("Wanjiru", manager=meru.id))
    for _ in range(2 * RINGS_AT):
        assert client.post("/office/meru/", data={"refuse": "1"}, headers=OURS).status_code == 422
    session.rollback()
    assert session.scalars(select(Burst)).all() == []


def test_a_database_that_is_busy_takes_nothing_from_the_refusal(street: Street, monkeypatch):
    def busy(*_: Any, **__: Any) -> bool:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(refusals, "tell", busy)
    answers = {street.client().get("/me").status_code for _ in range(STEP)}
    assert answers == {303}
    assert len(lines(street, "refusals.uncounted")) == 1


def test_memory_is_not_the_price_of_a_thousand_addresses(monkeypatch):
    monkeypatch.setattr(refusals, "KNOWN_MOST", 100)
    counting, now = Counting(), clock.now()
    for number in range(1_000):
        counting.add("address", f"192.0.2.{number}", now)
    assert len(counting._found) <= 100


def test_what_rang_is_forgotten_after_a_month_and_the_rest_after_a_day(session):
    now = clock.now()
    refusals.tell(session, "address", "192.0.2.1", RINGS_AT, reason="denied", rule="/", at=now - timedelta(days=31))
    refusals.tell(session, "address", "192.0.2.2", RINGS_AT, reason="denied", rule="/", at=now - timedelta(days=2))
    refusals.tell(session, "address", "192.0.2.3", STEP, reason="denied", rule="/", at=now - timedelta(days=2))
    assert refusals.bursts(session, now) == []
    assert refusals.sweep(session, now) == 2
    assert session.scalars(select(Burst.subject)).all() == ["192.0.2.2"]
