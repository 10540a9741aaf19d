"""What must be true once the season has been lived, whoever lived it: the figures, the books and the letters."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.commands.audit import CHECKS
from admin.demo import cast
from admin.demo.season import Season
from cooperative import cooperatives
from inventory.heaps import Heap
from ledger import audit, books, history
from ledger.accounts import Pot
from proceeds.claims import Claim
from proceeds.instructions import Instruction, State

SALES = Decimal(12 * 78 + 8 * 85 + 20 * 3400)
REFUND = Decimal(78)
NET_SALES = SALES - REFUND
ADVANCE = Decimal(1025 * 10)


def shares_of_the_pool() -> dict[str, Decimal]:
    """The waterfall of the season by hand: by-law of 1 % levy and 8 % margin on net sales, costs as entered, fee of the card."""
    levy = (NET_SALES / 100).quantize(Decimal("0.01"))
    margin = (NET_SALES * 8 / 100).quantize(Decimal("0.01"))
    return {"transport": Decimal(4100), "handling": Decimal(2050), "levy": levy, "margin": margin}


def check(season: Season, session: Session, mail: Path) -> None:
    """Every promise of the issue's nine steps that can be read from the books."""
    meru = cooperatives.find_by_slug(session, cast.MERU)
    operator = cooperatives.operator(session)
    assert meru is not None
    book = books.of_cooperative(session, meru.id)

    net_pool = NET_SALES - sum(shares_of_the_pool().values())
    claims = list(session.scalars(select(Claim).where(Claim.cooperative_id == meru.id)))
    assert len(claims) == 12
    assert sum(claim.claim.decimal for claim in claims) == net_pool
    assert history.sum_of(session, book, "2010").minor == 0, "clearing of the closed pool"
    assert history.sum_of(session, book, "2020").minor == 0, "everybody was paid in the end"
    assert history.sum_of(session, book, "1200").minor == 0, "the advance was taken off"
    assert history.sum_of(session, book, "1100").minor == 0, "the invoice was paid"
    assert history.sum_of(session, book, "1040").minor == 0, "the operator has remitted"
    assert history.balance(session, book, Pot("3010", claims[0].member_id)).decimal == Decimal(4000)
    desk = books.of_cooperative(session, operator.id)
    assert [history.sum_of(session, desk, code).minor for code in ("2600", "1030", "1020")] == [0, 0, 0], (
        "all passed on"
    )

    payments = list(session.scalars(select(Instruction).where(Instruction.cooperative_id == meru.id)))
    states = [payment.state for payment in payments]
    assert states.count(State.FAILED) == 2, "one not collected, one refused by the bank"
    assert states.count(State.SETTLED) == 24, "twelve advances, twelve final payments"
    assert set(states) == {State.FAILED, State.SETTLED}
    assert sum(p.amount.decimal for p in payments if p.state is State.SETTLED) == net_pool
    assert {heap.on_hand for heap in session.scalars(select(Heap).where(Heap.cooperative_id == meru.id))} == {0}

    assert season.orders["statement"].status == 200
    assert "Mercy Kendi" in season.orders["statement"].words
    assert_books_stand(session)
    assert any(b"amina@example.com" in letter.read_bytes() for letter in mail.glob("*.eml")), "Amina was written to"


def assert_books_stand(session: Session) -> None:
    """Every invariant of every package, with 0 differences."""
    findings = list(audit.run(session, CHECKS))
    assert len(findings) >= 40
    assert [line for finding in findings for line in wrong(finding)] == []


def wrong(finding: audit.Finding) -> Iterable[str]:
    return [f"{finding.check.name}: {example}" for example in finding.examples]
