"""Moving an account to another address takes both: the new one confirms, the old one is told and can take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cooperative import people, sessions
from cooperative.sessions import SignIn
from ground import clock
from ground.outbox import Letter
from tests.cooperative.test_letters import SAME, key_to, use


@pytest.fixture
def amina(client, make):
    person = make.person("Amina Yusuf", email="old@example.org")
    client.set_cookie("gm-session", make.sign_in(person))
    return person


def move(client, email):
    return client.post("/me/address", data={"email": email}, headers=SAME)


def email_of(session, person):
    return session.get(people.Person, person.id).email


def test_the_address_changes_when_the_new_one_confirms_and_not_before(client, session, amina):
    assert move(client, "New@Example.org").location == "/me"
    assert email_of(session, amina) == "old@example.org"
    key = key_to(session, "new@example.org")
    assert "new@example.org" in client.get(f"/letter/{key}").text
    assert use(client, key).location == "/me"
    assert email_of(session, amina) == "new@example.org"
    assert use(client, key).status_code == 404


@pytest.mark.case("attack:A173")
def test_the_old_address_stops_it_before_or_takes_it_back_after(client, session, amina, make, app):
    for confirmed in (False, True):
        move(client, "thief@example.org")
        stop, confirm = key_to(session, "old@example.org"), key_to(session, "thief@example.org")
        if confirmed:
            use(client, confirm)
        owner = app.test_client()
        assert owner.get(f"/letter/{stop}").status_code == 200
        assert use(owner, stop).location.startswith("/letter")
        assert email_of(session, amina) == "old@example.org"
        assert client.get("/me").status_code == 303, "whoever asked for it is out"
        assert use(client, confirm).status_code == 404
        client.set_cookie("gm-session", make.sign_in(session.get(people.Person, amina.id)))


@pytest.mark.case("attack:A173")
def test_a_thief_who_moves_on_cannot_shake_the_first_owner_off(client, session, amina):
    move(client, "thief@example.org")
    owners = key_to(session, "old@example.org")
    use(client, key_to(session, "thief@example.org"))
    move(client, "far@example.org")
    thiefs = key_to(session, "thief@example.org")
    use(client, key_to(session, "far@example.org"))
    use(client, thiefs)
    assert email_of(session, amina) == "thief@example.org"
    use(client, owners)
    assert email_of(session, amina) == "old@example.org"


@pytest.mark.case("attack:A161")
def test_an_address_that_has_an_account_is_told_so_and_who_asked_is_not(client, session, amina, make):
    make.person(email="taken@example.org")
    answers = [move(client, email) for email in ("taken@example.org", "free@example.org")]
    assert len({(answer.status_code, answer.location) for answer in answers}) == 1
    letter = session.scalars(select(Letter).where(Letter.recipient == "taken@example.org")).one()
    assert "/letter/" not in letter.text and "Yours stays as it is" in letter.text


def test_who_is_second_at_an_address_is_told_when_confirming(client, session, amina, make):
    move(client, "wanted@example.org")
    make.person(email="wanted@example.org")
    assert use(client, key_to(session, "wanted@example.org")).status_code == 409
    assert email_of(session, amina) == "old@example.org"


@pytest.mark.case("attack:A182")
def test_moving_asks_for_a_fresh_confirmation(client, session, amina):
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    assert move(client, "new@example.org").location.startswith("/confirm?next=")
    assert session.scalars(select(Letter)).all() == []


def test_the_letter_of_a_move_outlives_no_other_change_of_keys(client, session, amina):
    move(client, "new@example.org")
    words = "goats on the southern terraces"
    client.post("/me/password", data={"password": words, "again": words}, headers=SAME)
    assert use(client, key_to(session, "new@example.org")).status_code == 404
    stop = key_to(session, "old@example.org")
    assert use(client, stop).status_code == 303, "what stops a change holds"
    assert sessions.live_of(session, amina.id) == []
