"""An invitation is for one address, one use, one week, and dies with the right of who sent it [attack:A178]."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from cooperative import invitations, members, roles
from cooperative.invitations import Invitation
from cooperative.roles import Role
from ground import clock
from ground.errors import Conflict, Denied, Refusal
from ground.outbox import Letter

WORDS = "goats on the southern terraces"


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


@pytest.fixture
def send(session, meru):
    def sent(by, email="new@example.org", **offer):
        offer = offer or {"role": Role.COLLECTOR}
        made = invitations.send(
            session, meru.id, email, by=by.id, house=meru.name, page="https://shop.example/invitations/", **offer
        )
        letter = session.scalars(select(Letter).where(Letter.cause_id == made.id)).one()
        return letter.text.partition("/invitations/")[2].split()[0]

    return sent


def opened(session, key):
    invitation = invitations.find_open(session, key)
    assert invitation is not None
    return invitation


def accept(session, key, person=None):
    invitation = opened(session, key)
    return invitations.accept(session, invitation, as_person=person, name="Halima Juma", password=WORDS)


def test_a_new_person_takes_up_the_role_that_was_offered(session, make, meru, send):
    key = send(make.staff(meru, "manager"))
    person = accept(session, key)
    assert person.email == "new@example.org"
    assert roles.of(session, person.id, meru.id) == {Role.COLLECTOR}
    assert invitations.find_open(session, key) is None


def test_the_key_is_in_the_letter_and_nowhere_else(session, make, meru, send):
    key = send(make.staff(meru, "manager"))
    stored = session.scalars(select(Invitation)).one()
    assert key.encode() not in stored.token_hash
    assert len(stored.token_hash) == 32


def test_a_letter_counts_once_even_when_two_opened_it(session, make, meru, send):
    invitation = opened(session, send(make.staff(meru, "manager")))
    first = invitations.accept(session, invitation, as_person=None, name="Halima", password=WORDS)
    with pytest.raises(Conflict):
        invitations.accept(session, invitation, as_person=first)


def test_nobody_invites_above_their_own_role(session, make, meru, send):
    with pytest.raises(Denied):
        send(make.staff(meru, "treasurer"), role=Role.MANAGER)
    with pytest.raises(Denied):
        send(make.staff(meru, "manager"), role=Role.OPERATOR)


def test_a_letter_dies_with_the_right_of_who_sent_it(session, make, meru, send):
    sender, other = make.staff(meru, "manager"), make.staff(meru, "manager")
    key = send(sender)
    grant = next(row for row in roles.live_in(session, meru.id) if row.person_id == sender.id)
    roles.withdraw(session, meru.id, grant.id, by=other.id)
    with pytest.raises(Denied):
        accept(session, key)


def test_a_letter_is_for_the_address_it_went_to(session, make, meru, send):
    manager = make.staff(meru, "manager")
    known = make.person(email="known@example.org")
    key = send(manager, "known@example.org")
    with pytest.raises(Denied):
        accept(session, key)
    with pytest.raises(Denied):
        accept(session, key, make.person())
    assert accept(session, key, known) is known


def test_a_letter_is_good_for_a_week(session, make, meru, send, monkeypatch):
    key = send(make.staff(meru, "manager"))
    start = clock.now()
    monkeypatch.setattr(clock, "read", lambda: start + timedelta(days=7, seconds=1))
    assert invitations.find_open(session, key) is None
    assert invitations.find_open(session, "a" * 32) is None


def test_a_member_is_bound_to_who_accepts_and_to_nobody_after(session, make, meru, send):
    by, member = make.staff(meru, "treasurer"), make.member(meru)
    key = send(by, member=member)
    person = accept(session, key)
    session.expire_all()
    bound = members.find_by_person(session, meru.id, person.id)
    assert bound is not None
    assert bound.number == member.number
    with pytest.raises(Refusal):
        send(by, "other@example.org", member=member)


def test_the_letters_page_makes_an_account_and_signs_it_in(client, session, make, meru, send):
    key = send(make.staff(meru, "manager"))
    page = client.get(f"/invitations/{key}")
    assert meru.name in page.text
    headers = {"Sec-Fetch-Site": "same-origin"}
    weak = client.post(f"/invitations/{key}", data={"name": "Halima", "password": "short"}, headers=headers)
    assert weak.status_code == 422
    done = client.post(f"/invitations/{key}", data={"name": "Halima Juma", "password": WORDS}, headers=headers)
    assert done.status_code == 303
    assert "Meru Highlands" in client.get("/me").text
    assert client.get(f"/invitations/{key}").status_code == 404
