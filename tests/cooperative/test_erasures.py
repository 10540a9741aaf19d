"""After an erasure no table knows who it was; before it, what is open is settled and there is time to think again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from admin.commands.audit import CHECKS
from admin.keepers import KEEPERS
from cooperative import erasures, exports, moves, roles, throttle
from cooperative.erasures import Erasure
from cooperative.people import Person
from cooperative.roles import Role
from cooperative.sessions import SignIn
from ground import clock, outbox
from ground.errors import Conflict, Refusal
from ground.outbox import Letter
from ground.trail import TrailEntry
from ledger import audit
from storefront.checkouts import Checkout, How
from tests.cooperative.everywhere import (
    EMAIL,
    FROM,
    NAME,
    SAME,
    found_in,
    settle,
)


def at(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)


# -- what is kept is known -----------------------------------------------------------------------------------------------


def test_what_is_about_a_person_is_forgotten_by_exactly_one_floor():
    """`exports.MINE` is held against every column that names a person; what stands there and here not fails."""
    said = [name for keeper in KEEPERS for name in keeper.fates]
    assert sorted(said) == sorted(exports.MINE)


@pytest.mark.case("attack:A182")
def test_an_erasure_asks_for_a_fresh_confirmation(client, session, make, zawadi):
    client.set_cookie("gm-session", make.sign_in(zawadi))
    session.execute(update(SignIn).values(stepped_up_at=clock.now() - timedelta(minutes=11)))
    assert client.post("/me/data/erasures", headers=SAME).location == "/confirm?next=/me/data"
    assert session.scalars(select(Erasure)).all() == []


# -- the wish ------------------------------------------------------------------------------------------------------------


def test_what_is_still_open_is_said_in_words_and_keeps_the_account(client, session, make, highlands, zawadi):
    roles.appoint(session, highlands.id, zawadi.id, Role.COLLECTOR)
    make.member(highlands, NAME, person=zawadi)
    client.set_cookie("gm-session", make.sign_in(zawadi))
    page = client.post("/me/data/erasures", headers=SAME)
    assert page.status_code == 422
    for words in ("Order 1 at Meru Highlands is still open.", "You have a role at Meru", "You are a member of Meru"):
        assert words in page.text
    assert session.scalars(select(Erasure)).all() == []


def test_money_at_a_cooperative_one_has_left_still_keeps_the_account(session, make, highlands):
    person = make.person("Achieng")
    member = make.member(highlands, "Achieng", person=person)
    make.owed_to(member, "300")
    member.left_on = member.joined_on
    session.flush()
    assert any(
        "Money is still open at Meru Highlands" in words for words in erasures.hindrances(session, person, KEEPERS)
    )


def test_a_wish_waits_two_weeks_can_be_taken_back_once_and_is_told_by_letter(client, session, make, till, zawadi):
    settle(session, till)
    client.set_cookie("gm-session", make.sign_in(zawadi))
    assert client.post("/me/data/erasures", headers=SAME).status_code == 303
    wish = session.scalars(select(Erasure)).one()
    assert wish.due_at - wish.created_at == pytest.approx(erasures.WAITS, abs=timedelta(seconds=5))
    assert session.scalars(select(Letter).where(Letter.kind == "erasure asked")).one().recipient == EMAIL
    assert client.post("/me/data/erasures", headers=SAME).status_code == 409
    assert "Keep my account" in client.get("/me/data").text
    assert client.post("/me/data/erasures/withdrawal", headers=SAME).status_code == 303
    assert client.post("/me/data/erasures/withdrawal", headers=SAME).status_code == 409
    assert erasures.carry_out(session, KEEPERS, clock.now() + timedelta(days=30)) == 0
    assert session.get_one(Person, zawadi.id).email == EMAIL


def test_nobody_takes_back_the_wish_of_somebody_else(client, session, make, till, zawadi):
    settle(session, till)
    erasures.ask(session, zawadi, KEEPERS)
    client.set_cookie("gm-session", make.sign_in(make.person("Mallory")))
    assert client.post("/me/data/erasures/withdrawal", headers=SAME).status_code == 409
    assert erasures.pending(session, zawadi.id) is not None


# -- forgotten -----------------------------------------------------------------------------------------------------------


def forget(session, work, monkeypatch, person):
    """Two weeks later the worker shuts the account, and a while later forgets it."""
    erasures.ask(session, person, KEEPERS)
    session.commit()
    for wait in (erasures.WAITS, erasures.WAITS + erasures.SETTLES + timedelta(minutes=1)):
        at(monkeypatch, FROM + wait)
        work()


@pytest.mark.case("attack:A256")
def test_after_an_erasure_no_table_of_the_database_knows_who_it_was(
    session, make, till, work, zawadi, owner_engine, monkeypatch
):
    settle(session, till)
    with owner_engine.connect() as connection:
        assert {"person", "checkout", "sign_in", "letter", "invitation", "provider_event", "complaint"} <= found_in(
            connection
        )
    key = throttle.keys(EMAIL, "203.0.113.9")
    forget(session, work, monkeypatch, zawadi)
    with owner_engine.connect() as connection:
        assert found_in(connection) == set()
        guesses = {row.key for row in connection.execute(text("SELECT key FROM guessing"))}
    assert not {key.account, key.place} & guesses, "a hash of a known address is a name too"


@pytest.mark.case("attack:A256")
def test_the_books_stay_whole_and_the_deed_is_in_the_trail(
    session, worker_session, make, till, work, zawadi, monkeypatch
):
    settle(session, till)
    totals, who = sorted(session.scalars(select(Checkout.total_minor))), zawadi.id
    forget(session, work, monkeypatch, zawadi)
    session.rollback()
    assert sorted(worker_session.scalars(select(Checkout.total_minor))) == totals
    assert [found.check.name for found in audit.run(worker_session, CHECKS) if found.differences] == []
    deed = worker_session.scalars(select(TrailEntry).where(TrailEntry.action == "person.erase")).one()
    assert deed.subject_id == who
    gone = worker_session.get_one(Person, who)
    assert (gone.name, gone.email, gone.phone, gone.password_hash) == ("Erased person", None, None, None)
    assert not gone.is_active


@pytest.mark.case("attack:A256")
def test_what_was_erased_can_be_written_by_nobody_again(session, make, till, work, zawadi, owner_engine, monkeypatch):
    """The database itself refuses another address, and the worker has nothing left to do."""
    settle(session, till)
    forget(session, work, monkeypatch, zawadi)
    with pytest.raises(Exception, match=r"keeps what it froze|append-only"), owner_engine.begin() as connection:
        connection.execute(text("UPDATE checkout SET email = 'somebody@example.org'"))
    assert erasures.carry_out(session, KEEPERS, clock.now() + timedelta(days=300)) == 0
    with pytest.raises(Conflict):
        erasures.withdraw(session, zawadi.id)


def test_the_address_of_a_checkout_cannot_become_another_one(owner_engine, session, make, zawadi):
    with pytest.raises(Exception, match=r"keeps what it froze|append-only"), owner_engine.begin() as connection:
        connection.execute(text("UPDATE checkout SET email = 'thief@example.org'"))


def test_an_order_that_came_meanwhile_puts_it_off_by_a_day_at_a_time(
    session, make, highlands, till, work, zawadi, monkeypatch
):
    settle(session, till)
    wish = erasures.ask(session, zawadi, KEEPERS)
    beans = make.shelf(highlands, "Beans", {1: "80"})
    make.placed(till, make.basket({beans: 1}, person=zawadi), How.COLLECTION, person=zawadi)
    session.commit()
    later = FROM + erasures.WAITS
    at(monkeypatch, later)
    work()
    session.refresh(wish)
    assert wish.shut_at is None and wish.due_at == later + erasures.LOOKS_AGAIN
    assert session.get_one(Person, zawadi.id).email == EMAIL


def test_an_account_is_shut_before_it_is_forgotten(client, session, make, till, work, zawadi, monkeypatch):
    """Nobody orders in its name between the last look at what is open and the end."""
    settle(session, till)
    erasures.ask(session, zawadi, KEEPERS)
    key = make.sign_in(zawadi)
    session.commit()
    at(monkeypatch, FROM + erasures.WAITS)
    work()
    client.set_cookie("gm-session", key)
    assert client.get("/me").status_code == 303
    assert session.get_one(Person, zawadi.id).email == EMAIL
    with pytest.raises(Conflict):
        erasures.withdraw(session, zawadi.id)


def test_letters_to_somebody_else_who_has_the_address_of_no_order_of_mine_stay(session, make, till, zawadi):
    """Whoever writes a stranger's address on an order does not get the stranger's letters erased."""
    settle(session, till)
    mallory = make.person("Mallory", email="mallory@example.org")
    outbox.write(session, to=EMAIL, subject="Your new password", text="zebra", cause=mallory.id, kind="another")
    session.execute(update(Checkout).where(Checkout.person_id == zawadi.id).values(cart_id=None))
    for keeper in reversed(KEEPERS):
        keeper.forgets(session, mallory)
    assert session.scalars(select(Letter).where(Letter.kind == "another")).one().recipient == EMAIL


def test_whoever_asked_to_move_to_a_strangers_address_does_not_get_the_strangers_letters_erased(session, make, zawadi):
    mallory = make.person("Mallory", email="mallory@example.org")
    kinds = select(Letter.kind).where(Letter.recipient == EMAIL).order_by(Letter.kind)
    before = session.scalars(kinds).all()
    moves.ask(session, mallory, EMAIL, page="https://shop.example/letter/")
    assert len(session.scalars(kinds).all()) == len(before) + 1
    for keeper in reversed(KEEPERS):
        keeper.forgets(session, mallory)
    assert session.scalars(kinds).all() == before, "all but the one letter that mallory sent her"


def test_two_wishes_at_once_are_one(session, make, till, zawadi):
    settle(session, till)
    erasures.ask(session, zawadi, KEEPERS)
    with pytest.raises(Refusal):
        erasures.ask(session, zawadi, KEEPERS)
