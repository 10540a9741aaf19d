"""A visitor with a real browser: the same story, told by clicking and typing in Chromium."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import BrowserContext, Locator, Response
from requests.structures import CaseInsensitiveDict

from admin.demo.visitor import Form, Page, StoryStopped, Visitor


class ChromiumPage(Page):
    """A page as the browser shows it."""

    def follow(self, part: str = "", *, words: str = "") -> Page:
        return self.visitor.open(urljoin(self.url, self.link(part, words=words)))

    def submit(
        self, part: str = "", *, having: str = "", press: str = "",
        files: dict[str, tuple[str, bytes]] | None = None, expect: int = 200, **filled: object,
    ) -> Page:  # fmt: skip
        """Type into the very fields, and click the very button, that a person would."""
        visitor = self.visitor
        assert isinstance(visitor, ChromiumVisitor)
        form = self.form(part, having=having)
        place = visitor.tab.locator("form").nth(self.read.forms.index(form))
        place.evaluate(
            "form => { for (let up = form.closest('details'); up; up = up.parentElement.closest('details')) up.open = true }"
        )
        for name, value in filled.items():
            _fill(place, name, str(value))
        for name, (title, content) in (files or {}).items():
            place.locator(f'[name="{name}"]').set_input_files(
                {"name": title, "mimeType": "text/xml", "buffer": content}
            )
        with visitor.tab.expect_response(_is_the_new_page) as answer:
            _button(place, form, press).click()
        visitor.tab.wait_for_url(
            lambda url: url.partition("#")[0] == answer.value.url.partition("#")[0], wait_until="load"
        )
        return visitor.arrived(answer.value.status, expect)


class ChromiumVisitor(Visitor):
    """One person's browser window."""

    def __init__(self, base_url: str, context: BrowserContext, *, name: str = "") -> None:
        super().__init__(base_url, name=name)
        self.context = context
        self.tab = context.new_page()
        self.complaints: list[str] = []
        self.tab.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str, *, expect: int = 200) -> Page:
        url = urljoin(self.base_url + "/", path)
        if url.endswith("/file"):  # A download: the browser would keep it, and show nothing.
            answer = self.context.request.get(url)
            return Page(self, url, answer.status, answer.body(), CaseInsensitiveDict(answer.headers))
        response = self.tab.goto(url, wait_until="load")
        return self.arrived(response.status if response else 0, expect)

    def arrived(self, status: int, expect: int) -> Page:
        """What the browser shows now."""
        page = ChromiumPage(self, self.tab.url, status, self.tab.content().encode(), CaseInsensitiveDict())
        if status != expect:
            raise StoryStopped(f"{self.name}: {self.tab.url} gave {status}, not {expect}: {page.words[:900]}")
        return page


def _is_the_new_page(response: Response) -> bool:
    """The document at the end of the redirects, not what a script fetched meanwhile."""
    return response.request.is_navigation_request() and not 300 <= response.status < 400


def _fill(place: Locator, name: str, value: str) -> None:
    field = place.locator(f'[name="{name}"]')
    kind = field.first.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
    if kind == "select":
        field.select_option(value)
    elif kind == "radio":
        place.locator(f'[name="{name}"][value="{value}"]').check(force=True)
    elif kind == "checkbox":
        field.first.check(force=True)
    elif kind == "hidden":  # Chosen on the page before, as people do: it must be what the story says.
        assert field.first.input_value() == str(value), f"{name} was chosen otherwise"
    else:
        field.first.fill(value)


def _button(place: Locator, form: Form, press: str) -> Locator:
    """The button with that address or name; else the first that a person can see."""
    seen = place.locator('button:not([tabindex="-1"])')
    if press.startswith("/"):
        return seen.and_(place.locator(f'[formaction*="{press}"]')).first
    if press:
        name, _, value = press.partition("=")
        return seen.and_(place.locator(f'[name="{name}"][value="{value}"]')).first
    assert any(button.get("tabindex") != "-1" for button in form.buttons), f"{form.action} has no button to press"
    return seen.first


def only_here(context: BrowserContext, address: str) -> list[str]:
    """Let the browser reach no other host; what it tried is listed."""
    strangers: list[str] = []

    def gate(route: Any) -> None:
        if route.request.url.startswith((address, "data:")):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", gate)
    return strangers
