"""Letters with a link: they prove an address, once, for a short while, and tell nobody who has an account."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cooperative import link_letters, links, people, sessions
from cooperative.link_letters import LETTERS_AN_HOUR, Wants
from cooperative.links import Link, Purpose
from cooperative.people import Person
from ground import clock
from ground.engines import make_session
from ground.errors import Conflict
from ground.ids import new_secret
from ground.outbox import Letter
from tests.makers.cooperative import PASSWORD
from tests.storefront.test_pages import add, checkout

SAME = {"Sec-Fetch-Site": "same-origin"}
WORDS = "goats on the southern terraces"


def ask(client, email, wants="sign-in", **more):
    return client.post("/letter", data={"email": email, "wants": wants}, headers=SAME | more)


def key_to(session, email):
    """The key in the latest letter that went there."""
    letters = session.scalars(select(Letter).where(Letter.recipient == email).order_by(Letter.created_at, Letter.id))
    return re.findall(r"/letter/(\S+)", "\n".join(letter.text for letter in letters))[-1]


def use(client, key, **fields):
    return client.post(f"/letter/{key}", data=fields, headers=SAME)


def enter(client, email, password, **more):
    return client.post("/sign-in", data={"email": email, "password": password} | more, headers=SAME)


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


@pytest.mark.case("attack:A161")
@pytest.mark.case("attack:A162")
@pytest.mark.parametrize("wants", list(Wants))
def test_asking_is_answered_alike_and_costs_alike_whoever_has_an_account(wants, client, session, make, app):
    """Byte for byte, statement for statement; and each address gets one letter, one link."""
    make.person(email="known@example.org")
    shut = make.person(email="gone@example.org")
    people.disable(session, shut.id)
    app.config["TELL_QUERIES"] = True
    try:
        said = set()
        for email in ("known@example.org", "nobody@example.org", "gone@example.org"):
            answer = ask(client, email, wants.value)
            told = {name: value for name, value in answer.headers if name != "X-Request-Id"}
            said.add((answer.status_code, answer.text, tuple(sorted(told.items()))))
    finally:
        app.config["TELL_QUERIES"] = False
    assert len(said) == 1
    assert count(session, Letter) == count(session, Link) == 3


def test_a_link_signs_in_once_and_only_when_its_button_is_pressed(client, session, make):
    person = make.person("Amina Yusuf", email="known@example.org")
    ask(client, "known@example.org")
    key = key_to(session, "known@example.org")
    for _ in range(3):  # A program that reads mail opens every link.
        assert client.get(f"/letter/{key}").status_code == client.head(f"/letter/{key}").status_code == 200
    assert session.scalars(select(sessions.SignIn)).all() == []
    assert use(client, key).location == "/me"
    assert "Amina Yusuf" in client.get("/me").text
    assert session.scalars(select(sessions.SignIn)).one().person_id == person.id
    assert use(client, key).status_code == client.get(f"/letter/{key}").status_code == 404


@pytest.mark.case("attack:A166")
def test_of_a_key_only_the_hash_is_kept_and_neighbours_open_nothing(client, session, make):
    make.person(email="known@example.org")
    ask(client, "known@example.org")
    key = key_to(session, "known@example.org")
    stored = session.scalars(select(Link)).one()
    assert len(key) >= 32 and len(stored.token_hash) == 32 and key.encode() not in stored.token_hash
    for guess in (key[:-2] + "zz", key[:-1], key.swapcase(), stored.token_hash.hex(), str(stored.id), new_secret()):
        assert client.get(f"/letter/{guess}").status_code == 404


@pytest.mark.case("attack:A166")
@pytest.mark.parametrize("conditional", [True, False])
def test_twenty_at_once_with_one_link_are_one_use(conditional, engine, session, make, monkeypatch):
    """And without the condition they would not be: so much for the anti-test."""
    link, _ = links.make(session, Purpose.SIGN_IN, "known@example.org", make.person(email="known@example.org"))
    session.commit()
    if not conditional:
        monkeypatch.setattr(links, "rows_changed", lambda session, statement: 1)

    def one(_):
        with make_session(engine) as own:
            try:
                links.spend(own, own.get_one(Link, link.id))
            except Conflict:
                return False
            own.commit()
            return True

    with ThreadPoolExecutor(8) as pool:
        assert (sum(pool.map(one, range(20))) == 1) is conditional


@pytest.mark.case("attack:A166")
def test_a_link_is_good_for_half_an_hour(client, session, make, monkeypatch):
    make.person(email="known@example.org")
    ask(client, "known@example.org")
    key, start = key_to(session, "known@example.org"), clock.now()
    monkeypatch.setattr(clock, "read", lambda: start + timedelta(minutes=30, seconds=1))
    assert use(client, key).status_code == 404


@pytest.mark.case("attack:A166")
def test_a_new_password_ends_all_devices_and_all_other_letters_and_is_told(client, session, make):
    person = make.person(email="known@example.org")
    elsewhere = make.sign_in(person)
    ask(client, "known@example.org")
    other = key_to(session, "known@example.org")
    ask(client, "known@example.org", "password")
    key = key_to(session, "known@example.org")
    assert use(client, key, password=WORDS, again="another").status_code == 422
    assert use(client, key, password="password1234!", again="password1234!").status_code == 422
    assert use(client, key, password=WORDS, again=WORDS).location == "/sign-in"
    assert sessions.find_live(session, elsewhere, clock.now()) is None
    assert use(client, other).status_code == use(client, key, password=WORDS, again=WORDS).status_code == 404
    told = session.scalars(select(Letter).where(Letter.kind == "password changed")).one()
    assert told.recipient == "known@example.org"
    assert enter(client, "known@example.org", PASSWORD).status_code == 422
    assert enter(client, "known@example.org", WORDS).status_code == 303


@pytest.mark.case("attack:A166")
def test_a_changed_password_ends_the_letters_that_were_under_way(client, session, make):
    make.person(email="known@example.org")
    ask(client, "known@example.org", "password")
    key = key_to(session, "known@example.org")
    enter(client, "known@example.org", PASSWORD)
    client.post("/me/password", data={"password": WORDS, "again": WORDS}, headers=SAME)
    assert client.get(f"/letter/{key}").status_code == 404


@pytest.mark.case("attack:A167")
def test_neither_letter_goes_round_the_authenticator(client, session, make):
    person = make.person(email="known@example.org")
    person.totp_secret = secret = pyotp.random_base32()
    ask(client, "known@example.org", "password")
    use(client, key_to(session, "known@example.org"), password=WORDS, again=WORDS)
    assert client.get("/me").status_code == 303
    assert enter(client, "known@example.org", WORDS).status_code == 422
    ask(client, "known@example.org")
    key = key_to(session, "known@example.org")
    assert use(client, key).status_code == 422
    assert use(client, key, code="not it").status_code == 422
    assert client.get("/me").status_code == 303
    assert use(client, key, code=pyotp.TOTP(secret).now()).location == "/me"
    assert client.get("/me").status_code == 200


@pytest.mark.case("attack:A125")
def test_a_letter_leads_to_our_own_address_whatever_host_the_request_names(client, session, make, app):
    make.person(email="known@example.org")
    ask(client, "known@example.org", "password", **{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"})
    client.post(
        "/letter",
        data={"email": "known@example.org", "wants": "password"},
        headers=SAME,
        base_url="http://evil.example",
    )
    letters = list(session.scalars(select(Letter)))
    assert len(letters) == 2
    for letter in letters:
        assert f"{app.config['PUBLIC_URL']}/letter/" in letter.text and "evil" not in letter.text


@pytest.mark.case("attack:A090")
def test_a_mailbox_is_not_flooded_and_who_asks_on_and_on_waits(client, session, make):
    statuses = [ask(client, "known@example.org").status_code for _ in range(LETTERS_AN_HOUR + 3)]
    assert set(statuses[:5]) == {303} and statuses[-1] == 429
    for _ in range(3):
        link_letters.ask(session, "known@example.org", Wants.SIGN_IN, page="https://shop.example/letter/")
    assert count(session, Letter) == LETTERS_AN_HOUR


def test_a_letter_speaks_the_language_of_who_reads_it(client, session, make):
    make.person(email="known@example.org").language = "fr"
    client.post("/letter", data={"email": "known@example.org", "wants": "password"}, headers=SAME)
    letter = session.scalars(select(Letter)).one()
    assert letter.subject == "Votre lien pour un nouveau mot de passe"


def test_an_account_begins_with_a_letter_and_guards_its_password(client, session):
    ask(client, "new@example.org", "account")
    key = key_to(session, "new@example.org")
    assert count(session, Person) == 0
    for weak in ("short", "password1234!", "new@example.org", "Halima Juma!"):
        assert use(client, key, name="Halima Juma", password=weak).status_code == 422, weak
    assert use(client, key, name="Halima Juma", password=WORDS).location == "/me"
    assert "Halima Juma" in client.get("/me").text
    person = session.scalars(select(Person)).one()
    assert (person.email, person.language) == ("new@example.org", "en")


@pytest.mark.case("attack:A184")
def test_of_several_letters_to_one_address_one_makes_the_account(client, session):
    keys = []
    for _ in range(3):
        ask(client, "new@example.org", "account")
        keys.append(key_to(session, "new@example.org"))
    answers = [use(client, key, name="Halima Juma", password=WORDS).status_code for key in keys]
    assert answers == [303, 409, 409]
    assert count(session, Person) == 1


@pytest.mark.case("attack:A184")
def test_eight_letters_to_one_address_pressed_at_once_make_one_account(app, session):
    """Each in a browser of its own: one account by the unique index, and seven polite answers."""
    keys = [links.make(session, Purpose.ACCOUNT, "new@example.org", None)[1] for _ in range(8)]
    session.commit()
    app.test_client_class = FlaskClient

    def press(key):
        return use(app.test_client(), key, name="Halima Juma", password=WORDS).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(press, keys))
    session.expire_all()
    assert answers == [303] + [409] * 7
    assert count(session, Person) == 1


def test_who_has_an_account_already_is_told_so_in_the_letter_alone(client, session, make):
    make.person(email="known@example.org")
    ask(client, "Known@Example.ORG", "account")
    letter = session.scalars(select(Letter)).one()
    assert letter.subject == "You have an account already"
    assert use(client, key_to(session, "known@example.org")).location == "/me"
    assert count(session, Person) == 1


def test_a_disabled_person_comes_in_by_no_letter(client, session, make):
    person = make.person(email="gone@example.org")
    ask(client, "gone@example.org")
    people.disable(session, person.id)
    assert use(client, key_to(session, "gone@example.org")).status_code == 404


def test_a_guests_orders_are_theirs_once_the_address_is_proved_and_not_before(client, session, make, app):
    make.operator()
    maize = make.shelf(make.cooperative("Meru Highlands", slug="meru"), "Maize", {1: "50"}, kilograms=20)
    add(client, maize)
    placed = checkout(client, 5_000, email="Amina@example.org")
    assert placed.status_code == 303
    guest, thief = app.test_client(), app.test_client()
    thief.set_cookie("gm-session", make.sign_in(make.person(email="thief@example.org")))
    ask(guest, "amina@example.org", "account")
    assert "Maize" not in thief.get("/orders").text
    assert use(guest, key_to(session, "amina@example.org"), name="Amina Yusuf", password=WORDS).status_code == 303
    assert "/orders/" in guest.get("/orders").text
    assert guest.get("/orders").text.count("Meru Highlands") > thief.get("/orders").text.count("Meru Highlands")


def test_old_links_are_forgotten(session, make):
    links.make(session, Purpose.ACCOUNT, "new@example.org", None)
    assert links.sweep(session, clock.now() + timedelta(hours=23)) == 0
    assert links.sweep(session, clock.now() + timedelta(days=2)) == 1
