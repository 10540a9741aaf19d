"""Money leaves once: two people, one open debt per payee, states that only move forward, and a ledger that follows."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cooperative import destinations
from cooperative.destinations import Rail
from ground.errors import Conflict, Denied, Refusal
from ground.ids import new_id
from ground.money import Money
from ledger import audit, books, history, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from proceeds import audits, batches, instructions, payable, payouts, rail_events, remittances, rules
from proceeds.instructions import Instruction, State
from proceeds.payouts import Run, RunApproval
from tests.make import Make


@pytest.fixture
def cast(make: Make):
    meru = make.cooperative("Meru Highlands")
    return (
        meru,
        make.staff(meru, "manager", name="Wanjiru Kamau"),
        make.staff(meru, "treasurer", name="Kiprop Cheruiyot"),
    )


@pytest.fixture
def members(session: Session, make: Make, cast):
    """Nkatha is paid at her bank, Mutua in cash, Kendi has said nothing yet and is owed less."""
    meru, wanjiru, _ = cast
    nkatha, mutua, kendi = (make.member(meru, name, number=n) for n, name in enumerate(("Nkatha", "Mutua", "Kendi"), 1))
    make.bank_destination(nkatha, by=wanjiru)
    make.cash_destination(mutua, by=wanjiru)
    make.bank_account(meru, by=wanjiru)
    for member, amount in ((nkatha, "1500.00"), (mutua, "800.50"), (kendi, "20.00")):
        make.owed_to(member, amount)
    return nkatha, mutua, kendi


def held(session: Session, member) -> tuple[int, int]:
    """What the member's account holds, and how much of it is set aside."""
    row = session.execute(
        text("SELECT balance_minor, pending_minor FROM account WHERE code = '2020' AND owner_id = :id"),
        {"id": member.id if session.get_bind().dialect.name == "postgresql" else str(member.id)},
    ).one()
    return int(row[0]), int(row[1])


def paid(session: Session, run: Run) -> list[Instruction]:
    return instructions.of_run(session, run.cooperative_id, run.id)


def assert_sound(session: Session) -> None:
    broken = [
        (found.check.name, found.examples)
        for found in audit.run(session, (*audit.CHECKS, *audits.CHECKS))
        if found.differences
    ]
    assert broken == []


def test_everybody_who_is_owed_is_paid_once_where_they_asked(session: Session, make: Make, cast, members):
    meru, wanjiru, kiprop = cast
    nkatha, mutua, kendi = members
    run, sent = make.sent_run(meru, by=wanjiru, approver=kiprop)
    assert [(i.holder, i.rail, i.amount_minor, i.reference) for i in paid(session, run)] == [
        ("Nkatha", Rail.BANK, 150_000, "R1-1-1"), ("Mutua", Rail.CASH, 80_050, "R1-2-1"), ("Kendi", Rail.CASH, 2_000, "R1-3-1"),
    ]  # fmt: skip
    assert {batch.rail: batch.control_sum_minor for batch in sent} == {Rail.CASH: 82_050, Rail.BANK: 150_000}
    assert held(session, nkatha) == (150_000, 150_000)
    with pytest.raises(Refusal, match="Nobody is owed"):
        payouts.make_run(session, meru.id, by=wanjiru.id)
    assert_sound(session)

    _, cash, uncollected = paid(session, run)
    assert rail_events.sign(session, cash, State.SETTLED, by=wanjiru.id)
    assert not rail_events.sign(session, cash, State.SETTLED, by=wanjiru.id)
    assert rail_events.sign(session, uncollected, State.FAILED, by=wanjiru.id, words="Was not there")
    with pytest.raises(Conflict):
        rail_events.sign(session, cash, State.FAILED, by=wanjiru.id)
    assert held(session, mutua) == (0, 0)
    assert held(session, kendi) == (2_000, 0)
    assert history.balance(session, books.of_cooperative(session, meru.id), Pot("1010")).minor == -80_050
    assert_sound(session)


@pytest.mark.case("attack:A074")
def test_the_maker_of_a_run_never_approves_it(session: Session, cast, members):
    meru, wanjiru, _ = cast
    run = payouts.make_run(session, meru.id, by=wanjiru.id)
    with pytest.raises(Denied):
        payouts.approve(session, run, by=wanjiru.id)
    with pytest.raises(Denied, match="second person"):
        batches.send(session, run, by=wanjiru.id)
    row = {"cooperative_id": meru.id, "run_id": run.id, "payments_sha256": "x", "maker_id": wanjiru.id}
    session.add(RunApproval(**row, approver_id=wanjiru.id))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.case("attack:A075")
