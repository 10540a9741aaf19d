"""Cooperatives are registered with a book, a law and by-laws; companies get terms from each of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from cooperative import authority, bylaws, companies, cooperatives, jurisdictions, people
from cooperative.companies import TradeTerms
from ground import clock, tenants
from ground.errors import Refusal
from ground.money import Money
from ledger import books
from proceeds import rules


def test_a_cooperative_is_registered_with_an_open_book(session, make):
    meru = make.cooperative("Meru Highlands", slug="meru-highlands")
    assert books.of_cooperative(session, meru.id).currency == "KES"
    assert cooperatives.find_by_slug(session, "meru-highlands") is meru
    assert meru.law.limit("holding").rate == Fraction(1, 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Meru Highlands"), ("slug", "meru--x"), ("slug", ""), ("currency", "XXX"), ("timezone", "Meru/Nowhere"),
        ("jurisdiction", "ZZ"), ("name", "  "),
    ],
)  # fmt: skip
def test_what_cannot_be_registered_is_named(session, field, value):
    form: dict[str, Any] = {"name": "Meru", "slug": "meru", "currency": "KES"} | {field: value}
    with pytest.raises(Refusal) as refused:
        cooperatives.register(session, **form)
    assert list(refused.value.fields) == [field]


def test_two_cooperatives_never_share_an_address(make):
    make.cooperative("Meru", slug="meru")
    with pytest.raises(Refusal):
        make.cooperative("Meru too", slug="meru")


def test_there_is_one_operator(session, make):
    assert make.operator().is_operator
    session.commit()
    with pytest.raises(DBAPIError):
        cooperatives.register(session, name="Another", slug="another", currency="KES", kind=cooperatives.Kind.OPERATOR)


def test_shoppers_find_who_is_listed_and_not_who_was_closed(session, make):
    make.cooperative("Unlisted", listed=False)
    make.cooperative("Closed").closed_at = clock.now()
    make.cooperative("Open")
    assert [house.name for house in cooperatives.listed(session)] == ["Open"]


def test_the_office_of_a_closed_cooperative_is_not_found(session, make):
    """[attack:A188]"""
    house = make.cooperative("Meru", slug="meru")
    assert authority.find_cooperative(session, "meru") is house
    house.closed_at = clock.now()
    assert authority.find_cooperative(session, "meru") is None


@pytest.mark.parametrize(
    ("place", "key", "part", "whole", "allowed"),
    [
        ("KE", "holding", 100_000_00, 500_000_00, True),
        ("KE", "holding", 100_000_01, 500_000_00, False),  # finance:B25
        ("KE", "society_costs", 200_000_00, 1_000_000_00, True),
        ("KE", "society_costs", 236_500_00, 1_000_000_00, False),  # finance:A19
        ("US", "patronage_cash", 20_000, 100_001, False),
        ("US", "patronage_cash", 20_001, 100_001, True),  # finance:B07
        ("US", "dividend", 20_00, 250_00, True),
        ("US", "dividend", 20_01, 250_00, False),  # finance:B24
        ("PH", "reserve", 8, 100, False),
        ("PH", "education", 12, 100, False),
        ("PH", "patronage", 20, 100, False),  # finance:B11
        ("IN-MS", "education", 10_000_00, 1_000_000_00, True),
        ("IN-MS", "education", 10_000_01, 1_000_000_00, False),  # finance:B17
    ],
)
def test_a_limit_holds_to_the_cent(place, key, part, whole, allowed):
    limit = jurisdictions.of(place).limit(key)
    assert limit is not None
    assert limit.allows(part, whole) is allowed


def test_every_limit_says_its_law_its_source_and_when_we_looked():
    assert set(jurisdictions.ALL) == {"KE", "IN-MS", "PH", "RW", "US", "AU-NSW", "AU-WA"}
    for place in jurisdictions.ALL.values():
        for limit in place.limits:
            assert limit.law
            assert limit.source
            assert limit.note
            assert limit.recorded_on >= date(2026, 1, 1)
    assert jurisdictions.of("AU-WA").leaver_months == 12


@pytest.mark.parametrize("bad", ['[X]\nname = "x"\nodd = 1', '[X]\nname = "x"\n[X.limits.a]\nof = "y"'])
def test_data_that_nobody_would_read_stops_the_loader(bad):
    with pytest.raises((AssertionError, KeyError)):
        jurisdictions.load(bad)


def test_the_kenyan_model_of_a_settlement_bylaw_is_one_that_settlement_reads():
    read = rules.parse(bylaws.model_rules("KE", bylaws.SETTLEMENT))
    assert read.caps[0].percent == 20


def test_the_bylaw_in_force_is_the_latest_version_that_has_begun(session, make):
    meru = make.cooperative("Meru")
    by = make.staff(meru, "manager")
    make.bylaw(meru, by=by, rules={"v": 1}, since=date(2026, 1, 1))
    make.bylaw(meru, by=by, rules={"v": 2}, since=date(2026, 7, 1))
    assert bylaws.in_force(session, meru.id, bylaws.SETTLEMENT, date(2025, 12, 31)) is None
    june, july = (
        bylaws.in_force(session, meru.id, bylaws.SETTLEMENT, day) for day in (date(2026, 6, 30), date(2026, 7, 1))
    )
    assert june is not None
    assert july is not None
    assert (june.rules, july.version) == ({"v": 1}, 2)
    with pytest.raises(Refusal):
        make.bylaw(meru, by=by, rules={"v": 3}, since=date(2026, 6, 30))
    assert [row.version for row in bylaws.versions(session, meru.id, bylaws.SETTLEMENT)] == [1, 2]


def test_an_address_has_one_spelling_and_one_owner(session, make):
    make.person(email="Amina@Example.org")
    assert people.find_by_email(session, " amina@EXAMPLE.org ") is not None
    with pytest.raises(Refusal):
        make.person(email="AMINA@example.org")
    assert people.normal_email("no address") is None
    assert people.normal_email("a" * 300 + "@example.org") is None


def test_a_company_buys_under_the_latest_terms_of_each_cooperative_until_they_end(session, make):
    meru, kilifi = make.cooperative("Meru"), make.cooperative("Kilifi")
    by, grace = make.staff(meru, "manager"), make.person("Grace Njeri")
    nyota = make.company("Nyota Schools Kitchen Ltd", buyer=grace)
    make.trade_terms(meru, nyota, by=by, net_days=14)
    session.commit()
    make.trade_terms(meru, nyota, by=by, net_days=30)
    terms = companies.terms_of(session, grace.id, [meru.id, kilifi.id])
    assert {key: row.net_days for key, row in terms.items()} == {meru.id: 30}
    assert companies.terms_of(session, by.id, [meru.id]) == {}
    session.commit()
    make.trade_terms(meru, nyota, by=by, credit_limit=Money.zero("KES"))
    assert companies.terms_of(session, grace.id, [meru.id]) == {}
    assert companies.company_of(session, grace.id) is nyota


def test_a_person_buys_for_one_company(session, make):
    grace = make.person("Grace Njeri")
    make.company(buyer=grace)
    with pytest.raises(Refusal):
        make.company(buyer=grace)


@pytest.mark.on("postgresql")
def test_a_buyer_sees_the_terms_of_their_own_company_and_nobody_elses(session, make):
    meru = make.cooperative("Meru")
    by, grace, peter = make.staff(meru, "manager"), make.person("Grace"), make.person("Peter")
    make.trade_terms(meru, make.company(buyer=grace), by=by)
    make.trade_terms(meru, make.company(buyer=peter), by=by)
    session.commit()
    tenants.enter(session, person=grace.id)
    assert len(list(session.scalars(select(TradeTerms)))) == 1
    assert set(companies.terms_of(session, grace.id, [meru.id])) == {meru.id}
    tenants.enter(session)
    assert list(session.scalars(select(TradeTerms))) == []
