"""A world for each form, and an eye on what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.input.watch import Watch
from tests.make import Make
from tests.pages.world import World


@pytest.fixture
def world(make: Make, app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(make, app, monkeypatch)


@pytest.fixture
def watch(place: Any, app: Flask) -> Iterator[Watch]:
    watch = Watch(place.owner_url, app.config["SANDBOX_DATABASE"])
    yield watch
    watch.close()
