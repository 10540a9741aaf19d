"""A person can take along all that is kept about them, and nothing of anybody else's; each new table must be thought of."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from cooperative import exports, links
from cooperative.exports import BELOW, DEEDS, ELSEWHERE, MINE
from cooperative.links import Purpose
from cooperative.sessions import SignIn
from ground import clock
from ground.db import Model
from inventory.products import Product
from tests.cooperative.test_letters import ask
from tests.storefront.test_pages import add, checkout


def test_every_column_that_names_a_person_is_classified(app):
    """A new one fails here until somebody decided whether it is about the person, or what they did for a cooperative."""
    named = {
        (table.name, column.name)
        for table in Model.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    classified = {(name, column) for kind in (MINE, DEEDS) for name, columns in kind.items() for column in columns}
    assert len(named) > 30
    assert named == classified


def test_every_table_below_a_persons_rows_is_told_or_has_its_reason(app):
    """Whatever hangs on an order, a basket or a member by a key is exported too."""
    told = {*MINE, *BELOW}
    parents = {"checkout", "customer_order", "member", "cart", "claim", "obligation", "complaint"}
    hanging = {
        table.name
        for table in Model.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in parents and key.column.table.name != table.name
    }
    assert hanging - told - set(ELSEWHERE) == set()
    assert all(
        (column, above) and above in told and column in Model.metadata.tables[name].c
        for name, (column, above) in BELOW.items()
    )


@pytest.fixture
def shop(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


def told_to(client, session, make, person):
    client.set_cookie("gm-session", make.sign_in(person))
    answer = client.get("/me/data/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return json.loads(answer.text)


@pytest.mark.case("attack:A255")
def test_the_file_holds_my_rows_and_nobody_elses(client, session, make, shop):
    maize = make.shelf(shop, "Maize", {1: "50"}, kilograms=50)
    people = {}
    for name in ("Amina", "Baraka"):
        people[name] = person = make.person(f"{name} Canary{name}", email=f"{name.lower()}@example.org")
        member = make.member(shop, f"{name} Canary{name}", person=person)
        make.delivery(shop, member, session.get_one(Product, maize.product_id), 10, by=make.staff(shop, "collector"))
        client.set_cookie("gm-session", make.sign_in(person))
        add(client, maize)
        assert checkout(client, 5_000, email=person.email, name=f"Canary{name}").status_code == 303
        ask(client, person.email)
    found = told_to(client, session, make, people["Amina"])
    text = json.dumps(found)
    assert "Baraka" not in text and "baraka" not in text
    assert found["person"]["email"] == "amina@example.org"
    for name in (
        "checkout",
        "checkout_part",
        "customer_order",
        "order_line",
        "member",
        "delivery",
        "sign_in",
        "letter",
    ):
        assert len(found[name]) >= 1, name
    assert len(found["checkout"]) == len(found["member"]) == len(found["delivery"]) == 1


@pytest.mark.case("attack:A255")
def test_no_key_and_no_hash_is_in_the_file(client, session, make, shop):
    person = make.person(email="amina@example.org")
    person.totp_secret = "JBSWY3DPEHPK3PXP"
    key = links.make(session, Purpose.SIGN_IN, "amina@example.org", person)[1]
    ask(client, "amina@example.org")
    found = told_to(client, session, make, person)
    text = json.dumps(found)
    assert len(found["account_link"]) == 2
    for secret in (key, person.password_hash, person.totp_secret, client.get_cookie("gm-session").value, "/letter/"):
        assert secret not in text


def test_what_one_did_in_the_office_is_told_by_day_and_kind(client, session, make, shop):
    by = make.staff(shop, "treasurer")
    make.cash_destination(make.member(shop, "Grace Otherperson"), by=by)
    found = told_to(client, session, make, by)
    assert [deed["what"] for deed in found["done_for_cooperatives"]] == ["destination"]
    assert "Otherperson" not in json.dumps(found)


@pytest.mark.case("attack:A182")
def test_the_file_is_given_only_to_who_proved_it_is_them_a_moment_ago(client, session, make):
    client.set_cookie("gm-session", make.sign_in(make.person()))
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    assert client.get("/me/data/export").location.startswith("/confirm?next=/me/data")


def test_a_basket_of_a_house_one_never_bought_from_is_told_too(client, session, make, shop):
    person = make.person()
    client.set_cookie("gm-session", make.sign_in(person))
    add(client, make.shelf(shop, "Maize", {1: "50"}, kilograms=50))
    assert len(told_to(client, session, make, person)["cart_line"]) == 1


def test_an_export_changes_nothing_it_could_see(session, make, shop):
    assert exports.of(session, make.person())["checkout"] == []
