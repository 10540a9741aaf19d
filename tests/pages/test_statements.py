"""How much a page asks of the database: a number written down by hand, and no more of them when there is ten times as much."""

from __future__ import annotations

from flask import Flask

from tests.pages.walk import STATEMENTS_MOST, Season
from tests.pages.world import World


def test_the_walk_meets_every_page(world: World, app: Flask):
    register = app.extensions["register"].values()
    pages = {duty.endpoint for duty in register if duty.method == "GET"}
    assert {stop.endpoint for stop in Season(world).stops} == pages == set(STATEMENTS_MOST)


def test_a_page_asks_no_more_of_the_database_when_there_is_ten_times_as_much(world: World, app: Flask):
    season = Season(world)
    few = _asked(season, app)
    season.fill(18)
    many = _asked(season, app)
    most = {(endpoint, path): STATEMENTS_MOST[endpoint] for endpoint, path in few}
    assert {at: count for at, count in few.items() if count > most[at]} == {}
    assert {at: (few[at], count) for at, count in many.items() if count > few[at]} == {}
    assert {at: (count, most[at]) for at, count in few.items() if count < most[at] / 2 and most[at] > 8} == {}, (
        "the table says too much"
    )


def _asked(season: Season, app: Flask) -> dict[tuple[str, str], int]:
    """The statements of each page, looked at a second time: the first look may note that somebody is there."""
    browsers, found = season.browsers(), {}
    app.config["TELL_QUERIES"] = True
    for stop in season.stops:
        browsers[stop.who].get(stop.path)
        answer = browsers[stop.who].get(stop.path)
        assert answer.status_code == 200, f"{stop.path}: {answer.status_code}"
        found[stop.endpoint, stop.path] = int(answer.headers["X-Queries"])
    app.config["TELL_QUERIES"] = False
    return found
