"""A passkey opens one account, for words of ours that are signed once, for this shop, by somebody who was there."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from cooperative import challenges, passkeys, people
from cooperative.challenges import Challenge, Purpose
from cooperative.passkeys import Passkey, Place
from cooperative.sessions import SignIn
from ground import clock
from ground.engines import make_session
from ground.errors import Refusal
from ground.outbox import Letter
from tests.cooperative.soft_key import PRESENT, VERIFIED, SoftKey
from tests.makers.cooperative import PASSWORD
from tests.web import PHONE

SAME = {"Sec-Fetch-Site": "same-origin"}
HOME = Place("shop.test", "https://shop.test")
HERE: Any = {"address": "203.0.113.9"}
EMPTY = json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {}})


@pytest.fixture
def amina(make):
    return make.person("Amina Yusuf", email="amina@example.org")


@pytest.fixture
def key(session, amina):
    """A device with Amina's passkey."""
    device = SoftKey(HOME.origin)
    passkeys.add(session, amina, HOME, device.make(passkeys.offer(session, amina, HOME, **HERE)), name="Her phone")
    return device


def asked(session):
    return passkeys.ask(session, Purpose.SIGN_IN, HOME, **HERE)


def accept(session, answer, purpose=Purpose.SIGN_IN, person=None):
    return passkeys.accept(session, purpose, HOME, answer, person=person)


# -- the key -------------------------------------------------------------------------------------------------------------


def test_a_passkey_names_its_person_by_itself_and_counts_its_uses(session, amina, key):
    found = accept(session, key.sign(asked(session)))
    assert found.person_id == amina.id
    session.refresh(found)
    assert found.uses == 1 and found.last_used_at is not None
    assert json.loads(asked(session))["allowCredentials"] == [], "no question names anybody"


@pytest.mark.parametrize(
    "lie",
    [
        {"place": "evil.test"}, {"origin": "https://evil.test"}, {"origin": "http://shop.test"}, {"flags": PRESENT},
        {"flags": VERIFIED}, {"flags": 0}, {"handle": bytes(16)}, {"id": b"x" * 20}, {"uses": -2},
        {"secret": SoftKey(HOME.origin).secret},
    ],
    ids=lambda lie: next(iter(lie)) + "=" + str(next(iter(lie.values())))[:18],
)  # fmt: skip
def test_whatever_a_device_lies_about_it_opens_nothing(session, key, lie):
    """Another shop's, nobody looked, nobody there, another person's, an unknown one, a copy that counts back, another secret."""
    accept(session, key.sign(asked(session)))
    accept(session, key.sign(asked(session)))
    for name, value in lie.items():
        setattr(key, name, key.uses + value if name == "uses" else value)
    with pytest.raises(Refusal, match="not accepted"):
        accept(session, key.sign(asked(session)))


@pytest.mark.parametrize("lie", [{"place": "evil.test"}, {"origin": "https://evil.test"}, {"flags": PRESENT}])
def test_a_passkey_of_another_shop_or_of_nobody_is_not_kept(session, amina, lie):
    device = SoftKey(HOME.origin)
    for name, value in lie.items():
        setattr(device, name, value)
    with pytest.raises(Refusal, match="not accepted"):
        passkeys.add(session, amina, HOME, device.make(passkeys.offer(session, amina, HOME, **HERE)), name="x")
    assert passkeys.of(session, amina.id) == []


@pytest.mark.parametrize(
    "answer", ["", "{}", "null", "[]", "x" * 100, '{"id":"a"}', EMPTY]
)  # fmt: skip
def test_strange_bytes_are_refused_in_words(session, amina, answer):
    for call in (
        lambda: accept(session, answer),
        lambda: passkeys.add(session, amina, HOME, answer, name="x"),
    ):
        with pytest.raises(Refusal, match="not accepted"):
            call()


# -- the words that are signed -------------------------------------------------------------------------------------------


