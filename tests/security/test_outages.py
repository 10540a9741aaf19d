"""When something is away (the provider, the mail, a row, a rule) the shop denies or waits in words, and nothing is done twice."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy import select, text

from cooperative import authority, throttle
from ground import clock
from ground.ids import new_id
from ground.outbox import Letter
from ground.stripe import signatures
from ground.web import guard
from storefront.card_payments import CardPayment, State
from tests.security.season import OURS

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=20)


@pytest.fixture
def sandbox(app):
    found = app.extensions["till"].gateway.sandbox
    found.clear_faults()
    yield found
    found.clear_faults()


def buy(client, pack, how="card"):
    line = {"cooperative": str(pack.cooperative_id), "pack": str(pack.id), "quantity": "2"}
    assert client.post("/basket/lines", data=line, headers=OURS).status_code == 303
    form = {
        "name": "Amina",
        "email": "amina@example.org",
        "how": how,
        "expected_minor": "10000",
        "currency": "KES",
        "once": str(new_id()),
    }
    begun = time.monotonic()
    answer = client.post("/checkout", data=form, headers=OURS)
    return answer, time.monotonic() - begun


def later(minutes):
    """Inside, it is so many minutes later."""
    now = clock.now
    return mock.patch.object(clock, "now", side_effect=lambda: now() + timedelta(minutes=minutes))


@pytest.mark.case("attack:A282")
@pytest.mark.parametrize(
    "kind", ["lost_request", "lost_response", "server_error", "late_server_error", "rate_limited", "garbled", "slow"]
)
def test_a_silent_provider_leaves_the_order_waiting_and_charges_once_when_it_is_back(
    client, session, work, meru, maize, sandbox, kind
):
    made = len(sandbox.requests("post", SESSIONS))
    sandbox.set_fault(kind, method="post", path=SESSIONS, times=20, seconds=30)
    answer, seconds = buy(client, maize)
    assert answer.status_code == 303 and answer.location.startswith("/orders/")
    assert seconds < 3, f"the buyer waited {seconds:.1f} s"
    payment = session.scalars(select(CardPayment)).one()
    assert payment.state is State.UNKNOWN
    assert client.get(answer.location).status_code == 200
    sandbox.clear_faults()
    with later(5):
        work()
        work()
    payment = session.scalars(select(CardPayment)).one()
    assert payment.state is State.OPEN and payment.url
    keys = sandbox.requests("post", SESSIONS)[made:]
    assert len(set(keys)) == 1, "asked again under the same key, so that the provider opens one page"


@pytest.mark.case("attack:A283")
def test_mail_that_is_down_keeps_no_order_back_and_is_sent_later(client, app, session, work, meru, maize):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    before = app.config["SMTP_HOST"], app.config["SMTP_PORT"]
    app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=port)
    try:
        answer, _ = buy(client, maize, how="collection")
        assert answer.status_code == 303
        work()
        letter = session.scalars(select(Letter)).first()
        assert letter is not None and letter.sent_at is None and letter.tries >= 1
        assert client.get(answer.location).status_code == 200
    finally:
        app.config.update(SMTP_HOST=before[0], SMTP_PORT=before[1])
    with later(120):
        work()
    assert all(letter.sent_at is not None and letter.tries <= 3 for letter in session.scalars(select(Letter)))


@pytest.mark.on("postgresql")
@pytest.mark.case("attack:A270")
def test_who_waits_for_a_locked_row_is_told_within_seconds_and_others_are_served(
    client, make, session, owner_engine, meru, maize
):
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))
    session.commit()
    with owner_engine.begin() as holder:
        holder.execute(text("SELECT 1 FROM heap WHERE id = :id FOR UPDATE"), {"id": maize.heap_id})
        begun = time.monotonic()
        form = {"once": str(new_id()), "sign": "less", "change": "1", "kind": "spoil", "reason": "mice"}
        waited = client.post(f"/office/meru/stock/{maize.heap_id}/changes", data=form, headers=OURS)
        seconds = time.monotonic() - begun
        assert waited.status_code == 503
        assert 2.5 < seconds < 4.5, f"told after {seconds:.1f} s"
        begun = time.monotonic()
        assert client.get("/products").status_code == 200
        assert time.monotonic() - begun < 1, "who only reads does not queue behind it"
    form["once"] = str(new_id())
    assert client.post(f"/office/meru/stock/{maize.heap_id}/changes", data=form, headers=OURS).status_code == 303


class Broken(Exception):
    """What is broken in these tests."""


@pytest.mark.case("attack:A280")
@pytest.mark.parametrize(
    ("module", "name"),
    [(authority, "roles_in"), (authority, "find_cooperative"), (authority, "person_of"), (guard, "_from_our_pages")],
)
def test_a_rule_that_breaks_lets_nobody_in(client, make, session, app, meru, maize, monkeypatch, module, name):
    client.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))

    def broken(*arguments: object, **named: object) -> None:
        raise Broken("the rule itself failed")

    monkeypatch.setattr(module, name, broken)
    form = {"once": str(new_id()), "sign": "less", "change": "1", "kind": "spoil", "reason": "mice"}
    answer = client.post(f"/office/meru/stock/{maize.heap_id}/changes", data=form, headers=OURS)
    assert answer.status_code == 500
    assert "the rule itself failed" not in answer.text
    assert session.execute(text("SELECT on_hand FROM heap")).scalar_one() == 20_000


@pytest.mark.case("attack:A280")
def test_a_throttle_that_breaks_lets_nobody_guess(client, make, session, app, monkeypatch):
    person = make.person(email="known@example.org")
    assert person is not None

    def broken(*arguments: object) -> None:
        raise Broken("no counter")

    monkeypatch.setattr(throttle, "charge", broken)
    answer = client.post(
        "/sign-in", data={"email": "known@example.org", "password": "terraces after the long rains"}, headers=OURS
    )
    assert answer.status_code == 500
    assert client.get_cookie("gm-session") is None


@pytest.mark.case("attack:A280")
@pytest.mark.case("attack:A082")
@pytest.mark.case("attack:A083")
def test_a_signature_check_that_breaks_or_says_no_stores_nothing(client, session, app, meru, monkeypatch):
    secret = app.extensions["till"].gateway.sandbox.secret
    body, now = (
        b'{"id":"evt_1","object":"event","type":"checkout.session.completed","livemode":false,"created":1,"data":{"object":{"id":"cs_1","object":"checkout.session"}}}',
        clock.now(),
    )
    right = signatures.sign(body, secret, now)
    stamp, _, digest = right.partition(",")
    monkeypatch.setattr(clock, "read", lambda: now)  # 301 s from now stay 301 s, however busy the machine is.
    wrong = [
        None,
        "",
        "v1=",
        stamp,
        digest,
        right.replace("v1=", "v0="),
        signatures.sign(body, "whsec_another", now),
        signatures.sign(body + b" ", secret, now),
        signatures.sign(body, secret, now - timedelta(seconds=301)),
        signatures.sign(body, secret, now + timedelta(seconds=301)),
        f"{stamp},{right}",
        f"t=-1,{digest}",
        f"t=,{digest}",
        right.upper(),
    ]
    for header in wrong:
        answer = client.post(
            "/webhooks/stripe", data=body, headers={"Stripe-Signature": header} if header is not None else {}
        )
        assert answer.status_code == 400, header
    assert session.execute(text("SELECT count(*) FROM provider_event")).scalar_one() == 0
    assert client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": right}).status_code == 200
