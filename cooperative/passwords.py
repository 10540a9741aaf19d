"""Passwords: Argon2id, a bounded number at a time, and none that everybody tries first."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ground.errors import Refusal
from ground.words import _, ngettext

LEAST, MOST = 12, 128
"""Letters. A long password need not be a strange one; a boundless one would be a way to keep us busy."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's first recommendation: 19 MiB, two passes."""

AT_ONCE, WAIT_S = 2, 5.0
_SEATS = threading.BoundedSemaphore(AT_ONCE)
"""However many people sign in at once, hashing takes at most these threads and 38 MiB; the shop stays open [attack:A183]."""

_DUMMY = _HASHER.hash("nobody has this password")
_SUBSTITUTES = str.maketrans("013457$@!", "oieastsai")


class Busy(Refusal):
    """Too many sign-ins at once; nothing was tried."""

    status = 503


def make(password: str) -> str:
    """The hash to store."""
    with _seat():
        return _HASHER.hash(_spelled(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether this is the password. Without a stored hash a dummy is tried: a name nobody has takes as long [attack:A162]."""
    with _seat():
        try:
            _HASHER.verify(stored or _DUMMY, _spelled(password)[: MOST * 4])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def outgrown(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's, so that the next sign-in should make it anew."""
    return _HASHER.check_needs_rehash(stored)


def check(password: str, *, about: Sequence[str] = (), field: str = "password") -> None:
    """Refuse what is too short, too long, guessed by everybody, or guessed by who knows the person (`about`: name, e-mail)."""
    spelled = _spelled(password)
    if len(spelled) < LEAST:
        raise Refusal(
            fields={field: _("Use at least %(least)s letters; three or four words are easy to remember.", least=LEAST)}
        )
    if len(spelled) > MOST:
        raise Refusal(fields={field: ngettext("Use at most %(count)s letter.", "Use at most %(count)s letters.", MOST)})
    if any(unicodedata.category(letter) == "Cc" for letter in spelled):
        raise Refusal(fields={field: _("Use letters, digits, signs and spaces.")})
    if _is_common(spelled):
        raise Refusal(
            fields={field: _("This is among the passwords that are tried first. Choose words nobody would guess.")}
        )
    told = {word for text in about for word in re.split(r"[^\w]+", text.casefold()) if len(word) >= 4}
    told |= {text.casefold() for text in about if len(text) >= 4}
    if told and len(_without(spelled.casefold(), told)) < LEAST // 2:
        raise Refusal(fields={field: _("This is mostly your own name or address. Choose words nobody would guess.")})


def _spelled(password: str) -> str:
    """One spelling for what looks the same on every keyboard."""
    return unicodedata.normalize("NFKC", password)


def _is_common(password: str) -> bool:
    """Common as it stands, with its digits for letters undone, without what is put around it, or only repeated."""
    small = password.casefold()
    bare = re.sub(r"^[\W_\d]+|[\W_\d]+$", "", small)
    forms = {form for text in (small, bare) for form in (text, text.translate(_SUBSTITUTES))}
    forms |= {re.sub(r"[\W_\d]+", "", form) for form in set(forms)}
    if len(set(small)) < 5:
        return True
    for form in list(forms):
        for size in range(1, len(form) // 2 + 1):
            if len(form) % size == 0 and form == form[:size] * (len(form) // size):
                forms.add(form[:size])
    return any(form == "" or form in COMMON for form in forms)


def _without(text: str, words: set[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return re.sub(r"[\W_\d]+", "", text)


@contextmanager
def _seat() -> Generator[None]:
    if not _SEATS.acquire(timeout=WAIT_S):
        raise Busy(_("Many people are signing in just now. Please try again in a moment."))
    try:
        yield
    finally:
        _SEATS.release()


COMMON = frozenset(files("cooperative").joinpath("common_passwords.txt").read_text("utf-8").split())
