"""Is the shop alive, and is it ready? For whoever starts and watches it."""

from __future__ import annotations

from flask import Response
from sqlalchemy import text

from ground.db import db
from ground.web.door import PUBLIC, Door

door = Door("health", __name__)


def _plain(words: str, status: int = 200) -> Response:
    return Response(
        words + "\n", status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


@door.get("/healthz", who=PUBLIC)
def alive() -> Response:
    """The process answers."""
    return _plain("alive")


@door.get("/readyz", who=PUBLIC)
def ready() -> Response:
    """The database answers too, with the schema that this code was written for."""
    from ground import migrations

    db.session.execute(text("SELECT 1"))
    behind = migrations.pending(db.session.connection())
    return _plain("ready") if not behind else _plain("not ready: the database waits for its migrations", 503)
