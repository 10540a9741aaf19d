"""Answers: each carries its headers, cookies are closed, and what went wrong inside is nobody's to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError, UndefinedError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ground.ids import new_id
from ledger.books import Book
from tests.ground.web.conftest import OURS, People, Street, build, doors
from tests.make import Make

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"}


@pytest.fixture
def meru(make: Make, session: Session) -> Book:
    book = make.book(slug="meru")
    session.commit()
    return book


def every_answer(street: Street, meru: Book):
    """One of each kind: page, redirect, refusals, denial, nowhere, wrong method, too large, a bug, a busy database."""
    visitor = street.client()
    manager = street.client(street.people.sign_in("Wanjiru", manager=meru.cooperative_id))
    yield 200, visitor.get("/")
    yield 200, manager.get("/office/meru/")
    yield 303, visitor.get("/me")
    yield 303, visitor.post("/", data={"name": "Eggs", "once": str(new_id())}, headers=OURS)
    yield 422, visitor.post("/", headers=OURS)
    yield 409, visitor.post("/", data={"name": "too late", "once": str(new_id())}, headers=OURS)
    yield 403, visitor.post("/")
    yield 404, visitor.get("/nowhere")
    yield 404, manager.get("/office/nowhere/")
    yield 405, visitor.get("/sign-out")
    yield 308, visitor.get("/office/meru")
    yield 200, visitor.options("/")
    street.app.config["MAX_CONTENT_LENGTH"] = 10
    yield 413, visitor.post("/", data={"name": "E" * 100, "once": str(new_id())}, headers=OURS)
    street.app.config["MAX_CONTENT_LENGTH"] = None
    street.faults.append(ZeroDivisionError("secret"))
    yield 500, visitor.get("/broken")


@pytest.mark.case("attack:A106")
@pytest.mark.case("attack:A107")
@pytest.mark.case("attack:A108")
def test_every_answer_of_every_kind_carries_its_headers(street: Street, meru: Book):
    for status, answer in every_answer(street, meru):
        assert answer.status_code == status, answer.text
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
        assert policy >= POLICY
        assert not any("unsafe" in part or "*" in part for part in policy)
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.headers["X-Request-Id"]
        assert answer.headers["Cache-Control"].startswith("private")
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Server" not in answer.headers


def test_personal_pages_and_refusals_are_not_stored(street: Street, meru: Book):
    manager = street.client(street.people.sign_in("Wanjiru", manager=meru.cooperative_id))
    for answer in (manager.get("/office/meru/"), manager.get("/"), street.client().get("/nowhere")):
        assert answer.headers["Cache-Control"] == "private, no-store"


# -- cookies --------------------------------------------------------------------------------------------------------------


def test_cookies_are_closed_to_scripts_and_to_neighbours(templates: Path, street: Street):
    secure = build(templates, People(), doors(street), COOKIES_SECURE=True)
    answer = secure.test_client().get("/", base_url="https://shop.example")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-visit=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie.split("; ")
    assert "Domain" not in cookie
    assert int(answer.headers["Strict-Transport-Security"].partition("max-age=")[2].partition(";")[0]) >= 31_536_000


def test_signing_out_takes_the_key_back_and_clears_what_the_browser_kept(street: Street):
    client = street.client(street.people.sign_in("Amina"))
    answer = client.post("/sign-out", headers=OURS)
    assert any(cookie.startswith("gm-session=;") for cookie in answer.headers.getlist("Set-Cookie"))
    assert '"cache"' in answer.headers["Clear-Site-Data"]


def test_flasks_own_session_never_reaches_the_browser(street: Street):
    client = street.client()
    client.set_cookie("session", "eyJhZG1pbiI6dHJ1ZX0.forged.forged")
    assert not any(cookie.startswith("session=") for cookie in client.get("/").headers.getlist("Set-Cookie"))


def test_a_visitor_with_an_empty_visit_gets_a_new_one(street: Street):
    client = street.client()
    client.set_cookie("gm-visit", "")
    assert any(cookie.startswith("gm-visit=") for cookie in client.get("/").headers.getlist("Set-Cookie"))


# -- nothing of the inside ------------------------------------------------------------------------------------------------


class Orig(Exception):
    sqlstate = "08006"


INSIDES = [
    ZeroDivisionError("hunter2 at /srv/shop/app.py"),
    OperationalError("SELECT password_hash FROM person", {"p": "hunter2"}, Orig("postgresql://shop:hunter2@db/shop")),
    KeyError("hunter2"),
    AssertionError("hunter2"),
    UndefinedError("'hunter2' is undefined"),
    TemplateSyntaxError("hunter2", 1, "page.html", "/srv/shop/templates/page.html"),
    FileNotFoundError(2, "No such file", "/srv/shop/instance/hunter2"),
    RecursionError("hunter2"),
    UnicodeDecodeError("utf-8", b"hunter2", 0, 1, "x"),
]


@pytest.mark.case("attack:A246")
@pytest.mark.parametrize("inside", INSIDES, ids=[type(error).__name__ for error in INSIDES])
def test_a_bug_is_told_without_a_word_of_its_insides(street: Street, inside: Exception):
    street.faults.append(inside)
    answer = street.client().get("/broken")
    assert answer.status_code == 500
    assert answer.text == "<!doctype html><title>500</title>"
    told = f"{answer.text}{answer.headers}"
    for word in ("hunter2", "SELECT", "person", "Traceback", ".py", "/srv", "Error", "sqlalchemy"):
        assert word not in told


@pytest.mark.case("attack:A246")
def test_a_database_that_is_away_leaves_no_word_of_its_address(street: Street, database_url: str):
    from ground.db import db
    from ground.engines import make_engine

    gone = make_engine(
        "sqlite:////nowhere/at/all.sqlite" if "sqlite" in database_url else "postgresql://shop@127.0.0.1:1/none"
    )
    before = db.engine
    db.use(gone)
    try:
        client = street.client(street.people.sign_in("Amina"))
        answer = client.get("/shop/meru/")
    finally:
        db.use(before)
        gone.dispose()
    assert answer.status_code in (500, 503)
    assert "nowhere" not in answer.text
    assert "127.0.0.1" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.case("attack:A277")
def test_the_log_of_requests_holds_no_key_and_nothing_that_was_typed(street: Street, meru: Book):
    token = street.people.sign_in("Wanjiru", manager=meru.cooperative_id)
    client = street.client(token)
    page = client.get("/").text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    typed = {"name": "terraces after the long rains", "once": str(new_id()), "csrf_token": csrf}
    assert client.post("/", data=typed, headers=OURS).status_code == 303
    street.faults.append(RuntimeError(f"could not reach postgresql://shop:hunter2@db with {token}"))
    client.get("/broken")
    log = street.log.getvalue()
    assert log.count('"request"') == 3
    for secret in (csrf, "terraces", "hunter2"):
        assert secret not in log


@pytest.mark.case("attack:A246")
def test_what_werkzeug_would_say_itself_is_said_by_our_pages(street: Street):
    for path in ("/nowhere<script>", "/%00", "/office/%ff/", "/../../etc/passwd"):
        answer = street.client().get(path)
        assert answer.status_code in (303, 400, 404)
        assert "<script>" not in answer.text
        assert "werkzeug" not in answer.text.lower()
        assert answer.status_code == 303 or "URL" not in answer.text
