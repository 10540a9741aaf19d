"""Who guesses waits, and nobody can lock another person out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from cooperative import throttle
from cooperative.throttle import Wait
from ground import clock
from ground.engines import make_session
from tests.cooperative.test_sign_in import SAME, cookie, enter
from tests.makers.cooperative import PASSWORD


@pytest.fixture
def turn(monkeypatch):
    start = clock.now()
    passed = timedelta(0)

    def later(**by):
        nonlocal passed
        passed += timedelta(**by)
        monkeypatch.setattr(clock, "read", lambda: start + passed)

    later(seconds=0)
    return later


def fail(session, names, times):
    for _ in range(times):
        throttle.charge(session, names)


def test_the_first_failures_cost_nothing_then_each_wait_is_twice_as_long_up_to_a_minute():
    assert [throttle.wait_s("account", n) for n in (1, 4, 5, 6, 7, 10, 11, 500)] == [0, 0, 1, 2, 4, 32, 60, 60]


def test_an_account_that_is_guessed_at_waits_wherever_the_guesses_come_from(session, turn):
    """[attack:A159]"""
    for place in range(throttle.FREE["account"]):
        throttle.charge(session, throttle.keys("amina@example.org", f"10.0.0.{place}"))
    with pytest.raises(Wait):
        throttle.charge(session, throttle.keys("amina@example.org", "10.9.9.9"))
    throttle.charge(session, throttle.keys("peter@example.org", "10.9.9.9"))


def test_an_address_that_sprays_waits_whatever_accounts_it_tries(session, turn):
    """[attack:A159]"""
    for number in range(throttle.FREE["address"]):
        throttle.charge(session, throttle.keys(f"person{number}@example.org", "10.0.0.1"))
    with pytest.raises(Wait):
        throttle.charge(session, throttle.keys("another@example.org", "10.0.0.1"))


def test_a_whole_network_of_ipv6_counts_as_one_address():
    one, other = throttle.keys("a", "2001:db8:1:2::1"), throttle.keys("a", "2001:db8:1:2:ffff::9")
    assert one.address == other.address
    assert throttle.keys("a", "2001:db8:1:3::1").address != one.address
    assert throttle.keys("a", "::ffff:10.0.0.1").address == throttle.keys("a", "10.0.0.1").address


def test_nobody_is_locked_out_longer_than_a_minute(session, turn):
    """[attack:A160]"""
    names = throttle.keys("amina@example.org", "10.0.0.1")
    told = []
    for _ in range(40):
        try:
            throttle.charge(session, names)
        except Wait as wait:
            told.append(wait.seconds)
            turn(seconds=wait.seconds)
    assert len(told) > 10
    assert max(told) <= 61
    turn(seconds=61)
    throttle.charge(session, names)


def test_the_owner_signs_in_from_a_known_place_while_others_guess(session, turn):
    """[attack:A159, A160]"""
    home = throttle.keys("amina@example.org", "10.0.0.1")
    throttle.charge(session, home)
    throttle.forgive(session, home)
    for place in range(throttle.FREE["account"]):
        throttle.charge(session, throttle.keys("amina@example.org", f"10.6.6.{place}"))
    with pytest.raises(Wait):
        throttle.charge(session, throttle.keys("amina@example.org", "10.6.6.66"))
    throttle.charge(session, home)


def test_one_good_account_does_not_buy_free_guesses_at_others(session, turn):
    mine = throttle.keys("mine@example.org", "10.0.0.1")
    waited = 0
    for number in range(200):
        try:
            throttle.charge(session, throttle.keys(f"person{number}@example.org", "10.0.0.1"))
            throttle.charge(session, mine)
        except Wait:
            waited += 1
            continue
        throttle.forgive(session, mine)
    assert waited > 150


def test_failures_are_forgotten_after_an_hour_and_swept_after_a_day(session, turn):
    names = throttle.keys("amina@example.org", "10.0.0.1")
    fail(session, names, throttle.FREE["account"])
    turn(hours=1, seconds=1)
    fail(session, names, throttle.FREE["account"] - 1)
    turn(days=2)
    assert throttle.sweep(session, clock.now()) == 2


def test_a_clock_set_back_does_not_make_anybody_wait_for_ever(session, turn):
    names = throttle.keys("amina@example.org", "10.0.0.1")
    fail(session, names, throttle.FREE["account"])
    turn(days=-3)
    throttle.charge(session, names)


def test_tries_that_arrive_together_are_each_counted(engine, session):
    """Twenty at once on one account: no more than the free ones pass before one is told to wait."""
    session.commit()

    def one(number):
        with make_session(engine) as own:
            try:
                throttle.charge(own, throttle.keys("amina@example.org", f"10.0.{number}.1"))
                own.commit()
                return True
            except Wait:
                return False

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(one, range(20)))
    assert 1 <= passed <= throttle.FREE["account"]


def test_the_sixth_wrong_password_is_told_when_to_come_back_in_the_same_words_for_anybody(client, make):
    """[attack:A159, A161]"""
    make.person(email="known@example.org")
    said = []
    for email in ("known@example.org", "nobody@example.org"):
        for _ in range(5):
            assert enter(client, email, "not this one, surely").status_code == 422
        answer = enter(client, email)
        said.append((answer.status_code, answer.headers.get("Retry-After"), answer.text.replace(email, "")))
    assert said[0][0] == 429
    assert said[0][1] == "1"
    assert said[0] == said[1]
    assert cookie(client) is None


def test_a_confirmation_is_counted_like_a_sign_in(client, session, make):
    make.person(email="known@example.org")
    enter(client, "known@example.org")
    for _ in range(5):
        assert client.post("/confirm", data={"password": "not this one"}, headers=SAME).status_code == 422
    assert client.post("/confirm", data={"password": PASSWORD}, headers=SAME).status_code == 429
