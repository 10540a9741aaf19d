"""People of an office who answer one complaint at once; and the same believing what they saw a moment before."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ground.errors import Conflict
from ground.ids import new_id
from ground.money import Money
from storefront import answering, complaints
from tests.races import meeting
from tests.races.deeds import acting, till_at, unguarded


def answer(engine: Engine, number: int, cooperative: str, complaint: str, person: str, sandbox: str) -> str:
    """Ten shillings out of goodwill."""
    till = till_at(engine, sandbox)

    def verb(session: Session) -> None:
        found = complaints.find(session, UUID(cooperative), UUID(complaint))
        answering.goodwill(session, till, found, Money(1_000, "KES"), "Sorry.", by=UUID(person), request_key=new_id())

    try:
        acting(engine, verb, sees=[cooperative])
    except Conflict:
        return "told"
    return "given"


def answer_by_looking_first(
    engine: Engine, number: int, cooperative: str, complaint: str, person: str, sandbox: str
) -> str:
    """The anti-test: everybody saw it open and gives; the one row of an answer, the second wall, is not written."""

    def look(session: Session, found: Any) -> None:
        assert found.answered_at is None
        meeting.all_have_looked()

    with (
        patch.object(answering, "_close", look),
        patch.object(answering, "_record", lambda *_, **__: None),
    ):
        return answer(unguarded(engine), number, cooperative, complaint, person, sandbox)
