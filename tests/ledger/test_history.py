"""Account history: what an account holds is the sum of what moved it, and its lines add up."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ground import clock
from ground.ids import new_id
from ground.money import Money, split
from ledger import history, transfers
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg
from tests import cases
from tests.make import Make

F03 = cases.read("finance")["F03"]
BANK = Pot("1020")


@pytest.fixture
def book(make: Make) -> Book:
    return make.book()


@pytest.mark.case("finance:F03")
def test_a_statement_rolls_forward_from_its_opening_to_its_closing(session: Session, book: Book, make: Make):
    member = make.pot("3010")
    make.posting(book, BANK, member, F03["opening_minor"], kind="opening")
    session.commit()
    year_begins = clock.now()
    make.posting(book, BANK, member, F03["contributions_minor"], kind="contribution")
    make.posting(book, Pot("3200"), member, F03["allocation_minor"], kind="allocation")
    lines = history.lines(session, book, "3010", member.owner_id, since=year_begins)
    assert [line.kind for line in lines] == ["contribution", "allocation"]
    opening = lines[0].balance - lines[0].change
    assert opening == book.money(F03["opening_minor"])
    assert history.total((line.change for line in lines), "KES") + opening == book.money(F03["closing_minor"])
    assert lines[-1].balance == book.money(F03["closing_minor"]) == history.balance(session, book, member)


@pytest.mark.case("finance:F03")
def test_the_share_of_a_statement_is_exact_not_its_rounded_percentage():
    rest = F03["total_weight"] - F03["weight"]
    assert split(F03["net_income_minor"], [F03["weight"], rest])[0] == F03["exact_share_minor"]
    assert F03["exact_share_minor"] - F03["allocation_minor"] == 11


def test_each_line_tells_the_balance_after_it_whichever_side_the_account_stands_on(
    session: Session, book: Book, make: Make
):
    owed, owes = make.pot("2020"), make.pot("1210")
    make.posting(book, owes, owed, 100)
    make.posting(book, owed, owes, 30)
    for pot in (owed, owes):
        lines = history.lines(session, book, pot.code, pot.owner_id)
        assert [(line.change.minor, line.balance.minor) for line in lines] == [(100, 100), (-30, 70)]


def test_money_moved_between_two_accounts_of_one_member_changes_nothing_they_are_owed(session: Session, book: Book):
    member, first, second = new_id(), new_id(), new_id()
    make_advance = [Leg(Pot("1200", member, first), BANK, book.money(100))]
    transfers.post(session, book, "advance", new_id(), make_advance)
    moved = [Leg(Pot("1200", member, second), Pot("1200", member, first), book.money(40))]
    transfers.post(session, book, "move", new_id(), moved)
    lines = history.lines(session, book, "1200", member)
    assert [line.balance.minor for line in lines] == [100]
    assert history.sum_of(session, book, "1200", owner_id=member) == book.money(100)
    assert history.sum_of(session, book, "1200", subject_id=second) == book.money(40)


def test_what_is_only_reserved_is_not_in_the_history(session: Session, book: Book, make: Make):
    member = make.funded(book, "2020", 100)
    make.posting(book, member, BANK, 60, pending=True)
    assert [line.change.minor for line in history.lines(session, book, "2020", member.owner_id)] == [100]
    assert history.balance(session, book, member) == book.money(100)


def test_the_trial_balance_sums_to_zero_and_never_mixes_two_books(session: Session, make: Make):
    ours, theirs = make.book(), make.book()
    for number, book in enumerate((ours, theirs), start=1):
        make.posting(book, BANK, make.pot("2020"), 100 * number)
        make.posting(book, Pot("5020"), BANK, 7)
    for number, book in enumerate((ours, theirs), start=1):
        sheet = history.trial_balance(session, book)
        assert sum(amount.minor for amount in sheet.values()) == 0
        assert sheet == {
            "1020": Money(100 * number - 7, "KES"),
            "2020": Money(-100 * number, "KES"),
            "5020": Money(7, "KES"),
        }


def test_balances_by_their_two_keys_agree_with_the_sum_of_the_code(session: Session, book: Book):
    member, pools = new_id(), [new_id(), new_id()]
    for minor, pool in zip((30, 12), pools, strict=True):
        transfers.post(session, book, "advance", new_id(), [Leg(Pot("1200", member, pool), BANK, book.money(minor))])
    found = history.balances(session, book, "1200")
    assert found == {(member, pools[0]): book.money(30), (member, pools[1]): book.money(12)}
    assert history.total(found.values(), "KES") == history.sum_of(session, book, "1200")
    assert history.balance(session, book, Pot("1200", member, new_id())) == book.money(0)
