"""Idempotency keys: a request sent twice happens once, and the second sender gets the first one's answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock
from ground.db import Model
from ground.engines import canonical_json
from ground.errors import Conflict
from ground.ids import new_id
from ground.words import _

NOT_ASKED = frozenset({"csrf_token", "once"})


class RequestKey(Model):
    """A key spent by someone, with what they asked (as a hash) and where the answer is."""

    __tablename__ = "request_key"
    __table_args__ = (UniqueConstraint("principal", "key"),)
    append_only = True

    principal: Mapped[str]
    key: Mapped[UUID]
    body_sha256: Mapped[str]
    location: Mapped[str]


class Replay(Exception):
    """This very request came before and was done; `location` is where its answer stands."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def claim(session: Session, *, principal: str, key: UUID, body: Mapping[str, object], location: str) -> None:
    """Spend `key` in this transaction, first thing.

    Raises Replay when the same principal sent the same body under it before, Conflict when the body differs: a key is
    bound to who sent it and what they asked. Two at once: the second waits for the first's commit. The form's token is no
    part of what they asked: it changes with the session.
    """
    asked = {name: str(value) for name, value in body.items() if name not in NOT_ASKED}
    digest = hashlib.sha256(canonical_json(asked).encode()).hexdigest()
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "id": new_id(), "created_at": clock.now(), "principal": principal, "key": key, "body_sha256": digest,
        "location": location,
    }  # fmt: skip
    # By what it returns: the count of rows inserted is not kept on PostgreSQL, where every first claim looked like a second.
    written = native.insert(RequestKey).values(row).on_conflict_do_nothing().returning(RequestKey.id)
    if session.scalar(written) is not None:
        return
    before = session.scalars(select(RequestKey).where(RequestKey.principal == principal, RequestKey.key == key)).one()
    if before.body_sha256 != digest:
        raise Conflict(_("This form was sent before with other words in it. Open it afresh."))
    raise Replay(before.location)
