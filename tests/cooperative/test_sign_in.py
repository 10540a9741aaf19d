"""The sign-in door: it opens to the right person only, tells nobody who has an account, and leads nowhere but home."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from cooperative import people, sessions
from cooperative.sessions import SignIn
from cooperative.views.next_page import own_path
from ground import clock
from ground.trail import TrailEntry
from tests.makers.cooperative import PASSWORD

SAME = {"Sec-Fetch-Site": "same-origin"}


def enter(client, email, password=PASSWORD, headers=SAME, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more}, headers=headers)


def cookie(client):
    return client.get_cookie("gm-session") or client.get_cookie("__Host-session")


def test_the_right_password_opens_a_session_that_only_the_server_can_read(client, session, make):
    person = make.person("Amina Yusuf", email="amina@example.org")
    answer = enter(client, "Amina@Example.ORG")
    assert (answer.status_code, answer.location) == (303, "/me")
    key = cookie(client).value
    stored = session.scalars(select(SignIn)).one()
    assert stored.person_id == person.id
    assert key.encode() not in stored.token_hash and len(stored.token_hash) == 32
    assert "Amina Yusuf" in client.get("/me").text


def test_every_way_to_be_wrong_is_answered_in_the_same_bytes(client, session, make):
    """[attack:A161]: wrong password, unknown, disabled, no password yet, right password without its code."""
    make.person(email="known@example.org")
    gone = make.person(email="gone@example.org")
    people.disable(session, gone.id)
    new = make.person(email="fresh@example.org")
    new.password_hash = None
    guarded = make.person(email="guarded@example.org")
    guarded.totp_secret = pyotp.random_base32()
    session.flush()
    tries = [
        ("known@example.org", "not this one, surely"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
        ("fresh@example.org", PASSWORD),
        ("guarded@example.org", PASSWORD),
        ("no address at all", PASSWORD),
    ]
    answers = []
    for email, password in tries:
        answer = enter(client, email, password)
        headers = {
            name: value
            for name, value in answer.headers
            if name not in ("X-Request-Id", "Content-Length", "Set-Cookie")
        }
        answers.append((answer.status_code, answer.text.replace(email, ""), headers))
    assert answers[0][0] == 422
    assert "is not right" in answers[0][1]
    assert all(other == answers[0] for other in answers[1:])
    assert cookie(client) is None


def test_a_typed_password_is_never_written_back_into_the_page(client, make):
    make.person(email="known@example.org")
    assert "a secret not to be shown" not in enter(client, "known@example.org", "a secret not to be shown").text


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.com", "///evil.com", "/\t/evil.com", "/%09/evil.com", "/\\evil.com", "/%5cevil.com", "\\\\evil.com",
        "https:evil.com", "https://evil.com/me", "javascript:alert(1)", "@evil.com", "/me@evil.com", "/me//evil.com",
        "http:///evil.com", "/\n/evil.com", " //evil.com", "/nowhere/at/all", "/sign-in", "/me\r\nSet-Cookie: x=1",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_but_to_our_own_pages(asked, client, make):
    """[attack:A111, commerce:X13]"""
    make.person(email="known@example.org")
    assert enter(client, "known@example.org", next=asked).location == "/me"


def test_signing_in_leads_back_to_the_page_that_asked(client, make):
    make.person(email="known@example.org")
    asked = client.get("/me/password")
    assert asked.status_code == 303
    assert "next=" in asked.location
    assert enter(client, "known@example.org", next="/me/password?why=now").location == "/me/password?why=now"


def test_a_path_is_ours_only_when_the_route_map_knows_it(app):
    with app.test_request_context("/"):
        assert own_path("/me") == "/me"
        assert own_path("/me/../evil", "x") == "x"
        assert own_path("/sign-out", "x") == "x"


def test_every_sign_in_has_a_new_key_and_ends_the_one_before(client, session, make):
    make.person(email="known@example.org")
    client.set_cookie("gm-session", "a-key-that-somebody-planted-here")
    enter(client, "known@example.org")
    first = cookie(client).value
    assert first != "a-key-that-somebody-planted-here"
    enter(client, "known@example.org")
    assert cookie(client).value != first
    assert sessions.find_live(session, first, clock.now()) is None


def test_signing_out_ends_the_session_on_the_server_too(client, session, make):
    make.person(email="known@example.org")
    enter(client, "known@example.org")
    key = cookie(client).value
    answer = client.post("/sign-out", headers=SAME)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("gm-session", key)
    assert client.get("/me").status_code == 303
    assert client.post("/sign-out", headers=SAME).status_code == 303


def test_a_form_from_another_site_signs_nobody_in(client, make):
    make.person(email="known@example.org")
    answer = enter(client, "known@example.org", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert cookie(client) is None


def test_an_unknown_field_is_named_and_nobody_is_signed_in(client, make):
    make.person(email="known@example.org")
    answer = enter(client, "known@example.org", is_admin="1")
    assert answer.status_code == 422
    assert cookie(client) is None


def test_a_disabled_person_is_out_at_the_next_request(client, session, make):
    """[attack:A188]"""
    person = make.person(email="known@example.org")
    enter(client, "known@example.org")
    assert client.get("/me").status_code == 200
    people.disable(session, person.id)
    assert client.get("/me").status_code == 303


def test_the_list_of_devices_ends_one_of_mine_and_never_one_of_yours(client, session, make):
    mine = make.person(email="known@example.org")
    phone = make.sign_in(mine)
    other = make.sign_in(make.person())
    enter(client, "known@example.org")
    ids = {row.person_id: row.id for row in session.scalars(select(SignIn).order_by(SignIn.created_at.desc()))}
    assert client.post(f"/me/sign-ins/{ids[mine.id]}/ending", headers=SAME).status_code == 303
    stranger = next(row.id for row in session.scalars(select(SignIn)) if row.person_id != mine.id)
    assert client.post(f"/me/sign-ins/{stranger}/ending", headers=SAME).status_code == 404
    assert sessions.find_live(session, phone, clock.now()) is None
    assert sessions.find_live(session, other, clock.now()) is not None


def test_all_other_devices_end_and_this_one_stays(client, session, make):
    mine = make.person(email="known@example.org")
    keys = [make.sign_in(mine) for _ in range(3)]
    enter(client, "known@example.org")
    assert client.post("/me/sign-ins/endings", headers=SAME).status_code == 303
    assert client.get("/me").status_code == 200
    assert all(sessions.find_live(session, key, clock.now()) is None for key in keys)


def test_money_asks_again_after_ten_minutes_and_a_wrong_answer_opens_nothing(client, session, make):
    """[attack:A182]"""
    make.person(email="known@example.org")
    enter(client, "known@example.org")
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    asked = client.post("/me/authenticator", headers=SAME)
    assert asked.location.startswith("/confirm?next=")
    wrong = client.post("/confirm", data={"password": "not this", "next": "/me/authenticator"}, headers=SAME)
    assert wrong.status_code == 422
    assert client.post("/me/authenticator", headers=SAME).location.startswith("/confirm")
    right = client.post("/confirm", data={"password": PASSWORD, "next": "/me/authenticator"}, headers=SAME)
    assert right.location == "/me/authenticator"
    assert client.post("/me/authenticator", headers=SAME).location == "/me/authenticator"


def test_an_authenticator_is_set_up_asked_for_and_each_code_is_good_once(client, session, make):
    person = make.person(email="known@example.org")
    enter(client, "known@example.org")
    client.post("/me/authenticator", headers=SAME)
    secret = session.get(people.Person, person.id).totp_pending
    assert secret in client.get("/me/authenticator").text
    assert client.post("/me/authenticator/proof", data={"code": "000000"}, headers=SAME).status_code in (303, 422)
    code = pyotp.TOTP(secret).now()
    assert client.post("/me/authenticator/proof", data={"code": code}, headers=SAME).status_code == 303
    client.post("/sign-out", headers=SAME)
    assert enter(client, "known@example.org").status_code == 422
    assert enter(client, "known@example.org", code=code).status_code == 422  # Spent when it was set up.


def test_the_trail_tells_a_try_from_a_sign_in(client, session, make, worker_session):
    make.person(email="known@example.org")
    enter(client, "known@example.org", "not this one, surely")
    enter(client, "known@example.org")
    session.rollback()
    deeds = list(worker_session.scalars(select(TrailEntry.action).order_by(TrailEntry.created_at, TrailEntry.id)))
    assert deeds == ["sign-in.try", "sign-in.try", "sign-in"]


def test_a_changed_password_ends_the_other_devices_and_a_common_one_is_refused(client, session, make):
    person = make.person(email="known@example.org")
    elsewhere = make.sign_in(person)
    enter(client, "known@example.org")
    refused = client.post("/me/password", data={"password": "password1234!", "again": "password1234!"}, headers=SAME)
    assert refused.status_code == 422
    assert "tried first" in refused.text
    wanted = "goats on the southern terraces"
    assert client.post("/me/password", data={"password": wanted, "again": wanted}, headers=SAME).status_code == 303
    assert sessions.find_live(session, elsewhere, clock.now()) is None
    client.post("/sign-out", headers=SAME)
    assert enter(client, "known@example.org").status_code == 422
    assert enter(client, "known@example.org", wanted).status_code == 303
