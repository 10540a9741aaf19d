"""Every page: one heading, a label for each question, nothing inline, light, and useful without a script; error pages too."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from storefront.views import home
from tests.pages.html import faults
from tests.pages.walk import NO_PAGES, Season
from tests.pages.world import OURS, World


@pytest.mark.case("commerce:A04")
def test_every_page_is_whole_labelled_light_and_needs_no_script(world: World, app: Flask):
    season = Season(world)
    season.fill(18)
    browsers = season.browsers()
    wrong = []
    for stop in season.stops:
        if stop.endpoint not in NO_PAGES:
            answer = browsers[stop.who].get(stop.path)
            assert answer.status_code == 200, f"{stop.path}: {answer.status_code}"
            wrong += [f"{stop.endpoint} {stop.path}: {fault}" for fault in faults(answer.text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_page_is_a_whole_page(app: Flask, code: int):
    with app.test_request_context("/"):
        assert faults(render_template(f"errors/{code}.html", words="")) == []


def test_a_landscape_is_drawn_once_and_pointed_at_from_then_on(world: World):
    """Where it is pointed at, rules that begin with what stands around it do not reach: all its colours would be black."""
    for name in ("Sukuma", "Managu", "Terere"):
        world.make.shelf(world.house, name, kilograms=5)
    page = world.browser().get("/products").text
    assert page.count('id="scene-') == 1 and page.count('<use href="#scene-') == 2
    sheet = (
        world.browser().get(lxml.html.fromstring(page).xpath("//link[@rel='stylesheet']/@href")[0], buffered=True).text
    )
    assert re.search(r"[}\s,]\.a5\s*\{", sheet) and not re.search(r"[\w)\]]\s+\.(a[1-5]|ln)\b", sheet)


def test_what_goes_wrong_is_answered_by_its_page(world: World, app: Flask, monkeypatch: pytest.MonkeyPatch):
    guest, clerk = world.browser(), world.browser(world.clerk)
    collector = world.browser(world.make.staff(world.house, "collector"))
    form = "application/x-www-form-urlencoded"

    def broken(*args: Any, **more: Any) -> None:
        raise RuntimeError("a mistake of ours, with a secret in it")

    def ask(client: FlaskClient, method: str, path: str, **sent: Any) -> Any:
        return client.open(path, method=method, headers=OURS, **sent)

    answers = {
        400: ask(guest, "POST", "/sign-out", data=b"a=%FF", content_type=form),
        403: ask(collector, "GET", "/office/meru/payouts/"),
        404: ask(clerk, "GET", "/office/meru/payouts/"),
        405: ask(guest, "POST", "/products"),
        413: ask(guest, "POST", "/sign-in", data=b"a=" + b"x" * 5_000_000, content_type=form),
        422: ask(guest, "POST", "/sign-out", data={"evil": "1"}),
    }
    monkeypatch.setattr(home.catalogue, "find", broken)
    answers[500] = ask(guest, "GET", "/")
    for code, answer in answers.items():
        assert (answer.status_code, faults(answer.text)) == (code, []), code
    assert "secret" not in answers[500].text and "RuntimeError" not in answers[500].text


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("<h1>Two</h1>", "2 h1"), ('<input name="a">', "no label"), ('<p id="a"></p><p id="a"></p>', "id a 2 times"),
        ('<p style="color:red">', "style="), ("<script>x()</script>", "inline script"),
        ('<a href="/" onclick="x()">a</a>', "onclick"), ("<button></button>", "says nothing"),
        ('<form method="dialog"><button>Go</button></form>', "a form by dialog"),
        ('<form method="post"></form>', "a form by post"),
        ('<img src="/a.png">', "alt"), ('<p aria-describedby="b">', "points at no b"),
        ('<a href="#">More</a>', "nowhere"), ("<p>" + "x" * 60_000, "bytes"),
    ],
)  # fmt: skip
def test_a_page_with_a_fault_is_seen(broken: str, words: str):
    whole = "<!doctype html><html lang=en><title>A</title><main><h1>A</h1>{}</main></html>"
    assert faults(whole.format("")) == []
    assert any(words in fault for fault in faults(whole.format(broken)))
