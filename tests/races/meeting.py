"""Where the racers of an anti-test meet: each looks, and nobody writes before all have. No clock decides such a race."""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from threading import BrokenBarrierError

LATE_S = 5.0
"""After this nobody waits for one who cannot come, because a lock keeps them or they were refused before."""

_everybody = [multiprocessing.get_context("fork").Barrier(1)]


def appoint(count: int) -> None:
    """Before the fork: so many will meet."""
    _everybody[0] = multiprocessing.get_context("fork").Barrier(count)


def all_have_looked() -> None:
    """Wait for the others; once somebody stayed away, nobody is waited for any more."""
    with suppress(BrokenBarrierError):
        _everybody[0].wait(LATE_S)
