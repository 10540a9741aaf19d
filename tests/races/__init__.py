"""Races: several processes that start on one word, each doing the same deed against one database, and what each came to.

`together("tests.ground.racers:claim", url, 4, "argument")` runs `claim(engine, number, "argument")` in four processes and
returns their answers in order of number; an exception is answered as its class's name. `killed_at("checkout: written", …)`
runs one that must die at that barrier. Nobody sleeps: each says it is ready, then all are let go.
"""

from __future__ import annotations

import atexit
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def together(deed: str, url: str, count: int, *arguments: str) -> list[Any]:
    """What each of `count` processes answered."""
    ended = _ask(deed, url, count, arguments)
    assert [code for _, code in ended] == [0] * count, ended
    return [answer for answer, _ in ended]


def alone(deed: str, url: str, *arguments: str) -> Any:
    """What one process answered that did it by itself."""
    return together(deed, url, 1, *arguments)[0]


def killed_at(barrier: str, deed: str, url: str, *arguments: str) -> None:
    """One process does the deed and is killed at this barrier, as by a power cut."""
    ((answer, code),) = _ask(deed, url, 1, arguments, barrier)
    assert code == -signal.SIGKILL, f"nobody died at {barrier!r}: {answer!r}, code {code}"


def _ask(deed: str, url: str, count: int, arguments: tuple[str, ...], barrier: str = "") -> list[tuple[Any, int]]:
    nursery = _nursery()
    assert nursery.stdin is not None and nursery.stdout is not None
    wanted = {"deed": deed, "url": url, "count": count, "arguments": arguments, "barrier": barrier}
    nursery.stdin.write(json.dumps(wanted) + "\n")
    nursery.stdin.flush()
    answer = nursery.stdout.readline()
    if not answer:
        nursery.wait()
    assert answer, "the nursery died"
    return [tuple(pair) for pair in json.loads(answer)]


_nurseries: list[subprocess.Popen[str]] = []


def _nursery() -> subprocess.Popen[str]:
    """The process that forks the racers: it has imported the shop once and opened no database, so each starts at once.

    One that died of a deed that cannot be imported fails that test, and the next test has a new one.
    """
    if _nurseries and _nurseries[-1].poll() is None:
        return _nurseries[-1]
    command = [sys.executable, "-W", "error", "-m", "tests.races"]
    made = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end() -> None:
        made.communicate()  # It ends when nobody can ask any more.

    atexit.register(end)
    _nurseries.append(made)
    return made
