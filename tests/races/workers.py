"""The worker as a process of its own: everything that is due at a moment later than now, by the roof's own duties."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Engine

import app
from admin.commands.work import round_of_work
from ground import clock
from ground.db import db
from ground.stripe.modes import make_gateway
from storefront.tills import Till
from tests.races.deeds import ADDRESS, SECRET

ROUNDS_MOST = 30


def work(engine: Engine, number: int, sandbox: str, seconds: str = "0", address: str = ADDRESS) -> int:
    """Rounds of work until nothing is due, as if so many seconds had passed since; how much was done."""
    db.use(engine)
    till = Till(make_gateway({"SANDBOX_DATABASE": sandbox}), db.unit, SECRET, address)
    duties, done = app.duties(till), 0
    config = {"SMTP_HOST": "", "MAIL_FOLDER": str(Path(sandbox).parent / "mail"), "MAIL_SENDER": "shop@example.org"}
    later = clock.now() + timedelta(seconds=int(seconds))
    with patch.object(clock, "read", lambda: later):
        for _ in range(ROUNDS_MOST):
            for timer in duties.timers.values():
                timer.due = 0.0
            did = round_of_work(duties, config)
            if not did:
                return done
            done += did
    raise AssertionError("the worker never comes to rest")
