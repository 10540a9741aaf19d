"""Transfers: one debit, one credit, one amount, one cause; written whole or not at all, once, and never changed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from ledger import audit, history, transfers
from ledger.accounts import Account, Pot
from ledger.books import Book
from ledger.transfers import Cause, Leg, Transfer
from tests import cases
from tests.make import Make

CASES = cases.read("finance")
BANK = Pot("1020")


@pytest.fixture
def book(make: Make) -> Book:
    return make.book()


def reserve(session: Session, book: Book, member: Pot, minor: int) -> Transfer:
    cause = new_id()
    transfers.post(session, book, "payout", cause, [Leg(member, BANK, book.money(minor), pending=True)])
    [reserved] = transfers.reserved_by(session, book, "payout", cause)
    return reserved


def held(session: Session, book: Book, pot: Pot) -> tuple[int, int]:
    """Balance and reserved amount, as the guarded account's own row has them."""
    session.expire_all()
    account = session.scalars(
        select(Account).where(
            Account.cooperative_id == book.cooperative_id, Account.code == pot.code, Account.owner_id == pot.owner_id
        )
    ).one()
    return account.balance_minor, account.pending_minor


def differences(session: Session) -> list[str]:
    return [finding.check.name for finding in audit.run(session, audit.CHECKS) if finding.differences]


def test_what_is_posted_once_is_refused_the_second_time_and_moves_nothing(session: Session, book: Book, make: Make):
    member, cause = make.pot("2020"), new_id()
    leg = Leg(BANK, member, book.money(100))
    assert transfers.post(session, book, "delivery", cause, [leg]) is not None
    with pytest.raises(Conflict):
        transfers.post(session, book, "delivery", cause, [leg])
    session.commit()
    assert history.balance(session, book, member) == book.money(100)


def test_the_same_event_may_stand_in_two_books(session: Session, make: Make):
    ours, theirs, cause = make.book(), make.book(), new_id()
    for book in (ours, theirs):
        transfers.post(session, book, "card payment", cause, [Leg(BANK, make.pot("2050"), book.money(100))])
    session.commit()
    assert session.scalar(select(func.count()).select_from(Cause)) == 2


def test_a_cause_with_one_leg_too_many_leaves_nothing_even_where_its_refusal_is_swallowed(
    session: Session, book: Book, make: Make
):
    rich, poor, bystander = make.funded(book, "2020", 100), make.funded(book, "2020", 10), make.pot("2050")
    legs = [Leg(rich, bystander, book.money(60)), Leg(poor, bystander, book.money(60))]
    with pytest.raises(Refusal, match="Member payable would fall below zero"):
        transfers.post(session, book, "take", new_id(), legs)
    session.commit()
    assert history.balance(session, book, rich) == book.money(100)
    assert history.balance(session, book, bystander) == book.money(0)
    assert session.scalar(select(func.count()).select_from(Cause).where(Cause.kind == "take")) == 0
    assert differences(session) == []


def test_the_refusal_names_the_account_that_held_too_little(session: Session, book: Book, make: Make):
    rich, deposit = make.funded(book, "2020", 100), make.funded(book, "2050", 10)
    legs = [Leg(rich, BANK, book.money(60)), Leg(deposit, BANK, book.money(60))]
    with pytest.raises(Refusal, match="Customer deposits"):
        transfers.post(session, book, "take", new_id(), legs)


def test_legs_of_zero_are_left_out_and_a_cause_of_none_is_not_written(session: Session, book: Book, make: Make):
    nothing = Leg(BANK, make.pot("2020"), book.money(0))
    assert transfers.post(session, book, "empty", new_id(), [nothing]) is None
    cause = transfers.post(session, book, "half", new_id(), [nothing, Leg(BANK, make.pot("2020"), book.money(1))])
    session.commit()
    assert cause is not None
    assert cause.legs == 1
    assert differences(session) == []


def test_other_money_and_signs_never_reach_the_book(session: Session, book: Book, make: Make):
    for amount in (Money(100, "UGX"), book.money(-1)):
        with pytest.raises(AssertionError):
            transfers.post(session, book, "wrong", new_id(), [Leg(BANK, make.pot("2020"), amount)])


def test_a_pot_is_named_by_no_more_keys_than_the_chart_gives_it():
    with pytest.raises(AssertionError, match="2020 Member payable"):
        Pot("2020", new_id(), new_id())
    for code in ("2010", "1200", "1020"):
        with pytest.raises(AssertionError, match="is kept by"):
            Pot(code, subject_id=new_id())


