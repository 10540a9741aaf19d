"""Request keys: sent twice, done once; the second sender gets the first one's answer."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ground import keys
from ground.errors import Conflict
from ground.ids import new_id
from ground.keys import Replay, RequestKey


def spent(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(RequestKey)) or 0


def claim(
    session: Session, key, body: dict | None = None, principal: str = "person:1", location: str = "/orders/1"
) -> None:
    keys.claim(session, principal=principal, key=key, body=body or {"eggs": 12}, location=location)


def test_a_lost_answer_is_given_again(session: Session):
    key = new_id()
    claim(session, key)
    session.commit()
    with pytest.raises(Replay) as replay:
        claim(session, key, location="/somewhere/else")
    assert replay.value.location == "/orders/1"
    assert spent(session) == 1


def test_the_same_key_with_other_words_is_a_conflict(session: Session):
    key = new_id()
    claim(session, key, {"eggs": 12})
    session.commit()
    for other in ({"eggs": 13}, {"eggs": 12, "milk": 1}, {"egg": 12}):
        with pytest.raises(Conflict) as conflict:
            claim(session, key, other)
        assert conflict.value.status == 409


def test_the_order_of_the_fields_is_no_other_body(session: Session):
    key = new_id()
    claim(session, key, {"eggs": 12, "milk": 1})
    with pytest.raises(Replay):
        claim(session, key, {"milk": 1, "eggs": 12})


def test_a_form_opened_before_signing_in_again_is_the_same_form(session: Session):
    key = new_id()
    claim(session, key, {"eggs": 12, "csrf_token": "of the first visit"})
    with pytest.raises(Replay):
        claim(session, key, {"eggs": 12, "csrf_token": "of the second"})


def test_somebody_elses_key_says_nothing_about_mine(session: Session):
    key = new_id()
    claim(session, key, principal="person:1")
    claim(session, key, {"eggs": 99}, principal="person:2")
    assert spent(session) == 2


def test_a_deed_that_was_rolled_back_may_be_done_with_the_same_key(session: Session):
    key = new_id()
    claim(session, key)
    session.rollback()
    claim(session, key)
    session.commit()
    assert spent(session) == 1
