"""A shop on a fresh sandbox for each test, and a clock that tests can turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ground import clock
from tests.ground.stripe.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Turn the whole machine's clock: ours and so the sandbox's."""

    def turn_by(time: timedelta) -> None:
        at = clock.now() + time
        monkeypatch.setattr(clock, "read", lambda: at)

    return turn_by
