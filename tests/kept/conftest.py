"""A small market whose pages are kept, with versions and figures read at every request, so that nothing waits for a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from ground.web import page_store
from ground.web.page_store import Pages
from tests.make import Make

EVERYTHING = 1 << 24


@dataclass
class Market:
    """Two cooperatives; Meru sells maize in two packs and beans, Kilifi sells mangoes."""

    session: Session
    app: Flask
    make: Make
    meru: Any
    kilifi: Any
    maize: Any
    sack: Any
    mango: Any

    @property
    def kept(self) -> Pages:
        found: Pages = self.app.extensions["pages"]
        return found

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address whose page is kept."""
        return (
            "/", "/products", "/products?kind=cereals+and+tubers", "/products?from=kilifi&page=1", "/cooperatives",
            "/cooperatives/meru", "/cooperatives/kilifi", "/cooperatives/meru/products/maize",
            f"/cooperatives/meru/products/maize?quantity=12&pack={self.sack.sku}", "/cooperatives/kilifi/products/mango",
        )  # fmt: skip

    def visitor(self, **cookies: str) -> Callable[..., Any]:
        """`visitor()(path)`: what a browser with these cookies is given. What was made so far is there for it."""
        self.app.test_client_class = FlaskClient
        browser = self.app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(f"gm-{name}", value)
        return partial(self._get, browser)

    def _get(self, browser: FlaskClient, path: str, **headers: str) -> Any:
        self.session.commit()
        answer = browser.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        self.session.expire_all()
        return answer

    def truth(self, path: str) -> bytes:
        """The page as it is made now, with nothing kept."""
        self.kept.clear()
        answer = self.visitor()(path)
        self.kept.clear()
        return bytes(answer.data)


@pytest.fixture
def market(make: Make, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    monkeypatch.setattr(page_store, "VERSIONS_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(page_store, "FIGURES_EVERY_SECONDS", 0.0)
    before = app.extensions["pages"]
    app.extensions["pages"] = Pages(EVERYTHING)
    meru = make.cooperative("Meru Highlands", slug="meru", place="Meru", story="We grow on the mountain.")
    kilifi = make.cooperative("Kilifi Coast", slug="kilifi", place="Kilifi", story="We grow by the sea.")
    maize = make.shelf(meru, "Maize", {1: "50", 10: "40"}, kilograms=900)
    sack = make.pack(maize.product, {1: "2000", 5: "1800"}, content=50_000, cooperative=meru)
    make.shelf(meru, "Beans", {1: "120"}, kilograms=30)
    mango = make.shelf(kilifi, "Mango", {1: "90"}, kilograms=90)
    make.session.commit()
    yield Market(make.session, app, make, meru, kilifi, maize, sack, mango)
    app.extensions["pages"] = before
