"""The members', people's and companies' desks: the right people do their tasks, everybody else finds nothing there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cooperative import companies, destinations, members, roles, shares
from cooperative.roles import Role
from cooperative.sessions import SignIn
from ground import clock
from ground.ids import new_id
from ground.outbox import Letter
from ledger import books

STRANGE = "01a20a73-870f-7e9d-a97d-b413d194e9b1"
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def office(client, session, make, meru):
    """`office(person)`: a browser in which this person is signed in."""

    def signed_in(person):
        client.set_cookie("gm-session", make.sign_in(person))
        return client

    return signed_in


def post(client, path, **form):
    return client.post(f"/office/meru{path}", data=form, headers=SAME)


def test_a_member_is_entered_found_and_entered_once(office, session, make, meru):
    client = office(make.staff(meru, "manager"))
    form = {"name": "Grace Njeri", "phone": "0712 345 678", "joined_on": "2026-01-05", "once": str(new_id())}
    first, again = post(client, "/members/", **form), post(client, "/members/", **form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert [(member.number, member.phone) for member in members.all_of(session, meru.id)] == [(1, "+254712345678")]
    assert "Grace Njeri" in client.get("/office/meru/members/?q=grace").text
    assert "Grace Njeri" in client.get("/office/meru/members/1").text
    changed = post(client, "/members/", **(form | {"name": "Somebody Else"}))
    assert changed.status_code == 409
    assert members.count(session, meru.id) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 101), ("name", "G\u202egrace"), ("phone", "call me"), ("number", "-1"), ("number", "1e3"),
        ("number", "٣"), ("joined_on", "2999-01-01"), ("joined_on", "yesterday"), ("group_id", "1"), ("group_id", STRANGE),
        ("once", "x"), ("cooperative_id", STRANGE),
    ],
)  # fmt: skip
def test_a_bad_field_is_named_kept_and_writes_nothing(office, session, make, meru, field, value):
    client = office(make.staff(meru, "manager"))
    form = {"name": "Grace Njeri", "joined_on": "2026-01-05", "once": str(new_id())} | {field: value}
    answer = post(client, "/members/", **form)
    assert answer.status_code == 422
    assert f"f-{field}" in answer.text
    assert members.count(session, meru.id) == 0


def test_a_group_is_formed_and_a_member_moves_into_it(office, session, make, meru):
    client = office(make.staff(meru, "treasurer"))
    member = make.member(meru)
    bad = post(client, "/members/groups", group_name="Tumaini", members_least="25", members_most="20")
    assert bad.status_code == 422
    assert (
        post(client, "/members/groups", group_name="Tumaini", members_least="20", members_most="25").status_code == 303
    )
    group = make.group(meru, "Upendo")
    assert post(client, f"/members/{member.number}/group", group_id=str(group.id)).status_code == 303
    assert "Upendo" in client.get(f"/office/meru/members/{member.number}").text


def test_shares_are_entered_by_one_and_approved_by_another(office, session, make, meru):
    treasurer, manager, member = make.staff(meru, "treasurer"), make.staff(meru, "manager"), make.member(meru)
    client = office(treasurer)
    early = post(client, f"/shares/members/{member.number}", shares="3", once=str(new_id()))
    assert early.status_code == 422  # No by-law says yet what a share costs.
    make.bylaw(meru, "shares", by=manager)
    form = {"shares": "3", "once": str(new_id())}
    assert post(client, f"/shares/members/{member.number}", **form).status_code == 303
    assert post(client, f"/shares/members/{member.number}", **form).status_code == 303
    (waiting,) = shares.waiting(session, meru.id)
    assert post(client, f"/shares/{waiting.id}/approval").status_code == 422
    client = office(manager)
    assert member.name in client.get("/office/meru/shares/").text
    assert post(client, f"/shares/{waiting.id}/approval").status_code == 303
    assert post(client, f"/shares/{waiting.id}/approval").status_code == 409
    assert shares.paid_up(session, books.of_cooperative(session, meru.id), member).minor == 3 * 2000_00


def test_a_new_destination_asks_who_you_are_is_kept_and_told(office, session, make, meru):
    """[attack:A182]"""
    treasurer, owner = make.staff(meru, "treasurer"), make.person(email="owner@example.org")
    member = make.member(meru, person=owner)
    client = office(treasurer)
    form = {"rail": "bank", "holder": "Grace Njeri", "bank_code": "KCBLKENX", "account": "1180012345"}
    session.commit()
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    asked = post(client, f"/members/{member.number}/destinations", **form)
    assert asked.location.startswith("/confirm")
    assert destinations.history(session, meru.id, member.id) == []
    session.execute(update(SignIn).values(stepped_up_at=clock.now()))
    wrong = post(client, f"/members/{member.number}/destinations", **(form | {"account": "1"}))
    assert wrong.status_code == 422
    assert 'id="f-account-error"' in wrong.text
    assert post(client, f"/members/{member.number}/destinations", **form).status_code == 303
    assert destinations.live(session, meru.id, [member.id])[member.id].account == "1180012345"
    (letter,) = session.scalars(select(Letter))
    assert letter.recipient == "owner@example.org"
    assert "1180012345" not in letter.text


@pytest.mark.case("attack:A072")
def test_the_marketplaces_own_account_is_no_members(office, session, make, meru):
    """A house cannot see that account, and is told only that it is not the member's."""
    desk = make.operator()
    make.bank_account(desk, by=make.staff(desk, "operator"), account="0110099887", bank_code="EQBLKENA")
    member, client = make.member(meru), office(make.staff(meru, "treasurer"))
    form = {"rail": "bank", "holder": "Grace Njeri", "bank_code": "EQBLKENA"}
    session.commit()
    wrong = post(client, f"/members/{member.number}/destinations", **form, account="0110 0998-87")
    assert wrong.status_code == 422 and "the marketplace’s own account" in wrong.text
    assert destinations.history(session, meru.id, member.id) == []
    session.commit()
    assert post(client, f"/members/{member.number}/destinations", **form, account="0110099888").status_code == 303


