"""Races: several processes that start on one word, each doing the same deed against one database, and what each came to.

`together("tests.ground.racers:claim", url, 4, "argument")` runs `claim(engine, number, "argument")` in four processes and
returns their answers in order of number; an exception is answered as its class's name. Nobody sleeps: each says it is
ready, then all are let go.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def together(deed: str, url: str, count: int, *arguments: str) -> list[Any]:
    """What each of `count` processes answered."""
    command = [sys.executable, "-W", "error", "-m", "tests.races", deed, url]
    runners = [
        subprocess.Popen(
            [*command, str(number), *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(count)
    ]
    try:
        for runner in runners:
            assert runner.stdout is not None
            assert runner.stdout.readline() == "ready\n"
        for runner in runners:
            assert runner.stdin is not None
            runner.stdin.write("go\n")
            runner.stdin.flush()
        answers = []
        for runner in runners:
            said, _ = runner.communicate(timeout=60)
            assert runner.returncode == 0, said
            answers.append(json.loads(said))
        return answers
    finally:
        for runner in runners:
            if runner.poll() is None:
                runner.kill()
                runner.communicate()


def main(deed: str, url: str, number: str, *arguments: str) -> None:
    from sqlalchemy import text

    from ground.db import make_engine

    module, _, name = deed.partition(":")
    run = getattr(importlib.import_module(module), name)
    engine = make_engine(url)
    with engine.connect() as connection:  # The connection is warm before anybody is let go.
        connection.execute(text("SELECT 1"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        answer = run(engine, int(number), *arguments)
    except Exception as error:
        answer = type(error).__name__
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
