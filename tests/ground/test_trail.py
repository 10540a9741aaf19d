"""The trail: the deed and the word of it are one transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ground import outbox, trail
from ground.ids import NOBODY, new_id
from ground.outbox import Letter
from ground.trail import Deed, TrailEntry


def entries(worker_session: Session) -> list[TrailEntry]:
    found = list(worker_session.scalars(select(TrailEntry).order_by(TrailEntry.created_at)))
    worker_session.rollback()
    return found


def deed(session: Session) -> None:
    outbox.write(session, to="amina@example.org", subject="Hello", text="Hello", cause=new_id(), kind="test")


def test_a_commit_writes_who_did_what_to_what(session: Session, worker_session: Session):
    person, subject = new_id(), new_id()
    trail.begin(session, Deed("price.set", by_id=person, request_id="r1"))
    trail.about(session, subject, before=100, after=120)
    session.commit()
    [entry] = entries(worker_session)
    assert (entry.action, entry.by_id, entry.subject_id, entry.request_id) == ("price.set", person, subject, "r1")
    assert entry.details == {"before": 100, "after": 120}


def test_one_request_is_one_entry_however_often_it_commits(session: Session, worker_session: Session):
    trail.begin(session, Deed("order.place"))
    session.commit()
    deed(session)
    session.commit()
    assert len(entries(worker_session)) == 1


def test_a_savepoint_is_no_commit_and_the_entry_still_learns_what_it_was_about(
    session: Session, worker_session: Session
):
    trail.begin(session, Deed("payout.approve"))
    with session.begin_nested():
        deed(session)
    subject = new_id()
    trail.about(session, subject)
    session.commit()
    [entry] = entries(worker_session)
    assert entry.subject_id == subject


def test_what_is_rolled_back_was_not_done(session: Session, worker_session: Session):
    trail.begin(session, Deed("price.set"))
    deed(session)
    session.rollback()
    assert entries(worker_session) == []


@pytest.mark.case("attack:A275")
@pytest.mark.parametrize("fault", ["an unwritable detail", "a full disk"])
def test_a_deed_that_cannot_be_remembered_is_not_done(session: Session, worker_session: Session, fault: str):
    trail.begin(session, Deed("price.set"))
    deed(session)
    if fault == "an unwritable detail":
        trail.about(session, new_id(), price=object())
    else:

        @event.listens_for(session.get_bind(), "before_cursor_execute")
        def _full(conn, cursor, statement, *rest):
            if "INSERT INTO trail_entry" in statement:
                raise OSError("no space left on device")

    with pytest.raises(Exception, match=r"not JSON|no space left"):
        session.commit()
    session.rollback()
    assert worker_session.scalar(select(func.count()).select_from(Letter)) == 0
    assert entries(worker_session) == []


def test_a_worker_notes_its_own_deeds(worker_session: Session):
    trail.note(worker_session, NOBODY, "letter.sent", new_id(), count=2)
    worker_session.commit()
    assert [entry.action for entry in entries(worker_session)] == ["letter.sent"]


@pytest.mark.on("postgresql")
def test_the_shop_reads_no_trail_but_of_the_cooperatives_it_sees(session: Session):
    trail.begin(session, Deed("sign in"))
    session.commit()
    assert session.scalar(select(func.count()).select_from(TrailEntry)) == 0
