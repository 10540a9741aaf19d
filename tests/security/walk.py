"""The walk: everybody opens every page they find, link by link, under the eye that watches for careless statements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from tests import walls
from tests.security.season import Season

PAGES_MOST = 160
OF_MERU = ("manager", "treasurer", "collector", "member", "buyer", "walker")


@dataclass(frozen=True)
class Seen:
    """One page as somebody saw it."""

    house: str
    actor: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def words(self) -> str:
        """With every way of writing a sign undone, so that a canary cannot hide."""
        return unescape(self.text).replace("\N{NO-BREAK SPACE}", " ")

    @property
    def is_page(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")

    def __str__(self) -> str:
        return f"{self.actor} of {self.house} at {self.path}"


@dataclass(frozen=True)
class Walk:
    """All that was seen, and the statements that named no cooperative meanwhile."""

    pages: list[Seen]
    careless: list[str]

    def of(self, house: str, *actors: str) -> list[Seen]:
        found = [page for page in self.pages if page.house == house and (not actors or page.actor in actors)]
        assert found
        return found


def everywhere(season: Season) -> Walk:
    """From the front door, the person's own page, their office and every page that a route has for what the house owns."""
    pages: list[Seen] = []
    with walls.watched(season.engine, raising=False) as careless:
        for slug, actors in (
            ("meru", (*OF_MERU, "guest", "guest 2", "stranger")),
            ("kilifi", ("manager",)),
            ("good-measure", ("operator", "shopper")),
        ):
            for actor in actors:
                pages += _walk(season, slug, actor)
    return Walk(pages, sorted(set(careless)))


def _starts(season: Season, slug: str, actor: str) -> list[str]:
    house = season.houses[slug]
    found = [
        "/",
        "/products",
        "/cooperatives",
        "/basket",
        "/checkout",
        "/me",
        "/orders",
        "/office/",
        f"/my/{slug}",
        "/nowhere/at/all",
        f"/office/{slug}/trail/",
        "/products?q=%3Csvg%2Fonload%3Dx()%3E",
        f"/office/{slug}/members/?q=%3Csvg%2Fonload%3Dx()%3E",
    ]
    if actor in ("guest 2", "manager"):
        found.append(season.path("orders.show", token=house.own["token"]) if "token" in house.own else "/")
    if actor in house.people and slug != "good-measure":
        known = house.own | {"coop": slug}
        for rule in season.app.url_map.iter_rules():
            if rule.methods and "GET" in rule.methods and "coop" in rule.arguments and rule.arguments <= set(known):
                found.append(season.path(rule.endpoint, **{name: known[name] for name in rule.arguments}))
    return found


def _walk(season: Season, slug: str, actor: str) -> list[Seen]:
    house, seen, shapes = season.houses[slug], [], dict[str, int]()
    waiting, known = _starts(season, slug, actor), set[str]()
    while waiting and len(seen) < PAGES_MOST:
        path = waiting.pop(0)
        shape = re.sub(r"[0-9a-f-]{36}|[0-9]+", "#", path.partition("?")[0]) + "?" * ("?" in path)
        if path in known or shapes.get(shape, 0) >= 6:
            continue
        known.add(path)
        shapes[shape] = shapes.get(shape, 0) + 1
        answer = season.open(house, actor, path)
        page = Seen(slug, actor, path, answer.status_code, dict(answer.headers), answer.data)
        seen.append(page)
        if answer.location and urlsplit(answer.location).netloc in ("", "localhost"):
            waiting.append(answer.location)
        if page.is_page:
            for way in re.findall(r'<a\b[^>]*\bhref="([^"]+)"', page.text):
                parts = urlsplit(urljoin(path, unescape(way)))
                if not parts.netloc and not parts.path.startswith("/static"):
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return seen
