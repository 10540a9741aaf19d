"""A world for each form, and an eye on what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ground import refusals
from tests.input.watch import Watch
from tests.make import Make
from tests.pages.world import World


@pytest.fixture
def world(make: Make, app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(make, app, monkeypatch)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of refusals in a minute would ring, which writes a row: tests/ground/web/test_refusals.py is about that."""
    monkeypatch.setattr(refusals, "STEP", 10**9)


@pytest.fixture
def watch(place: Any, app: Flask) -> Iterator[Watch]:
    watch = Watch(place.owner_url, app.config["SANDBOX_DATABASE"])
    yield watch
    watch.close()
