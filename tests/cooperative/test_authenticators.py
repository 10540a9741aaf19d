"""A code is good for one use, however it is typed, and only near its own half minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from cooperative import authenticators, people
from ground import clock
from ground.engines import make_session
from ground.errors import Refusal

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture
def amina(session, make):
    person = make.person("Amina Yusuf")
    person.totp_secret = pyotp.random_base32()
    session.flush()
    return person


def code_of(person, steps=0):
    return pyotp.TOTP(person.totp_secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def spelled(code, how):
    return {
        "plain": code,
        "spaced": f" {code[:3]} {code[3:]} ",
        "wide": code.translate(WIDE),
        "no-break": f"{code[:3]}\u00a0{code[3:]}",
    }[how]


@pytest.mark.parametrize("first", ["plain", "spaced", "wide", "no-break"])
def test_a_code_is_good_once_in_whatever_spelling_it_comes_back(session, amina, first):
    """[attack:A170]"""
    code = code_of(amina)
    assert authenticators.accept(session, amina, spelled(code, first))
    for again in ("plain", "spaced", "wide", "no-break"):
        assert not authenticators.accept(session, amina, spelled(code, again))


def test_twenty_at_once_with_one_code_are_one_success(engine, session, amina):
    """[attack:A170]"""
    code = code_of(amina)
    session.commit()

    def one(_):
        with make_session(engine) as own:
            won = authenticators.accept(own, own.get_one(people.Person, amina.id), code)
            own.commit()
            return won

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(20))) == 1


def test_an_older_code_is_refused_once_a_newer_one_was_used(session, amina):
    assert authenticators.accept(session, amina, code_of(amina, 1))
    assert not authenticators.accept(session, amina, code_of(amina, 0))
    assert not authenticators.accept(session, amina, code_of(amina, -1))


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "-12345", "1e5000", "٠١٢٣٤٥", "0" * 10_000, "12\x0034"]
)
def test_what_is_no_code_is_no_code(session, amina, typed):
    assert not authenticators.accept(session, amina, typed)


def test_a_code_of_a_minute_ago_is_too_old(session, amina):
    stale = {code_of(amina, -1), code_of(amina, 0), code_of(amina, 1)}
    old = next(code_of(amina, -n) for n in range(3, 20) if code_of(amina, -n) not in stale)
    assert not authenticators.accept(session, amina, old)


def test_a_secret_counts_only_after_its_first_code_and_that_code_is_spent(session, make):
    person = make.person()
    secret = authenticators.offer(session, person)
    session.refresh(person)
    assert person.totp_secret is None
    with pytest.raises(Refusal):
        authenticators.adopt(session, person, "no")
    code = pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30)
    authenticators.adopt(session, person, code)
    session.refresh(person)
    assert person.totp_secret == secret
    assert person.totp_pending is None
    assert not authenticators.accept(session, person, code)
    assert authenticators.accept(session, person, code_of(person, 1))


def test_without_an_authenticator_no_code_is_right(session, make):
    assert not authenticators.accept(session, make.person(), "000000")