@pytest.mark.parametrize("column", ["amount_minor = 1", "account = '999999'", "holder = 'Thief'", "reference = 'X'"])
def test_nothing_of_a_payment_can_be_edited_between_approval_and_sending(column: str, session: Session, cast, members):
    meru, wanjiru, kiprop = cast
    run = payouts.make_run(session, meru.id, by=wanjiru.id)
    payouts.approve(session, run, by=kiprop.id)
    with pytest.raises(IntegrityError):
        session.execute(text(f"UPDATE instruction SET {column} WHERE rail = 'bank'"))


@pytest.mark.case("attack:A075")
def test_an_edit_that_got_past_the_database_is_still_refused(session: Session, cast, members, owner_engine):
    """The other wall: the trigger is down, and the hash that was approved does not fit any more."""
    meru, wanjiru, kiprop = cast
    run = payouts.make_run(session, meru.id, by=wanjiru.id)
    payouts.approve(session, run, by=kiprop.id)
    session.commit()
    with owner_engine.begin() as connection:
        if owner_engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE instruction DISABLE TRIGGER USER"))
        else:
            connection.execute(text("DROP TRIGGER instruction_frozen"))
        connection.execute(text("UPDATE instruction SET account = '999999' WHERE rail = 'bank'"))
        if owner_engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE instruction ENABLE TRIGGER USER"))
    session.expire_all()
    with pytest.raises(Conflict, match="not the payments that were approved"):
        batches.send(session, run, by=kiprop.id)
    session.rollback()


def test_a_run_is_approved_and_sent_once(session: Session, make: Make, cast, members):
    meru, wanjiru, kiprop = cast
    run, _ = make.sent_run(meru, by=wanjiru, approver=kiprop)
    with pytest.raises(Conflict):
        payouts.approve(session, run, by=kiprop.id)
    with pytest.raises(Conflict):
        batches.send(session, run, by=kiprop.id)


def test_a_failed_payment_is_tried_again_elsewhere_under_a_new_reference(session: Session, make: Make, cast, members):
    meru, wanjiru, kiprop = cast
    run, _ = make.sent_run(meru, by=wanjiru, approver=kiprop)
    failed = paid(session, run)[1]
    rail_events.sign(session, failed, State.FAILED, by=wanjiru.id, words="Was not there")
    destinations.change(
        session,
        meru.id,
        members[1].id,
        rail=Rail.BANK,
        holder="Mutua Kimathi",
        bank_code="KCBLKENX",
        account="7788990011",
        by=wanjiru.id,
    )
    again = payouts.retry(session, meru.id, [failed.id], by=kiprop.id)
    (attempt,) = paid(session, again)
    assert (attempt.attempt, attempt.rail, attempt.account, attempt.amount_minor) == (
        2,
        Rail.BANK,
        "7788990011",
        80_050,
    )
    assert attempt.reference != failed.reference and attempt.obligation_id == failed.obligation_id
    with pytest.raises(Conflict):
        payouts.retry(session, meru.id, [failed.id], by=kiprop.id)
    with pytest.raises(Denied):
        payouts.approve(session, again, by=kiprop.id)
    payouts.approve(session, again, by=wanjiru.id)
    batches.send(session, again, by=wanjiru.id)
    assert held(session, members[1]) == (80_050, 80_050)
    assert_sound(session)


def test_the_database_allows_one_live_payment_per_debt(session: Session, cast, members):
    meru, wanjiru, _ = cast
    run = payouts.make_run(session, meru.id, by=wanjiru.id)
    first = paid(session, run)[0]
    names = [
        column.name for column in Instruction.__table__.columns if column.name not in ("id", "attempt", "reference")
    ]
    copy = {name: getattr(first, name) for name in names} | {"attempt": 2, "reference": "R1-1-2"}
    session.add(Instruction(**copy))
    with pytest.raises(IntegrityError):
        session.flush()


