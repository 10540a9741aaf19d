"""The season of the security tests: lived once per process on a database of its own, then only looked at."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ground import clock, tenants
from ground.db import db
from ground.engines import make_engine, make_session
from tests.security import houses, matrix, money, probes, trade, walk
from tests.security.season import Season, confirm_all


@pytest.fixture(scope="session")
def _season(_place: Any, _application: Flask) -> Iterator[Season]:
    place = type(_place)(f"{_place.name}_season")
    place.empty()
    logging.disable(logging.ERROR)
    engine, owner, worker = (make_engine(url) for url in (place.url, place.owner_url, place.worker_url))
    season = Season(_application, engine, owner, worker, money=matrix.MONEY)
    before = db.engine
    db.use(season.engine)
    session = make_session(season.engine)
    tenants.enter(session)
    ours, theirs = houses.attacked(), houses.canary()
    desk, _ = houses.everybody(session)
    for house in (ours, theirs):
        houses.found(session, house)
    session.commit()
    session.close()
    season.houses = {house.slug: house for house in (ours, theirs, desk)}
    trade.live(season, theirs, desk)
    season.probes = probes.attack
    trade.live(season, ours, desk)
    money.remit(season, desk)
    season.probes = None
    db.use(before)
    yield season
    for each in (engine, owner, worker):
        each.dispose()
    if hasattr(place, "cleaner"):
        place.cleaner.dispose()


@pytest.fixture
def season(_season: Season) -> Iterator[Season]:
    """The lived season, with the application on its database; everybody confirmed just now, however long ago they lived it."""
    before = db.engine
    confirm_all(_season, clock.now())
    db.use(_season.engine)
    yield _season
    db.use(before)


@pytest.fixture(scope="session")
def _walk(_season: Season) -> walk.Walk:
    before = db.engine
    db.use(_season.engine)
    try:
        return walk.everywhere(_season)
    finally:
        db.use(before)


@pytest.fixture
def walked(_walk: walk.Walk) -> walk.Walk:
    """Everything that everybody saw on their way through the shop."""
    return _walk
