"""What racing people of an office send over HTTP, each from a process of their own; and the same with the guards away."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine

from app import create_app
from ground.db import db
from ground.ids import new_id
from ground.web import guard
from proceeds import payouts
from tests.races.deeds import ADDRESS, SECRET, unguarded, widened


def post(engine: Engine, number: int, url: str, sandbox: str, keys: str, path: str, form: str) -> int:
    """One form, sent by one person of the office: the status they see. `keys` are sign-ins, one for each racer."""
    shop = create_app(
        TESTING=True, DATABASE_URL=url, SECRET_KEY=SECRET, SANDBOX_DATABASE=sandbox, COOKIES_SECURE=False, PUBLIC_URL=ADDRESS
    )  # fmt: skip
    db.use(engine)
    return _send(shop, number, keys, path, json.loads(form))


def post_with_a_key_of_ones_own(engine: Engine, number: int, *told: str) -> int:
    """The anti-test: nothing says that two sendings are one."""
    *rest, form = told
    return post(engine, number, *rest, json.dumps(json.loads(form) | {"once": str(new_id())}))


def post_without_locks(engine: Engine, number: int, url: str, sandbox: str, keys: str, path: str, form: str) -> int:
    """The anti-test: nobody queues, and whoever has looked waits until the others looked too."""
    shop = create_app(
        TESTING=True, DATABASE_URL=url, SECRET_KEY=SECRET, SANDBOX_DATABASE=sandbox, COOKIES_SECURE=False, PUBLIC_URL=ADDRESS
    )  # fmt: skip
    db.use(unguarded(engine))
    with ExitStack() as away:
        away.enter_context(patch.object(payouts, "still_as_approved", widened(payouts.still_as_approved)))
        away.enter_context(patch.object(guard, "RETRIES_MOST", 1))
        return _send(shop, number, keys, path, json.loads(form))


def _send(shop: Any, number: int, keys: str, path: str, form: dict[str, str]) -> int:
    browser = shop.test_client()
    held = keys.split()
    browser.set_cookie("gm-session", held[number % len(held)])
    return browser.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code
