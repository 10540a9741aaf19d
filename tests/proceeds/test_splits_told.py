"""Where your money goes: what the street says of a closed pool is what the books gave away, and stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from cooperative import bylaws
from cooperative.bylaws import Bylaw
from ground.ids import new_id
from ground.money import Money
from inventory import pool_splits
from inventory.pool_splits import PARTS
from ledger import audit
from proceeds import audits, rules, splits_told, waterfall
from proceeds.rules import Loss
from tests.make import Make
from tests.makers.proceeds import Season
from tests.proceeds.test_golden_pool import BYLAW, rwf, settle


@pytest.fixture
def cast(make: Make) -> Any:
    meru = make.cooperative("Meru Highlands", slug="meru")
    return meru, make.staff(meru, "manager", name="Wanjiru Kamau"), make.staff(meru, "treasurer", name="Kiprop")


def season_of(make: Make, cast: Any, members: int = 6, **more: Any) -> Season:
    meru, wanjiru, _ = cast
    season = make.season(meru, by=wanjiru, season="2026A", **more)
    for number in range(1, members + 1):
        season.deliver(make.member(meru, f"Member {number}", number=number), 20)
    season.sell(20 * members, f"{500 * members}.00")
    return season


def close(make: Make, season: Season, cast: Any, **costs: str) -> None:
    make.settled(season, by=cast[1], approver=cast[2], costs=costs)


@pytest.mark.case("finance:D21")
def test_the_golden_pool_is_told_as_it_was_reckoned_by_hand():
    given, result, _ = settle()
    parts = splits_told.parts_of(result)
    assert parts == {
        "growers": 416_700, "cooperative": 39_200, "transport": 23_000, "fees": 6_200 + 4_900, "waiting": 0,
    }  # fmt: skip
    assert sum(parts.values()) == (given.gross - given.refunded).minor == 490_000
    # Of every 1,000: 850.41, 80, 46.94 and 22.65; the two units left go to the largest remainders.
    assert [money.minor for money in rwf(1_000).split([parts[part] for part in PARTS])] == [850, 80, 47, 23, 0]


def test_a_pool_that_cost_more_than_it_earned_has_no_parts_to_boast_of():
    given, _, _ = settle()
    result = waterfall.run(replace(given, recorded={"transport": 600_000}), replace(BYLAW, loss=Loss.RESERVE))
    parts = splits_told.parts_of(result)
    assert parts["growers"] == 0
    assert sum(parts.values()) == 490_000 + result.loss.minor


def test_a_close_tells_the_street_and_the_parts_sum_to_the_whole(session: Session, make: Make, cast: Any):
    season = season_of(make, cast)
    assert pool_splits.of_product(session, season.cooperative.id, season.product.id) is None
    close(make, season, cast, transport="100.00")
    told = pool_splits.of_product(session, season.cooperative.id, season.product.id)
    assert told is not None and told.growers == 6 and told.season == "2026A"
    # 3,000 paid: 240 margin, 100 transport, 30 levy, 2,630 to the farmers.
    assert {part: money.minor for part, money in told.parts.items()} == {
        "growers": 8_767, "cooperative": 800, "transport": 333, "fees": 100, "waiting": 0,
    }  # fmt: skip
    assert sum(told.parts.values(), Money.zero("KES")) == told.hundred == Money(10_000, "KES")
    assert not [found for found in audit.run(session, (*audit.CHECKS, *audits.CHECKS)) if found.differences]


def test_a_rule_changed_later_changes_nothing_that_was_told(session: Session, make: Make, cast: Any):
    season = season_of(make, cast)
    close(make, season, cast)
    before = pool_splits.of_product(session, season.cooperative.id, season.product.id)
    pool = [{**step, "percent": "40"} if step["to"] == "margin" else step for step in rules.STARTER["pool"]]
    bylaws.adopt(
        session, season.cooperative.id, bylaws.SETTLEMENT, {**rules.STARTER, "pool": pool},
        effective_from=date(2020, 6, 1), source="Minute 8", by=cast[1].id,
    )  # fmt: skip
    session.flush()
    assert session.query(Bylaw).filter_by(cooperative_id=season.cooperative.id, kind=bylaws.SETTLEMENT).count() == 2
    assert pool_splits.of_product(session, season.cooperative.id, season.product.id) == before


def test_what_was_told_cannot_be_told_otherwise(session: Session, make: Make, cast: Any):
    season = season_of(make, cast)
    close(make, season, cast)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(update(pool_splits.PoolSplit).values(season="2030"))
    session.rollback()
    columns = {"cooperative_id": season.cooperative.id, "pool_id": season.pool.id, "product_id": season.product.id}
    wrong = pool_splits.PoolSplit(
        id=new_id(), season="x", closed_at=season.pool.opened_at, currency="KES", whole_minor=100, growers_minor=90,
        cooperative_minor=0, transport_minor=0, fees_minor=0, waiting_minor=0, lost_minor=0, growers=1, **columns,
    )  # fmt: skip
    session.add(wrong)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_audit_names_a_close_that_the_street_was_not_told(
    session: Session, make: Make, cast: Any, owner_engine: Any
):
    season = season_of(make, cast)
    close(make, season, cast)
    session.commit()
    with owner_engine.begin() as connection:
        trigger = (
            "pool_split_no_change ON pool_split" if connection.dialect.name == "postgresql" else "pool_split_no_delete"
        )
        connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text("DELETE FROM pool_split"))
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(
                    'CREATE TRIGGER pool_split_no_change BEFORE UPDATE OR DELETE ON "pool_split"'
                    " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )
            )
    found = {each.check.name for each in audit.run(session, audits.CHECKS) if each.differences}
    assert found == {"what the street is told is what was closed"}


def test_the_product_page_says_where_the_money_went_only_once_a_pool_is_closed(
    make: Make, cast: Any, client: FlaskClient
):
    season = season_of(make, cast)
    make.shelf(cast[0], "Beans", {1: "120"}, kilograms=30)
    pack = make.pack(season.product, {1: "50"}, cooperative=cast[0])
    assert pack.product_id == season.product.id
    make.session.commit()
    page = f"/cooperatives/meru/products/{season.product.slug}"
    assert "Where your money goes" not in client.get(page).text
    assert "Where your money goes" not in client.get("/cooperatives/meru").text
    close(make, season, cast, transport="100.00")
    make.session.commit()
    told = client.get(page).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Of every KES 100.00 paid for Maize, season 2026A, closed " in told
    assert "KES 87.67 went to 6 farmers." in told
    assert "Where your money goes" not in client.get("/cooperatives/meru/products/beans").text
    shelf = client.get("/cooperatives/meru").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Of every KES 100.00 paid for what was last sold and settled here, KES 87.67 went to farmers." in shelf


def test_so_few_farmers_that_one_could_be_known_are_not_counted(make: Make, cast: Any, client: FlaskClient):
    season = season_of(make, cast, members=2)
    make.pack(season.product, {1: "50"}, cooperative=cast[0])
    close(make, season, cast)
    make.session.commit()
    told = client.get(f"/cooperatives/meru/products/{season.product.slug}").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "KES 91.00 went to the farmers who grew it." in told and "2 farmers" not in told


def test_what_a_cooperative_tells_is_its_last_close_of_each_product(session: Session, make: Make, cast: Any):
    first = season_of(make, cast)
    close(make, first, cast)
    second = make.season(cast[0], by=cast[1], season="2026B")
    second.deliver(make.member(cast[0], "Late", number=40), 10)
    second.sell(10, "1000.00")
    close(make, second, cast, transport="100.00")
    beans = make.season(cast[0], by=cast[1], product="Beans")
    beans.deliver(make.member(cast[0], "Bean", number=41), 10)
    beans.sell(10, "1000.00")
    close(make, beans, cast)
    told = pool_splits.of_cooperative(session, cast[0].id)
    assert told is not None and told.pools == 2
    # 2,000 paid: 160 margin, 100 transport, 20 levy.
    assert [money.minor for money in told.parts.values()] == [8_600, 800, 500, 100, 0]
