"""The operator's alarms: a burst, a job that hangs and a letter that no server takes are to-dos, not silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ground import clock, inbox, jobs, leases, outbox, refusals
from ground.ids import new_id
from ground.inbox import ProviderEvent
from ground.jobs import Job
from ground.outbox import Letter
from storefront import alarms

NAMES = (
    "payment needs",
    "burst of refusals asks",
    "piece of work hangs",
    "event of the provider hangs",
    "letter hangs",
)


@pytest.fixture
def desk(client, session, make):
    """The operator at their desk."""
    house = make.operator()
    client.set_cookie("gm-session", make.sign_in(make.staff(house, "operator")))
    session.commit()
    return lambda path="": client.get(f"/office/{house.slug}/{path}")


def test_a_quiet_day_has_no_alarms(desk):
    assert "Nothing needs your eyes" in desk("alarms/").text
    assert not any(name in desk().text for name in NAMES)


@pytest.mark.case("attack:A278")
def test_whatever_hangs_or_rings_is_a_to_do_and_stands_on_one_page(desk, session):
    now = clock.now()
    alarms.ring(session, "amount differs", new_id(), "Received KES 5.00, due KES 50.00.")
    refusals.tell(session, "address", "192.0.2.7", refusals.RINGS_AT, reason="denied", rule="/office/<coop>/", at=now)
    jobs.enqueue(session, "print the labels", new_id())
    outbox.write(session, to="amina@example.org", subject="Your order", text="…", cause=new_id(), kind="order")
    inbox.receive(session, "stripe", "evt_1", kind="charge.disputed", object_key="ch_1", body=b"{}")
    session.commit()
    assert "hang" not in desk().text, "what was not tried yet hangs nowhere"
    session.execute(update(Job).values(tries=leases.STUCK_TRIES, last_error="ValueError: no printer"))
    session.execute(update(Letter).values(tries=leases.STUCK_TRIES))
    session.execute(update(ProviderEvent).values(tries=inbox.TRIES_MOST))
    session.commit()
    todo, page = desk().text, desk("alarms/").text
    assert [name for name in NAMES if name not in todo] == []
    for words in (
        "Received KES 5.00",
        "192.0.2.7",
        "ValueError: no printer",
        "Your order",
        "amina@example.org",
        "charge.disputed",
    ):
        assert words in page, words


def test_what_is_done_in_the_end_hangs_no_more(session):
    jobs.enqueue(session, "print the labels", new_id())
    outbox.write(session, to="amina@example.org", subject="Your order", text="…", cause=new_id(), kind="order")
    session.execute(update(Job).values(tries=leases.STUCK_TRIES))
    session.execute(update(Letter).values(tries=leases.STUCK_TRIES))
    assert len(jobs.stuck(session)) == len(outbox.stuck(session)) == 1
    session.execute(update(Job).values(done_at=clock.now()))
    session.execute(update(Letter).values(sent_at=clock.now()))
    assert jobs.stuck(session) == outbox.stuck(session) == []


def test_a_cooperatives_manager_sees_none_of_it(client, session, make):
    meru = make.cooperative("Meru Highlands", slug="meru")
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))
    refusals.tell(session, "address", "192.0.2.7", 20, reason="denied", rule="/", at=clock.now() - timedelta(minutes=1))
    session.commit()
    assert client.get("/office/meru/alarms/").status_code == 403
    seen: Any = client.get("/office/meru/").text
    assert "refusals" not in seen and "/alarms/" not in seen
