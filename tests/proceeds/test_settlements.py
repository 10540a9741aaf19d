"""A pool is settled once, by two people, in one transaction; what the members are told is what was stored."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cooperative import members
from ground import counting
from ground.errors import Conflict, Denied, Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import deliveries, pools
from inventory.deliveries import DeliveryForm
from ledger import audit, history, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from proceeds import audits, claims, closings, settlements
from proceeds.closings import SettlementApproval
from proceeds.settlements import Settlement
from tests.make import Make
from tests.makers.proceeds import Season


@pytest.fixture
def cast(make: Make):
    meru = make.cooperative("Meru Highlands")
    return (
        meru,
        make.staff(meru, "manager", name="Wanjiru Kamau"),
        make.staff(meru, "treasurer", name="Kiprop Cheruiyot"),
    )


@pytest.fixture
def season(make: Make, cast) -> Season:
    meru, wanjiru, _ = cast
    season = make.season(meru, by=wanjiru, advance_minor=2_000)
    season.deliver(make.member(meru, "Nkatha", number=1), 112)
    season.deliver(make.member(meru, "Mutua", number=2), 88)
    return season


def draft(season: Season, by, costs: dict[str, str] | None = None) -> Settlement:
    settlement = settlements.draft(season.session, season.cooperative.id, season.pool.id, by=by.id)
    amounts = {key: Money.parse(amount, "KES") for key, amount in (costs or {}).items()}
    settlements.record(season.session, settlement, amounts, by=by.id)
    return settlement


def approve(session: Session, settlement: Settlement, by) -> None:
    closings.approve(session, settlement, closings.preview(session, settlement).inputs_sha256, by=by.id)


def test_a_whole_pool_from_deliveries_to_explained_claims(session: Session, season: Season, cast, make: Make):
    _, wanjiru, kiprop = cast
    line = season.sell(150, "9000.00")
    season.sell(50, "2500.00", channel="wholesale")
    season.refund(line, "100.00")
    settlement = draft(season, wanjiru, {"transport": "400.00"})
    approve(session, settlement, kiprop)
    closing = closings.close(session, settlement, by=wanjiru.id)

    # 11,500 − 100 − 400 transport − 114 levy − 912 margin
    assert (closing.claims_minor, closing.members) == (997_400, 2)
    assert history.balance(session, season.book, Pot("2010", season.pool.id)).minor == 0
    assert pools.find(session, season.cooperative.id, season.pool.id).closed_at is not None
    first, second = claims.of_settlement(session, season.cooperative.id, settlement.id)
    assert (first.claim_minor, second.claim_minor) == (558_544, 438_856)
    assert first.due_minor == 558_544 - 112 * 2_000
    assert sum(line.amount_minor for line in first.lines) == first.due_minor == first.lines[-1].left_minor
    told = first.lines[0].words.replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("Your 112 kg of grade A was in lot 1; sold 84 kg retail, 28 kg wholesale; KES 49.87 a kg")
    assert first.lines[1].words == "Given to you on delivery"
    stored = closings.lines_of(session, settlement)
    assert [line.amount.minor for line in stored] == [1_150_000, -10_000, -40_000, -11_400, -91_200]
    assert not [found for found in audit.run(session, (*audit.CHECKS, *audits.CHECKS)) if found.differences]


@pytest.mark.case("attack:A074")
def test_whoever_prepared_it_cannot_approve_it(session: Session, season: Season, cast):
    _, wanjiru, kiprop = cast
    season.sell(200, "9000.00")
    settlement = draft(season, wanjiru)
    with pytest.raises(Denied):
        approve(session, settlement, wanjiru)
    settlements.record(session, settlement, {}, by=kiprop.id)
    with pytest.raises(Denied):
        approve(session, settlement, kiprop)


@pytest.mark.case("attack:A074")
def test_the_database_refuses_one_person_as_both(session: Session, season: Season, cast):
    _, wanjiru, _ = cast
    settlement = draft(season, wanjiru)
    session.add(
        SettlementApproval(
            cooperative_id=season.cooperative.id,
            settlement_id=settlement.id,
            inputs_sha256="x",
            preparer_id=wanjiru.id,
            approver_id=wanjiru.id,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.case("attack:A075")
@pytest.mark.parametrize("changed", ["a cost", "a delivery and its sale", "a debt of a member", "a refund"])
def test_any_changed_figure_voids_the_approval(changed: str, session: Session, season: Season, cast, make: Make):
    meru, wanjiru, kiprop = cast
    line = season.sell(200, "12000.00")
    settlement = draft(season, wanjiru, {"transport": "10.00"})
    seen = closings.preview(session, settlement).inputs_sha256
    closings.approve(session, settlement, seen, by=kiprop.id)
    match changed:
        case "a cost":
            settlements.record(session, settlement, {"transport": Money(1_001, "KES")}, by=wanjiru.id)
        case "a delivery and its sale":
            season.deliver(make.member(meru, number=3), 1)
            season.sell(1, "60.00")
        case "a debt of a member":
            inputs = Leg(Pot("1210", claims_member(session, meru, 1)), Pot("1300", new_id()), Money(50, "KES"))
            transfers.post(session, season.book, "inputs", new_id(), [inputs])
        case "a refund":
            season.refund(line, "5.00")
    now = closings.preview(session, settlement)
    assert now.inputs_sha256 != seen
    assert now.approval is None
    with pytest.raises(Conflict, match="Look at them again"):
        closings.approve(session, settlement, seen, by=kiprop.id)
    with pytest.raises(Conflict, match="No second person"):
        closings.close(session, settlement, by=wanjiru.id)
    approve(session, settlement, kiprop)
    closings.close(session, settlement, by=wanjiru.id)


def claims_member(session: Session, cooperative, number: int):
    found = members.find_by_number(session, cooperative.id, number)
    assert found is not None
    return found.id


def test_an_approval_of_an_earlier_preparer_does_not_fit_the_next_one(
    session: Session, season: Season, cast, make: Make
):
    """Else somebody could prepare, have it approved, and let the approver take over the draft with the same figures."""
    _, wanjiru, kiprop = cast
    season.sell(200, "9000.00")
    settlement = draft(season, wanjiru)
    approve(session, settlement, kiprop)
    settlements.record(session, settlement, {}, by=kiprop.id)
    assert closings.preview(session, settlement).approval is None


@pytest.mark.case("attack:A076")
def test_a_pool_is_closed_once(session: Session, season: Season, cast):
    _, wanjiru, kiprop = cast
    season.sell(200, "9000.00")
    settlement = draft(season, wanjiru)
    approve(session, settlement, kiprop)
    closings.close(session, settlement, by=wanjiru.id)
    with pytest.raises(Conflict, match="closed already"):
        closings.close(session, settlement, by=wanjiru.id)
    with pytest.raises(Conflict):
        settlements.record(session, settlement, {}, by=wanjiru.id)
    assert settlements.draft(session, season.cooperative.id, season.pool.id, by=kiprop.id) is settlement


def test_unsold_produce_and_sales_that_are_not_posted_refuse_a_preview(session: Session, season: Season, cast):
    _, wanjiru, _ = cast
    season.sell(150, "9000.00")
    settlement = draft(season, wanjiru)
    with pytest.raises(Refusal, match="50\N{NO-BREAK SPACE}kg in lot 1"):
        closings.preview(session, settlement)
    season.sell(50, "3000.00")
    closings.preview(session, settlement)
    transfers.post(
        session, season.book, "stray", new_id(), [Leg(Pot("2010", season.pool.id), Pot("1010"), Money(1, "KES"))]
    )
    with pytest.raises(Refusal, match="sales come to"):
        closings.preview(session, settlement)


def test_an_advance_above_the_claim_pays_nothing_and_the_next_pool_takes_it_first(
    session: Session, season: Season, cast, make: Make
):
    meru, wanjiru, kiprop = cast
    season.sell(200, "1000.00")  # 910 to share; 112 kg were advanced 2,240
    make.settled(season, by=wanjiru, approver=kiprop)
    nkatha = claims_member(session, meru, 1)
    assert history.balance(session, season.book, Pot("1230", nkatha)).minor == 224_000 - 50_960
    assert history.sum_of(session, season.book, "1200").minor == 0
    first = claims.of_member(session, meru.id, nkatha)[0]
    assert first.due_minor == 0 and first.carried_minor == 173_040
    assert "higher than your part" in first.lines[-1].words

    following = make.season(meru, by=wanjiru, season="2027")
    following.deliver(session.get(type(make.member(meru)), nkatha), 100)
    following.sell(100, "10000.00")
    make.settled(following, by=wanjiru, approver=kiprop)
    latest = claims.of_member(session, meru.id, nkatha)[0]
    assert latest.due_minor == 910_000 - 173_040
    assert history.balance(session, season.book, Pot("1230", nkatha)).minor == 0


def test_a_refund_after_the_close_is_borne_by_the_next_pool(session: Session, season: Season, cast, make: Make):
    meru, wanjiru, kiprop = cast
    season.sell(200, "9000.00")
    make.settled(season, by=wanjiru, approver=kiprop)
    late = [Leg(Pot("1240", season.pool.id), Pot("2050", new_id()), Money(5_000, "KES"))]
    transfers.post(session, season.book, "late refund", new_id(), late)
    following = make.season(meru, by=wanjiru, season="2027")
    following.deliver(make.member(meru), 10)
    following.sell(10, "1000.00")
    settlement = make.settled(following, by=wanjiru, approver=kiprop)
    assert closings.lines_of(session, settlement)[1].amount.minor == -5_000
    assert history.sum_of(session, season.book, "1240").minor == 0


def test_deliveries_cannot_join_a_closed_pool(session: Session, season: Season, cast, make: Make):
    meru, wanjiru, kiprop = cast
    season.sell(200, "9000.00")
    make.settled(season, by=wanjiru, approver=kiprop)
    form = DeliveryForm(new_id(), claims_member(session, meru, 1), season.point.id, season.product.id, "A", 1_000)
    with pytest.raises(Refusal, match="No pool is open"):
        deliveries.record(session, meru, form, by=wanjiru.id)


BROKEN = {
    "clearing of closed pools is zero": "UPDATE transfer SET amount_minor = amount_minor + 1 WHERE id ="
    " (SELECT t.id FROM transfer t JOIN account a ON a.id = t.debit_id WHERE a.code = '2010' LIMIT 1)",
    "closed pools gave everything away": "UPDATE settlement_line SET amount_minor = amount_minor - 1 WHERE step = 5",
    "claims sum to the net pool": "UPDATE claim SET claim_minor = claim_minor + 1 WHERE member_number = 1",
    "claims are explained": "UPDATE claim_line SET amount_minor = amount_minor - 1 WHERE step = 11",
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_audit_names_each_promise_that_raw_sql_breaks(
    name: str, session: Session, season: Season, cast, make: Make, owner_engine
):
    _, wanjiru, kiprop = cast
    season.sell(200, "9000.00")
    make.settled(season, by=wanjiru, approver=kiprop)
    session.commit()
    with owner_engine.connect() as connection:
        table = BROKEN[name].split()[1]
        if owner_engine.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for trigger in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name=:t"), {"t": table}
            ).all():
                connection.execute(text(f"DROP TRIGGER {trigger.name}"))
        connection.execute(text(BROKEN[name]))
        connection.commit()
    found = {finding.check.name for finding in audit.run(session, audits.CHECKS) if finding.differences}
    assert name in found


def test_a_close_asks_no_more_of_the_database_for_many_members_than_for_few(session: Session, cast, make: Make):
    meru, wanjiru, kiprop = cast
    asked = []
    for year, people in ((2031, 3), (2032, 60)):
        season = make.season(meru, by=wanjiru, season=str(year), advance_minor=100)
        for _ in range(people):
            season.deliver(make.member(meru), 10)
        season.sell(10 * people, f"{people * 100}.00")
        settlement = draft(season, wanjiru)
        approve(session, settlement, kiprop)
        counting.start()
        closings.close(session, settlement, by=wanjiru.id)
        asked.append(counting.count())
    assert asked[1] <= asked[0] < 50
