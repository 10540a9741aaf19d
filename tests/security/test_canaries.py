"""Two houses: what one of them wrote is seen by nobody of the other, but for what stands in its shop for everybody."""

from __future__ import annotations

import re

import pytest

from tests.security.houses import CANARY, CANARY_ACCOUNT, CANARY_MONEY, CANARY_PHONE, OPEN_CANARY
from tests.security.season import Season
from tests.security.walk import Walk

STREET = re.compile(r"/(products|cooperatives(/[a-z0-9-]+(/products/[a-z0-9-]+)?)?)?(\?.*)?$")
"""Where the open canary may sing: the market's front page, its catalogue, the houses and their products."""


def test_the_walk_saw_pages_of_every_kind_and_none_of_them_broke(walked: Walk):
    assert len(walked.pages) >= 350
    assert [str(page) for page in walked.pages if page.status >= 500] == []
    manager = {page.path for page in walked.of("meru", "manager") if page.status == 200}
    assert len([path for path in manager if path.startswith("/office/meru/")]) >= 40


def test_the_canaries_sing_at_home(walked: Walk):
    """Else their silence elsewhere would prove nothing."""
    home = " ".join(page.words for page in walked.of("kilifi", "manager"))
    for sign in (CANARY, OPEN_CANARY, CANARY_PHONE, CANARY_ACCOUNT[-4:], CANARY_MONEY):
        assert sign in home


@pytest.mark.case("attack:A202")
@pytest.mark.case("attack:A219")
@pytest.mark.case("commerce:X04")
def test_nobody_of_one_house_and_no_guest_ever_sees_what_the_other_keeps_to_itself(walked: Walk):
    signs = (CANARY, CANARY_PHONE, CANARY_ACCOUNT, f"@{'kilifi'}.example.org")
    heard = [(str(page), sign) for page in walked.pages if page.house == "meru" for sign in signs if sign in page.words]
    assert heard == []


def test_the_operator_and_a_shopper_hear_no_canary_either(walked: Walk):
    """But for one word: the holder of the account to which the operator remits, on the run that pays it."""
    for page in walked.of("good-measure"):
        words = (
            page.words.replace(f"{CANARY} house account", "")
            if page.path.startswith("/office/good-measure/payouts/")
            else page.words
        )
        assert CANARY not in words and CANARY_PHONE not in words and CANARY_ACCOUNT not in words, str(page)


@pytest.mark.case("commerce:X04")
def test_what_is_public_is_seen_on_the_street_and_on_no_page_of_the_other_office(walked: Walk):
    heard = [page for page in walked.pages if page.house == "meru" and OPEN_CANARY in page.words]
    assert any(page.actor == "stranger" for page in heard)
    assert [str(page) for page in heard if not STREET.fullmatch(page.path)] == []


@pytest.mark.case("attack:A202")
def test_each_house_counts_its_own_orders_receipts_and_members(season: Season):
    """A number that ran through both would tell one how much the other sells."""
    for table, column in (
        ("customer_order", "number"),
        ("delivery", "receipt_no"),
        ("invoice", "number"),
        ("lot", "number"),
        ("payout_run", "number"),
    ):
        for slug in ("meru", "kilifi"):
            rows = season.rows(
                f"SELECT {column} FROM {table} WHERE cooperative_id = :coop ORDER BY {column}",
                coop=str(season.houses[slug].own["cooperative"]),
            )
            assert [row[0] for row in rows] == list(range(1, len(rows) + 1)), f"{table} of {slug}"


@pytest.mark.case("attack:A209")
def test_phones_accounts_and_addresses_stand_on_no_public_page(season: Season, walked: Walk):
    """Of members, staff and buyers: on the street, and on what a signed-in shopper sees, there is none of them."""
    meru = season.houses["meru"]
    signs = (meru.phone[1:], meru.account, "@meru.example.org", "CS-meru", "KCBLKENX", "EQBLKENA", "254712345678")
    for page in [*walked.of("meru", "stranger", "guest"), *walked.of("good-measure", "shopper")]:
        assert [sign for sign in signs if sign in page.words and sign not in page.path] == [], str(page)


@pytest.mark.case("attack:A209")
def test_whole_account_numbers_are_read_by_no_role_but_in_the_banks_file(season: Season, walked: Walk):
    """And by the member whose account it is, in the file of their own data."""
    account = season.houses["meru"].account
    shown = {(page.actor, page.path) for page in walked.pages if page.house == "meru" and account in page.words}
    assert ("member", "/me/data/export") in shown
    shown -= {("member", "/me/data/export")}
    assert {actor for actor, _ in shown} <= {"manager", "treasurer"}
    assert [path for _, path in shown if not path.endswith("/file")] == []
    assert shown, "the bank's file holds them"


@pytest.mark.case("attack:A209")
def test_keys_hashes_and_secrets_stand_on_no_page_at_all(season: Season, walked: Walk):
    stored = [row[0] for row in season.rows("SELECT password_hash FROM person WHERE password_hash IS NOT NULL")]
    secrets = ["argon2", *stored, *season.houses["meru"].keys.values(), season.app.config["SECRET_KEY"]]
    assert [str(page) for page in walked.pages if any(secret in page.text for secret in secrets)] == []


@pytest.mark.case("commerce:X04")
def test_no_statement_of_the_whole_walk_asks_for_everybodys_rows(walked: Walk):
    """The first wall, watched: on a tenant's table every statement names whose rows it wants.

    What remains is loaded by the keys of rows that were found by their cooperative, which the composite keys bind to it.
    """
    said = r"( LEFT OUTER JOIN product_words AS (\w+) ON \3\.product_id = \1\.id AND \3\.cooperative_id = \1\.cooperative_id.*)?"
    by_key = re.compile(rf"FROM (\w+){said} *\s*WHERE \1\.\w*id IN \(\S+(, \S+)*\)( ORDER BY \S+)?$")
    assert [statement for statement in walked.careless if not by_key.search(statement)] == []
