"""The first screen on a slow connection: everything a page links that is fetched before anybody scrolls, as sent."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
import pytest

from tests.pages.walk import Season
from tests.pages.world import World

SHOP_MOST, STAFF_MOST = 300_000, 100_000
A_PHONE = 2 * 390
"""Its dots across."""
BROWSER = {"Accept-Encoding": "br, gzip", "Accept": "text/html,image/webp,*/*"}


@pytest.fixture
def pages(world: World) -> dict[str, tuple[Any, str, int]]:
    season = Season(world)
    season.fill(8)
    browsers = season.browsers()
    office = "/office/meru"
    return {
        "home": (browsers["guest"], "/", SHOP_MOST),
        "product": (browsers["guest"], "/cooperatives/meru/products/maize", SHOP_MOST),
        "desk": (browsers["head"], f"{office}/", STAFF_MOST),
        "weighing": (browsers["head"], f"{office}/deliveries/new", STAFF_MOST),
    }


def test_the_first_screen_is_light(pages: dict[str, tuple[Any, str, int]]):
    weighed = {name: weigh(client, path) for name, (client, path, _) in pages.items()}
    told = {name: f"{sum(parts.values())} of {pages[name][2]}: {parts}" for name, parts in weighed.items()}
    assert {name: told[name] for name, parts in weighed.items() if sum(parts.values()) > pages[name][2]} == {}
    for parts in weighed.values():  # Nothing was overlooked: each page has its sheet, and its font is asked for ahead.
        assert any(url.endswith(".css") for url in parts) and any(url.endswith(".woff2") for url in parts)
    assert any(url.endswith(".webp") for url in weighed["product"]), sorted(weighed["product"])


def weigh(client: Any, path: str) -> dict[str, int]:
    """Bytes over the wire of the page and of each thing it links, by address."""
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    page = lxml.html.fromstring(client.get(path).text)
    urls = set(
        page.xpath("//link[@rel='stylesheet' or @rel='preload' or @rel='icon']/@href") + page.xpath("//script/@src")
    )
    urls |= {_candidate(picture) for picture in page.xpath("//img[not(@loading='lazy')]")}
    parts = {path: len(answer.data)}
    for url in urls:
        sent = client.get(url, headers=BROWSER, buffered=True)
        assert sent.status_code == 200, url
        parts[url] = len(sent.data)
    return parts


def _candidate(picture: Any) -> str:
    """What a phone that reads WebP takes of a srcset: the smallest that fills its width, else the largest there is."""
    better = picture.xpath("ancestor::picture//source[@type='image/webp']/@srcset")
    offered = [part.split() for part in (better or [picture.get("srcset", "")])[0].split(",") if part.strip()]
    widths = sorted((int(width.removesuffix("w")), url) for url, width in (each for each in offered if len(each) == 2))
    wide = [url for width, url in widths if width >= A_PHONE]
    return wide[0] if wide else widths[-1][1] if widths else str(picture.get("src"))


def test_fonts_are_asked_for_only_where_a_page_shows_their_letters(pages: dict[str, tuple[Any, str, int]]):
    """A face without a range of letters would be fetched by every page that names it."""
    client, path, most = pages["home"]
    page = lxml.html.fromstring(client.get(path).text)
    sheet = client.get(page.xpath("//link[@rel='stylesheet']/@href")[0], buffered=True).text
    faces = re.findall(r"@font-face\s*\{[^}]*\}", sheet)
    used = {url for face in faces for url in re.findall(r"url\([\"']?([^\"')]+)", face)}
    everything = sum(len(client.get(url, buffered=True).data) for url in used)
    assert faces and sum(weigh(client, path).values()) + everything < most
