"""The provider's payouts reach the operator's book once, and never more than it holds."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from ledger import audit, books, history
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg, post
from storefront import provider_payouts
from storefront.audits import CHECKS
from tests.make import Make

A_DAY = date(2026, 11, 20)


@pytest.fixture
def desk(session: Session, make: Make) -> Book:
    """The operator's book, in which the provider holds 100 shillings."""
    operator: Any = make.operator()
    book = books.of_cooperative(session, operator.id)
    post(session, book, "opening", new_id(), [Leg(Pot("1030"), Pot("3200"), book.money(100_00))])
    return book


@pytest.fixture
def by(make: Make) -> UUID:
    person: Any = make.person()
    return person.id


def _record(session: Session, desk: Book, by: UUID, reference: str, minor: int) -> None:
    provider_payouts.record(session, desk, reference=reference, amount=Money(minor, "KES"), received_on=A_DAY, by=by)


def test_a_payout_moves_what_the_provider_held_into_the_bank(session: Session, desk: Book, by: UUID) -> None:
    _record(session, desk, by, "PO-1", 60_00)
    assert provider_payouts.held(session, desk) == Money(40_00, "KES")
    assert history.balance(session, desk, Pot("1020")) == Money(60_00, "KES")


def test_a_line_of_the_statement_is_booked_once(session: Session, desk: Book, by: UUID) -> None:
    _record(session, desk, by, "PO-1", 60_00)
    with pytest.raises(Conflict, match="booked already"):
        _record(session, desk, by, "PO-1", 40_00)


def test_more_than_the_provider_holds_is_refused_by_the_amounts_field(session: Session, desk: Book, by: UUID) -> None:
    with pytest.raises(Refusal) as refusal:
        _record(session, desk, by, "PO-1", 100_01)
    assert set(refusal.value.fields) == {"amount"}


def test_a_payout_without_its_cause_is_named_by_the_audit(session: Session, desk: Book, by: UUID) -> None:
    payout = provider_payouts.ProviderPayout(
        cooperative_id=desk.cooperative_id,
        reference="PO-9",
        amount_minor=5,
        currency="KES",
        received_on=A_DAY,
        by_id=by,
    )
    session.add(payout)
    session.flush()
    mine = [check for check in CHECKS if check.name == "every provider payout is in the operator's book"]
    assert [finding.differences for finding in audit.run(session, mine)] == [1]
