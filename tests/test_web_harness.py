"""The harness of the web keeps its word: requests see what a test made, and a browser reaches only the shop."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Error, Page
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ground import outbox
from ground.ids import new_id


def test_the_shop_answers_on_the_fresh_database(client: FlaskClient):
    assert client.get("/healthz").data == b"alive\n"


def test_a_request_finds_what_the_test_made_before_it(client: FlaskClient, session: Session, owner_engine: Engine):
    outbox.write(session, to="amina@example.org", subject="Hello", text="Hello", cause=new_id(), kind="test")
    client.get("/healthz")
    with owner_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM letter")) == 1


def test_a_browser_reaches_the_shop_and_nobody_else(page: Page):
    answer = page.goto("/healthz")
    assert answer is not None and answer.text() == "alive\n"
    with pytest.raises(Error, match="ERR_FAILED"):
        page.goto("http://192.0.2.1/elsewhere")
