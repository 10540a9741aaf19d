"""Passwords are slow to guess, the common ones are refused, and a name nobody has takes as long as one somebody has."""

from __future__ import annotations

import threading

import pytest
from argon2 import extract_parameters

from cooperative import passwords
from ground.errors import Refusal


@pytest.mark.parametrize(
    "common",
    [
        "password1234", "P@ssw0rd!2026", "qwertyuiopasdfghjkl", "123456789012", "letmeinletmein", "iloveyou2026!!!",
        "aaaaaaaaaaaaaaaa", "abcabcabcabc", "harambee2026!", "!!!goodmeasure!!!", "1q2w3e4r5t6y", "Jesus is Lord!",
        "correct horse battery staple", "Manchester United 1",
    ],
)  # fmt: skip
def test_a_password_that_everybody_tries_first_is_refused(common):
    with pytest.raises(Refusal) as refused:
        passwords.check(common)
    assert "password" in refused.value.fields


@pytest.mark.parametrize(
    "good", ["terraces after the long rains", "mvua kubwa inaleta mboga", "7 brown goats, 2 left", "Ñandú ağaç żółw 9"]
)
def test_a_few_words_of_ones_own_are_enough(good):
    passwords.check(good)
    assert passwords.fits(passwords.make(good), good)


def test_too_short_too_long_and_unprintable_are_refused_by_name():
    for bad in ("short", "x" * 11, "terraces " * 20, "terraces\nafter the rains"):
        with pytest.raises(Refusal) as refused:
            passwords.check(bad, field="wanted")
        assert list(refused.value.fields) == ["wanted"]


def test_a_password_made_of_ones_own_name_is_refused():
    with pytest.raises(Refusal, match="your own name"):
        passwords.check("Wanjiru-Kamau-1984", about=("Wanjiru Kamau", "wanjiru@example.org"))


def test_only_the_very_password_fits_and_none_fits_nobody():
    stored = passwords.make("terraces after the long rains")
    assert stored.startswith("$argon2id$")
    assert passwords.fits(stored, "terraces after the long rains")
    assert not passwords.fits(stored, "Terraces after the long rains")
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("not a hash at all", "terraces after the long rains")


def test_two_keyboards_spell_the_same_password():
    assert passwords.fits(passwords.make("café terraces rain"), "cafe\u0301 terraces rain")


def test_a_hash_with_weaker_settings_is_noticed():
    from argon2 import PasswordHasher

    assert passwords.outgrown(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("x"))
    assert not passwords.outgrown(passwords.make("terraces after the long rains"))


def test_an_unknown_name_costs_the_same_work_as_a_known_one(monkeypatch):
    """[attack:A162]: one hash is computed for either, at the same settings."""
    stored, looked_at = passwords.make("terraces after the long rains"), []
    real = passwords._HASHER.verify

    class Watched:
        def verify(self, hashed, password):
            looked_at.append(extract_parameters(hashed))
            return real(hashed, password)

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    assert not passwords.fits(stored, "not this one, surely")
    assert not passwords.fits(None, "not this one, surely")
    known, unknown = looked_at
    assert known == unknown == extract_parameters(stored)


def test_many_at_once_take_turns_and_the_rest_is_told_to_come_back(monkeypatch):
    """[attack:A183]"""
    monkeypatch.setattr(passwords, "WAIT_S", 0.0)
    for _ in range(passwords.AT_ONCE):
        passwords._SEATS.acquire()
    try:
        with pytest.raises(passwords.Busy):
            passwords.fits(None, "not this one, surely")
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._SEATS.release()
    assert not passwords.fits(None, "not this one, surely")


def test_no_more_hashes_run_at_once_than_there_are_seats(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    real = passwords._HASHER.verify

    class Counted:
        def verify(self, stored, password):
            nonlocal running, most
            with lock:
                running, most = running + 1, max(most, running + 1)
            try:
                return real(stored, password)
            finally:
                with lock:
                    running -= 1

    monkeypatch.setattr(passwords, "_HASHER", Counted())
    threads = [threading.Thread(target=passwords.fits, args=(None, "not this one, surely")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= passwords.AT_ONCE
