"""The shop as it is measured: the real one, with two more kinds of view behind the same hooks, to stand beside its pages.

`/bench/bare/…` returns the very bytes of a page. `/bench/replay/…` first asks the database what the page asks, by the bare
driver, and then returns its bytes: what no framework could do without. `/bench/worker` tells the worker's own figures.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response
from sqlalchemy import Engine, event

import app as shop
import serve
from cooperative import people, sessions
from ground.db import db
from ground.web import PUBLIC, Door

door = Door("bench", __name__, url_prefix="/bench")
SHOPPER, MANAGER = "amina@example.com", "wanjiru@meru-highlands.example.com"
PRODUCT = "/cooperatives/kilifi-coast/products/bananas"


@dataclass
class Page:
    """One page to measure: its address, whose it is, its bytes and the statements it asks."""

    name: str
    path: str
    email: str = ""
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[tuple[str, Any]] = field(default_factory=list)


PAGES = {
    page.name: page
    for page in (
        Page("home", "/"),
        Page("catalogue", "/products"),
        Page("product", PRODUCT),
        Page("cooperative", "/cooperatives/kilifi-coast"),
        Page("home, signed in", "/", SHOPPER),
        Page("catalogue, signed in", "/products", SHOPPER),
        Page("product, signed in", PRODUCT, SHOPPER),
        Page("orders of the office", "/office/meru-highlands/orders/", MANAGER),
    )
}
_drivers = threading.local()


@door.get("/bare/<name>", who=PUBLIC)
def bare(name: str) -> Response:
    """The page's bytes."""
    return Response(PAGES[name].body, 200, PAGES[name].headers)


@door.get("/replay/<name>", who=PUBLIC)
def replay(name: str) -> Response:
    """The page's statements, then its bytes."""
    connection = _driver()
    cursor = connection.cursor()
    for statement, parameters in PAGES[name].asked:
        cursor.execute(statement, parameters)
        if cursor.description:
            cursor.fetchall()
    cursor.close()
    connection.rollback()
    return Response(PAGES[name].body, 200, PAGES[name].headers)


@door.get("/worker", who=PUBLIC)
def worker() -> Response:
    """Seconds of processor, memory now and at its peak, in kilobytes."""
    status = Path("/proc/self/status").read_text() if sys.platform == "linux" else ""
    now = int(status.partition("VmRSS:")[2].split()[0]) if status else 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform == "linux" else 1024)
    return Response(json.dumps({"processor": time.process_time(), "memory": now, "peak": peak}), 200)


def _driver() -> Any:
    """This thread's own connection, with its role taken on and nobody between."""
    if not hasattr(_drivers, "connection"):
        raw = db.engine.raw_connection()
        raw.detach()
        _drivers.connection = raw.dbapi_connection
    return _drivers.connection


def application() -> Flask:
    """What the server serves: every page looked at twice, the second time with an ear at the database."""
    shop.DOORS += (sys.modules[__name__],)  # ty: ignore[invalid-assignment]  (as long as it was written)
    made = serve.application()
    for page in PAGES.values():
        if page.email:
            page.cookie = f"gm-session={_sign_in(page.email)}"
        _look(made, page)
    told = {page.name: {"path": page.path, "cookie": page.cookie, "asks": len(page.asked)} for page in PAGES.values()}
    Path(os.environ["BENCH_PAGES"]).write_text(json.dumps(told))
    return made


def _sign_in(email: str) -> str:
    with db.unit() as session:
        person = people.find_by_email(session, email)
        assert person is not None, email
        _, key = sessions.start(session, person, device="bench")
        session.commit()
    return key


def _look(made: Flask, page: Page) -> None:
    headers = {"Accept-Encoding": "br", "Accept-Language": "en"} | ({"Cookie": page.cookie} if page.cookie else {})
    ask = made.test_client(use_cookies=False).get
    ask(page.path, headers=headers)

    def listen(conn: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        page.asked.append((statement, parameters))

    _while_listening(listen, lambda: _keep(page, ask(page.path, headers=headers)))


def _while_listening(listen: Callable[..., None], deed: Callable[[], None]) -> None:
    event.listen(Engine, "before_cursor_execute", listen)
    try:
        deed()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


def _keep(page: Page, answer: Any) -> None:
    assert answer.status_code == 200, f"{page.path} answered {answer.status_code}"
    page.body = answer.data
    wanted = ("Content-Type", "Content-Encoding", "ETag", "Vary")
    page.headers = {name: answer.headers[name] for name in wanted if name in answer.headers}


if __name__ == "__main__":
    serve.serve("127.0.0.1", int(sys.argv[1]), 1, "bench.shop:application")
