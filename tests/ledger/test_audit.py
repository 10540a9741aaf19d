"""The audit: on true books it finds nothing; each promise, once broken by raw SQL behind the triggers, is found and named."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ground.ids import new_id
from ledger import audit, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from tests.make import Make
from tests.sabotage import broken

BANK = Pot("1020")
A_SINGLE = "(SELECT id FROM transfer WHERE phase = 'single' ORDER BY id LIMIT 1)"
GUARDED = "(SELECT id FROM account WHERE code = '2020' ORDER BY id LIMIT 1)"

# The check's name, what damages the books, the tables whose triggers sleep, the CHECKs that are away.
BREAKS: list[tuple[str, list[str], list[str], list[str]]] = [
    ("causes are whole", [f"DELETE FROM transfer WHERE id = {A_SINGLE}"], ["transfer"], []),
    ("causes are whole", ["UPDATE cause SET legs = legs + 1 WHERE kind = 'sale'"], ["cause"], []),
    (
        "transfers stay in one book",
        ["UPDATE transfer SET debit_id = (SELECT id FROM account WHERE book_id <> (SELECT book_id FROM cause WHERE id = cause_id)"
         " AND code = '1020'), cooperative_id = cooperative_id WHERE debit_id IN (SELECT id FROM account WHERE code = '1020')"
         " AND cause_id IN (SELECT id FROM cause WHERE kind = 'sale')"],
        ["transfer"],
        [],
    ),
    ("transfers stay in one book",
     [f"UPDATE transfer SET currency = 'UGX' WHERE id = {A_SINGLE}"], ["transfer"], []),
    ("cached balances equal their transfers",
     [f"UPDATE account SET balance_minor = balance_minor + 1 WHERE id = {GUARDED}"], [], []),
    ("cached balances equal their transfers",
     [f"UPDATE transfer SET amount_minor = amount_minor + 1 WHERE id = {A_SINGLE}"], ["transfer"], []),
    ("reservations equal what is pending",
     ["UPDATE account SET pending_minor = pending_minor - 1 WHERE pending_minor > 0"], [], []),
    (
        "guarded accounts never fall below zero",
        [f"UPDATE account SET balance_minor = -5 WHERE id = {GUARDED}"],
        [],
        ["account.ck_account_guarded_never_below_zero"],
    ),
    ("reservations end once and within their amount",
     ["UPDATE transfer SET amount_minor = 999 WHERE phase = 'post'"], ["transfer"], []),
    (
        "reservations end once and within their amount",
        ["UPDATE transfer SET debit_id = credit_id, credit_id = debit_id WHERE phase = 'void'"],
        ["transfer"],
        [],
    ),
    (
        "reservations end once and within their amount",
        ["UPDATE transfer SET phase = 'single' WHERE id IN (SELECT resolves_id FROM transfer WHERE phase = 'post')"],
        ["transfer"],
        [],
    ),
    ("corrections mirror what they undo", ["UPDATE cause SET reason = '' WHERE reverses_id IS NOT NULL"], ["cause"], []),
    (
        "corrections mirror what they undo",
        ["UPDATE transfer SET amount_minor = amount_minor + 1"
         " WHERE cause_id IN (SELECT id FROM cause WHERE reverses_id IS NOT NULL)"],
        ["transfer"],
        [],
    ),
    (
        "corrections mirror what they undo",
        ["UPDATE transfer SET debit_id = credit_id, credit_id = debit_id"
         " WHERE cause_id IN (SELECT id FROM cause WHERE reverses_id IS NOT NULL)"],
        ["transfer"],
        [],
    ),
]  # fmt: skip


@pytest.fixture
def books(session: Session, make: Make) -> None:
    """Two books with a sale, a correction, and reservations that are open, posted and voided."""
    for book in (make.book(), make.book()):
        member = make.funded(book, "2020", 1_000)
        transfers.post(
            session, book, "sale", new_id(),
            [Leg(BANK, make.pot("2050"), book.money(70)), Leg(Pot("5020"), BANK, book.money(3))],
        )  # fmt: skip
        wrong = make.posting(book, Pot("5030"), BANK, 11)
        transfers.reverse(session, book, wrong, reason="counted twice")
        for number, amount in enumerate((book.money(80), None, ...)):
            cause = new_id()
            transfers.post(session, book, "payout", cause, [Leg(member, BANK, book.money(100), pending=True)])
            [reserved] = transfers.reserved_by(session, book, "payout", cause)
            if amount is not ...:
                transfers.resolve(session, book, f"end {number}", new_id(), [(reserved, amount)])
    session.commit()


def named(session: Session) -> set[str]:
    return {finding.check.name for finding in audit.run(session, audit.CHECKS) if finding.differences}


@pytest.mark.usefixtures("books")
def test_true_books_have_no_difference(worker_session: Session):
    assert named(worker_session) == set()


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("name", "damage", "tables", "checks"), BREAKS, ids=[f"{i} {b[0]}" for i, b in enumerate(BREAKS)]
)
def test_a_broken_promise_is_named(
    owner_engine: Engine, name: str, damage: list[str], tables: list[str], checks: list[str]
):
    with broken(owner_engine, *damage, tables=tuple(tables), checks=tuple(checks)) as session:
        assert name in named(session)


def test_every_promise_was_broken_once():
    assert {name for name, *_ in BREAKS} == {check.name for check in audit.CHECKS}


@pytest.mark.usefixtures("books")
def test_a_finding_counts_what_is_wrong_and_shows_a_few(owner_engine: Engine):
    damage = "UPDATE account SET balance_minor = balance_minor + 1 WHERE guarded"
    with broken(owner_engine, damage) as session:
        [finding] = [f for f in audit.run(session, audit.CHECKS) if f.differences]
    assert finding.differences == 4
    assert 0 < len(finding.examples) <= 5
