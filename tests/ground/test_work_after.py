"""Letters, events and jobs: rows written with the deed, worked off after it, each by one worker, again after a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ground import clock, inbox, jobs, outbox
from ground.db import Database
from ground.errors import Refusal
from ground.ids import new_id
from ground.inbox import NotYet, ProviderEvent
from ground.jobs import Job
from ground.outbox import Letter

SENDER = "Good Measure <shop@goodmeasure.example>"


@pytest.fixture
def unit(worker_engine: Engine) -> Callable[[], AbstractContextManager[Session]]:
    database = Database()
    database.use(worker_engine)
    return database.unit


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Turn the clock forward."""
    turned = timedelta()

    def turn(by: timedelta) -> None:
        nonlocal turned
        turned += by
        monkeypatch.setattr(clock, "read", lambda: datetime.now(clock.UTC) + turned)

    return turn


class Mail:
    """A post office that keeps what it was given, and fails when told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, UUID]] = []
        self.fault: Exception | None = None

    def __call__(self, message: EmailMessage, letter_id: UUID) -> None:
        if self.fault is not None:
            raise self.fault
        assert message.as_bytes()
        self.sent.append((message["Subject"], letter_id))


def write(session: Session, subject: str = "Paid", *, cause: UUID | None = None, to: str = "amina@example.org") -> None:
    outbox.write(
        session, to=to, subject=subject, text="Your money is on its way.", cause=cause or new_id(), kind="paid"
    )


# -- letters --------------------------------------------------------------------------------------------------------------


def test_a_letter_is_sent_once_and_one_cause_is_told_once(session: Session, unit):
    cause, mail = new_id(), Mail()
    write(session, cause=cause)
    write(session, cause=cause)
    session.commit()
    assert outbox.send_due(unit, mail, SENDER) == 1
    assert outbox.send_due(unit, mail, SENDER) == 0
    assert len(mail.sent) == 1


def test_a_letter_of_a_deed_that_was_rolled_back_is_never_sent(session: Session, unit):
    mail = Mail()
    write(session)
    session.rollback()
    assert outbox.send_due(unit, mail, SENDER) == 0


def test_a_mail_server_that_is_away_gets_the_same_message_again_later(session: Session, unit, later):
    mail = Mail()
    write(session)
    session.commit()
    mail.fault = ConnectionRefusedError()
    assert outbox.send_due(unit, mail, SENDER) == 0
    mail.fault = None
    assert outbox.send_due(unit, mail, SENDER) == 0, "it is leased: nobody hammers a server that is away"
    later(outbox.LEASE + timedelta(seconds=1))
    assert outbox.send_due(unit, mail, SENDER) == 1


def test_one_letter_that_cannot_be_written_does_not_keep_the_others(session: Session, unit):
    mail = Mail()
    write(session, to="amina@exam\nBcc: all@example.org")
    write(session, "The next")
    session.commit()
    assert outbox.send_due(unit, mail, SENDER) == 1
    assert [subject for subject, _ in mail.sent] == ["The next"]


def test_a_subject_with_line_breaks_stays_one_header(session: Session):
    write(session, "Paid\r\nBcc: everybody@example.org")
    letter = session.scalars(select(Letter)).one()
    message = letter.as_message(SENDER)
    assert message["Bcc"] is None
    assert message["Subject"] == "Paid Bcc: everybody@example.org"
    assert str(letter.id) in message["Message-ID"]


def test_who_has_no_address_is_told_nothing(session: Session):
    write(session, to="")
    session.commit()
    assert session.scalars(select(Letter)).all() == []


def test_letters_land_in_a_folder_as_mail(session: Session, unit, tmp_path):
    write(session)
    session.commit()
    outbox.send_due(unit, outbox.folder(tmp_path / "mail"), SENDER)
    [file] = (tmp_path / "mail").iterdir()
    assert b"Your money is on its way." in file.read_bytes()


# -- events ---------------------------------------------------------------------------------------------------------------


def receive(session: Session, key: str = "evt_1", kind: str = "paid") -> bool:
    fresh = inbox.receive(session, "stripe", key, kind=kind, object_key="cs_1", body=b'{"id": "evt_1"}')
    session.commit()
    return fresh


def test_an_event_that_comes_twice_is_handled_once(session: Session, unit):
    handled: list[str] = []
    handlers = {("stripe", "paid"): lambda event: handled.append(event.event_key) or "done"}
    assert receive(session) is True
    assert receive(session) is False
    assert inbox.drain(unit, handlers) == 1
    assert receive(session) is False
    assert inbox.drain(unit, handlers) == 0
    assert handled == ["evt_1"]


def test_an_event_before_its_order_waits_and_is_tried_again(session: Session, unit, later):
    seen: list[int] = []

    def handle(event: ProviderEvent) -> str:
        seen.append(event.tries)
        if len(seen) == 1:
            raise NotYet("no such order yet")
        return "done"

    receive(session)
    assert inbox.drain(unit, {("stripe", "paid"): handle}) == 0
    assert inbox.drain(unit, {("stripe", "paid"): handle}) == 0, "not before its time"
    later(inbox.LEASE * 3)
    assert inbox.drain(unit, {("stripe", "paid"): handle}) == 1


def test_a_handler_that_breaks_does_not_keep_the_next_event(session: Session, unit):
    def handle(event: ProviderEvent) -> str:
        if event.event_key == "evt_1":
            raise ZeroDivisionError
        return "done"

    receive(session, "evt_1")
    receive(session, "evt_2")
    assert inbox.drain(unit, {("stripe", "paid"): handle}) == 1


def test_what_a_handler_refuses_is_kept_with_its_words(session: Session, unit):
    def handle(event: ProviderEvent) -> str:
        raise Refusal("The amount is another one.")

    receive(session)
    receive(session, "evt_2", kind="never heard of")
    assert inbox.drain(unit, {("stripe", "paid"): handle}) == 2
    session.rollback()
    outcomes = {event.event_key: event.outcome for event in session.scalars(select(ProviderEvent))}
    assert outcomes == {"evt_1": "refused: The amount is another one.", "evt_2": "no handler"}


def test_an_event_that_never_works_is_shown_to_a_person(session: Session, unit, later):
    def handle(event: ProviderEvent) -> str:
        raise NotYet

    receive(session)
    for _ in range(inbox.TRIES_MOST):
        assert inbox.stuck(session) == []
        session.rollback()
        inbox.drain(unit, {("stripe", "paid"): handle})
        later(timedelta(days=1))
    assert len(inbox.stuck(session)) == 1


def test_what_a_provider_said_is_evidence_and_stays_as_it_came(session: Session):
    receive(session)
    event = session.scalars(select(ProviderEvent)).one()
    event.body = b'{"id": "evt_1", "amount": 1}'
    with pytest.raises(DBAPIError, match=r"keeps what it froze|append-only"):
        session.flush()


# -- jobs -----------------------------------------------------------------------------------------------------------------


def test_a_job_promised_twice_is_done_once(session: Session, unit):
    subject, did = new_id(), []
    jobs.enqueue(session, "close", subject)
    jobs.enqueue(session, "close", subject)
    session.commit()
    assert jobs.run_due(unit, {"close": did.append}) == 1
    assert jobs.run_due(unit, {"close": did.append}) == 0
    assert did == [subject]


def test_a_job_of_a_deed_that_was_rolled_back_is_never_done(session: Session, unit):
    jobs.enqueue(session, "close", new_id())
    session.rollback()
    assert jobs.run_due(unit, {"close": lambda subject: None}) == 0


def test_a_job_is_not_done_before_its_time(session: Session, unit, later):
    jobs.enqueue(session, "close", new_id(), at=clock.now() + timedelta(hours=1))
    session.commit()
    assert jobs.run_due(unit, {"close": lambda subject: None}) == 0
    later(timedelta(hours=2))
    assert jobs.run_due(unit, {"close": lambda subject: None}) == 1


def test_a_job_whose_worker_died_is_taken_up_when_its_lease_ends(session: Session, unit, later):
    subject, did = new_id(), []
    jobs.enqueue(session, "close", subject)
    session.commit()

    def dies(subject: UUID) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.run_due(unit, {"close": dies})
    assert jobs.run_due(unit, {"close": did.append}) == 0, "its lease has not ended"
    later(jobs.LEASE + timedelta(seconds=1))
    assert jobs.run_due(unit, {"close": did.append}) == 1
    assert did == [subject]


def test_a_job_that_fails_says_why_waits_longer_each_time_and_keeps_no_other(session: Session, unit, later):
    bad, good, did = new_id(), new_id(), []
    for subject in (bad, good):
        jobs.enqueue(session, "close", subject)
    session.commit()

    def work(subject: UUID) -> None:
        if subject == bad:
            raise ValueError("not closed yet")
        did.append(subject)

    assert jobs.run_due(unit, {"close": work}) == 1
    assert did == [good]
    waits = []
    for _ in range(3):
        session.rollback()
        job = session.scalars(select(Job).where(Job.subject_id == bad).execution_options(populate_existing=True)).one()
        assert job.last_error == "ValueError: not closed yet"
        waits.append(job.due_at - clock.now())
        session.rollback()
        later(waits[-1] + timedelta(seconds=1))
        assert jobs.run_due(unit, {"close": work}) == 0
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


def test_a_timer_that_fails_does_not_stop_the_others():
    did: list[str] = []

    def breaks() -> int:
        raise ZeroDivisionError

    timers = {"bad": jobs.Timer(60, breaks), "good": jobs.Timer(60, lambda: did.append("good") or 2)}
    assert jobs.tick(timers) == 2
    assert jobs.tick(timers) == 0, "neither is due again"
    assert did == ["good"]