# -- reversals ------------------------------------------------------------------------------------------------------------


def test_a_reversal_moves_each_amount_back_and_says_why(session: Session, book: Book, make: Make):
    first, second = make.pot("2020"), make.pot("2050")
    cause = transfers.post(
        session, book, "sale", new_id(), [Leg(BANK, first, book.money(70)), Leg(BANK, second, book.money(30))]
    )
    assert cause is not None
    undone = transfers.reverse(session, book, cause, reason="counted twice")
    session.commit()
    assert undone.reason == "counted twice"
    assert [history.balance(session, book, pot).minor for pot in (BANK, first, second)] == [0, 0, 0]
    assert differences(session) == []


def test_a_cause_is_reversed_once(session: Session, book: Book, make: Make):
    cause = make.posting(book, BANK, make.pot("2020"), 100)
    transfers.reverse(session, book, cause, reason="once")
    with pytest.raises(Conflict):
        transfers.reverse(session, book, cause, reason="twice")


def test_money_that_was_spent_since_cannot_be_reversed_away(session: Session, book: Book, make: Make):
    member = make.pot("2020")
    cause = make.posting(book, BANK, member, 100)
    make.posting(book, member, BANK, 60)
    with pytest.raises(Refusal):
        transfers.reverse(session, book, cause, reason="too late")


def test_a_correction_without_a_reason_is_our_mistake(session: Session, book: Book, make: Make):
    cause = make.posting(book, BANK, make.pot("2020"), 100)
    with pytest.raises(AssertionError, match="says why"):
        transfers.reverse(session, book, cause, reason="")


# -- reservations ---------------------------------------------------------------------------------------------------------


@pytest.mark.case("finance:D12")
def test_posting_less_than_reserved_frees_the_rest(session: Session, book: Book, make: Make):
    worked = CASES["D12"]
    member = make.funded(book, "2020", worked["pending_minor"])
    reserved = reserve(session, book, member, worked["pending_minor"])
    assert held(session, book, member) == (worked["pending_minor"], worked["pending_minor"])
    transfers.resolve(session, book, "settled", new_id(), [(reserved, book.money(worked["posted_minor"]))])
    session.commit()
    assert held(session, book, member) == (worked["released_minor"], 0)
    assert differences(session) == []


@pytest.mark.case("finance:D15")
def test_what_is_reserved_cannot_be_reserved_or_spent_again(session: Session, book: Book, make: Make):
    worked = CASES["D15"]
    member = make.funded(book, "2020", worked["credits_posted"])
    make.posting(book, member, BANK, worked["debits_posted"])
    with pytest.raises(Refusal):
        reserve(session, book, member, worked["debits_pending"])
    left = worked["credits_posted"] - worked["debits_posted"]
    reserve(session, book, member, left)
    with pytest.raises(Refusal):
        make.posting(book, member, BANK, 1)
    with pytest.raises(Refusal):
        reserve(session, book, member, 1)
    assert held(session, book, member) == (left, left)


def test_money_on_its_way_in_cannot_be_spent_before_it_is_there(session: Session, book: Book, make: Make):
    member = make.pot("2020")
    make.posting(book, BANK, member, 100, pending=True)
    with pytest.raises(Refusal):
        make.posting(book, member, BANK, 1)


def test_a_voided_reservation_can_be_spent(session: Session, book: Book, make: Make):
    member = make.funded(book, "2020", 100)
    reserved = reserve(session, book, member, 100)
    transfers.resolve(session, book, "failed", new_id(), [(reserved, None)])
    make.posting(book, member, BANK, 100)
    session.commit()
    assert held(session, book, member) == (0, 0)
    assert differences(session) == []


@pytest.mark.parametrize("first", ["post", "void"])
@pytest.mark.parametrize("second", ["post", "void"])
def test_a_reservation_ends_once_whatever_ends_it(session: Session, book: Book, make: Make, first: str, second: str):
    member = make.funded(book, "2020", 100)
    reserved = reserve(session, book, member, 80)
    ways = {"post": book.money(80), "void": None}
    transfers.resolve(session, book, f"first {first}", new_id(), [(reserved, ways[first])])
    session.commit()
    before = held(session, book, member)
    with pytest.raises(Conflict):
        transfers.resolve(session, book, f"second {second}", new_id(), [(reserved, ways[second])])
    session.commit()
    assert held(session, book, member) == before
    assert differences(session) == []


