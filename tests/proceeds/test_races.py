"""Many at once, and a power cut at every barrier: one close, one run, one sending, one outcome; or none at all."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ground.errors import Conflict, Denied, Refusal
from ledger import audit
from proceeds import audits, closings, instructions, payouts, settlements
from proceeds.claims import Claim
from proceeds.instructions import State
from proceeds.settlements import SettlementClose
from tests.make import Make
from tests.races import killed_at, together

RACERS = "tests.proceeds.racers"
REFUSED = {error.__name__ for error in (Conflict, Refusal, Denied)}
pytestmark = pytest.mark.slow


@pytest.fixture
def cast(make: Make):
    meru = make.cooperative("Meru Highlands")
    return meru, make.staff(meru, "manager"), make.staff(meru, "treasurer")


@pytest.fixture
def approved(session: Session, make: Make, cast):
    """A settlement of twenty members that a second person has approved."""
    meru, wanjiru, kiprop = cast
    season = make.season(meru, by=wanjiru)
    for _ in range(20):
        season.deliver(make.member(meru), 10)
    season.sell(200, "12000.00")
    settlement = settlements.draft(session, meru.id, season.pool.id, by=wanjiru.id)
    closings.approve(session, settlement, closings.preview(session, settlement).inputs_sha256, by=kiprop.id)
    session.commit()
    return str(meru.id), str(settlement.id), str(wanjiru.id)


def assert_sound(session: Session) -> None:
    session.rollback()
    broken = [found.check.name for found in audit.run(session, (*audit.CHECKS, *audits.CHECKS)) if found.differences]
    session.rollback()  # On SQLite a session of ours that is open would hold the racers up.
    assert broken == []


def counted(session: Session) -> tuple[int, int]:
    session.rollback()
    found = tuple(
        int(session.scalar(select(func.count()).select_from(table)) or 0) for table in (SettlementClose, Claim)
    )
    session.rollback()
    return found[0], found[1]


@pytest.mark.case("attack:A076")
def test_four_who_close_one_pool_close_it_once(session: Session, place, approved):
    answers = together(f"{RACERS}:close", place.url, 4, *approved)
    assert answers.count("1092000") == 1, answers
    assert set(answers) - {"1092000"} <= REFUSED
    assert counted(session) == (1, 20)
    assert_sound(session)


@pytest.mark.parametrize("barrier", ["settlement: posted", "settlement: claims written"])
def test_a_close_that_dies_leaves_nothing_and_is_done_again(barrier: str, session: Session, place, approved):
    killed_at(barrier, f"{RACERS}:close", place.url, *approved)
    assert counted(session) == (0, 0)
    assert_sound(session)
    assert together(f"{RACERS}:close", place.url, 1, *approved) == ["1092000"]
    assert_sound(session)


@pytest.fixture
def owed(session: Session, make: Make, cast):
    meru, _, _ = cast
    for number in range(1, 7):
        make.owed_to(make.member(meru), f"{number}00.00")
    session.commit()
    return cast


def test_four_who_make_a_run_pay_everybody_once(session: Session, place, owed):
    meru, wanjiru, _ = owed
    answers = together(f"{RACERS}:make_run", place.url, 4, str(meru.id), str(wanjiru.id))
    assert answers.count(6) == 1 and set(answers) - {6} <= REFUSED, answers
    assert_sound(session)


def test_a_run_is_sent_once_by_four_and_not_at_all_by_one_who_dies(session: Session, place, owed):
    meru, wanjiru, kiprop = owed
    run = payouts.make_run(session, meru.id, by=wanjiru.id)
    payouts.approve(session, run, by=kiprop.id)
    session.commit()
    told = (str(meru.id), str(run.id), str(kiprop.id))
    killed_at("payout: money set aside", f"{RACERS}:send", place.url, *told)
    assert_sound(session)
    answers = together(f"{RACERS}:send", place.url, 4, *told)
    assert answers.count(1) == 1 and set(answers) - {1} <= REFUSED, answers
    assert_sound(session)


def test_a_line_is_either_signed_or_not_collected(session: Session, place, make: Make, owed):
    meru, wanjiru, kiprop = owed
    run, _ = make.sent_run(meru, by=wanjiru, approver=kiprop)
    line = instructions.of_run(session, meru.id, run.id)[0]
    session.commit()
    answers = together(f"{RACERS}:sign", place.url, 6, str(meru.id), str(line.id), str(wanjiru.id))
    assert answers.count(True) == 1 and set(answers) - {True, False} <= REFUSED, answers
    assert_sound(session)
    session.expire_all()
    assert instructions.find(session, meru.id, line.id).state in (State.SETTLED, State.FAILED)
