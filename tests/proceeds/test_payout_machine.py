"""Faults at every step (lost requests, lost answers, crashes, copies, any order): nobody is paid twice, nobody is forgotten.

The bank of this test follows a payment file as a bank does; the payer is our own code on our own ledger. Each mutant is a
mistake that others made; planted here, it must be caught, or this test would prove nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from cooperative.destinations import Rail
from ground import clock
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from ledger import audit, books, history
from ledger.accounts import Pot
from proceeds import audits, batches, instructions, payouts, rail_events
from proceeds.batches import Batch
from proceeds.instructions import Instruction, State
from tests.make import Make
from tests.proceeds.reports import report

MEMBERS = 5
ROUNDS = 30


class Crash(Exception):
    """The process dies here."""


class Bank:
    """Refuses a message it has seen; pays each reference on its account once per message; loses and repeats its answers."""

    def __init__(self, rnd: random.Random, *, dedupes: bool = True) -> None:
        self.rnd, self.dedupes = rnd, dedupes
        self.seen: set[str] = set()
        self.carried: set[str] = set()
        self.orders: list[dict[str, Any]] = []
        self.outbox: list[bytes] = []
        self.day = 0

    def upload(self, message_id: str, payments: list[tuple[str, str, int]]) -> None:
        if self.rnd.random() < 0.15 or (self.dedupes and message_id in self.seen):
            return  # Lost on the way, or a copy.
        self.seen.add(message_id)
        self.orders += [
            {
                "about": message_id,
                "reference": reference,
                "account": account,
                "minor": minor,
                "at": self.day,
                "status": "PDNG",
            }
            for reference, account, minor in payments
        ]

    def night(self) -> None:
        self.day += 1
        for order in self.orders:
            if order["status"] == "PDNG" and self.day - order["at"] >= 2:
                order["status"] = "RJCT" if self.rnd.random() < 0.2 else "ACSC"
                self._tell(order, order["status"])
            elif order["status"] == "PDNG" and self.rnd.random() < 0.4:
                self._tell(order, self.rnd.choice(("ACTC", "ACSP", "PDNG")))
        self.rnd.shuffle(self.outbox)

    def _tell(self, order: dict[str, Any], status: str) -> None:
        told = report(
            order["about"],
            {order["reference"]: status},
            own_id=f"B{len(self.orders)}-{self.day}-{order['reference']}-{status}",
        )
        self.outbox += [told] * self.rnd.choice((0, 1, 1, 2))

    def statement(self) -> list[bytes]:
        """What a person gets who asks the bank: the truth of today about every order."""
        return [
            report(o["about"], {o["reference"]: o["status"]}, own_id=f"S{self.day}-{n}")
            for n, o in enumerate(self.orders)
        ]

    def paid(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for order in self.orders:
            if order["status"] == "ACSC":
                found[order["account"]] = found.get(order["account"], 0) + order["minor"]
        return found


class Payer:
    """Two people and a computer that may die between any two steps; each step is one transaction of the real code."""

    def __init__(
        self, session: Session, meru: Cooperative, people: tuple[Any, Any], bank: Bank, rnd: random.Random
    ) -> None:
        self.session, self.meru, self.bank, self.rnd = session, meru, bank, rnd
        self.maker, self.approver = people

    def maybe_die(self) -> None:
        if self.rnd.random() < 0.06:
            raise Crash

    @contextmanager
    def step(self) -> Generator[None]:
        try:
            yield
            self.session.commit()
        except Refusal:
            self.session.rollback()
        except Crash:
            self.session.rollback()
            raise
        self.session.expire_all()

    def plan(self) -> None:
        with self.step():
            payouts.make_run(self.session, self.meru.id, by=self.maker.id)
            self.maybe_die()
        for run in payouts.all_of(self.session, self.meru.id):
            with self.step():
                payouts.retry(self.session, self.meru.id, payouts.can_retry(self.session, run), by=self.maker.id)
                self.maybe_die()

    def send(self) -> None:
        for run in payouts.all_of(self.session, self.meru.id):
            with self.step():
                payouts.approve(self.session, run, by=self.approver.id)
            with self.step():
                batches.send(self.session, run, by=self.approver.id)
                self.maybe_die()
            self.maybe_die()
            for batch in batches.of_run(self.session, self.meru.id, run.id):
                if batch.message_id not in self.bank.carried:
                    self.carry(batch)

    def carry(self, batch: Batch) -> None:
        """A person takes the file to the bank, once as far as they know."""
        self.bank.carried.add(batch.message_id)
        payments = instructions.of_batch(self.session, self.meru.id, batch.id)
        self.bank.upload(
            batch.message_id,
            [(i.reference, str(i.account), i.amount_minor) for i in payments if i.state is State.SENDING],
        )
        self.maybe_die()

    def listen(self) -> None:
        """Answers are read when somebody finds the time: some wait for days while later ones are read."""
        waiting = [body for body in self.bank.outbox if self.rnd.random() < 0.5]
        self.bank.outbox = [body for body in self.bank.outbox if body not in waiting]
        for body in waiting:
            with self.step():
                rail_events.receive_report(self.session, self.meru.id, body, by=self.maker.id)

    def ask(self) -> None:
        """After a long silence, or an acceptance that nothing followed, somebody asks the bank; only what it never saw goes
        once more, in the same file."""
        with self.step():
            batches.no_answer(self.session, books.of_cooperative(self.session, self.meru.id))
        silent = select(Instruction.batch_id).where(
            Instruction.cooperative_id == self.meru.id, Instruction.state.in_((State.UNKNOWN, State.ACCEPTED))
        )
        for batch_id in sorted({found for found in self.session.scalars(silent) if found is not None}):
            batch = batches.find(self.session, self.meru.id, batch_id)
            for body in self.bank.statement() if batch.message_id in self.bank.seen else ():
                with self.step():
                    rail_events.receive_report(self.session, self.meru.id, body, by=self.maker.id)
            asked = batch.message_id not in self.bank.seen
            with self.step():
                if asked:
                    batches.send_again(self.session, batch, by=self.maker.id)
            if asked:
                self.carry(batch)


def season(
    session: Session, make: Make, seed: int, monkeypatch: pytest.MonkeyPatch, *, dedupes: bool = True
) -> tuple[Bank, Cooperative]:
    """One season of days with faults, then calm days until everything has ended."""
    rnd = random.Random(seed)
    bank = Bank(rnd, dedupes=dedupes)
    meru = make.cooperative(f"Season {seed}")
    people = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    make.bank_account(meru, by=people[0])
    for number in range(1, MEMBERS + 1):
        member = make.member(meru, number=number)
        make.bank_destination(member, by=people[0], account=f"ACCOUNT{number}")
        make.owed_to(member, f"{100 * number}.00")
    session.commit()
    began = clock.now()
    for day in range(ROUNDS):
        monkeypatch.setattr(clock, "read", lambda day=day: began + timedelta(days=day))
        payer = Payer(session, meru, people, bank, rnd)
        if day > ROUNDS - 14:
            payer.maybe_die = lambda: None
        calm = day > ROUNDS - 8  # Nothing new is begun: what is under way comes to its end.
        for step in (payer.listen, payer.ask) if calm else (payer.plan, payer.send, payer.listen, payer.ask):
            try:
                step()
            except Crash:
                session.rollback()
                session.expire_all()
        if day < ROUNDS - 1:
            bank.night()
    return bank, meru


def outcome(session: Session, bank: Bank, meru: Cooperative) -> dict[str, Any]:
    """What happened in the world, and whether our books say the same."""
    book = books.of_cooperative(session, meru.id)
    right = {f"ACCOUNT{number}": 10_000 * number for number in range(1, MEMBERS + 1)}
    paid = bank.paid()
    settled = select(func.coalesce(func.sum(Instruction.amount_minor), 0)).where(
        Instruction.cooperative_id == meru.id, Instruction.state == State.SETTLED
    )
    broken = [found.check.name for found in audit.run(session, (*audit.CHECKS, *audits.CHECKS)) if found.differences]
    return {
        "paid too much": {account for account, minor in paid.items() if minor > right[account]},
        "books agree": history.balance(session, book, Pot("1020")) == -Money(sum(paid.values()), "KES"),
        "settled agrees": int(session.scalar(settled) or 0) == sum(paid.values()),
        "broken": broken,
        "paid in full": sum(paid[account] == right[account] for account in paid),
    }


def test_faults_never_pay_twice_nor_lose_a_payment(
    session: Session, make: Make, monkeypatch: pytest.MonkeyPatch, seeds: Callable[..., range]
):
    done = 0
    for seed in seeds(4, 200):
        bank, meru = season(session, make, seed, monkeypatch)
        result = outcome(session, bank, meru)
        assert not result["paid too much"], seed
        assert not result["broken"], seed
        assert result["books agree"] and result["settled agrees"], seed
        done += result["paid in full"]
    assert done >= 3 * MEMBERS


def failed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant 1: silence counts as failed, so that a new attempt with a new reference follows."""

    def no_answer(session: Session, book: Any) -> int:
        query = select(Instruction).where(
            Instruction.cooperative_id == book.cooperative_id, Instruction.state == State.SENDING
        )
        silent = [
            i for i in session.scalars(query) if i.sent_at is not None and clock.now() - i.sent_at >= timedelta(days=1)
        ]
        instructions.move(session, book, new_id(), [(i, State.FAILED) for i in silent])
        return len(silent)

    monkeypatch.setattr(batches, "no_answer", no_answer)


