"""A world for each test of pages in many languages."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.make import Make
from tests.pages.world import World


@pytest.fixture
def world(make: Make, app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(make, app, monkeypatch)
