"""The database under test is what production would be: the shop owns nothing, bypasses nothing, and each test starts empty."""

from __future__ import annotations

import socket

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from ground import outbox
from ground.db import APP_ROLE, WORKER_ROLE
from ground.ids import new_id


@pytest.mark.on("postgresql")
@pytest.mark.parametrize(("who", "role"), [("engine", APP_ROLE), ("worker_engine", WORKER_ROLE)])
def test_the_shop_and_its_worker_log_in_without_power_over_the_database(
    who: str, role: str, request: pytest.FixtureRequest
):
    with request.getfixturevalue(who).connect() as connection:
        powers = connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
                " FROM pg_roles WHERE rolname = session_user"
            )
        ).one()
        roles = set(
            connection.scalars(text("SELECT rolname FROM pg_roles WHERE pg_has_role(session_user, oid, 'member')"))
        )
        owned = connection.scalar(
            text(
                "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
                " WHERE r.rolname IN (session_user, :role) AND deptype = 'o'"
            ),
            {"role": role},
        )
        login = connection.scalar(text("SELECT session_user"))
    assert not any(powers)
    assert roles == {role, login}
    assert owned == 0


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_with_every_table_empty(turn: int, session: Session, owner_engine: Engine):
    tables = [
        name
        for name in inspect(owner_engine).get_table_names()
        if name != "alembic_version"
        and not name.startswith("listing_words_")  # FTS5's own, which keep a head when empty.
    ]
    assert len(tables) >= 4
    with owner_engine.begin() as connection:
        assert [name for name in tables if connection.scalar(text(f'SELECT count(*) FROM "{name}"'))] == []
    outbox.write(session, to="amina@example.org", subject=f"Letter {turn}", text="Hello", cause=new_id(), kind="test")
    session.commit()


def test_a_test_that_reaches_for_the_network_fails():
    with pytest.raises(AssertionError, match="reached for the network"), socket.socket() as wire:
        wire.connect(("192.0.2.1", 80))
    with pytest.raises(AssertionError, match="asked for the address"):
        socket.getaddrinfo("example.org", 80)
