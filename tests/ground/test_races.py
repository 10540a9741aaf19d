"""Races between real processes: exactly one wins, the others hear so, and with the guard taken away the same race is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ground import inbox, jobs
from ground.ids import new_id
from ground.inbox import ProviderEvent
from ground.jobs import Job
from ground.outbox import Letter
from ledger import audit, history
from ledger.accounts import Account
from tests.make import Make
from tests.races import together

HERE = "tests.ground.racers"
pytestmark = pytest.mark.slow


def letters(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Letter)) or 0


def test_a_form_sent_by_four_at_once_happens_once_and_the_others_get_its_answer(session: Session, database_url: str):
    answers = together(f"{HERE}:claim", database_url, 4, str(new_id()))
    assert sorted(answers) == ["/orders/1", "/orders/1", "/orders/1", "done"]
    assert letters(session) == 1


def test_looking_first_and_acting_after_lets_several_win(session: Session, database_url: str):
    together(f"{HERE}:claim_by_looking_first", database_url, 4, str(new_id()))
    assert letters(session) > 1


def test_four_deeds_that_tell_of_one_cause_write_one_letter_and_all_commit(session: Session, database_url: str):
    assert together(f"{HERE}:write_letter", database_url, 4, str(new_id())) == ["committed"] * 4
    assert letters(session) == 1


def test_four_who_spend_the_same_money_spend_it_once(session: Session, database_url: str, make: Make):
    book = make.book()
    member = make.funded(book, "2020", 1_000)
    session.commit()
    worked = together(f"{HERE}:spend", database_url, 4, str(book.cooperative_id), str(member.owner_id), "70")
    assert sum(worked) == 14, "fourteen times seventy is 980; the fifteenth would be more than there is"
    assert history.balance(session, book, member) == book.money(20)
    assert [f.check.name for f in audit.run(session, audit.CHECKS) if f.differences] == []


def test_reading_the_balance_and_writing_it_back_spends_more_than_there_was(
    session: Session, database_url: str, make: Make
):
    book = make.book()
    member = make.funded(book, "2020", 1_000)
    session.commit()
    worked = together(
        f"{HERE}:spend_by_reading_first", database_url, 4, str(book.cooperative_id), str(member.owner_id), "70"
    )
    account = session.scalars(
        select(Account).where(Account.cooperative_id == book.cooperative_id, Account.owner_id == member.owner_id)
    ).one()
    assert sum(worked) * 70 > 1_000 - account.balance_minor, "more was handed out than the account knows of"


def test_one_event_posted_by_four_at_once_is_posted_once_and_the_others_hear_conflict(
    session: Session, database_url: str, make: Make
):
    book, cause = make.book(), new_id()
    session.commit()
    answers = together(f"{HERE}:post_once", database_url, 4, str(book.cooperative_id), str(cause))
    assert sorted(answers) == ["Conflict", "Conflict", "Conflict", "posted"]
    assert history.sum_of(session, book, "2050") == book.money(100)


def test_accounts_opened_by_four_in_four_orders_are_opened_once_and_nobody_deadlocks(
    session: Session, database_url: str, make: Make
):
    book, owners = make.book(), [str(new_id()) for _ in range(8)]
    session.commit()
    assert together(f"{HERE}:open_accounts", database_url, 4, str(book.cooperative_id), *owners) == ["posted"] * 4
    held = history.balances(session, book, "2020")
    assert {amount.minor for amount in held.values()} == {4}
    assert len(held) == 8


def test_four_workers_share_no_job(session: Session, place, make: Make):
    subjects = [new_id() for _ in range(40)]
    for subject in subjects:
        jobs.enqueue(session, "pay", subject)
    session.commit()
    did = together(f"{HERE}:work", place.worker_url, 4)
    assert sorted(one for each in did for one in each) == sorted(str(subject) for subject in subjects)
    assert session.scalar(select(func.count()).select_from(Job).where(Job.done_at.is_(None))) == 0


def test_four_workers_share_no_event(session: Session, place):
    for number in range(40):
        inbox.receive(session, "stripe", f"evt_{number}", kind="paid", object_key="x", body=b"{}")
    session.commit()
    did = together(f"{HERE}:drain", place.worker_url, 4)
    assert sorted(one for each in did for one in each) == sorted(f"evt_{number}" for number in range(40))
    assert set(session.scalars(select(ProviderEvent.outcome))) == {"done"}
