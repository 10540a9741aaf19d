"""Nobody gives more than they have, and a cooperative never loses its last manager."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from cooperative import authority, cooperatives, people, roles
from cooperative.roles import Role, RoleGrant
from ground import tenants
from ground.engines import make_session
from ground.errors import Conflict, Denied, Refusal


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


def grant_of(session, house, person, role):
    query = select(RoleGrant.id).where(RoleGrant.cooperative_id == house.id, RoleGrant.person_id == person.id)
    return session.scalars(query.where(RoleGrant.role == role, RoleGrant.withdrawn_at.is_(None))).one()


@pytest.mark.parametrize("asker", ["treasurer", "collector"])
@pytest.mark.parametrize("wanted", list(Role))
def test_only_a_manager_gives_roles(session, make, meru, asker, wanted):
    """[commerce:X15]"""
    by = make.staff(meru, asker)
    with pytest.raises(Denied):
        roles.grant(session, meru.id, make.person().id, wanted, by=by.id)


def test_a_manager_gives_every_desk_of_the_office_but_not_the_marketplace(session, make, meru):
    """[commerce:X15]"""
    by, person = make.staff(meru, "manager"), make.person()
    for role in (Role.MANAGER, Role.TREASURER, Role.COLLECTOR):
        roles.grant(session, meru.id, person.id, role, by=by.id)
    with pytest.raises(Denied):
        roles.grant(session, meru.id, person.id, Role.OPERATOR, by=by.id)
    assert roles.of(session, person.id, meru.id) == {Role.MANAGER, Role.TREASURER, Role.COLLECTOR}


def test_a_manager_of_one_cooperative_is_nobody_in_another(session, make, meru):
    kilifi = make.cooperative("Kilifi Coast")
    by = make.staff(meru, "manager")
    with pytest.raises(Denied):
        roles.grant(session, kilifi.id, by.id, Role.MANAGER, by=by.id)
    assert authority.roles_in(session, by.id, kilifi.id) == frozenset()


def test_who_lost_the_right_gives_nothing_any_more(session, make, meru):
    by, other = make.staff(meru, "manager"), make.staff(meru, "manager")
    roles.withdraw(session, meru.id, grant_of(session, meru, by, Role.MANAGER), by=other.id)
    with pytest.raises(Denied):
        roles.grant(session, meru.id, by.id, Role.MANAGER, by=by.id)


def test_the_same_role_given_twice_is_held_once(session, make, meru):
    by, person = make.staff(meru, "manager"), make.person()
    first = roles.grant(session, meru.id, person.id, Role.COLLECTOR, by=by.id)
    assert roles.grant(session, meru.id, person.id, Role.COLLECTOR, by=by.id) is first


def test_a_role_taken_back_stays_as_history_and_is_taken_back_once(session, make, meru):
    by, person = make.staff(meru, "manager"), make.staff(meru, "collector")
    given = grant_of(session, meru, person, Role.COLLECTOR)
    roles.withdraw(session, meru.id, given, by=by.id)
    with pytest.raises(Conflict):
        roles.withdraw(session, meru.id, given, by=by.id)
    assert roles.of(session, person.id, meru.id) == frozenset()
    session.expire_all()
    kept = session.get(RoleGrant, given)
    assert (kept.person_id, kept.withdrawn_by_id) == (person.id, by.id)


def test_the_last_manager_stays(session, make, meru):
    by = make.staff(meru, "manager")
    with pytest.raises(Refusal, match="last manager"):
        roles.withdraw(session, meru.id, grant_of(session, meru, by, Role.MANAGER), by=by.id)


def test_a_manager_who_cannot_sign_in_is_not_counted_as_one(session, make, meru):
    by, gone = make.staff(meru, "manager"), make.staff(meru, "manager")
    people.disable(session, gone.id)
    with pytest.raises(Refusal, match="last manager"):
        roles.withdraw(session, meru.id, grant_of(session, meru, by, Role.MANAGER), by=by.id)


def two_who_dismiss_each_other(engine, session, make, meru, monkeypatch, *, patience_s):
    """Both take the role back before either counts, and count before either ends, unless something makes them queue.

    Answers how many managers are left.
    """
    one, other = make.staff(meru, "manager"), make.staff(meru, "manager")
    pairs = [(one, grant_of(session, meru, other, Role.MANAGER)), (other, grant_of(session, meru, one, Role.MANAGER))]
    session.commit()
    together, count = threading.Barrier(2), roles._holders

    def count_together(own, *about):
        meet()
        left = count(own, *about)
        meet()
        return left

    def meet():
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(timeout=patience_s)

    monkeypatch.setattr(roles, "_holders", count_together)

    def dismiss(pair):
        by, grant_id = pair
        with make_session(engine) as own:
            tenants.enter(own, [meru.id])
            try:
                roles.withdraw(own, meru.id, grant_id, by=by.id)
                own.commit()
            except Refusal:
                own.rollback()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(dismiss, pairs))
    query = select(func.count()).where(RoleGrant.cooperative_id == meru.id, RoleGrant.withdrawn_at.is_(None))
    return session.scalar(query)


def test_two_managers_who_dismiss_each_other_at_once_leave_one(engine, session, make, meru, monkeypatch):
    assert two_who_dismiss_each_other(engine, session, make, meru, monkeypatch, patience_s=0.5) == 1


@pytest.mark.on("postgresql")
def test_without_the_lock_on_the_cooperative_they_would_leave_none(engine, session, make, meru, monkeypatch):
    """The anti-test: on SQLite writers queue anyway, on PostgreSQL only the lock makes them."""
    monkeypatch.setattr(cooperatives, "lock", lambda *_: None)
    assert two_who_dismiss_each_other(engine, session, make, meru, monkeypatch, patience_s=10) == 0


def test_a_role_given_by_many_at_once_is_held_once(engine, session, make, meru):
    by, person = make.staff(meru, "manager"), make.person()
    session.commit()

    def give(_):
        with make_session(engine) as own:
            tenants.enter(own, [meru.id])
            roles.grant(own, meru.id, person.id, Role.TREASURER, by=by.id)
            own.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, range(8)))
    assert session.scalar(select(func.count()).where(RoleGrant.person_id == person.id)) == 1


@pytest.mark.on("postgresql")
def test_a_person_sees_their_own_roles_and_no_one_elses_without_a_cooperative(session, make, meru):
    mine, _ = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    session.commit()
    tenants.enter(session, person=mine.id)
    assert {grant.person_id for grant in session.scalars(select(RoleGrant))} == {mine.id}
    assert authority.roles_in(session, mine.id, meru.id) == {"manager"}
    assert roles.everywhere(session, mine.id) == {meru.id: {Role.MANAGER}}
    tenants.enter(session)
    assert list(session.scalars(select(RoleGrant))) == []
