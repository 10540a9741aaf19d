"""Who somebody is: keys that are forged, found in an address, left over or meant for something else open nothing."""

from __future__ import annotations

import hashlib
import hmac
import re

import pytest
from sqlalchemy import text

from cooperative import sessions as sign_ins
from ground import clock
from ground.ids import new_id, new_secret
from tests.makers.cooperative import PASSWORD
from tests.security.houses import House
from tests.security.season import OURS, Season


@pytest.fixture
def meru(season: Season) -> House:
    return season.houses["meru"]


def with_key(season: Season, key: str):
    client = season.app.test_client()
    client.set_cookie("gm-session", key)
    return client


@pytest.mark.case("attack:A192")
@pytest.mark.parametrize("key", ["", "dev", "secret", "changeme", "a secret of the tests, 32 letters or more"])
def test_a_cookie_that_somebody_signed_themselves_opens_nothing(season: Season, meru: House, key: str):
    """The key of a session is random and looked up: there is nothing to sign, not even with our own secret."""
    person = str(meru.people["manager"].id)
    signed = hmac.new(key.encode(), person.encode(), hashlib.sha256).hexdigest()
    flask = f"eyJfdXNlcl9pZCI6Ij{person}In0.{signed[:6]}.{signed[:27]}"
    for forged in (person, signed, f"{person}.{signed}"[:200], flask):
        client = with_key(season, forged)
        client.set_cookie("session", flask)
        client.set_cookie("remember_token", f"{person}|{signed}")
        assert client.get("/me").location == "/sign-in?next=/me"


@pytest.mark.case("attack:A193")
def test_a_key_in_the_address_a_header_or_a_form_is_no_key(season: Season, meru: House):
    key = meru.keys["manager"]
    guest = season.app.test_client()
    for name in ("session", "gm-session", "sid", "token", "key"):
        assert guest.get("/me", query_string={name: key}).status_code == 303
        assert guest.get("/me", headers={"Authorization": f"Bearer {key}", f"X-{name}": key}).status_code == 303
        assert guest.post("/me/sign-ins/endings", data={name: key}, headers=OURS).location.startswith("/sign-in")
    assert guest.get(f"/me;{key}").status_code == 404


@pytest.mark.case("attack:A191")
def test_the_database_holds_no_key_that_opens_anything(season: Season):
    rows = season.rows("SELECT token_hash FROM sign_in") + season.rows(
        "SELECT token_hash FROM cart WHERE token_hash IS NOT NULL"
    )
    assert len(rows) >= 10
    for (stored,) in rows:
        for spelled in (stored if isinstance(stored, str) else bytes(stored).hex(), str(stored)):
            assert with_key(season, spelled[:200]).get("/me").status_code == 303


@pytest.mark.case("attack:A195")
@pytest.mark.case("attack:A228")
def test_a_key_for_one_thing_opens_no_other(season: Season, meru: House):
    """Of an invitation, an order, a basket, a payment page, a visit: each is tried as each of the others."""
    cart = season.browser(meru, "guest 5").get_cookie("gm-cart")
    visit = season.browser(meru, "guest 5").get_cookie("gm-visit")
    keys = {
        "order": meru.own["token"],
        "invitation": meru.own["key"],
        "letter": meru.at["letters.show"]["key"],
        "payment": meru.own["id"],
        "session": meru.keys["manager"],
    }
    keys |= {"cart": cart.value} if cart else {}
    keys |= {"visit": visit.value} if visit else {}
    assert len(keys) >= 5
    for purpose, key in keys.items():
        if purpose != "session":
            assert with_key(season, key).get("/me").status_code == 303, purpose
        for other, endpoint, name in (
            ("order", "orders.show", "token"),
            ("invitation", "invitations.show", "key"),
            ("letter", "letters.show", "key"),
            ("payment", "sandbox.show", "id"),
        ):
            if purpose != other:
                assert season.app.test_client().get(season.path(endpoint, **{name: key})).status_code == 404, (
                    f"{purpose} as {other}"
                )
        if purpose != "cart":
            client = season.app.test_client()
            client.set_cookie("gm-cart", key)
            assert "Your basket is empty" in client.get("/basket").text, purpose


@pytest.mark.case("attack:A213")
def test_nobody_ends_the_sign_in_of_somebody_else(season: Season, meru: House):
    theirs = season.houses["kilifi"].own["sign_in_id"]
    for actor in ("manager", "member", "walker"):
        with season.unchanged() as same:
            foreign = season.browser(meru, actor).post(f"/me/sign-ins/{theirs}/ending", headers=OURS)
            missing = season.browser(meru, actor).post(f"/me/sign-ins/{new_id()}/ending", headers=OURS)
        assert foreign.status_code == missing.status_code == 404
        assert same()


@pytest.mark.case("attack:A168")
def test_a_right_password_without_its_code_leaves_one_outside(season: Season, meru: House):
    import pyotp

    walker = meru.people["walker"]
    with season.owner.begin() as connection:
        connection.execute(
            text("UPDATE person SET totp_secret = :secret WHERE email = :email"),
            {"secret": pyotp.random_base32(), "email": walker.email},
        )
    try:
        client = season.app.test_client()
        for code in ({}, {"code": ""}, {"code": "000000"}):
            tried = client.post(
                "/sign-in", data={"email": walker.email, "password": "rain on a tin roof tonight"} | code, headers=OURS
            )
            assert tried.status_code == 422
            assert client.get_cookie("gm-session") is None
            for path in ("/me", "/orders", "/office/", "/confirm"):
                assert client.get(path).location.startswith("/sign-in")
    finally:
        with season.owner.begin() as connection:
            connection.execute(
                text("UPDATE person SET totp_secret = NULL WHERE email = :email"), {"email": walker.email}
            )


