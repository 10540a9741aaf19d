"""Whatever is posted, reserved, ended and undone in whatever order, the books keep every promise of the audit."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ground import tenants
from ground.engines import make_session
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ledger import audit, history, transfers
from ledger.accounts import Pot
from ledger.transfers import Cause, Leg, Transfer
from tests.make import Make

CODES = ("1010", "1020", "1200", "2010", "2020", "2050", "3200", "5050")
amounts = st.integers(1, 500)
_count = itertools.count(1)


class Books(RuleBasedStateMachine):
    """Random deeds on one book, against a model that is nothing but a dict of balances."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.session: Session = make_session(self.engine)
        tenants.enter(self.session)
        self.book = Make(self.session).book(slug=f"random-{next(_count)}")
        self.session.commit()
        self.pots = [
            Pot(code) if code in ("1020", "5050") else Pot(code, new_id()) for code in (*CODES, "2020", "2050")
        ]
        self.balance = dict.fromkeys(self.pots, 0)
        self.reserved = dict.fromkeys(self.pots, 0)
        self.open_reservations: list[tuple[Pot, Pot, int, Transfer]] = []
        self.causes: list[tuple[Cause, list[tuple[Pot, Pot, int]]]] = []

    def holds(self, moves: list[tuple[Pot, Pot, int]]) -> bool:
        """Whether the guarded ones among them can pay, as the model sees it."""
        after = dict(self.balance)
        for debit, credit, minor in moves:
            after[debit] -= minor
            after[credit] += minor
        return all(
            after[pot] - self.reserved[pot] >= 0 for pot in self.pots if pot.code in ("2020", "2050")
        )  # fmt: skip

    @rule(picks=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), amounts), min_size=1, max_size=4))
    def post(self, picks: list[tuple[int, int, int]]) -> None:
        moves = [(self.pots[a], self.pots[b], minor) for a, b, minor in picks if a != b]
        legs = [Leg(debit, credit, self.book.money(minor)) for debit, credit, minor in moves]
        subject = new_id()
        try:
            cause = transfers.post(self.session, self.book, "random", subject, legs)
        except Refusal:
            assert not self.holds(moves)
        else:
            assert self.holds(moves)
            if cause is not None:
                self.apply(moves)
                self.causes.append((cause, moves))
                with pytest.raises(Conflict):
                    transfers.post(self.session, self.book, "random", subject, legs)
        self.session.commit()

    def apply(self, moves: list[tuple[Pot, Pot, int]]) -> None:
        for debit, credit, minor in moves:
            self.balance[debit] -= minor
            self.balance[credit] += minor

    @rule(a=st.integers(0, 9), b=st.integers(0, 9), minor=amounts)
    def reserve(self, a: int, b: int, minor: int) -> None:
        debit, credit, subject = self.pots[a], self.pots[b], new_id()
        if debit == credit:
            return
        enough = debit.code not in ("2020", "2050") or self.balance[debit] - self.reserved[debit] >= minor
        try:
            transfers.post(
                self.session, self.book, "reserve", subject, [Leg(debit, credit, self.book.money(minor), pending=True)]
            )
        except Refusal:
            assert not enough
        else:
            assert enough
            self.reserved[debit] += minor
            [reserved] = transfers.reserved_by(self.session, self.book, "reserve", subject)
            self.open_reservations.append((debit, credit, minor, reserved))
        self.session.commit()

    @precondition(lambda self: self.open_reservations)
    @rule(pick=st.integers(0, 99), minor=st.none() | amounts)
    def end(self, pick: int, minor: int | None) -> None:
        debit, credit, most, reserved = self.open_reservations[pick % len(self.open_reservations)]
        amount = None if minor is None else self.book.money(min(minor, most))
        transfers.resolve(self.session, self.book, "end", new_id(), [(reserved, amount)])
        with pytest.raises(Conflict):
            transfers.resolve(self.session, self.book, "end again", new_id(), [(reserved, None)])
        self.open_reservations.remove((debit, credit, most, reserved))
        self.reserved[debit] -= most
        self.apply([(debit, credit, amount.minor)] if amount else [])
        self.session.commit()

    @precondition(lambda self: self.causes)
    @rule(pick=st.integers(0, 99))
    def undo(self, pick: int) -> None:
        cause, moves = self.causes[pick % len(self.causes)]
        back = [(credit, debit, minor) for debit, credit, minor in moves]
        try:
            transfers.reverse(self.session, self.book, cause, reason="random")
        except Refusal:
            assert not self.holds(back)
        else:
            self.apply(back)
            self.causes.remove((cause, moves))
        self.session.commit()

    @invariant()
    def no_promise_is_broken(self) -> None:
        if not hasattr(self, "session"):
            return
        assert [f.check.name for f in audit.run(self.session, audit.CHECKS) if f.differences] == []

    @invariant()
    def every_balance_is_what_the_model_says(self) -> None:
        if not hasattr(self, "session"):
            return
        sheet = history.trial_balance(self.session, self.book)
        for code in set(CODES):
            expected = -sum(minor for pot, minor in self.balance.items() if pot.code == code)
            assert sheet.get(code, self.book.money(0)).minor == expected
        self.session.rollback()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()


@pytest.fixture
def machine(engine: Engine) -> type[Books]:
    Books.engine = engine
    return Books


def test_random_postings_keep_every_promise_of_the_audit(machine: type[Books], request: pytest.FixtureRequest):
    deep = request.config.getoption("--deep")
    run_state_machine_as_test(machine, settings=settings(max_examples=200 if deep else 12, stateful_step_count=25))
