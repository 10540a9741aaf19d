"""The written matrix: every route, every actor, our own things, another house's, and what does not exist."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from ground import clock
from ground.ids import new_id, new_secret
from tests.security.houses import House
from tests.security.matrix import ACTORS, MONEY, TABLE, Line
from tests.security.season import OURS, Season, confirm_all

NOBODYS = {"shopper", "buyer"}
SECRETS = {"key", "token", "id"}
"""Whoever holds one of these may: there is no other owner than its holder."""
NUMBERS = {"members": 1, "shares": 1, "office_orders": 6, "invoices": 1}


def test_every_route_stands_in_the_written_table_and_no_other(season: Season):
    register = season.app.extensions["register"]
    assert {duty.endpoint for duty in register.values()} == set(TABLE), (
        "a route that nobody wrote down, or a line without a route"
    )
    assert {endpoint: register[endpoint].method for endpoint in TABLE} == {
        line.endpoint: line.verb for line in TABLE.values()
    }


@pytest.mark.case("attack:A210")
def test_no_route_of_the_application_is_outside_the_register(season: Season):
    """Deny by default: what the address map knows, the guard knows, and each of them says who may."""
    rules = {rule.endpoint for rule in season.app.url_map.iter_rules()}
    assert rules == set(TABLE)
    assert all(duty.who for duty in season.app.extensions["register"].values())


def here(season: Season, house: House, line: Line) -> dict[str, Any]:
    """The arguments with which this route shows what the house really has."""
    door = line.endpoint.partition(".")[0]
    number = house.own["refunded"] if door == "refunds" else NUMBERS.get(door)
    known = house.own | {"coop": house.slug, "number": number} | house.at.get(line.endpoint, {})
    wanted = set().union(*(rule.arguments for rule in season.app.url_map.iter_rules(line.endpoint)))
    return {name: known[name] for name in wanted}


def ask(season: Season, line: Line, browser: Any, path: str) -> Any:
    """GET, or POST a form from our own page with a field that no form has: whoever may is told so by 422, and nothing is done."""
    if line.verb == "GET":
        return browser.get(path)
    return browser.post(path, data={"no form has this": "1"}, headers=OURS)


def verdict(answer: Any) -> str:
    if answer.status_code == 303 and answer.location.startswith("/sign-in"):
        return "s"
    if answer.status_code == 303 and answer.location.startswith("/confirm?"):
        return "c"
    return {403: "-", 404: "."}.get(answer.status_code, "y" if answer.status_code < 500 else f"{answer.status_code}!")


def browser_of(season: Season, actor: str) -> Any:
    meru, kilifi, desk = (season.houses[slug] for slug in ("meru", "kilifi", "good-measure"))
    if actor == "guest":
        return season.app.test_client()
    at = kilifi if actor == "other manager" else desk if actor in ("operator", "shopper") else meru
    client = season.app.test_client()
    client.set_cookie("gm-session", at.keys["manager" if actor == "other manager" else actor])
    return client


@pytest.mark.case("attack:A199")
@pytest.mark.case("attack:A207")
@pytest.mark.case("commerce:X04")
@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_is_answered_as_the_table_says(season: Season, actor: str):
    meru = season.houses["meru"]
    browser = browser_of(season, actor)
    wrong = []
    with season.unchanged() as same:
        for line in TABLE.values():
            if line.endpoint == "sign_in.leave" and actor != "guest":
                continue  # It needs no right, and would end this very test.
            found = verdict(ask(season, line, browser, season.path(line.endpoint, **here(season, meru, line))))
            if found != line.answers[actor] and not (line.endpoint == "sandbox.show" and found == "y"):
                wrong.append(f"{line.endpoint}: {found}, not {line.answers[actor]}")
    assert wrong == []
    assert same(), "being answered changed something"


@pytest.mark.case("attack:A182")
@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "guest"])
def test_after_ten_minutes_whoever_may_is_first_asked_who_they_are(season: Season, actor: str):
    """Whoever may not is told so at once, but for the remittances: only the view knows whose they are. On a machine so loaded
    that the season took ten minutes, their 303 once read as `y` where the table says 404."""
    browser = browser_of(season, actor)
    confirm_all(season, clock.now() - timedelta(minutes=11))
    asked, wrong = set(), []
    for line in TABLE.values():
        if line.endpoint not in MONEY:
            continue
        found = verdict(
            ask(season, line, browser, season.path(line.endpoint, **here(season, season.houses["meru"], line)))
        )
        asked |= {line.endpoint} if found == "c" else set()
        if found != "c" and (line.answers[actor] == "y" or found != line.answers[actor]):
            wrong.append(f"{line.endpoint}: {found}")
    assert wrong == []
    assert "me.change_password" in asked
    assert ("remittances.make" in asked) == (actor == "treasurer")


@pytest.mark.case("attack:A199")
@pytest.mark.case("attack:A205")
@pytest.mark.case("commerce:X04")
@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "guest"])
def test_another_houses_things_look_like_things_that_do_not_exist(season: Season, actor: str):
    """Under our own address with their ids, and under their address: the same bytes as for an id and a house made up."""
    kilifi = season.houses["kilifi"]
    browser = browser_of(season, actor)
    asked, wrong = 0, []
    for line in TABLE.values():
        ours = here(season, season.houses["meru"], line)
        named = set(ours) - {"coop", "number"}
        if line.endpoint in (
            "photos.show",
            "sign_in.leave",
            "orders.show",
            "invitations.show",
            "invitations.accept",
        ) or named & {
            "token",
            "key",
        }:
            continue
        pairs = []
        for name in sorted(named - SECRETS):
            missing: Any = "nothing-of-the-kind" if name == "slug" else new_id()
            if line.endpoint.startswith("baskets."):  # A basket is whose it is, whatever stands in it.
                continue
            pairs.append((ours | {name: kilifi.own[name]}, ours | {name: missing}))
        if "coop" in ours and line.answers["other manager"] == "." and actor not in ("other manager", "operator"):
            theirs = here(season, kilifi, line)
            pairs.append((theirs, {name: _made_up(value) for name, value in theirs.items()}))
        for one, other in pairs:
            answers = [ask(season, line, browser, season.path(line.endpoint, **given)) for given in (one, other)]
            seen = [
                (answer.status_code, plain(answer, given)) for answer, given in zip(answers, (one, other), strict=True)
            ]
            asked += 1
            if seen[0] != seen[1] or seen[0][0] not in (303, 403, 404, 422):
                wrong.append(f"{line.endpoint} {one}: {seen[0][0]} against {seen[1][0]}")
    assert asked >= 30
    assert wrong == []


def _made_up(value: Any) -> Any:
    if isinstance(value, int):
        return 999
    return (
        "no-such-house"
        if value == "kilifi"
        else new_id()
        if re.fullmatch(r"[0-9a-f-]{36}", str(value))
        else "unheard-of"
    )


def plain(answer: Any, given: dict[str, Any]) -> str:
    """The body without what was asked and without the keys of its forms."""
    told = re.sub(r'name="(?:once|csrf_token)" value="[^"]+"', "", answer.text + (answer.location or ""))
    for value in sorted(map(str, given.values()), key=len, reverse=True):
        if len(value) > 3:
            told = told.replace(value, "…")
    return told


@pytest.mark.case("attack:A217")
@pytest.mark.case("attack:A233")
@pytest.mark.parametrize("endpoint", ["orders.show", "invitations.show", "letters.show", "sandbox.show"])
def test_secret_links_are_not_guessed_by_their_neighbours(season: Season, endpoint: str):
    """192 random bits or more where the link is the right; a letter changed, cut or put behind opens nothing."""
    (name,) = set().union(*(rule.arguments for rule in season.app.url_map.iter_rules(endpoint)))
    meru = season.houses["meru"]
    own = str((meru.own | meru.at.get(endpoint, {}))[name])
    assert len(own) >= 32
    guest = season.app.test_client()
    assert guest.get(season.path(endpoint, **{name: own})).status_code in (200, 303)
    changed = own[:-2] + ("A" if own[-2] != "A" else "B") + own[-1]
    for guess in (
        changed,
        own[:-1],
        own + "A",
        own.swapcase(),
        new_secret(),
        str(new_id()),
        "1",
        "0",
        "%00",
        "' OR 1=1--",
    ):
        answer = guest.get(season.path(endpoint, **{name: guess}))
        assert answer.status_code == 404, guess


@pytest.mark.case("commerce:A05")
@pytest.mark.parametrize("actor", ["collector", "treasurer", "manager"])
def test_the_menu_shows_no_door_that_is_shut(season: Season, actor: str):
    page = season.open(season.houses["meru"], actor, "/office/meru/").text
    ways = set(re.findall(r'href="(/office/meru/[^"?#]*)"', page))
    assert len(ways) >= 4
    shut = {way: season.open(season.houses["meru"], actor, way).status_code for way in ways}
    assert {way: status for way, status in shut.items() if status != 200} == {}


def test_the_operator_has_their_own_desk_and_no_other(season: Season):
    """At the marketplace's own house: money and people of its own, none of a cooperative's tasks."""
    desk = season.houses["good-measure"]
    may = {
        "desk.show",
        "people.show",
        "payouts.index",
        "payouts.show",
        "trail.show",
        "remittances.index",
        "provider_payouts.index",
        "alarms.index",
    }
    for line in TABLE.values():
        if line.verb != "GET" or not line.endpoint.startswith(
            tuple(
                f"{each}."
                for each in (
                    "desk",
                    "people",
                    "payouts",
                    "trail",
                    "remittances",
                    "provider_payouts",
                    "alarms",
                    "members",
                    "shares",
                    "settlements",
                    "invoices",
                    "companies",
                    "stock",
                    "pools",
                )
            )
        ):
            continue
        wanted = set().union(*(rule.arguments for rule in season.app.url_map.iter_rules(line.endpoint)))
        if (
            "coop" not in wanted
            or not wanted <= {"coop", "run_id"}
            or line.endpoint in ("payouts.sheet", "payouts.file")
        ):
            continue
        path = season.path(
            line.endpoint, **{name: {"coop": desk.slug, "run_id": desk.own["run_id"]}[name] for name in wanted}
        )
        assert season.open(desk, "operator", path).status_code == (200 if line.endpoint in may else 403), line.endpoint