def test_signed_words_are_good_once(session, key):
    answer = key.sign(asked(session))
    accept(session, answer)
    with pytest.raises(Refusal):
        accept(session, answer)
    assert session.scalars(select(Challenge)).all() == []


def test_twenty_at_once_with_one_answer_are_one_success(engine, session, key):
    answer = key.sign(asked(session))
    session.commit()

    def one(_):
        with make_session(engine) as own:
            try:
                accept(own, answer)
            except Refusal:
                return 0
            own.commit()
            return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(20))) == 1


def test_words_that_are_too_old_or_made_up_are_nobodys(session, key, monkeypatch):
    late, made_up = asked(session), json.dumps({"challenge": "A" * 43})
    with pytest.raises(Refusal):
        accept(session, key.sign(made_up))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + challenges.LASTS + timedelta(seconds=1))
    with pytest.raises(Refusal):
        accept(session, key.sign(late))
    assert challenges.sweep(session, clock.now()) == 1


@pytest.mark.case("attack:A195")
def test_words_for_one_thing_or_one_person_are_refused_for_another(session, make, amina, key):
    mallory = make.person("Mallory")
    to_confirm = passkeys.ask(session, Purpose.CONFIRM, HOME, person=amina, **HERE)
    with pytest.raises(Refusal):
        accept(session, key.sign(to_confirm))
    with pytest.raises(Refusal):
        accept(session, key.sign(asked(session)), Purpose.CONFIRM, amina)
    with pytest.raises(Refusal):  # Amina's key does not show that it is Mallory.
        accept(
            session,
            key.sign(passkeys.ask(session, Purpose.CONFIRM, HOME, person=mallory, **HERE)),
            Purpose.CONFIRM,
            mallory,
        )
    with pytest.raises(Refusal):  # Nor are Mallory's words Amina's to make a key for.
        passkeys.add(
            session, amina, HOME, SoftKey(HOME.origin).make(passkeys.offer(session, mallory, HOME, **HERE)), name="x"
        )
    assert accept(
        session, key.sign(passkeys.ask(session, Purpose.CONFIRM, HOME, person=amina, **HERE)), Purpose.CONFIRM, amina
    )


def test_who_asks_without_end_waits_and_others_do_not(session):
    for _ in range(challenges.WAITING_MOST):
        asked(session)
    with pytest.raises(Refusal, match="wait"):
        asked(session)
    passkeys.ask(session, Purpose.SIGN_IN, HOME, address="198.51.100.7")


# -- the pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def device(client, session, amina, make, app):
    """A browser where Amina is signed in, and her passkey made over the pages."""
    made = SoftKey(app.config["PUBLIC_URL"])
    client.set_cookie("gm-session", make.sign_in(amina))
    question = client.post("/me/passkeys/offers", headers=SAME).text
    assert client.post("/me/passkeys", data={"credential": made.make(question)}, headers=SAME).status_code == 303
    return made


def test_a_passkey_signs_in_without_a_word_even_where_the_password_wants_a_code(client, session, amina, device):
    session.execute(update(people.Person).values(totp_secret=pyotp.random_base32()))
    client.post("/sign-out", headers=SAME)
    question = client.post("/sign-in/passkeys/questions", headers=SAME).text
    answer = {"credential": device.sign(question), "next": "/me/passkeys"}
    entered = client.post("/sign-in/passkeys", data=answer, headers=SAME)
    assert (entered.status_code, entered.location) == (303, "/me/passkeys")
    assert "Amina Yusuf" in client.get("/me").text
    client.post("/sign-out", headers=SAME)
    assert client.post("/sign-in/passkeys", data=answer, headers=SAME).status_code == 422
    assert client.get("/me").status_code == 303


