"""Balancing: taking from several pots in order, and emptying one into another."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ground.errors import Refusal
from ground.ids import new_id
from ledger import balancing, history, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg
from tests import cases
from tests.make import Make

CASES = cases.read("finance")
BANK = Pot("1020")


@pytest.fixture
def book(make: Make) -> Book:
    return make.book()


@pytest.mark.case("finance:D16")
def test_each_source_gives_what_it_has_in_order_until_the_target_is_reached(session: Session, book: Book, make: Make):
    worked = CASES["D16"]
    sources, target = [make.funded(book, "2020", minor) for minor in worked["balances"]], make.pot("2050")
    legs = balancing.take_in_order(session, book, sources, target, book.money(worked["target"]))
    assert [leg.amount.minor for leg in legs] == worked["taken"]
    transfers.post(session, book, "take", new_id(), legs)
    assert history.balance(session, book, target) == book.money(worked["target"])


@pytest.mark.case("finance:D16")
def test_sources_that_hold_too_little_together_give_nothing(session: Session, book: Book, make: Make):
    worked = CASES["D16"]
    sources = [make.funded(book, "2020", minor) for minor in worked["balances_short"]]
    with pytest.raises(Refusal, match="too little"):
        balancing.take_in_order(session, book, sources, make.pot("2050"), book.money(worked["target"]))
    assert [history.balance(session, book, pot).minor for pot in sources] == worked["balances_short"]


def test_what_is_reserved_is_not_taken(session: Session, book: Book, make: Make):
    first, second = make.funded(book, "2020", 30), make.funded(book, "2020", 50)
    make.posting(book, first, BANK, 20, pending=True)
    legs = balancing.take_in_order(session, book, [first, second], make.pot("2050"), book.money(40))
    assert [leg.amount.minor for leg in legs] == [10, 30]


def test_cash_boxes_are_emptied_in_order_too(session: Session, book: Book, make: Make):
    market, office = make.pot("1010"), make.pot("1010")
    for place, minor in ((market, 30), (office, 50)):
        make.posting(book, place, Pot("3200"), minor)
    legs = balancing.take_in_order(session, book, [market, office], BANK, book.money(60))
    transfers.post(session, book, "bank", new_id(), legs)
    assert [history.balance(session, book, pot).minor for pot in (market, office, BANK)] == [0, 20, 60]


def test_nothing_is_taken_for_nothing(session: Session, book: Book, make: Make):
    assert balancing.take_in_order(session, book, [make.funded(book, "2020", 5)], BANK, book.money(0)) == []


@pytest.mark.case("finance:D13")
def test_closing_accounts_moves_each_ones_balance_whichever_side_it_stands_on(session: Session, book: Book, make: Make):
    worked = CASES["D13"]
    a, b, c, elsewhere = Pot("3110"), Pot("1020"), Pot("3200"), Pot("1025")
    for pot, name in ((a, "a"), (b, "b")):
        debits, credits = worked[name]["debits"], worked[name]["credits"]
        legs = [Leg(pot, elsewhere, book.money(debits)), Leg(elsewhere, pot, book.money(credits))]
        transfers.post(session, book, "before", new_id(), legs)
    legs = balancing.empty_into(session, book, [a, b], c)
    assert [leg.amount.minor for leg in legs] == worked["moved"]
    transfers.post(session, book, "close", new_id(), legs)
    assert history.balance(session, book, a) == history.balance(session, book, b) == book.money(0)
    assert [leg.amount.minor for leg in legs if leg.debit == c] == [worked["c"]["debits"]]
    assert [leg.amount.minor for leg in legs if leg.credit == c] == [worked["c"]["credits"]]


def test_an_account_on_its_wrong_side_is_closed_too(session: Session, book: Book):
    overdrawn, result = Pot("1025"), Pot("3200")
    transfers.post(session, book, "before", new_id(), [Leg(BANK, overdrawn, book.money(40))])
    transfers.post(session, book, "close", new_id(), balancing.empty_into(session, book, [overdrawn, BANK], result))
    assert history.trial_balance(session, book) == {"1020": book.money(0), "1025": book.money(0), "3200": book.money(0)}
