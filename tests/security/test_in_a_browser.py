"""A real browser on the attacked house's pages: nothing that was typed runs, nothing is reported, nobody else is called."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.security.houses import PAYLOAD
from tests.security.season import Season

pytestmark = pytest.mark.slow

WITNESS = """
window.x = () => { window.ran = true }
document.addEventListener('securitypolicyviolation', event => {
  window.reports = (window.reports || []).concat(event.violatedDirective + ' ' + event.blockedURI)
})
"""


@pytest.fixture
def chromium(_chromium: Browser) -> Browser:
    return _chromium


@pytest.fixture
def address(season: Season) -> Iterator[str]:
    """The season's shop, open for browsers."""
    server = make_server("127.0.0.1", 0, season.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def visit(season: Season, chromium: Browser, address: str, actor: str, paths: list[str]) -> dict[str, Any]:
    """Open the pages one after the other; what ran, was reported, was said in the console, and who else was called."""
    context = chromium.new_context(base_url=address)
    context.add_init_script(WITNESS)
    if actor != "stranger":
        context.add_cookies([{"name": "gm-session", "value": season.houses["meru"].keys[actor], "url": address}])
    page, called, said = context.new_page(), [], []
    page.on("request", lambda request: called.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    ran, reports, shown = [], [], 0
    for path in paths:
        page.goto(path, wait_until="load")
        ran += [path] if page.evaluate("window.ran === true") else []
        reports += [(path, each) for each in page.evaluate("window.reports || []")]
        shown += PAYLOAD in page.locator("body").inner_text() or PAYLOAD in page.content().replace("&lt;", "<").replace(
            "&gt;", ">"
        )
    context.close()
    strangers = sorted({url for url in called if not url.startswith((address, "data:"))})
    return {
        "ran": ran,
        "reports": reports,
        "strangers": strangers,
        "shown": shown,
        "said": [each for each in said if "404" not in each],
    }


@pytest.mark.case("attack:A001")
@pytest.mark.case("attack:A107")
@pytest.mark.case("attack:A259")
@pytest.mark.parametrize("actor", ["stranger", "manager", "member"])
def test_no_attack_runs_no_report_is_made_and_no_third_party_is_called(
    season: Season, chromium: Browser, address: str, actor: str
):
    meru = season.houses["meru"]
    street = [
        "/",
        "/products",
        "/cooperatives",
        "/cooperatives/meru",
        season.path("catalogue.product", coop="meru", slug=meru.own["slug"]),
        "/basket",
        "/sign-in",
    ]
    known = meru.own | {"coop": "meru"}
    office = [
        season.path(endpoint, **{name: known[name] for name in names})
        for endpoint, names in {
            "desk.show": ("coop",),
            "products.show": ("coop", "slug"),
            "prices.show": ("coop", "pack_id"),
            "pools.show": ("coop", "pool_id"),
            "stock.show": ("coop", "heap_id"),
            "deliveries.show": ("coop", "delivery_id"),
            "settlements.show": ("coop", "settlement_id"),
            "payouts.show": ("coop", "run_id"),
            "members.register": ("coop",),
            "companies.show": ("coop",),
            "people.show": ("coop",),
            "office_orders.index": ("coop",),
            "trail.show": ("coop",),
            "invoices.index": ("coop",),
        }.items()
    ]
    paths = {
        "stranger": street,
        "manager": [*office, "/office/meru/members/1", "/office/meru/orders/1"],
        "member": ["/my/meru", "/me", *street[:4]],
    }[actor]
    found = visit(season, chromium, address, actor, paths)
    assert found["ran"] == [] and found["reports"] == [] and found["strangers"] == [] and found["said"] == []
    assert found["shown"] >= 3, "the attack stands on these pages, as words"


@pytest.mark.case("attack:A107")
def test_the_witness_sees_what_the_policy_forbids(season: Season, chromium: Browser, address: str):
    """The anti-test: a script put into the page by hand is stopped by the policy, and the witness reports it."""
    context = chromium.new_context(base_url=address)
    context.add_init_script(WITNESS)
    page = context.new_page()
    page.goto("/")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<svg onload=\"x()\"></svg><img src=\"https://evil.example/x.png\">')"
    )
    page.wait_for_function("(window.reports || []).length >= 2")
    assert page.evaluate("window.ran") is None
    context.close()