@pytest.mark.case("attack:A125")
def test_a_host_that_a_request_made_up_is_not_what_a_passkey_is_for(client, session, amina, make, app):
    client.set_cookie("gm-session", make.sign_in(amina), domain="evil.test")
    told = client.post("/me/passkeys/offers", headers=SAME, base_url="http://evil.test")
    assert json.loads(told.text)["rp"]["id"] == Place.of(app.config["PUBLIC_URL"]).name


@pytest.mark.case("attack:A103")
def test_a_sign_in_by_passkey_from_elsewhere_is_refused_and_leads_nowhere_else(client, device):
    client.post("/sign-out", headers=SAME)
    question = client.post("/sign-in/passkeys/questions", headers=SAME).text
    answer = device.sign(question)
    elsewhere = client.post("/sign-in/passkeys", data={"credential": answer}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    entered = client.post("/sign-in/passkeys", data={"credential": answer, "next": "//evil.com"}, headers=SAME)
    assert entered.location == "/me"


@pytest.mark.case("attack:A188")
def test_the_passkey_of_a_disabled_person_opens_nothing(client, session, amina, device):
    client.post("/sign-out", headers=SAME)
    people.disable(session, amina.id)
    question = client.post("/sign-in/passkeys/questions", headers=SAME).text
    assert client.post("/sign-in/passkeys", data={"credential": device.sign(question)}, headers=SAME).status_code == 422


@pytest.mark.case("attack:A182")
@pytest.mark.case("attack:A173")
def test_keys_are_added_and_removed_after_a_fresh_proof_which_a_passkey_is_too_and_the_owner_hears(
    client, session, device
):
    mine = session.scalars(select(Passkey)).one()
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    for path in ("/me/passkeys/offers", "/me/passkeys", f"/me/passkeys/{mine.id}/removal"):
        assert client.post(path, headers=SAME).location == "/confirm?next=/me/passkeys"
    assert "pass-key" in client.get("/confirm").text
    question = client.post("/confirm/passkeys/questions", headers=SAME).text
    answer = {"credential": device.sign(question), "next": "/me/passkeys"}
    assert client.post("/confirm/passkeys", data=answer, headers=SAME).location == "/me/passkeys"
    assert client.post(f"/me/passkeys/{mine.id}/removal", headers=SAME).status_code == 303
    assert session.scalars(select(Passkey)).all() == []
    assert {"passkey added", "passkey removed"} <= set(session.scalars(select(Letter.kind)))


@pytest.mark.case("attack:A213")
def test_nobody_renames_or_removes_the_passkey_of_somebody_else(client, session, make, device):
    theirs = session.scalars(select(Passkey)).one()
    client.set_cookie("gm-session", make.sign_in(make.person("Mallory")))
    assert client.post(f"/me/passkeys/{theirs.id}/removal", headers=SAME).status_code == 404
    assert client.post(f"/me/passkeys/{theirs.id}/name", data={"name": "mine"}, headers=SAME).status_code == 404
    assert session.scalars(select(Passkey)).one().name != "mine"


# -- a browser -----------------------------------------------------------------------------------------------------------


def test_in_a_browser_a_passkey_is_made_signs_in_and_confirms(browser, address, app, session, amina, monkeypatch):
    """With Chromium's own authenticator; a passkey belongs to a name, so the shop is called localhost here."""
    named = address.replace("127.0.0.1", "localhost")
    monkeypatch.setitem(app.config, "PUBLIC_URL", named)
    session.commit()
    context = browser().browser.new_context(base_url=named, viewport=PHONE)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/sign-in?next=/me/passkeys")
    page.get_by_label("E-mail address").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    session.commit()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_role("button", name="Confirm by passkey").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in by passkey").click()
    expect(page.get_by_role("heading", name="Amina Yusuf")).to_be_visible()
    context.close()


def test_without_javascript_no_passkey_is_offered_and_the_password_works(browser, session, amina):
    session.commit()
    page = browser(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in by passkey")).to_be_hidden()
    page.get_by_label("E-mail address").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Amina Yusuf")).to_be_visible()
