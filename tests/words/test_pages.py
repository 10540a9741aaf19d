"""Street pages in each language: whole, marked as what they are, and without English left over."""

from __future__ import annotations

import re

import lxml.html
import pytest

from ground import words
from storefront.checkouts import How
from tests.pages.html import faults
from tests.pages.world import World

LEFTOVERS = re.compile(
    r"\b(basket|checkout|cheaper|orders?|sign in|sign out|see all|total|remove|your|you|the|and|with|price|prices|help|"
    r"language|produce|nothing|collect|paid|weight|account)\b",
    re.IGNORECASE,
)
"""Plain English words that no sentence of the other four has."""
ALIKE = {"fr": {"total", "prices"}, "es": {"total"}, "sw": set(), "rw": set()}
STORIES = {"We grow on the mountain.", "We grow by the sea."}
"""People wrote them: they stand as they were written."""


@pytest.fixture
def paths(world: World) -> dict[str, tuple[str, str]]:
    """Each kind of street page: whose it is, and where."""
    world.delivery, world.quote  # noqa: B018  (made as they are named)
    world.closed()
    world.order(How.COLLECTION)
    meru = f"/cooperatives/{world.house.slug}"
    return {
        "home": ("guest", "/"), "owners": ("guest", "/cooperatives"), "shelf": ("guest", "/products"),
        "nothing found": ("guest", "/products?q=zzzz"), "cooperative": ("guest", meru),
        "product": ("guest", f"{meru}/products/maize"), "basket": ("basket", "/basket"), "empty basket": ("guest", "/basket"),
        "checkout": ("basket", "/checkout"), "order": ("guest", f"/orders/{world.token}"), "sign-in": ("guest", "/sign-in"),
        "missing": ("guest", "/no/such/page"), "orders": ("reader", "/orders"), "me": ("reader", "/me"),
    }  # fmt: skip


@pytest.mark.parametrize("code", [code for code in words.LANGUAGES if code != "en"])
def test_every_street_page_speaks_the_language_whole(world: World, paths, code: str):
    wrong = []
    for name, (who, path) in paths.items():
        browser = {
            "guest": world.browser,
            "basket": world.guest_with_basket,
            "reader": lambda: world.browser(world.reader),
        }[who]()
        answer = browser.get(path, headers={"Accept-Language": code})
        assert answer.status_code == (404 if name == "missing" else 200), name
        wrong += [f"{name}: {fault}" for fault in faults(answer.text)]
        page = lxml.html.fromstring(answer.text)
        if page.get("lang") != code or answer.headers["Content-Language"] != code:
            wrong.append(f"{name}: says it is {page.get('lang')}")
        for english in _english(page, ALIKE[code]):
            wrong.append(f"{name}: English left over: {english!r}")
    assert not wrong, "\n".join(wrong)


def test_the_english_pages_would_be_caught(world: World, paths):
    """The anti-test: with English spoken, the search for leftovers finds some on every page."""
    for name, (who, path) in paths.items():
        if who == "guest":
            page = lxml.html.fromstring(world.browser().get(path).text)
            assert list(_english(page, set())), name


def _english(page, alike: set[str]):
    for text in page.xpath("//body//text()[not(ancestor::script)][not(ancestor::form[@action='/language'])]"):
        for word in LEFTOVERS.findall(text):
            if word.lower() not in alike and text.strip() not in STORIES:
                yield text.strip()[:80]
                break
