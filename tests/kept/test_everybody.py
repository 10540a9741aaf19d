"""A kept page is everybody's: two visitors get one page to the byte, and whoever is known gets and leaves nothing there."""

from __future__ import annotations

import gzip
import re
from typing import Any

import brotli
import pytest
from flask import g
from flask.testing import FlaskClient

from ground.web import pages, rests_on
from ground.web.sessions import csrf_field, form_token, once_field
from inventory import products
from inventory.pricing import Level
from tests.kept.conftest import Market

SECRET_PRICE, SECRET_NAME = "13.37", "Zebedee Canary"


def test_two_visitors_get_the_same_page_to_the_byte_and_it_is_made_once(market: Market):
    for path in market.paths:
        made = market.kept.made
        first = market.visitor()(path, User_Agent="A phone", X_Forwarded_For="203.0.113.7")
        second = market.visitor()(path, User_Agent="A desk", Referer="https://elsewhere.example/", From="b@example.org")
        assert first.status_code == second.status_code == 200
        assert first.data == second.data and first.headers["ETag"] == second.headers["ETag"]
        assert market.kept.made == made + 1, path
        for answer in (first, second):
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert {"Cookie", "Accept-Encoding", "Accept-Language", "Save-Data"} <= set(
                answer.headers["Vary"].split(", ")
            )


def test_nothing_of_one_visitor_stands_on_a_kept_page(market: Market):
    for path in market.paths:
        page = market.visitor()(path).text
        assert not re.search(r"csrf_token|name=.once.|[0-9a-f]{64}", page), path
        assert re.search(r'id="basket-count">0<', page), path


@pytest.mark.parametrize("cookie", ["session", "cart", "notes", "anything"])
def test_whoever_brings_a_cookie_gets_a_page_of_their_own_and_leaves_none(market: Market, cookie: str):
    for path in market.paths:
        mine = market.visitor(**{cookie: "x" * 43})(path)
        assert mine.status_code == 200 and "ETag" not in mine.headers
    assert len(market.kept) == 0
    market.visitor()("/")
    assert "ETag" not in market.visitor(**{cookie: "x" * 43})("/").headers, "nor is one given to them"


def test_a_visit_without_a_basket_is_nobody(market: Market):
    page = market.visitor()("/")
    assert market.visitor(visit="x" * 43, language="en")("/").data == page.data
    assert len(market.kept) == 1


def test_a_price_agreed_with_one_buyer_and_their_name_never_enter_a_kept_page(market: Market):
    make = market.make
    buyer = make.person(SECRET_NAME)
    company = make.company(buyer=buyer)
    make.ladder(market.maize, {1: SECRET_PRICE}, level=Level.COMPANY, holder_id=company.id)
    theirs = market.visitor(session=make.sign_in(buyer))
    carted = market.visitor(cart="a cart of my own, 43 letters long or so")
    for path in market.paths:
        assert SECRET_NAME in theirs(path).text
        carted(path)
    assert SECRET_PRICE in theirs("/cooperatives/meru/products/maize").text, "the canary sings where it may"
    for path in market.paths:
        told = market.visitor()(path).text
        assert SECRET_PRICE not in told and SECRET_NAME not in told, path
    assert SECRET_PRICE in theirs("/cooperatives/meru/products/maize").text, "and still does once the page is kept"


def test_a_basket_begun_on_a_kept_page_is_ones_own(market: Market):
    path = "/cooperatives/meru/products/maize"
    market.visitor()(path)
    market.app.test_client_class = FlaskClient
    browser = market.app.test_client()
    form = {"cooperative": market.meru.id, "pack": market.maize.id, "quantity": "3"}
    market.session.commit()
    browser.get(path)
    refused = browser.post("/basket/lines", data=form, headers={"Referer": "http://evil.example/"})
    assert refused.status_code == 403
    assert browser.post("/basket/lines", data=form).status_code == 403, "a form from nowhere"
    added = browser.post("/basket/lines", data=form, headers={"Referer": f"http://localhost{path}"})
    assert added.status_code == 303
    assert re.search(r'id="basket-count">1<', browser.get(path).text)
    assert re.search(r'id="basket-count">0<', market.visitor()(path).text)