@pytest.mark.case("attack:A188")
def test_who_is_disabled_and_a_house_that_is_closed_are_shut_out_at_the_next_request(season: Season, meru: House):
    now = clock.now().replace(tzinfo=None) if season.owner.dialect.name == "sqlite" else clock.now()

    def set_(statement: str, **values: object) -> None:
        with season.owner.begin() as connection:
            connection.execute(text(statement), values)

    paths = ("/me", "/office/meru/", "/my/meru", "/orders")
    assert season.open(meru, "collector", "/office/meru/").status_code == 200
    set_("UPDATE person SET disabled_at = :now WHERE email = :email", now=now, email="collector@meru.example.org")
    try:
        for path in paths:
            assert season.open(meru, "collector", path).location.startswith("/sign-in")
    finally:
        set_("UPDATE person SET disabled_at = NULL WHERE email = :email", email="collector@meru.example.org")
    set_("UPDATE cooperative SET closed_at = :now WHERE slug = 'meru'", now=now)
    try:
        for path in (
            "/office/meru/",
            "/my/meru",
            "/cooperatives/meru",
            season.path("catalogue.product", coop="meru", slug=meru.own["slug"]),
        ):
            assert season.open(meru, "manager", path).status_code == 404, path
    finally:
        set_("UPDATE cooperative SET closed_at = NULL WHERE slug = 'meru'")
    assert season.open(meru, "collector", "/office/meru/").status_code == 200


@pytest.mark.case("attack:A119")
@pytest.mark.case("commerce:X14")
def test_after_signing_out_the_key_the_back_button_and_the_basket_are_empty(season: Season, meru: House):
    with season.session() as session:
        key = sign_ins.start(session, meru.people["buyer"], device="a shared computer")[1]
        session.commit()
    client = with_key(season, key)
    page = client.get("/me")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-store"
    left = client.post("/sign-out", headers=OURS)
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("gm-session") is None
    assert with_key(season, key).get("/me").status_code == 303, "the old key is dead on the server too"
    assert "Your basket is empty" in client.get("/basket").text
    assert "buyer@meru" not in client.get("/checkout").text


@pytest.mark.case("attack:A110")
def test_where_cookies_are_secure_so_is_every_answer(season: Season, meru: House):
    season.app.config["COOKIES_SECURE"] = True
    try:
        for path in ("/", "/sign-in", "/nowhere", "/healthz", "/office/meru/"):
            answer = season.app.test_client().get(path, base_url="https://localhost")
            assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
            for cookie in answer.headers.getlist("Set-Cookie"):
                assert cookie.startswith("__Host-") and all(
                    word in cookie for word in ("; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/")
                )
                assert "Domain" not in cookie
    finally:
        season.app.config["COOKIES_SECURE"] = False


@pytest.mark.case("attack:A207")
@pytest.mark.case("commerce:X15")
@pytest.mark.parametrize("role", ["operator", "superuser", "manager; operator", "Manager", ""])
def test_nobody_gives_what_they_may_not(season: Season, meru: House, role: str):
    """A manager may give desks of the office, never the marketplace's, and no word that is no role; to nobody from outside."""
    outsider = season.houses["kilifi"].people["collector"].id
    for path, body in (
        ("people/invitations", {"email": "friend@example.org"}),
        ("people/grants", {"person_id": str(meru.own["person"])}),
        ("people/grants", {"person_id": str(outsider)}),
    ):
        with season.unchanged() as same:
            answer = season.browser(meru, "manager").post(
                f"/office/meru/{path}", data=body | {"role": role}, headers=OURS
            )
        assert answer.status_code in (403, 404, 422)
        assert same()


@pytest.mark.case("attack:A022")
def test_an_address_in_another_spelling_is_the_same_person(season: Season, meru: House):
    """Capitals and full-width letters find the account or are refused; they never make a second one."""
    email = meru.people["member"].email
    count = season.rows("SELECT count(*) FROM person")[0][0]
    for spelled in (email.upper(), email.title(), f" {email} "):
        client = season.app.test_client()
        assert (
            client.post("/sign-in", data={"email": spelled, "password": PASSWORD}, headers=OURS).status_code == 303
        ), spelled
    for odd in (email.replace("m", "\uff4d"), email.replace("e", "\u0435"), "\u212aelvin@example.org"):
        assert (
            season.app.test_client()
            .post("/sign-in", data={"email": odd, "password": "not this password"}, headers=OURS)
            .status_code
            == 422
        )
    assert season.rows("SELECT count(*) FROM person")[0][0] == count


def test_a_made_up_key_of_the_right_shape_opens_nothing(season: Season):
    assert with_key(season, new_secret()).get("/me").status_code == 303


@pytest.mark.case("attack:A161")
def test_signing_in_tells_nobody_who_has_an_account_here(season: Season, meru: House):
    """Byte for byte, but for what was typed, the request's own name and the keys of the form."""
    said = set()
    for email in (meru.people["treasurer"].email, "nobody@nowhere.example.org"):
        answer = season.app.test_client().post(
            "/sign-in", data={"email": email, "password": "certainly not this"}, headers=OURS
        )
        body = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text.replace(email, "…"))
        said.add((answer.status_code, body, answer.headers.get("Location")))
    assert len(said) == 1
