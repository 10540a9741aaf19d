"""Addresses: whatever stands in the path or behind the question mark, the answer is a page or a refusal, never our mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask

from ground import clock
from storefront.views.asked import QUERY_KEYS
from tests.input.kinds import IDS, NUMBERS, UNPRINTABLE
from tests.input.watch import Watch
from tests.pages.walk import Season
from tests.pages.world import OURS, World

DAYS = (
    "2026-13-01", "0000-00-00", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "2026-W01",
    "2026-11-23T10:00:00", "2026-11-23T10:00:00+99:99", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59",
)  # fmt: skip
ROOT = Path(__file__).parent.parent.parent
WORDS = (
    *NUMBERS,
    *IDS,
    *DAYS,
    *UNPRINTABLE,
    "%",
    "_",
    "\\",
    "'\"><script>",
    "",
    " ",
    "0",
    "1",
    "1999",
    "2201",
    "9999999999",
    "999999999999",
)
READ_BY = {
        "catalogue.index": QUERY_KEYS, "windows.index": ("week",), "catalogue.cooperative": ("page",),
        "catalogue.product": ("quantity", "take", "pack"),
        "deliveries.index": ("day",), "deliveries.new": ("who", "number", "what", "point"), "members.register": ("q", "after"),
        "office_orders.index": ("page",), "trail.show": ("before", "kind"), "statement.show": ("year",),
        "payouts.show": ("after",),
        "settlements.show": ("after",), "sign_in.show": ("next",), "sign_in.confirm": ("next",),
}  # fmt: skip
"""What a page reads from its address."""
ASKED = sorted({name for names in READ_BY.values() for name in names})
NUMBERS_IN_PATHS = (
    "0",
    str(2**31),
    str(2**53 + 1),
    str(2**63 - 1),
    str(2**63),
    str(10**30),
    "9" * 5_000,
    "1_0",
    "-1",
    "+1",
    "1e3",
    "١",
    "１",
)
IDS_IN_PATHS = (
    "01975f00-0000-7000-8000-000000000001", "00000000-0000-0000-0000-000000000000", "abc", "1", "%00", "%FF", "%ED%A0%80",
    "x" * 5_000, "..%2f..%2fetc", "%E2%80%AE", "'", "%25", ";", "1%0d%0aX-Evil:%201",
)  # fmt: skip


def test_no_question_in_an_address_is_too_odd_for_any_page(world: World, app: Flask, watch: Watch):
    season = Season(world)
    browsers = season.browsers()
    _stop_the_clock(world)
    watch.changed()
    wrong = []
    for stop in season.stops:
        path = stop.path.partition("?")[0]
        for word in ("1", "-1", "9" * 5_000, b"\xff\xfeabc", "\u202e", "%"):  # Every name at once, of every page.
            asked = "&".join(f"{name}={_quoted(word)}&{name}[]={_quoted(word)}" for name in ASKED)
            wrong += _mistake(browsers[stop.who].get(f"{path}?{asked}"), f"{path}?…={word!r:.60}")
        for name in READ_BY.get(stop.endpoint, ()):
            for word in WORDS:
                twice = f"{name}={_quoted(word)}&{name}=2"
                wrong += _mistake(browsers[stop.who].get(f"{path}?{twice}"), f"{path}?{name}={word!r:.60}")
    assert not wrong, "\n".join(wrong)
    assert not watch.changed()


def _stop_the_clock(world: World) -> None:
    """Whoever is seen again a minute later is noted down: here time stands still, so that nothing at all may be written."""
    now = clock.now()
    world.monkeypatch.setattr(clock, "read", lambda: now)
    world.session.commit()
    world.session.close()


def _quoted(word: str | bytes) -> str:
    return quote_from_bytes(word if isinstance(word, bytes) else word.encode())


def _mistake(answer: Any, where: str) -> list[str]:
    fine = answer.status_code in (200, 303, 308) or 400 <= answer.status_code < 500
    return [] if fine else [f"{where}: {answer.status_code}"]


@pytest.mark.case("attack:A038")
def test_no_number_or_id_in_a_path_is_too_odd(world: World, app: Flask, watch: Watch):
    """Every argument of every route in turn; a POST carries an empty body, since what it names is looked up first."""
    browsers = {
        who: world.browser(person) for who, person in (("head", world.head), ("clerk", world.clerk), ("guest", None))
    }
    _stop_the_clock(world)
    watch.changed()
    wrong = []
    for rule in app.url_map.iter_rules():
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        for odd in rule.arguments:
            whole = rule.rule
            for argument in rule.arguments - {odd}:
                usual = {"coop": "meru", "number": "101"}.get(argument, IDS_IN_PATHS[0])
                whole = (
                    whole.replace(f"<int:{argument}>", usual)
                    .replace(f"<uuid:{argument}>", usual)
                    .replace(f"<{argument}>", usual)
                )
            for put in (*NUMBERS_IN_PATHS, *IDS_IN_PATHS):
                path = whole.replace(f"<int:{odd}>", put).replace(f"<uuid:{odd}>", put).replace(f"<{odd}>", put)
                who = (
                    "clerk"
                    if "remittances" in path or "provider" in path
                    else "guest"
                    if "/office" not in path
                    else "head"
                )
                answer = browsers[who].open(path, method=method, headers=OURS)
                if answer.status_code not in (303, 308) and not 400 <= answer.status_code < 500:
                    wrong.append(f"{method} {path[:120]}: {answer.status_code}")
                if watch.changed():
                    wrong.append(f"{method} {path[:120]}: {answer.status_code}, and something was written")
    assert not wrong, "\n".join(wrong)
    assert not watch.changed()


def test_every_name_that_a_view_reads_from_an_address_is_in_the_table():
    views = [path.read_text("utf-8") for path in ROOT.glob("*/views/*.py")]
    read = {name for text in views for name in re.findall(r"request\.args\.get(?:list)?\(\s*[\"'](\w+)", text)}
    assert read <= set(ASKED) and len(read) > 8
