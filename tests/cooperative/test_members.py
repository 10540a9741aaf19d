"""Members keep their numbers, groups keep their size, and where a member is paid is never overwritten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cooperative import destinations, groups, members
from cooperative.destinations import Rail
from ground import tenants
from ground.engines import make_session
from ground.errors import Conflict, Refusal


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


def test_a_new_member_gets_the_next_number_and_a_passbook_keeps_its_own(session, make, meru):
    assert [make.member(meru).number, make.member(meru, number=2187).number, make.member(meru).number] == [
        1,
        2187,
        2188,
    ]
    with pytest.raises(Refusal) as refused:
        make.member(meru, number=2187)
    assert list(refused.value.fields) == ["number"]
    assert make.member(make.cooperative("Kilifi Coast")).number == 1


def test_members_entered_at_once_get_different_numbers(engine, session, meru):
    session.commit()

    def enrol(number):
        with make_session(engine) as own:
            tenants.enter(own, [meru.id])
            made = members.enrol(own, meru.id, name=f"Member {number}", joined_on=date(2026, 1, 5))
            own.commit()
            return made.number

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(enrol, range(8))) == list(range(1, 9))


def test_a_full_group_takes_nobody_more_even_when_two_ask_at_once(engine, session, make, meru):
    group = make.group(meru, least=1, most=3)
    waiting = [make.member(meru) for _ in range(6)]
    session.commit()

    def join(member):
        with make_session(engine) as own:
            tenants.enter(own, [meru.id])
            try:
                members.join_group(own, meru.id, member.id, group.id)
                own.commit()
                return True
            except Refusal:
                own.rollback()
                return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(join, waiting)) == 3


def test_a_group_has_twenty_to_twenty_five_members_unless_it_says_otherwise(session, meru):
    group = groups.form(session, meru.id, "Tumaini")
    assert (group.members_least, group.members_most) == (20, 25)
    with pytest.raises(Refusal):
        groups.form(session, meru.id, " Tumaini ")


def test_a_member_cannot_join_another_cooperatives_group(session, make, meru):
    strange = make.group(make.cooperative("Kilifi Coast"))
    with pytest.raises(Refusal):
        members.join_group(session, meru.id, make.member(meru).id, strange.id)


def test_who_moves_within_a_full_group_still_fits(session, make, meru):
    group = make.group(meru, least=1, most=1)
    member = make.member(meru, group=group)
    members.join_group(session, meru.id, member.id, group.id)


def test_a_member_leaves_once_and_frees_the_place_in_the_group(session, make, meru):
    group = make.group(meru, least=1, most=1)
    member = make.member(meru, group=group)
    members.leave(session, meru.id, member.id, date(2026, 6, 1))
    with pytest.raises(Conflict):
        members.leave(session, meru.id, member.id, date(2026, 6, 2))
    make.member(meru, group=group)
    assert members.count(session, meru.id) == 1
    assert len(members.all_of(session, meru.id)) == 2


def test_members_are_found_by_number_name_and_phone_and_signs_are_only_letters(session, make, meru):
    make.member(meru, "Grace Njeri", number=12)
    make.member(meru, "Peter 100% Otieno", number=212)
    found = [
        [member.name for member in members.search(session, meru.id, words)]
        for words in ("gRACE", "12", "100%", "%", "_", "\\")
    ]
    assert found == [["Grace Njeri"], ["Grace Njeri"], ["Peter 100% Otieno"], ["Peter 100% Otieno"], [], []]


def test_the_register_turns_its_pages_by_number(session, make, meru):
    for _ in range(5):
        make.member(meru)
    first = members.search(session, meru.id, most=2)
    assert [member.number for member in first] == [1, 2, 3]
    assert [member.number for member in members.search(session, meru.id, after=2, most=2)] == [3, 4, 5]


def test_a_member_is_paid_at_the_latest_destination_and_the_older_ones_are_kept(session, make, meru):
    by, member, other = make.staff(meru, "treasurer"), make.member(meru), make.member(meru)
    make.cash_destination(member, by=by)
    session.commit()
    make.bank_destination(member, by=by)
    live = destinations.live(session, meru.id, [member.id, other.id])
    assert {key: row.rail for key, row in live.items()} == {member.id: Rail.BANK}
    assert live[member.id].masked == "…2345"
    assert [row.rail for row in destinations.history(session, meru.id, member.id)] == [Rail.BANK, Rail.CASH]
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(text("UPDATE destination SET account = '999'"))


@pytest.mark.parametrize(
    ("bank_code", "account", "wrong"),
    [
        ("KCBLKENX", "12", {"account"}), ("KCBL", "1180012345", {"bank_code"}), ("kcblkenx", "1180-0123 45", set()),
        ("KCBLKENXXXX", "KE00 1234", set()), ("", "", {"bank_code", "account"}), ("KCBLKENX", "=HYPERLINK(1)", {"account"}),
    ],
)  # fmt: skip
def test_a_bank_account_has_a_bic_and_a_number(session, make, meru, bank_code, account, wrong):
    by, member = make.staff(meru, "treasurer"), make.member(meru)

    def change():
        return destinations.change(
            session, meru.id, member.id, rail=Rail.BANK, holder="Grace", bank_code=bank_code, account=account, by=by.id
        )

    if wrong:
        with pytest.raises(Refusal) as refused:
            change()
        assert set(refused.value.fields) == wrong
    else:
        assert change().bank_code.startswith("KCBLKENX")
