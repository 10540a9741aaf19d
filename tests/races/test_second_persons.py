"""What needs one person and then another happens once, however many click: approvals, closes, runs, roles, registrations."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from cooperative import invitations, roles, shares
from cooperative.people import Person
from cooperative.shares import ShareApproval
from ledger import books
from proceeds import closings, payouts, settlements
from proceeds.payouts import Run, RunApproval
from proceeds.settlements import Settlement, SettlementApproval, SettlementClose
from tests.races import together
from tests.races.keyless import without_keys

STAFF = "tests.races.staff"
pytestmark = pytest.mark.slow


@pytest.fixture
def cast(session, make):
    """Meru with a manager who prepares and three people who may approve."""
    meru = make.cooperative("Meru Highlands", slug="meru-highlands")
    wanjiru = make.staff(meru, "manager", name="Wanjiru Kamau")
    others = [make.staff(meru, "treasurer", name=name) for name in ("Kiprop Cheruiyot", "Halima Juma", "Baraka Mwangi")]
    return SimpleNamespace(
        meru=meru, wanjiru=wanjiru, others=others, approvers=" ".join(str(each.id) for each in others)
    )


@pytest.fixture
def sold(session, make, cast):
    """A pool that was delivered into and sold out of, not yet settled."""
    season = make.season(cast.meru, by=cast.wanjiru)
    for number in (1, 2, 3):
        season.deliver(make.member(cast.meru, number=number), 40)
    season.sell(120, "7200.00")
    session.commit()
    return season


@pytest.fixture
def previewed(session, sold, cast):
    settlement = settlements.draft(session, cast.meru.id, sold.pool.id, by=cast.wanjiru.id)
    digest = closings.preview(session, settlement).inputs_sha256
    session.commit()
    return settlement, digest


@pytest.fixture
def approved(session, previewed, cast):
    settlement, digest = previewed
    closings.approve(session, settlement, digest, by=cast.others[0].id)
    session.commit()
    return settlement


@pytest.fixture
def owed(session, make, cast):
    for name in ("Nkatha", "Mutua", "Kendi"):
        make.owed_to(make.member(cast.meru, name), "500.00")
    session.commit()


@pytest.fixture
def made(session, owed, cast):
    run = payouts.make_run(session, cast.meru.id, by=cast.wanjiru.id)
    session.commit()
    return run


@pytest.fixture
def applied(session, make, cast):
    """An application for shares, beside an older one whose money could pay for it twice."""
    book, member = books.of_cooperative(session, cast.meru.id), make.member(cast.meru)
    shares.subscribe(session, book, member, 8, book.money(200_000), by=cast.wanjiru.id)
    application = shares.subscribe(session, book, member, 2, book.money(200_000), by=cast.wanjiru.id)
    session.commit()
    return application


def counted(session, table):
    session.rollback()
    number = session.scalar(select(func.count()).select_from(table))
    session.rollback()
    return number


def clicked(place, cast, deed, subject, persons, more="", *, locks=True, count=4):
    verb = "act" if locks else "act_without_locks"
    return Counter(
        together(f"{STAFF}:{verb}", place.url, count, deed, str(cast.meru.id), str(subject), str(persons), more)
    )


ONCE = Counter({"Conflict": 3, "done": 1})


def test_a_settlement_is_drafted_once_and_all_who_ask_get_that_draft(session, place, cast, sold):
    assert clicked(place, cast, "draft", sold.pool.id, cast.approvers) == {"done": 4}
    assert counted(session, Settlement) == 1


def test_without_lock_and_key_a_pool_has_several_drafts(session, place, cast, sold):
    with without_keys(place, session, "uq_settlement_pool_id"):
        clicked(place, cast, "draft", sold.pool.id, cast.approvers, locks=False)
        assert counted(session, Settlement) > 1


def test_a_settlement_is_approved_once(session, place, cast, previewed):
    settlement, digest = previewed
    assert clicked(place, cast, "approve settlement", settlement.id, cast.approvers, digest) == ONCE
    assert counted(session, SettlementApproval) == 1


def test_without_lock_and_key_a_settlement_is_approved_several_times(session, place, cast, previewed):
    settlement, digest = previewed
    with without_keys(place, session, "uq_settlement_approval_settlement_id_inputs_sha256_preparer_id"):
        clicked(place, cast, "approve settlement", settlement.id, cast.approvers, digest, locks=False)
        assert counted(session, SettlementApproval) > 1


@pytest.mark.case("attack:A076")
def test_a_pool_is_closed_once(session, place, cast, approved):
    assert clicked(place, cast, "close", approved.id, cast.approvers) == ONCE
    assert counted(session, SettlementClose) == 1


def test_without_the_lock_those_who_close_too_crash_into_each_other(session, place, cast, approved):
    answers = clicked(place, cast, "close", approved.id, cast.approvers, locks=False)
    assert answers["Conflict"] < 3, f"somebody was not told in words: {answers}"


def test_a_payout_run_is_approved_once(session, place, cast, made):
    assert clicked(place, cast, "approve run", made.id, cast.approvers) == ONCE
    assert counted(session, RunApproval) == 1


def test_without_lock_and_key_a_payout_run_is_approved_several_times(session, place, cast, made):
    with without_keys(place, session, "uq_payout_approval_run_id"):
        clicked(place, cast, "approve run", made.id, cast.approvers, locks=False)
        assert counted(session, RunApproval) > 1


def test_of_four_who_make_a_run_one_finds_somebody_to_pay(session, place, cast, owed):
    assert clicked(place, cast, "make run", cast.meru.id, cast.wanjiru.id) == {"done": 1, "Refusal": 3}
    assert counted(session, Run) == 1


def test_without_lock_and_key_four_runs_pay_one_debt(session, place, cast, owed):
    with without_keys(place, session, "uq_obligation_one_open"):
        clicked(place, cast, "make run", cast.meru.id, cast.wanjiru.id, locks=False)
        assert counted(session, Run) > 1


def test_a_share_application_is_approved_once(session, place, cast, applied):
    assert clicked(place, cast, "approve shares", applied.id, cast.approvers) == ONCE
    assert counted(session, ShareApproval) == 1
    book = books.of_cooperative(session, cast.meru.id)
    assert shares.whole(session, book) == book.money(400_000)


def test_without_the_keys_a_share_application_is_paid_up_several_times(session, place, cast, applied):
    with without_keys(place, session, "uq_share_approval_subscription_id"):
        clicked(place, cast, "approve shares", applied.id, cast.approvers, locks=False)
        assert counted(session, ShareApproval) > 1


def heads(session, cast):
    return [grant for grant in roles.live_in(session, cast.meru.id) if grant.role is roles.Role.MANAGER]


@pytest.fixture
def two_managers(session, make, cast):
    """The grants of two managers, each with the other as who takes it away."""
    make.staff(cast.meru, "manager", name="Zawadi Ouma")
    grants = heads(session, cast)
    session.commit()
    return " ".join(str(grant.id) for grant in grants), " ".join(str(grant.person_id) for grant in reversed(grants))


@pytest.mark.case("attack:A208")
def test_of_two_managers_who_dismiss_each_other_one_stays(session, place, cast, two_managers):
    answers = clicked(place, cast, "withdraw", *two_managers, count=2)
    assert answers["done"] == 1 and set(answers) <= {"done", "Refusal", "Denied"}
    assert len(heads(session, cast)) == 1


def test_without_the_lock_nobody_is_left(session, place, cast, two_managers):
    clicked(place, cast, "withdraw", *two_managers, locks=False, count=2)
    assert heads(session, cast) == []


SPELLINGS = ("amina@example.org", "Amina@Example.org", " AMINA@example.ORG ", "amina@EXAMPLE.org")


@pytest.mark.case("attack:A184")
def test_one_address_sent_twenty_times_in_four_spellings_is_one_person(session, place):
    answers = Counter(together(f"{STAFF}:add_person", place.url, 20, *SPELLINGS))
    assert answers["done"] == 1 and set(answers) <= {"done", "Refusal", "Conflict"}
    assert counted(session, Person) == 1


def test_looking_whether_the_address_is_free_is_not_enough(session, place):
    with without_keys(place, session, "uq_person_email"):
        together(f"{STAFF}:add_person_by_looking_first", place.url, 4, *SPELLINGS)
        assert counted(session, Person) > 1


@pytest.mark.case("attack:A184")
def test_one_invitation_taken_up_by_eight_makes_one_member_of_staff(session, place, make, cast, monkeypatch):
    monkeypatch.setattr(invitations, "new_secret", lambda: "the key in the letter to Zawadi")
    session.commit()
    before = counted(session, Person)
    invitations.send(
        session, cast.meru.id, "zawadi@example.org", house="Meru", page="http://shop.test/invitations/", by=cast.wanjiru.id,
        role=roles.Role.COLLECTOR,
    )  # fmt: skip
    session.commit()
    answers = Counter(together(f"{STAFF}:join", place.url, 8, "the key in the letter to Zawadi", "Zawadi Ouma"))
    assert answers["done"] == 1 and set(answers) <= {"done", "Refusal", "Conflict", "Denied"}
    assert counted(session, Person) == before + 1
