"""Choosing a language: the person's choice, else the browser's memory, else what it says it reads, else English."""

from __future__ import annotations

import lxml.html
import pytest

from cooperative import people
from ground import words
from tests.makers.cooperative import PASSWORD
from tests.pages.world import OURS

SAYS = {"en": "Sign in", "fr": "Connexion", "es": "Entrar", "sw": "Ingia", "rw": "Injira"}


def _heading(page) -> str:
    return lxml.html.fromstring(page.text).xpath("string(//h1)")


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ("", "en"), ("fr", "fr"), ("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("es-GT", "es"), ("sw-KE,en;q=0.5", "sw"), ("rw", "rw"),
        ("de-DE,de;q=0.9", "en"), ("de,sw;q=0.4", "sw"), ("en;q=0.2,fr;q=0.9", "fr"), ("*", "en"), (",;q=x,\\", "en"),
    ],
)  # fmt: skip
def test_a_visitor_is_answered_in_the_first_language_we_both_know(client, wishes: str, code: str):
    page = client.get("/sign-in", headers={"Accept-Language": wishes} if wishes else {})
    assert (_heading(page), page.headers["Content-Language"]) == (SAYS[code], code)
    assert "Accept-Language" in page.headers["Vary"] and "Cookie" in page.headers["Vary"]
    assert lxml.html.fromstring(page.text).get("lang") == code


def test_a_choice_is_kept_by_the_browser_and_leads_back_to_where_it_was_made(client):
    answer = client.post("/language", data={"language": "rw", "next": "/sign-in?next=/orders"}, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Forders")
    assert _heading(client.get("/sign-in", headers={"Accept-Language": "fr"})) == SAYS["rw"]


@pytest.mark.case("commerce:X13")
@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example/", "/no/such/page", "/\t/evil.example", ""]
)
def test_the_choice_never_leads_away_from_the_shop(client, target: str):
    assert client.post("/language", data={"language": "fr", "next": target}, headers=OURS).location == "/"


@pytest.mark.parametrize("code", ["xx", "EN", "", "../sw"])
def test_a_language_that_we_do_not_have_is_refused_and_changes_nothing(client, code: str):
    answer = client.post("/language", data={"language": code, "next": "/"}, headers=OURS)
    assert answer.status_code == 422 and "language" not in answer.headers.get("Set-Cookie", "")


def test_a_strange_cookie_is_as_good_as_none(client):
    client.set_cookie("gm-language", "../../etc")
    assert _heading(client.get("/sign-in", headers={"Accept-Language": "sw"})) == SAYS["sw"]


def test_a_person_keeps_their_choice_on_every_device(client, app, session, make):
    person = make.person("Amina Yusuf")
    session.commit()
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD}, headers=OURS)
    client.post("/language", data={"language": "sw", "next": "/me"}, headers=OURS)
    session.expire_all()
    kept = people.find(session, person.id)
    assert kept is not None and kept.language == "sw"
    session.rollback()
    other = app.test_client()
    other.post("/sign-in", data={"email": person.email, "password": PASSWORD}, headers=OURS)
    page = other.get("/me", headers={"Accept-Language": "fr"})
    assert page.headers["Content-Language"] == "sw" and "Toka" in page.text


def test_the_office_speaks_english_until_it_is_translated(client, session, make):
    house = make.cooperative("Meru")
    client.set_cookie("gm-session", make.sign_in(make.staff(house, "manager")))
    client.set_cookie("gm-language", "sw")
    session.commit()
    page = client.get(f"/office/{house.slug}/products/")
    assert page.status_code == 200 and page.headers["Content-Language"] == "en"
    assert lxml.html.fromstring(page.text).get("lang") == "en" and "Bidhaa" not in page.text


def test_nothing_of_a_request_is_spoken_after_it(client):
    client.get("/sign-in", headers={"Accept-Language": "rw"})
    assert words.language() == "en"


def test_a_language_from_right_to_left_turns_the_page(client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(words.LANGUAGES, "ar", "العربية")
    page = lxml.html.fromstring(client.get("/sign-in", headers={"Accept-Language": "ar"}).text)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert page.xpath("//button[@lang='ar'][@aria-current='true']")
    page = lxml.html.fromstring(client.get("/sign-in").text)
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")


def test_the_chooser_names_each_language_in_itself_and_needs_no_script(client):
    page = lxml.html.fromstring(client.get("/sign-in", headers={"Accept-Language": "es"}).text)
    buttons = page.xpath("//form[@action='/language']//button")
    assert {each.get("lang"): each.text_content() for each in buttons} == words.LANGUAGES
    assert [each.get("value") for each in buttons if each.get("aria-current")] == ["es"]
