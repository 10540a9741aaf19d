"""A member's shares are applied for, approved by somebody else, and equal the ledger to the cent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from cooperative import audits, bylaws, shares
from cooperative.shares import PaidFrom, ShareApproval
from ground import clock, tenants
from ground.engines import make_session
from ground.errors import Conflict, Missing, Refusal
from ground.ids import new_id
from ground.money import Money
from ledger import audit, books, history
from ledger.accounts import Pot
from tests.sabotage import broken


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


@pytest.fixture
def book(session, meru):
    return books.of_cooperative(session, meru.id)


def differences(session):
    return {found.check.name for found in audit.run(session, audits.CHECKS) if found.differences}


def test_a_hundred_shares_of_two_go_the_way_of_the_worked_case(session, make, meru, book):
    """[finance:D01]: bank 200.00, suspense 200.00; then suspense empty, capital 200.00."""
    by, second, member = make.staff(meru, "treasurer"), make.staff(meru, "manager"), make.member(meru)
    made = shares.subscribe(session, book, member, 100, Money(200, "KES"), by=by.id)
    assert history.balance(session, book, Pot("1020")).minor == 200_00
    assert history.balance(session, book, Pot("2300", member.id)).minor == 200_00
    assert shares.paid_up(session, book, member).minor == 0
    assert [row.id for row in shares.waiting(session, meru.id)] == [made.id]
    shares.approve(session, book, made.id, by=second.id)
    assert history.balance(session, book, Pot("2300", member.id)).minor == 0
    assert shares.paid_up(session, book, member).minor == 200_00
    assert shares.register(session, book) == {member.id: Money(200_00, "KES")}
    assert shares.waiting(session, meru.id) == []
    assert sum(money.minor for money in history.trial_balance(session, book).values()) == 0
    assert differences(session) == set()


def test_one_person_never_is_both_hands(session, make, meru, book):
    by = make.staff(meru, "treasurer", "manager")
    made = make.shares_of(make.member(meru), 5, by=by)
    with pytest.raises(Refusal, match="another person"):
        shares.approve(session, book, made.id, by=by.id)


def test_the_database_itself_refuses_one_persons_two_hands(session, make, meru):
    by = make.staff(meru, "treasurer")
    other = make.staff(meru, "manager")
    made = make.shares_of(make.member(meru), 5, by=by)
    session.commit()
    row = {"id": new_id(), "created_at": clock.now(), "cooperative_id": meru.id, "subscription_id": made.id}
    with pytest.raises(DBAPIError):
        session.execute(insert(ShareApproval).values(row | {"applied_by_id": by.id, "approved_by_id": by.id}))
    session.rollback()
    # Lying about who applied does not help: the key names the subscription and its applicant together.
    session.execute(insert(ShareApproval).values(row | {"applied_by_id": other.id, "approved_by_id": by.id}))
    with pytest.raises(DBAPIError):
        session.commit()
    session.rollback()


def test_an_application_is_approved_once(session, make, meru, book):
    by, second, third = make.staff(meru, "treasurer"), make.staff(meru, "manager"), make.staff(meru, "manager")
    made = make.shares_of(make.member(meru), 5, by=by, approved_by=second)
    with pytest.raises(Conflict):
        shares.approve(session, book, made.id, by=third.id)


def test_eight_approvals_at_once_move_the_money_once(engine, session, make, meru, book):
    by, member = make.staff(meru, "treasurer"), make.member(meru)
    seconds = [make.staff(meru, "manager") for _ in range(8)]
    made = make.shares_of(member, 5, by=by)
    session.commit()

    def approve(person):
        with make_session(engine) as own:
            tenants.enter(own, [meru.id])
            try:
                shares.approve(own, books.of_cooperative(own, meru.id), made.id, by=person.id)
                own.commit()
                return True
            except (Refusal, DBAPIError):
                own.rollback()
                return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(approve, seconds)) == 1
    session.expire_all()
    assert shares.paid_up(session, book, member) == made.amount
    assert differences(session) == set()


def test_another_cooperatives_application_is_not_there(session, make, meru):
    made = make.shares_of(make.member(meru), 5, by=make.staff(meru, "treasurer"))
    kilifi = make.cooperative("Kilifi Coast")
    with pytest.raises(Missing):
        shares.approve(session, books.of_cooperative(session, kilifi.id), made.id, by=make.staff(kilifi, "manager").id)


@pytest.mark.parametrize(("count", "par"), [(0, 200), (-3, 200), (10**14, 200)])
def test_shares_are_whole_and_within_reason(session, make, meru, book, count, par):
    member, by = make.member(meru), make.staff(meru, "treasurer")
    with pytest.raises(Refusal) as refused:
        shares.subscribe(session, book, member, count, Money(par, "KES"), by=by.id)
    assert list(refused.value.fields) == ["shares"]


def test_shares_built_up_from_proceeds_are_not_paid_a_second_time(session, make, meru, book):
    """Settlement's step 17 puts the money into 2300 itself; the subscription is the paper that goes with it."""
    by = make.staff(meru, "treasurer")
    shares.subscribe(session, book, make.member(meru), 5, Money(200, "KES"), by=by.id, paid_from=PaidFrom.PROCEEDS)
    assert history.sum_of(session, book, "2300").minor == 0
    assert history.sum_of(session, book, "1020").minor == 0
    assert differences(session) == {
        "waiting share money covers the applications"
    }  # Until settlement has posted its leg.


def test_what_a_share_costs_is_what_the_bylaw_of_the_day_says(session, make, meru):
    by = make.staff(meru, "manager")
    today = clock.now().date()
    assert shares.par(session, meru.id, "KES", today) is None
    make.bylaw(meru, bylaws.SHARES, by=by)
    assert shares.par(session, meru.id, "KES", today) == Money(2000_00, "KES")


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (
            "UPDATE account SET balance_minor = balance_minor + 1 WHERE code = '3010'",
            "the share register equals paid-up capital",
        ),
        (
            "UPDATE account SET owner_id = cooperative_id WHERE code = '3010'"
            " AND owner_id = (SELECT id FROM member WHERE number = 1)",
            "paid-up capital belongs to members",
        ),
        ("UPDATE cause SET kind = 'something' WHERE kind = 'share application'", "applications for shares are posted"),
        (
            "UPDATE transfer SET amount_minor = amount_minor + 1",
            "approvals of shares are posted, and by a second person",
        ),
        ("DELETE FROM share_approval", "share postings have their papers"),
        ("DELETE FROM share_approval", "waiting share money covers the applications"),
        ("UPDATE cooperative SET currency = 'UGX'", "every cooperative keeps a book"),
        ("UPDATE member_group SET members_most = 1, members_least = 1", "groups are not over-full"),
    ],
)
def test_the_audit_names_what_raw_sql_broke(owner_engine, session, make, meru, damage, check):
    group = make.group(meru)
    by, second = make.staff(meru, "treasurer"), make.staff(meru, "manager")
    for _ in range(2):
        make.shares_of(make.member(meru, group=group), 5, by=by, approved_by=second)
    session.commit()
    assert differences(session) == set()
    session.rollback()
    tables = ("account", "cause", "transfer", "share_approval", "cooperative")
    with broken(owner_engine, damage, tables=tables) as damaged:
        assert check in differences(damaged)


def test_a_subscription_is_never_changed_or_deleted(session, make, meru):
    make.shares_of(make.member(meru), 5, by=make.staff(meru, "treasurer"))
    session.commit()
    for verb in ("UPDATE share_subscription SET shares = 6", "DELETE FROM share_subscription"):
        with pytest.raises(DBAPIError):
            session.execute(text(verb))
        session.rollback()
