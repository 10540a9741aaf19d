"""Products in other languages: what their cooperative wrote is said, what it left out stays as it was first written."""

from __future__ import annotations

import lxml.html
import pytest
from sqlalchemy.exc import IntegrityError

from ground import words
from inventory import packs, product_words, products
from inventory.product_words import ProductWords, Said
from tests.pages.world import OURS

SWAHILI = Said("Maharagwe", "", "Mahali pakavu", "")


@pytest.fixture
def meru(make):
    return make.cooperative("Meru", slug="meru")


@pytest.fixture
def beans(make, meru):
    return make.shelf(meru, "Beans", {1: "100"}, kilograms=50)


def _read(session, pack) -> Said:
    session.expire_all()
    product = products.find(session, pack.cooperative_id, pack.product_id)
    return product.said


def test_the_reader_gets_what_was_written_in_their_language(session, beans):
    product_words.write(session, beans.cooperative_id, beans.product_id, "sw", SWAHILI)
    first = _read(session, beans)
    for code in ("sw", "fr", "sw", "en"):  # One statement, asked again: the language is not part of what is remembered.
        with words.speaking(code):
            said = _read(session, beans)
            session.expire_all()
            pack = packs.find_for_basket(session, [(beans.cooperative_id, beans.id)])[beans.id]
            assert pack.product.said == said
        if code == "sw":
            assert (said.name, said.storage) == ("Maharagwe", "Mahali pakavu")
            assert said.description == first.description, "what was left empty stays as it was first written"
        else:
            assert said == first


def test_nothing_at_all_takes_the_words_away(session, beans):
    product_words.write(session, beans.cooperative_id, beans.product_id, "sw", SWAHILI)
    assert product_words.languages(session, beans.cooperative_id, beans.product_id) == {"sw"}
    product_words.write(session, beans.cooperative_id, beans.product_id, "sw", Said("", "", "", ""))
    assert product_words.languages(session, beans.cooperative_id, beans.product_id) == set()


@pytest.mark.parametrize(("language", "name"), [("tlh", "qa'"), ("sw", "")])
def test_the_database_takes_no_strange_language_and_no_empty_words(session, beans, language: str, name: str):
    session.add(
        ProductWords(
            cooperative_id=beans.cooperative_id, product_id=beans.product_id, language=language, name=name, description="",
            storage="", allergens="",
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_manager_writes_them_and_shoppers_read_them(client, app, session, make, meru, beans):
    office = app.test_client()
    office.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))
    session.commit()
    shown = office.get("/office/meru/products/beans?language=sw")
    assert 'name="said_name"' in shown.text and "Kiswahili" in shown.text
    page = "/cooperatives/meru/products/beans"
    assert _heading(client, page, "sw") == "Beans"
    form = {
        "language": "sw",
        "said_name": "Maharagwe",
        "said_description": "Makavu.",
        "said_storage": "",
        "said_allergens": "",
    }
    saved = office.post("/office/meru/products/beans/words", data=form, headers=OURS)
    assert (saved.status_code, saved.location) == (303, "/office/meru/products/beans?language=sw")
    assert "Maharagwe" in office.get(saved.location).text
    app.extensions["pages"].clear()
    assert (_heading(client, page, "sw"), _heading(client, page, "en")) == ("Maharagwe", "Beans")
    assert "Maharagwe" in client.get("/products", headers={"Accept-Language": "sw"}).text


def test_a_refused_form_keeps_its_words_and_its_language(app, session, make, meru, beans):
    office = app.test_client()
    office.set_cookie("gm-session", make.sign_in(make.staff(meru, "manager")))
    session.commit()
    form = {
        "language": "fr",
        "said_name": "H" * 81,
        "said_description": "Secs.",
        "said_storage": "",
        "said_allergens": "",
    }
    answer = office.post("/office/meru/products/beans/words", data=form, headers=OURS)
    page = lxml.html.fromstring(answer.text)
    assert answer.status_code == 422
    assert page.xpath("string(//textarea[@name='said_description'])") == "Secs."
    assert page.xpath("//form[@id='words']//input[@name='language']/@value") == ["fr"]


def _heading(client, path: str, code: str) -> str:
    return lxml.html.fromstring(client.get(path, headers={"Accept-Language": code}).text).xpath("string(//h1)")
