"""Approvals, payouts and refunds clicked by four people at once, through the whole shop: one is done, the others are told."""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from ground.ids import new_id
from ground.stripe.modes import make_gateway
from proceeds import payouts
from proceeds.batches import Batch
from proceeds.payouts import RunApproval
from storefront import collections, pickings
from storefront.checkouts import How
from storefront.refunds import Refund
from tests.races import together
from tests.races.keyless import without_keys

OFFICES = "tests.races.offices"
ONCE = Counter({409: 3, 303: 1})
pytestmark = pytest.mark.slow


@pytest.fixture
def cast(session, make, place, tmp_path):
    """Meru with its manager who prepares, and four others, each signed in."""
    make.operator()
    meru = make.cooperative("Meru Highlands", slug="meru")
    wanjiru = make.staff(meru, "manager", name="Wanjiru Kamau")
    others = [make.staff(meru, "treasurer", name=name) for name in ("Kiprop", "Halima", "Baraka", "Zawadi")]
    keys = " ".join(make.sign_in(each) for each in others)
    session.commit()
    return SimpleNamespace(
        meru=meru, wanjiru=wanjiru, others=others, keys=keys, sandbox=str(tmp_path / "sandbox.sqlite"), place=place
    )


@pytest.fixture
def run(session, make, cast):
    """A run that pays one member by bank and one in cash; each is owed twice as much by now."""
    members = [make.member(cast.meru, "Nkatha"), make.member(cast.meru, "Mutua")]
    make.bank_account(cast.meru, by=cast.wanjiru)
    make.bank_destination(members[0], by=cast.wanjiru)
    for member in members:
        make.owed_to(member, "700.00")
    made = payouts.make_run(session, cast.meru.id, by=cast.wanjiru.id)
    for member in members:
        make.owed_to(member, "700.00")
    session.commit()
    return made


@pytest.fixture
def approved(session, run, cast):
    payouts.approve(session, run, by=cast.others[0].id)
    session.commit()
    return run


def clicked(cast, verb, path, **form):
    told = (cast.place.url, cast.sandbox, cast.keys, f"/office/meru/{path}", json.dumps(form))
    return Counter(together(f"{OFFICES}:{verb}", cast.place.url, 4, *told))


def counted(session, table):
    session.rollback()
    number = session.scalar(select(func.count()).select_from(table))
    session.rollback()
    return number


def test_of_four_who_approve_a_run_one_has_and_three_are_told(session, cast, run):
    session.rollback()
    assert clicked(cast, "post", f"payouts/{run.id}/approval", seen=run.payments_sha256) == ONCE
    assert counted(session, RunApproval) == 1


def test_without_lock_and_key_a_run_is_approved_several_times(session, cast, run):
    path, seen = f"payouts/{run.id}/approval", run.payments_sha256
    with without_keys(cast.place, session, "uq_payout_approval_run_id"):
        clicked(cast, "post_without_locks", path, seen=seen)
        assert counted(session, RunApproval) > 1


def test_of_four_who_send_a_run_one_sends_it_and_three_are_told(session, cast, approved):
    session.rollback()
    assert clicked(cast, "post", f"payouts/{approved.id}/sending") == ONCE
    assert counted(session, Batch) == 2


def test_without_the_locks_those_who_send_crash_into_each_other(session, cast, approved):
    session.rollback()
    answers = clicked(cast, "post_without_locks", f"payouts/{approved.id}/sending")
    assert answers[409] < 3, f"everybody was told in words: {answers}"


@pytest.fixture
def line(session, make, cast):
    """The line of an order for 100.00 that was paid in cash."""
    maize = make.shelf(cast.meru, "Maize", {1: "50"}, kilograms=20)
    made = make.till()
    till = type(made)(make_gateway({"SANDBOX_DATABASE": cast.sandbox}), made.unit, made.secret_key, made.base_url)
    order = make.placed(till, make.basket({maize: 2}), How.COLLECTION).orders[0]
    pickings.pick(session, till, order, by=cast.wanjiru.id)
    collections.collect(session, order, by=cast.wanjiru.id, received=order.total)
    session.commit()
    return f"orders/{order.number}/lines/{order.lines[0].id}/refund"


def test_of_four_refunds_of_forty_only_two_fit_into_a_hundred(session, cast, line):
    answers = clicked(cast, "post_with_a_key_of_ones_own", line, amount="40", reason="Weevils")
    assert answers == {303: 2, 422: 2}
    assert session.scalar(select(func.sum(Refund.amount_minor))) == 8_000


def test_one_refund_sent_by_four_windows_of_one_person_is_one(session, cast, line):
    cast.keys = cast.keys.split()[0]
    assert clicked(cast, "post", line, amount="20", reason="Weevils", once=str(new_id())) == {303: 4}
    assert session.scalars(select(Refund.amount_minor)).all() == [2_000]


def test_without_the_key_each_window_gives_the_money_back_again(session, cast, line):
    cast.keys = cast.keys.split()[0]
    clicked(cast, "post_with_a_key_of_ones_own", line, amount="20", reason="Weevils")
    assert len(session.scalars(select(Refund.amount_minor)).all()) > 1