def test_a_part_that_belongs_to_one_visitor_refuses_to_stand_on_a_page_of_all(market: Market):
    with market.app.test_request_context("/"):
        g.making = pages._Making(pages.clock.now())
        assert csrf_field() == ""
        for part in (form_token, once_field):
            with pytest.raises(AssertionError):
                part()
        rests_on(lambda session: 1, 1)
        assert len(g.making.figures) == 1


def test_the_page_comes_as_each_browser_reads_it_and_not_twice(market: Market):
    plain = market.visitor()("/", Accept_Encoding="")
    packed = market.visitor()("/", Accept_Encoding="gzip, deflate")
    small = market.visitor()("/", Accept_Encoding="gzip, deflate, br")
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == brotli.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 3
    assert len({answer.headers["ETag"] for answer in (plain, packed, small)}) == 3
    again = market.visitor()("/", Accept_Encoding="gzip, deflate, br", If_None_Match=small.headers["ETag"])
    assert again.status_code == 304 and again.data == b"" and again.headers["ETag"] == small.headers["ETag"]
    products.find(market.session, market.meru.id, market.maize.product_id).name = "Maize of another name"
    changed = market.visitor()("/", Accept_Encoding="gzip, deflate, br", If_None_Match=small.headers["ETag"])
    assert changed.status_code == 200 and changed.headers["ETag"] != small.headers["ETag"]


@pytest.mark.parametrize(("takes", "gets"), [("br;q=0, gzip", "gzip"), ("gzip;q=0", ""), ("*", "br"), ("identity", "")])
def test_no_browser_gets_what_it_says_it_cannot_read(market: Market, takes: str, gets: str):
    assert market.visitor()("/", Accept_Encoding=takes).headers.get("Content-Encoding", "") == gets


def test_each_language_and_a_lean_page_are_kept_apart(market: Market):
    plain = market.visitor()("/")
    lean = market.visitor()("/", Save_Data="on")
    french = market.visitor()("/", Accept_Language="fr")
    by_choice = market.visitor(language="fr")("/")
    assert len({plain.data, lean.data, french.data}) == 3
    assert french.data == by_choice.data, "the browser's wish and the visitor's choice are one language"
    assert (
        french.headers["Content-Language"]
        == "fr"
        == market.visitor()("/", Accept_Language="fr").headers["Content-Language"]
    )
    assert market.visitor()("/").data == plain.data and market.visitor()("/", Save_Data="on").data == lean.data


ANEW = (
    "/products?q=maize", "/?utm=1", "/products?page=" + "1" * 300, "/cooperatives/nobody", "/cooperatives/meru/products/none",
)  # fmt: skip


@pytest.mark.parametrize("path", ANEW)
def test_what_is_not_known_to_choose_the_page_is_answered_anew(market: Market, path: str):
    market.visitor()(path)
    assert len(market.kept) == 0


def test_two_spellings_of_one_address_are_one_page(market: Market):
    path, made = "/cooperatives/meru/products/maize", market.kept.made
    one = market.visitor()(f"{path}?quantity=12&pack={market.sack.sku}")
    other = market.visitor()(f"{path}?pack={market.sack.sku}&cooperative={market.meru.id}&quantity=12&csrf_token=abc")
    assert one.data == other.data and market.kept.made == made + 1


def test_what_is_kept_stays_within_its_bytes_and_what_nobody_asks_for_goes_first(market: Market):
    kept = market.app.extensions["pages"] = pages.Pages(40_000)
    ask: Any = market.visitor()
    for quantity in range(1, 40):
        ask("/cooperatives")
        ask(f"/cooperatives/meru/products/maize?quantity={quantity}")
        assert kept.bytes_now <= 40_000
    assert 1 < len(kept) < 12
    assert any(key[2] == "/cooperatives" for key in kept._entries), "the one that is asked for stays"
    assert sum(entry.weight for entry in kept._entries.values()) == kept.bytes_now
