"""A visitor: somebody with a browser, who can only open pages, fill in the forms that stand on them, and press buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict


class StoryStopped(Exception):
    """A page did not let the story go on; the words say where and what the page answered."""


@dataclass(slots=True)
class Form:
    """One form as it stands on the page: where it goes, what is filled in, which buttons it has."""

    action: str
    method: str
    id: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms, links and words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._select: tuple[Form, str] | None = None
        self._chosen: str | None = None
        self._area: tuple[Form, str] | None = None
        self._text = ""
        self._muted = 0
        self._anchor = self._anchor_words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "svg"):
            self._muted += 1
        elif tag == "form":
            self._form = Form(has.get("action", ""), has.get("method", "get").lower(), has.get("id", ""))
            self.forms.append(self._form)
        elif tag == "a" and "href" in has:
            self._anchor, self._anchor_words = has["href"], ""
        owner = next((form for form in self.forms if has.get("form") and form.id == has["form"]), self._form)
        if owner is None:
            return
        name, kind = has.get("name", ""), has.get("type", "text").lower()
        if tag == "button" and kind in ("text", "submit"):
            owner.buttons.append(has)
        elif tag == "input" and name:
            owner.names.add(name)
            if kind == "file":
                owner.files.add(name)
            elif kind not in ("checkbox", "radio") or "checked" in has:
                owner.fields.append((name, has.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "select" and name:
            owner.names.add(name)
            self._select, self._chosen = (owner, name), None
        elif tag == "option" and self._select and (self._chosen is None or "selected" in has):
            self._chosen = has.get("value", "")
        elif tag == "textarea" and name:
            owner.names.add(name)
            self._area, self._text = (owner, name), ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "svg"):
            self._muted -= 1
        elif tag == "form":
            self._form = None
        elif tag == "a" and self._anchor:
            self.links.append((self._anchor, " ".join(self._anchor_words.split())))
            self._anchor = ""
        elif tag == "select" and self._select:
            owner, name = self._select
            owner.fields.append((name, self._chosen or ""))
            self._select = None
        elif tag == "textarea" and self._area:
            owner, name = self._area
            owner.fields.append((name, self._text))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data
        if self._anchor:
            self._anchor_words += data
        if not self._area and not self._muted and data.strip():
            self.words.append(data.strip())


@dataclass
class Page:
    """What came back."""

    visitor: Visitor
    url: str
    status: int
    content: bytes
    headers: CaseInsensitiveDict[str]
    _read: _Reader | None = None

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def read(self) -> _Reader:
        if self._read is None:
            self._read = _Reader()
            self._read.feed(self.content.decode("utf-8", "replace"))
        return self._read

    @property
    def words(self) -> str:
        """Everything a reader would read, in one line."""
        return " ".join(" ".join(self.read.words).split())

    def link(self, part: str = "", *, words: str = "") -> str:
        """The first link whose address holds `part` and which says `words`."""
        for href, said in self.read.links:
            if part in href and words in said:
                return href
        raise StoryStopped(f"{self.path} has no link with {part!r} that says {words!r}")

    def row_of(self, name: str) -> str:
        """The words of the table row in which the field stands."""
        html = self.content.decode("utf-8", "replace")
        at = html.index(f'name="{name}"')
        return html[html.rindex("<tr", 0, at) : at]

    def follow(self, part: str = "", *, words: str = "") -> Page:
        """Open that link."""
        return self.visitor.open(urljoin(self.url, self.link(part, words=words)))

    def form(self, part: str = "", *, having: str = "") -> Form:
        """The first form whose address (or own button's) holds `part` and which asks for the field `having`."""
        for form in self.read.forms:
            places = [form.action or self.path, *(button.get("formaction", "") for button in form.buttons)]
            if any(part in place for place in places) and (not having or having in form.names):
                return form
        raise StoryStopped(f"{self.path} has no form to {part!r} with {having!r}: {self.words[:400]}")

    def submit(
        self,
        part: str = "",
        *,
        having: str = "",
        press: str = "",
        files: dict[str, tuple[str, bytes]] | None = None,
        expect: int = 200,
        **filled: object,
    ) -> Page:
        """Fill in the form and press its first button, the one that says name=value, or the one that leads elsewhere (`/…`)."""
        form = self.form(part, having=having)
        unknown = {name for name in filled if name not in form.names} - {"take"}
        if unknown:
            raise StoryStopped(
                f"{self.path}: the form to {form.action!r} asks for {sorted(form.names)}, not {sorted(unknown)}"
            )
        values = [(name, value) for name, value in form.fields if name not in filled]
        values += [(name, str(value)) for name, value in filled.items() if value is not None]
        action, method = form.action, form.method
        if press:
            button = _pressed(form, press)
            if button is None:
                raise StoryStopped(f"{self.path} has no button {press!r}: {self.words[:400]}")
            if button.get("name"):
                values.append((button["name"], button.get("value", "")))
            action, method = button.get("formaction", action), button.get("formmethod", method).lower()
        return self.visitor.send(
            method, urljoin(self.url, action or self.path), values, files=files, expect=expect, seen_on=self.url
        )


def _pressed(form: Form, press: str) -> dict[str, str] | None:
    name, _, value = press.partition("=")
    for button in form.buttons:
        leads = press.startswith("/") and press in button.get("formaction", "")
        if leads or (button.get("name", "") == name and (not value or button.get("value") == value)):
            return button
    return None


class Visitor:
    """One person's browser: its own cookies, and headers that say where a form came from, as every browser sends them."""

    def __init__(self, base_url: str, *, name: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        self.name = name
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["User-Agent"] = "Good Measure demo visitor"

    def open(self, path: str, *, expect: int = 200) -> Page:
        """Open a page of the shop, following redirects."""
        return self.send("get", urljoin(self.base_url + "/", path), [], expect=expect)

    def send(
        self,
        method: str,
        url: str,
        values: list[tuple[str, str]],
        *,
        files: dict[str, tuple[str, bytes]] | None = None,
        expect: int = 200,
        seen_on: str = "",
    ) -> Page:
        """Send a request and follow where it leads; StoryStopped unless it ends with `expect`."""
        headers = {"Sec-Fetch-Site": "same-origin"} | ({"Referer": seen_on} if seen_on else {})
        if method == "get":
            answer = self.http.get(url, params=values or None, headers=headers, timeout=60)
        else:
            answer = self.http.post(url, data=values, files=files, headers=headers, timeout=60)
        page = Page(self, answer.url, answer.status_code, answer.content, answer.headers)
        if answer.status_code != expect:
            raise StoryStopped(
                f"{self.name}: {method} {url} gave {answer.status_code}, not {expect}: {page.words[:900]}"
            )
        return page

    def sign_in(self, email: str, password: str) -> Page:
        """Sign in through the page."""
        return self.open("/sign-in").submit("/sign-in", having="password", email=email, password=password)
