"""The nursery: imports the shop once, then forks racers on demand, each with its own connection, and reports how each ended."""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import time
import traceback
from typing import Any

from tests.races import meeting

SECONDS_MOST = 120


def main() -> None:
    says = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a racer logs must not read as an answer.
    for line in sys.stdin:
        wanted = json.loads(line)
        module, _, _ = wanted["deed"].partition(":")
        importlib.import_module(module)
        says.write(json.dumps(race(wanted)) + "\n")
        says.flush()


def race(wanted: dict[str, Any]) -> list[tuple[Any, int]]:
    """Fork the racers, wait until all are ready, let all go by closing one pipe, and gather."""
    meeting.appoint(wanted["count"])
    start, gun = os.pipe()
    runners: list[tuple[int, int]] = []
    for number in range(wanted["count"]):
        hears, tells = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(gun)
            os.close(hears)
            run(wanted, number, start, tells)
        os.close(tells)
        runners.append((pid, hears))
    os.close(start)
    until = time.monotonic() + SECONDS_MOST
    heard = {hears: b"" for _, hears in runners}
    for _, hears in runners:
        listen(heard, [hears], until, enough=b"\n")
    os.close(gun)
    listen(heard, [hears for _, hears in runners], until)
    ended = []
    for pid, hears in runners:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(hears)
        told = heard[hears].partition(b"\n")[2]
        ended.append((json.loads(told) if told else None, os.waitstatus_to_exitcode(status)))
    return ended


def listen(heard: dict[int, bytes], on: list[int], until: float, enough: bytes = b"") -> None:
    """Read these pipes until their writers are gone, or the word is heard."""
    waiting = list(on)
    while waiting and time.monotonic() < until:
        ready, _, _ = select.select(waiting, [], [], 1)
        for hears in ready:
            part = os.read(hears, 65536)
            heard[hears] += part
            if not part or (enough and enough in heard[hears]):
                waiting.remove(hears)


def be_patient(dbapi: Any, _record: Any) -> None:
    """A busy machine is no deadlock: racers wait as long as it takes. Who waits in a ring is thrown out at once all the same."""
    if "sqlite" in type(dbapi).__module__:
        dbapi.execute("PRAGMA busy_timeout=60000")
    else:
        dbapi.execute("SET lock_timeout = '60s'")
        dbapi.execute("SET statement_timeout = '90s'")
        dbapi.commit()


def run(wanted: dict[str, Any], number: int, start: int, tells: int) -> None:
    """One racer's whole life; it never returns."""
    code = 1
    try:
        from sqlalchemy import event, text

        from ground.engines import make_engine

        if wanted["barrier"]:
            os.environ["GOOD_MEASURE_BARRIER"] = wanted["barrier"]
        module, _, name = wanted["deed"].partition(":")
        deed = getattr(sys.modules[module], name)
        engine = make_engine(wanted["url"])
        event.listen(engine, "connect", be_patient)
        with engine.connect() as connection:  # The connection is warm before anybody is let go.
            connection.execute(text("SELECT 1"))
        os.write(tells, b"ready\n")
        os.read(start, 1)
        try:
            answer = deed(engine, number, *wanted["arguments"])
        except Exception as error:
            answer = type(error).__name__
            if os.environ.get("GOOD_MEASURE_RACE_TRACE"):
                traceback.print_exc()
        engine.dispose()
        os.write(tells, json.dumps(answer).encode())
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