def new_message_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant 2: the file gets a fresh message id each time it is carried, so that the bank cannot know a copy."""
    upload = Bank.upload

    def fresh(bank: Bank, message_id: str, payments: list) -> None:
        before = len(bank.orders)
        bank.seen.discard(message_id)
        upload(bank, message_id, payments)
        if len(bank.orders) > before and bank.rnd.random() < 0.5:
            bank.seen.discard(message_id)
            upload(bank, message_id, payments)

    monkeypatch.setattr(Bank, "upload", fresh)


def late_answers_move_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant 3: every answer is believed, in whatever order it comes."""
    everything = dict.fromkeys(State, frozenset(State))
    monkeypatch.setattr(instructions, "NEXT", everything)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", [failed_at_once, new_message_each_time, late_answers_move_back])
def test_each_planted_mistake_is_caught(
    mutant: Callable[[pytest.MonkeyPatch], None], session: Session, make: Make, monkeypatch: pytest.MonkeyPatch
):
    mutant(monkeypatch)
    for seed in range(12):
        try:
            bank, meru = season(session, make, seed, monkeypatch)
        except (IntegrityError, AssertionError):
            return  # The database or an assertion stopped it: caught.
        result = outcome(session, bank, meru)
        if result["paid too much"] or result["broken"] or not (result["books agree"] and result["settled agrees"]):
            return
    pytest.fail("the mistake went unnoticed")


def test_a_cash_sheet_is_never_sent_again(session: Session, make: Make):
    meru = make.cooperative()
    wanjiru, kiprop = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    make.owed_to(make.member(meru), "10.00")
    _, (batch,) = make.sent_run(meru, by=wanjiru, approver=kiprop)
    assert batch.rail is Rail.CASH
    with pytest.raises(Refusal, match="line by line"):
        batches.send_again(session, batch, by=wanjiru.id)