def test_cancelled_payments_are_owed_again(session: Session, cast, members):
    meru, wanjiru, _ = cast
    run = payouts.make_run(session, meru.id, by=wanjiru.id)
    assert batches.cancel(session, run, by=wanjiru.id) == 3
    with pytest.raises(Conflict):
        batches.cancel(session, run, by=wanjiru.id)
    assert payouts.make_run(session, meru.id, by=wanjiru.id).payments == 3
    assert_sound(session)


def test_money_that_came_back_is_owed_again(session: Session, make: Make, cast, members):
    meru, wanjiru, kiprop = cast
    run, _ = make.sent_run(meru, by=wanjiru, approver=kiprop)
    cash = paid(session, run)[1]
    rail_events.sign(session, cash, State.SETTLED, by=wanjiru.id)
    with pytest.raises(Refusal, match="Say how you know"):
        rail_events.sign(session, cash, State.RETURNED, by=wanjiru.id)
    rail_events.sign(session, cash, State.RETURNED, by=wanjiru.id, words="Handed back at the office")
    assert held(session, members[1]) == (80_050, 0)
    assert [
        payment.amount.minor for payment in payable.to_members(session, books.of_cooperative(session, meru.id))
    ] == [80_050]
    assert_sound(session)


def test_less_than_the_minimum_payout_is_held(session: Session, make: Make, cast, members):
    meru, wanjiru, _ = cast
    make.bylaw(meru, by=wanjiru, rules=rules.STARTER | {"payout_min_minor": 5_000})
    assert payouts.make_run(session, meru.id, by=wanjiru.id).payments == 2


def test_cash_is_paid_in_coins_that_exist_and_the_rest_stays_in_the_account(session: Session, make: Make):
    mbeya = make.cooperative("Mbeya", currency="TZS")
    neema = make.staff(mbeya, "manager")
    make.owed_to(make.member(mbeya), "1234.56")
    run = payouts.make_run(session, mbeya.id, by=neema.id)
    assert run.total_minor == 123_400


def test_a_bank_that_says_nothing_makes_payments_unknown_never_failed(
    session: Session, make: Make, cast, members, monkeypatch
):
    from ground import clock

    meru, wanjiru, kiprop = cast
    run, sent = make.sent_run(meru, by=wanjiru, approver=kiprop)
    book = books.of_cooperative(session, meru.id)
    batch = next(batch for batch in sent if batch.rail is Rail.BANK)
    assert batches.no_answer(session, book) == 0
    later = clock.now() + batches.QUIET * 2
    monkeypatch.setattr(clock, "read", lambda: later)
    assert batches.no_answer(session, book) == 1
    assert [i.state for i in paid(session, run)] == [State.UNKNOWN, State.SENDING, State.SENDING]
    file = batch.file
    assert batches.send_again(session, batch, by=wanjiru.id) == 1
    assert paid(session, run)[0].state is State.SENDING and batch.file == file
    with pytest.raises(Conflict):
        batches.send_again(session, batch, by=wanjiru.id)
    assert_sound(session)


def test_the_operator_remits_what_it_owes_by_the_same_machine(session: Session, make: Make, cast):
    meru, wanjiru, _ = cast
    operator = make.operator()
    owner, second = make.staff(operator, "operator"), make.staff(operator, "treasurer")
    ours, theirs = books.of_cooperative(session, operator.id), books.of_cooperative(session, meru.id)
    amount = Money(250_000, "KES")
    transfers.post(session, ours, "card payment", new_id(), [Leg(Pot("1030", new_id()), Pot("2600", meru.id), amount)])
    transfers.post(session, theirs, "card payment", new_id(), [Leg(Pot("1040"), Pot("2050", new_id()), amount)])
    assert remittances.payable(session, ours) == ([], ["Meru Highlands"])
    make.bank_account(meru, by=wanjiru)
    make.bank_account(operator, by=owner, account="5550001112")
    run = remittances.make_run(session, operator.id, by=owner.id)
    assert remittances.payable(session, ours) == ([], [])
    payouts.approve(session, run, by=second.id)
    (batch,) = batches.send(session, run, by=second.id)
    from tests.proceeds.reports import report

    rail_events.receive_report(session, operator.id, report(batch.message_id, {"R1-1-1": "ACSC"}), by=owner.id)
    assert history.balance(session, ours, Pot("2600", meru.id)).minor == 0
    assert history.balance(session, theirs, Pot("1040")).minor == 0
    assert history.balance(session, theirs, Pot("1020")).minor == 250_000
    assert_sound(session)
