"""The shop as a browser meets it: a client without one, a server for a real one, and the worker on call."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from ground.db import db
from tests import chromium

KEY = "a secret of the tests, 32 letters or more"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def _application(_place: Any, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    from app import create_app

    _place.empty()
    home = tmp_path_factory.mktemp("instance")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return create_app(
        TESTING=True,
        DATABASE_URL=_place.url,
        WORKER_DATABASE_URL=_place.worker_url,
        SECRET_KEY=KEY,
        PUBLIC_URL=f"http://127.0.0.1:{port}",
        MAIL_FOLDER=str(home / "mail"),
        PHOTO_FOLDER=str(home / "photos"),
        SANDBOX_DATABASE=str(home / "sandbox.sqlite"),
        PAGE_CACHE_BYTES=0,  # Pages are made anew; tests/kept turns it on.
    )


@pytest.fixture
def app(_application: Flask, engine: Engine) -> Iterator[Flask]:
    """The application on the fresh database. It is made once per process: it keeps nothing between requests."""
    for left in Path(_application.config["MAIL_FOLDER"]).glob("*.eml"):
        left.unlink()
    before = db.engine
    db.use(engine)
    yield _application
    db.use(before)


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A browser that is signed out. What the test made so far is committed before each request, and read anew after it."""

    class Client(FlaskClient):
        def open(self, *args: Any, **kwargs: Any) -> Any:
            session.commit()
            answer = super().open(*args, **kwargs)
            session.expire_all()
            return answer

    app.test_client_class = Client
    return app.test_client()


@pytest.fixture
def work(app: Flask, worker_engine: Engine, session: Session) -> Callable[[], int]:
    """`work()`: the worker does all that is due, timers included, as the worker's login; how much it did."""
    from admin.commands.work import round_of_work

    def run() -> int:
        session.commit()
        shop, done = db.engine, 0
        duties = app.extensions["duties"]
        for timer in duties.timers.values():
            timer.due = 0.0
        db.use(worker_engine)
        try:
            with app.app_context():
                while did := round_of_work(duties, app.config):
                    done += did
        finally:
            db.use(shop)
            session.expire_all()
        return done

    return run


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where a real browser finds the application: `http://127.0.0.1:…`. Commit what you made before you visit it."""
    server = make_server("127.0.0.1", int(app.config["PUBLIC_URL"].rpartition(":")[2]), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app.config["PUBLIC_URL"]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium.program(), args=chromium.ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def browser(_chromium: Browser, address: str) -> Iterator[Callable[..., BrowserContext]]:
    """`browser(viewport=PHONE)`: a new visitor's browser at the shop's door, which reaches no other host."""
    opened: list[BrowserContext] = []

    def only_us(route: Route) -> None:
        if route.request.url.startswith(address):
            route.continue_()
        else:
            route.abort()

    def visitor(**options: Any) -> BrowserContext:
        context = _chromium.new_context(base_url=address, **options)
        context.route("**/*", only_us)
        opened.append(context)
        return context

    yield visitor
    for context in opened:
        context.close()


@pytest.fixture
def page(browser: Callable[..., BrowserContext]) -> Page:
    """A page of a new visitor on a phone: `page.goto("/")`."""
    return browser(viewport=PHONE).new_page()
