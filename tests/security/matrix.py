"""Who may do what: written by hand and read by people, never derived from the routes' own declarations.

Each line of `matrix.txt`: verb, endpoint, then one answer per actor. `y` may, `s` is sent to the sign-in, `-` is told that it
is not among their tasks (403), `.` finds nothing (404). `€` after the endpoint: the deed moves money or keys, and asks for a
confirmation that is not older than ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ACTORS = ("guest", "shopper", "buyer", "member", "collector", "treasurer", "manager", "other manager", "operator")


@dataclass(frozen=True)
class Line:
    """One route's row of the table."""

    verb: str
    endpoint: str
    money: bool
    answers: dict[str, str]


def _read() -> dict[str, Line]:
    found = {}
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        verb, endpoint, *answers = words
        money = answers[0] == "€"
        answers = answers[1:] if money else answers
        assert len(answers) == len(ACTORS) and set(answers) <= set("ys-."), f"{line!r} has not one answer per actor"
        assert endpoint not in found, f"{endpoint} stands there twice"
        found[endpoint] = Line(verb, endpoint, money, dict(zip(ACTORS, answers, strict=True)))
    return found


TABLE = _read()
MONEY = frozenset(line.endpoint for line in TABLE.values() if line.money)
