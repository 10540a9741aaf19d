"""Sessions end when they should, by the server's clock, and their keys are nobody's to guess."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cooperative import authority, people, sessions
from cooperative.sessions import ABSOLUTE, IDLE, SEEN_EVERY, SignIn
from ground import clock
from ground.ids import new_secret


@pytest.fixture
def turn(monkeypatch):
    """`turn(hours=2)`: the clock stands that much later from now on."""
    start = clock.now()

    def turned(**by):
        monkeypatch.setattr(clock, "read", lambda: start + timedelta(**by))

    turned()
    return turned


def test_an_unused_session_ends_after_eight_hours(session, make, turn):
    """[attack:A190]"""
    key = make.sign_in(make.person())
    turn(hours=7, minutes=59)
    assert sessions.find_live(session, key, clock.now()) is not None
    turn(hours=8)
    assert sessions.find_live(session, key, clock.now()) is None


def test_a_session_in_use_ends_after_seven_days_all_the_same(session, make, turn):
    """[attack:A190]"""
    key = make.sign_in(make.person())
    for hour in range(0, int(ABSOLUTE.total_seconds() // 3600), 7):
        turn(hours=hour)
        assert authority.person_of(session, key) is not None
        session.commit()
    turn(hours=int(ABSOLUTE.total_seconds() // 3600))
    assert authority.person_of(session, key) is None


def test_a_clock_set_back_stretches_no_session(session, make, turn):
    """[attack:A190]"""
    key = make.sign_in(make.person())
    turn(hours=-1)
    assert sessions.find_live(session, key, clock.now()) is None


def test_a_session_is_noted_as_used_at_most_once_a_minute(session, make, turn):
    key = make.sign_in(make.person())
    session.commit()
    born = session.scalar(select(SignIn.last_seen_at))
    turn(seconds=SEEN_EVERY.total_seconds() - 2)
    authority.person_of(session, key)
    session.commit()
    assert session.scalar(select(SignIn.last_seen_at)) == born
    turn(seconds=SEEN_EVERY.total_seconds() + 2)
    authority.person_of(session, key)
    session.commit()
    assert session.scalar(select(SignIn.last_seen_at)) > born


def test_a_page_that_only_reads_notes_its_use_without_writing_itself(client, session, make, turn):
    person = make.person()
    client.set_cookie("gm-session", make.sign_in(person))
    session.commit()
    born = session.scalar(select(SignIn.last_seen_at))
    turn(minutes=5)
    assert client.get("/me").status_code == 200
    assert session.scalar(select(SignIn.last_seen_at)) > born


def test_ten_thousand_keys_are_all_different_and_use_every_letter_alike():
    """[attack:A191]: 192 random bits each; the chi-square of 64 letters over 320,000 signs stays within six deviations."""
    keys = [new_secret() for _ in range(10_000)]
    assert len(set(keys)) == 10_000
    assert {len(key) for key in keys} == {32}
    counts: dict[str, int] = {}
    for letter in "".join(keys):
        counts[letter] = counts.get(letter, 0) + 1
    assert len(counts) == 64
    expected = 320_000 / 64
    chi = sum((count - expected) ** 2 / expected for count in counts.values())
    assert chi < 63 + 6 * (2 * 63) ** 0.5


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "ü" * 32, "a" * 10_000, "\0" * 32])
def test_a_made_up_key_opens_nothing(key, session, make):
    make.sign_in(make.person())
    assert authority.person_of(session, key) is None


def test_the_database_never_holds_a_key_that_opens_anything(session, make):
    key = make.sign_in(make.person())
    stored = session.scalars(select(SignIn.token_hash)).one()
    assert authority.person_of(session, stored.hex()) is None
    assert authority.person_of(session, key) is not None


def test_a_session_ended_or_of_a_disabled_person_counts_no_more(session, make):
    """[attack:A188]"""
    mine, yours = make.person(), make.person()
    key, other = make.sign_in(mine), make.sign_in(yours)
    people.disable(session, yours.id)
    assert authority.person_of(session, other) is None
    sessions.end_others(session, mine.id)
    assert authority.person_of(session, key) is None


def test_nobody_ends_the_session_of_another(session, make):
    mine, yours = make.person(), make.person()
    key = make.sign_in(yours)
    target = session.scalar(select(SignIn.id).where(SignIn.person_id == yours.id))
    assert sessions.end(session, mine.id, target) is False
    assert authority.person_of(session, key) is not None


def test_a_confirmation_lasts_ten_minutes_and_none_is_found_in_the_future(session, make):
    """[attack:A182]"""
    make.sign_in(make.person())
    sign_in = session.scalars(select(SignIn)).one()
    now = clock.now()
    assert sign_in.confirmed(now)
    assert sign_in.confirmed(sign_in.stepped_up_at + timedelta(minutes=10))
    assert not sign_in.confirmed(sign_in.stepped_up_at + timedelta(minutes=10, seconds=1))
    assert not sign_in.confirmed(sign_in.stepped_up_at - timedelta(hours=1))


def test_what_a_session_froze_no_statement_changes(session, make):
    person, other = make.person(), make.person()
    make.sign_in(person)
    session.commit()
    with pytest.raises(Exception, match=r"append-only|keeps what it froze"):
        session.execute(update(SignIn).values(person_id=other.id))


def test_idle_and_absolute_limits_are_the_documented_ones():
    assert (timedelta(hours=8), timedelta(days=7)) == (IDLE, ABSOLUTE)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "Chrome on an Android phone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1 Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/150.0", "Firefox on Windows"),
        ("<script>", "A browser"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_a_device_is_called_what_people_call_it(said, words):
    assert SignIn(device=said).device_words == words