def test_a_collector_finds_members_but_changes_nothing(office, session, make, meru):
    client = office(make.staff(meru, "collector"))
    member = make.member(meru)
    assert client.get("/office/meru/members/").status_code == 200
    assert client.get(f"/office/meru/members/{member.number}").status_code == 200
    assert client.get("/office/meru/members/new").status_code == 403
    assert post(client, f"/members/{member.number}/destinations", rail="cash", holder="Me").status_code == 403
    assert client.get("/office/meru/people/").status_code == 403
    assert client.get("/office/meru/shares/").status_code == 403


def test_the_office_of_another_cooperative_is_as_missing_as_one_that_never_was(office, session, make, meru):
    make.cooperative("Kilifi Coast", slug="kilifi")
    make.member(meru)
    client = office(make.staff(meru, "manager"))
    for page in ("members/", "members/1", "people/", "companies/", "shares/"):
        theirs, nowhere = client.get(f"/office/kilifi/{page}"), client.get(f"/office/nowhere/{page}")
        assert (theirs.status_code, nowhere.status_code) == (404, 404)
        assert theirs.text.replace("/office/kilifi/", "…") == nowhere.text.replace("/office/nowhere/", "…")


def test_another_cooperatives_rows_are_missing_by_number_and_by_id(office, session, make, meru):
    kilifi = make.cooperative("Kilifi Coast", slug="kilifi")
    strange = make.member(kilifi, number=77)
    application = make.shares_of(strange, 1, by=make.staff(kilifi, "treasurer"))
    foreign = next(row for row in roles.live_in(session, kilifi.id))
    client = office(make.staff(meru, "manager"))
    assert client.get("/office/meru/members/77").status_code == 404
    assert client.get("/office/meru/members/99999999999999999999").status_code == 404
    assert post(client, f"/shares/{application.id}/approval").status_code == 404
    assert post(client, f"/people/grants/{foreign.id}/withdrawal").status_code == 404
    assert post(client, f"/companies/{new_id()}/terms", net_days="1", credit_limit="1").status_code == 404


def test_a_manager_invites_gives_and_takes_back_but_not_the_last_managers_role(office, session, make, meru):
    manager, helper = make.staff(meru, "manager"), make.staff(meru, "collector")
    client = office(manager)
    assert post(client, "/people/invitations", email="new@example.org", role="treasurer").status_code == 303
    assert "new@example.org" in client.get("/office/meru/people/").text
    assert post(client, "/people/invitations", email="new@example.org", role="operator").status_code == 403
    assert post(client, "/people/grants", person_id=str(helper.id), role="treasurer").status_code == 303
    assert roles.of(session, helper.id, meru.id) == {Role.COLLECTOR, Role.TREASURER}
    stranger = make.person()
    assert post(client, "/people/grants", person_id=str(stranger.id), role="treasurer").status_code == 404
    mine = next(row for row in roles.live_in(session, meru.id) if row.person_id == manager.id)
    last = post(client, f"/people/grants/{mine.id}/withdrawal")
    assert last.status_code == 422
    assert "last manager" in last.text
    theirs = next(row for row in roles.live_in(session, meru.id) if row.role is Role.COLLECTOR)
    assert post(client, f"/people/grants/{theirs.id}/withdrawal").status_code == 303


def test_terms_are_granted_changed_and_ended_by_a_manager(office, session, make, meru):
    client = office(make.staff(meru, "manager"))
    form = {
        "name": "Nyota Schools Kitchen Ltd",
        "registration_no": "pvt-123",
        "net_days": "30",
        "credit_limit": "5000.00",
    }
    assert post(client, "/companies/", **form).status_code == 303
    (terms,) = companies.terms_in(session, meru.id)
    assert (terms.net_days, terms.credit_limit_minor, terms.company.registration_no) == (30, 5000_00, "PVT-123")
    assert "Nyota Schools" in client.get("/office/meru/companies/").text
    assert post(client, f"/companies/{terms.company_id}/terms", net_days="14", credit_limit="0").status_code == 303
    assert not companies.terms_in(session, meru.id)[0].open
    for field, value in (
        ("net_days", "121"),
        ("credit_limit", "-1"),
        ("credit_limit", "1e9"),
        ("credit_limit", "0.001"),
    ):
        answer = post(client, "/companies/", **(form | {field: value}))
        assert answer.status_code == 422
        assert f"f-{field}" in answer.text


def test_a_treasurer_sees_terms_and_grants_none(office, make, meru):
    client = office(make.staff(meru, "treasurer"))
    assert client.get("/office/meru/companies/").status_code == 200
    form = {"name": "Nyota", "registration_no": "PVT-1", "net_days": "30", "credit_limit": "5000"}
    assert post(client, "/companies/", **form).status_code == 403


def test_a_members_name_is_only_ever_text(office, session, make, meru):
    """[attack:A001]"""
    name = "\"><svg/onload=fetch('//x')>"
    member = make.member(meru, name)
    client = office(make.staff(meru, "manager"))
    for page in ("/office/meru/members/", f"/office/meru/members/{member.number}", "/office/meru/members/?q=%3Csvg"):
        assert "<svg/onload" not in client.get(page).text