@pytest.mark.parametrize("minor", [0, -1, 81])
def test_more_than_was_reserved_or_nothing_cannot_be_posted(session: Session, book: Book, make: Make, minor: int):
    member = make.funded(book, "2020", 100)
    reserved = reserve(session, book, member, 80)
    with pytest.raises(Refusal, match="set aside"):
        transfers.resolve(session, book, "settled", new_id(), [(reserved, book.money(minor))])


def test_a_reservation_is_not_reversed_but_voided(session: Session, book: Book, make: Make):
    member = make.funded(book, "2020", 100)
    cause = make.posting(book, member, BANK, 80, pending=True)
    with pytest.raises(AssertionError, match="voided"):
        transfers.reverse(session, book, cause, reason="no")


def test_a_reservation_of_another_book_is_not_ended_here(session: Session, make: Make):
    ours, theirs = make.book(), make.book()
    reserved = reserve(session, theirs, make.funded(theirs, "2020", 100), 80)
    with pytest.raises(AssertionError):
        transfers.resolve(session, ours, "settled", new_id(), [(reserved, None)])


# -- what only the database can promise -----------------------------------------------------------------------------------


def test_a_guarded_account_stays_above_zero_even_where_code_forgets_to_ask(session: Session, book: Book, make: Make):
    member = make.funded(book, "2020", 100)
    account = session.scalars(select(Account).where(Account.owner_id == member.owner_id)).one()
    account.balance_minor = -1
    with pytest.raises(IntegrityError, match="guarded_never_below_zero"):
        session.flush()


# -- postings of the field ------------------------------------------------------------------------------------------------


@pytest.mark.case("finance:D01")
@pytest.mark.case("finance:D02")
@pytest.mark.case("finance:D03")
def test_shares_are_applied_for_then_approved_then_redeemed_each_through_its_own_account(
    session: Session, book: Book, make: Make
):
    first, second, third = CASES["D01"], CASES["D02"], CASES["D03"]
    member = new_id()
    applied, capital, redeemed, fees = Pot("2300", member), Pot("3010", member), Pot("2310", member), Pot("4070")

    make.posting(book, BANK, applied, first["shares"] * first["price_minor"])
    make.posting(book, applied, capital, first["capital_minor"])
    assert history.balance(session, book, applied) == book.money(0)
    assert history.balance(session, book, capital) == book.money(first["capital_minor"])

    paid, fee = book.money(second["paid_minor"]), book.money(second["fee_minor"])
    transfers.post(session, book, "apply", new_id(), [Leg(BANK, applied, paid - fee), Leg(BANK, fees, fee)])
    assert history.balance(session, book, applied) == book.money(second["applied_minor"])
    make.posting(book, applied, capital, second["applied_minor"])

    out, fee = book.money(third["net_paid_minor"]), book.money(third["fee_minor"])
    before = history.balance(session, book, capital)
    transfers.post(session, book, "redeem", new_id(), [Leg(capital, redeemed, out), Leg(capital, fees, fee)])
    make.posting(book, redeemed, BANK, out.minor)
    assert before - history.balance(session, book, capital) == book.money(third["capital_minor"])
    assert history.balance(session, book, redeemed) == book.money(0)


@pytest.mark.case("finance:D17")
def test_a_spread_is_a_leg_of_its_own(session: Session, make: Make):
    worked = CASES["D17"]
    dollars, shillings = make.book(currency="USD"), make.book(currency="KES")
    member, theirs, cause = make.funded(dollars, "2020", 20_000), make.pot("2020"), new_id()
    legs = [
        Leg(member, Pot("5050"), dollars.money(worked["amount"])), Leg(member, Pot("4070"), dollars.money(worked["spread"]))
    ]  # fmt: skip
    transfers.post(session, dollars, "exchange", cause, legs)
    transfers.post(
        session, shillings, "exchange", cause, [Leg(Pot("5050"), theirs, shillings.money(worked["credited"]))]
    )
    session.commit()
    assert history.balance(session, dollars, member) == dollars.money(20_000 - worked["source_debited"])
    assert history.balance(session, shillings, theirs) == shillings.money(worked["credited"])
    assert differences(session) == []
