"""`flask work`: the worker. Provider events, jobs, letters and timers, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

from ground import inbox, jobs, outbox
from ground.db import WORKER_ROLE, db

log = structlog.get_logger()
IDLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Duties:
    """What the roof hands the worker: who handles which event and job, and what is done every so often."""

    events: Mapping[tuple[str, str], inbox.Handler]
    jobs: Mapping[str, Callable[[UUID], None]]
    timers: Mapping[str, jobs.Timer]


def round_of_work(duties: Duties, config: Mapping[str, Any]) -> int:
    """One look at everything that may be due; answers how much was done."""
    done = inbox.drain(db.unit, duties.events)
    done += jobs.run_due(db.unit, duties.jobs)
    done += outbox.send_due(db.unit, postman(config), config["MAIL_SENDER"])
    return done + jobs.tick(duties.timers)


def postman(config: Mapping[str, Any]) -> outbox.Post:
    """SMTP where it is configured, else a folder of .eml files."""
    if config["SMTP_HOST"]:
        return outbox.smtp(
            config["SMTP_HOST"], config["SMTP_PORT"], user=config["SMTP_USER"], password=config["SMTP_PASSWORD"]
        )
    return outbox.folder(Path(config["MAIL_FOLDER"]))


def work_until(stop: threading.Event, duties: Duties, config: Mapping[str, Any]) -> None:
    """Rounds of work until `stop` is set; a round that fails whole (the database is away) is logged and tried again."""
    while not stop.is_set():
        try:
            done = round_of_work(duties, config)
        except Exception:
            log.exception("work.round_failed")
            done = 0
        if not done:
            stop.wait(IDLE_SECONDS)


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due, then stop.")
@with_appcontext
def command(once: bool) -> None:
    """Run the worker."""
    db.connect(current_app.config["WORKER_DATABASE_URL"], role=WORKER_ROLE)
    duties: Duties = current_app.extensions["duties"]
    if once:
        while round_of_work(duties, current_app.config):
            pass
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    work_until(stop, duties, current_app.config)
