"""What machines read: a product with its ladder, cards for links, maps; and no price that is not everybody's."""

from __future__ import annotations

import json
import re
from typing import Any

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient

from cooperative.cooperatives import Cooperative
from inventory import products
from tests.make import Make

PAGE = "/cooperatives/meru/products/maize"


@pytest.fixture
def maize(make: Make) -> Any:
    meru = make.cooperative("Meru Highlands", slug="meru", place="Meru")
    pack = make.shelf(meru, "Maize", {1: "50", 10: "40"}, kilograms=900)
    make.session.commit()
    return pack


def told(client: FlaskClient, path: str = PAGE) -> tuple[Any, dict[str, Any]]:
    page = lxml.html.fromstring(client.get(path).text)
    (script,) = page.xpath("//script[@type='application/ld+json']")
    return page, json.loads(script.text)


def test_each_rung_of_each_pack_is_an_offer(make: Make, maize: Any, client: FlaskClient, app: Flask):
    meru = make.session.get_one(Cooperative, maize.cooperative_id)
    make.pack(maize.product, {1: "2000"}, content=50_000, cooperative=meru)
    _, data = told(client)
    assert (data["@type"], data["name"], data["brand"]["name"]) == ("Product", "Maize", "Meru Highlands")
    assert data["url"] == app.config["PUBLIC_URL"] + PAGE
    assert [(each["price"], each["priceCurrency"], each["eligibleQuantity"]) for each in data["offers"]] == [
        ("50.00", "KES", {"@type": "QuantitativeValue", "minValue": 1, "maxValue": 9}),
        ("40.00", "KES", {"@type": "QuantitativeValue", "minValue": 10}),
        ("2000.00", "KES", {"@type": "QuantitativeValue", "minValue": 1}),
    ]
    assert {each["availability"] for each in data["offers"]} == {"https://schema.org/InStock"}


def test_a_name_that_closes_the_script_stays_a_name(make: Make, maize: Any, client: FlaskClient):
    evil = "</script><script>alert(1)</script><!--"
    products.find(make.session, maize.cooperative_id, maize.product_id).name = evil
    make.session.commit()
    page, data = told(client)
    assert data["name"] == evil
    assert not [each for each in page.xpath("//script[not(@src)]") if each.get("type") != "application/ld+json"]
    assert "<script>alert" not in client.get(PAGE).text


def test_prices_of_somebody_who_signed_in_are_not_written_down_for_machines(
    make: Make, maize: Any, client: FlaskClient
):
    client.set_cookie("gm-session", make.sign_in(make.person("Mercy Kendi")))
    make.session.commit()
    _, data = told(client)
    assert "offers" not in data and "50.00" not in json.dumps(data)


def test_a_product_without_a_public_price_offers_none(make: Make, client: FlaskClient):
    meru = make.cooperative("Meru Highlands", slug="meru")
    product = make.product("Honey", cooperative=meru)
    make.pack(product, {}, cooperative=meru)
    product.list_in_shop()
    make.session.commit()
    _, data = told(client, "/cooperatives/meru/products/honey")
    assert "offers" not in data


def test_a_page_has_one_address_however_it_was_asked(maize: Any, client: FlaskClient, app: Flask):
    home = app.config["PUBLIC_URL"]
    for path, canonical in (
        (f"{PAGE}?quantity=12&pack=x", PAGE), ("/products?q=maize&page=1", "/products"), ("/products?page=2", "/products?page=2"),
        ("/", "/"), ("/cooperatives", "/cooperatives"), ("/cooperatives/meru", "/cooperatives/meru"),
    ):  # fmt: skip
        page = lxml.html.fromstring(client.get(path).text)
        assert page.xpath("//link[@rel='canonical']/@href") == [home + canonical]
        assert page.xpath("//meta[@property='og:url']/@content") == [home + canonical]
        assert page.xpath("//meta[@property='og:title']/@content")[0].strip()
    assert not lxml.html.fromstring(client.get("/basket").text).xpath("//link[@rel='canonical']")


def test_a_link_to_a_product_shows_its_picture(maize: Any, client: FlaskClient, app: Flask):
    page, data = told(client)
    (picture,) = page.xpath("//meta[@property='og:image']/@content")
    assert picture.startswith(app.config["PUBLIC_URL"]) and data["image"] == picture
    with client.get(picture.removeprefix(app.config["PUBLIC_URL"])) as answer:
        assert answer.status_code == 200


def test_the_maps_name_what_is_on_the_market_and_nothing_else(make: Make, maize: Any, client: FlaskClient, app: Flask):
    beans = make.shelf(make.session.get_one(Cooperative, maize.cooperative_id), "Beans", {1: "120"})
    products.find(make.session, maize.cooperative_id, beans.product_id).take_off()
    make.cooperative("Quiet Hills", slug="quiet").listed_at = None
    make.session.commit()
    home = app.config["PUBLIC_URL"]

    def places(path: str) -> list[str]:
        answer = client.get(path)
        assert answer.content_type == "application/xml"
        return re.findall(r"<loc>(.*?)</loc>", answer.text)

    assert places("/sitemap.xml") == [f"{home}/cooperatives/meru/sitemap.xml"]
    assert places("/cooperatives/meru/sitemap.xml") == [f"{home}/cooperatives/meru", home + PAGE]
    assert client.get("/cooperatives/quiet/sitemap.xml").status_code == 404


def test_what_is_private_is_not_for_machines(client: FlaskClient, app: Flask):
    words = client.get("/robots.txt").text
    for path in ("/office/", "/orders", "/basket", "/me", "/invitations/"):
        assert f"Disallow: {path}\n" in words
    assert f"Sitemap: {app.config['PUBLIC_URL']}/sitemap.xml" in words
