"""What all racers share: a unit of work under the guard's own rules, a till, and how a guard is taken away for an anti-test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Engine, Select, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import app  # noqa: F401  (foreign keys name tables of every floor)
from ground import tenants
from ground.clashes import already_there, worth_retrying
from ground.engines import canonical_json, make_session
from ground.errors import Conflict
from ground.stripe.modes import make_gateway
from ground.web.guard import RETRIES_MOST
from storefront.tills import Till
from tests.races import meeting

T = TypeVar("T")
P = ParamSpec("P")
SECRET = "a secret of the tests, 32 letters or more"
ADDRESS = "http://shop.test"
clashes: list[str] = []
"""What the database said when this racer met another: deadlocks, busy files, unique keys."""


def acting(engine: Engine, verb: Callable[[Session], T], *, sees: Iterable[str] = (), tries: int = RETRIES_MOST) -> T:
    """One unit of work, again where `ground/web/guard.py` would try again: what a person at a door would be told."""
    for attempt in range(1, tries + 1):
        session = make_session(engine)
        tenants.enter(session, [UUID(cooperative) for cooperative in sees])
        try:
            answer = verb(session)
            session.commit()
            return answer
        except DBAPIError as error:
            session.rollback()
            clashes.append(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "") or "?")
            if already_there(error) and attempt > 1:
                raise Conflict("Somebody did this a moment before you.") from None
            if attempt == tries or not (worth_retrying(error) or already_there(error)):
                raise
        finally:
            session.close()
    raise AssertionError("unreachable")


def till_at(engine: Engine, sandbox: str) -> Till:
    """The shop's till with the sandbox of this file; its own units run on `engine`."""

    @contextmanager
    def unit():
        own = make_session(engine)
        tenants.enter(own)
        try:
            yield own
        finally:
            own.close()

    return Till(make_gateway({"SANDBOX_DATABASE": sandbox}), unit, SECRET, ADDRESS)


def unguarded(engine: Engine) -> Engine:
    """For anti-tests: no row is locked any more, and on SQLite every statement stands alone, as if nobody knew transactions."""
    Select.with_for_update = lambda self, **_: self
    if engine.dialect.name == "postgresql":
        return engine
    return create_engine(
        engine.url, isolation_level="AUTOCOMMIT", json_serializer=canonical_json, connect_args={"timeout": 20}
    )


def widened(function: Callable[P, T]) -> Callable[P, T]:
    """The same, and then nobody goes on before all the others did it too. For mutants only."""

    def slowly(*args: P.args, **kwargs: P.kwargs) -> T:
        found = function(*args, **kwargs)
        meeting.all_have_looked()
        return found

    return slowly
