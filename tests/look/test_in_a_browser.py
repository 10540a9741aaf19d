"""What only a browser can tell: nothing scrolls sideways, axe finds nothing, and small scripts keep their promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.look.gallery_app import make_app

PHONE, DESK = 390, 1280


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running gallery: the first part of its addresses."""
    server = make_server("127.0.0.1", 0, make_app(tmp_path_factory.mktemp("instance")), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(_chromium: Browser) -> Browser:
    """The one Chromium of this process: Playwright does not start twice in one."""
    return _chromium


def opened(browser: Browser, url: str, width: int, **options: object) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, **options)  # ty: ignore[invalid-argument-type]
    page.goto(url)
    return page


@pytest.mark.parametrize("path", ["shop", "office", "errors/404"])
@pytest.mark.parametrize("text", ["100%", "200%"])
def test_no_page_scrolls_sideways_on_a_phone_even_with_text_twice_as_large(
    browser: Browser, address: str, path: str, text: str
) -> None:
    page = opened(browser, f"{address}/{path}", PHONE)
    page.add_style_tag(content=f"html {{ font-size: {text} }}")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    page.close()


@pytest.mark.parametrize("path", ["shop", "office", "errors/500"])
@pytest.mark.parametrize(("width", "light"), [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")])
def test_axe_finds_nothing_to_mend(browser: Browser, address: str, path: str, width: int, light: str) -> None:
    page = opened(browser, f"{address}/{path}", width, color_scheme=light)
    assert [(found["id"], found["nodes"][0]["html"]) for found in Axe().run(page).response["violations"]] == []
    page.close()


def test_filters_open_as_a_dialog_that_escape_closes_and_focus_returns(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/shop", PHONE)
    page.click("a[href='#filters']")
    assert page.locator("dialog[open] #filters").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#filters"
    page.close()


def test_filters_open_without_javascript_too(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/shop")
    assert not page.locator("#filters").is_visible()
    page.click("a[href='#filters']")
    assert page.locator("#filters").is_visible()
    context.close()


def test_a_stepper_changes_the_figure_and_asks_again_without_leaving(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/shop", PHONE)
    with page.expect_response(lambda answer: "quantity=9" in answer.url):
        page.locator("#f-quantity + .u").locator("xpath=../following-sibling::button").click()
    page.wait_for_url("**quantity=9**")
    assert page.input_value("#f-quantity") == "9"
    page.close()
