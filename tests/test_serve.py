"""The shop opens by one command, keeps its data, gets up again when a part of it falls, and closes when it is told."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.slow, pytest.mark.on("sqlite")]


class Shop:
    """A shop started as `bin/run` starts it, on a port and a database of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{home}/shop.sqlite",
            "SANDBOX_DATABASE": f"{home}/sandbox.sqlite",
            "MAIL_FOLDER": f"{home}/mail",
            "SECRET_KEY": "a secret of the tests, 32 letters or more",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "serve", "--empty", "--port", str(self.port)],
            cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.read() == b"alive\n"
        except OSError:
            return False

    def family(self) -> dict[int, tuple[int, str]]:
        """Every process below ours, by number: its parent and its command line."""
        parents, words = {}, {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                pid, parent = int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                parents[pid], words[pid] = parent, (folder / "cmdline").read_text().replace("\0", " ")
            except (OSError, IndexError, ValueError):
                continue
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return {pid: (parents[pid], words[pid]) for pid in found - {self.process.pid}}

    def close(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(40)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.close()


def eventually(what: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes true before the time is up."""
    end = time.monotonic() + seconds
    while not (true := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return true


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "serve", *words], cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_opens_answers_and_closes_with_everything_it_started(shop: Shop, how: signal.Signals):
    assert f"open at http://127.0.0.1:{shop.port}" in shop.said
    assert shop.answers()
    family = shop.family()
    assert len(family) >= 2
    assert shop.close(how) == 0
    assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]
    assert not shop.answers()


def test_a_second_start_keeps_the_data(tmp_path: Path):
    first = Shop(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE keepsake (words TEXT) STRICT")
        connection.execute("INSERT INTO keepsake VALUES ('still here')")
    assert first.close() == 0
    second = Shop(tmp_path)
    assert second.answers()
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection:
        assert connection.execute("SELECT words FROM keepsake").fetchall() == [("still here",)]
    assert second.close() == 0


PARTS = {
    "the server": lambda shop, parent, words: parent == shop.process.pid and "serve --server" in words,
    "a process of the server": lambda shop, parent, words: parent != shop.process.pid and "serve --server" in words,
    "the worker": lambda shop, parent, words: "serve --worker" in words,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_killed_is_started_again(part: str, shop: Shop):
    def alive() -> set[int]:
        return {pid for pid, (parent, words) in shop.family().items() if PARTS[part](shop, parent, words)}

    assert eventually(lambda: len(alive()) == 1)
    (victim,) = alive()
    before = set(shop.family())
    os.kill(victim, signal.SIGKILL)
    assert eventually(lambda: len(alive()) == 1 and alive() != {victim})
    assert eventually(lambda: len(shop.family()) == len(before))
    assert eventually(shop.answers)


def test_nothing_is_orphaned_when_the_whole_shop_is_killed(shop: Shop):
    assert eventually(lambda: len(shop.family()) == 3)
    family = shop.family()
    shop.close(signal.SIGKILL)
    assert eventually(lambda: not [pid for pid in family if Path(f"/proc/{pid}").exists()])
    assert not shop.answers()


def test_a_port_that_is_taken_is_said_in_one_line(shop: Shop):
    second = run("--empty", "--port", str(shop.port), DATABASE_URL=shop.environment["DATABASE_URL"])
    assert second.returncode == 1
    assert second.stderr == f"Port {shop.port} is taken. Try: bin/run --port {shop.port + 1}\n"


@pytest.mark.case("attack:A245")
@pytest.mark.parametrize("key", ["", "dev", "changeme", "a" * 64, "secret-key", "short-but-random-8f2"])
def test_production_refuses_a_key_that_anybody_could_guess(key: str, tmp_path: Path):
    refused = run(
        "--production", GOOD_MEASURE_ENV="production", SECRET_KEY=key, DATABASE_URL=f"sqlite:///{tmp_path}/shop.sqlite",
        TRUSTED_HOSTS="shop.example", PUBLIC_URL="https://shop.example",
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr.startswith("SECRET_KEY must be at least 32 random letters")
    assert refused.stderr.count("\n") == 1


def test_production_is_not_opened_by_the_command_for_this_machine(tmp_path: Path):
    refused = run(
        GOOD_MEASURE_ENV="production", SECRET_KEY="3f9a1c77e2b84d05a6c1f0e98b72d344", DATABASE_URL=f"sqlite:///{tmp_path}/s.sqlite",
        TRUSTED_HOSTS="shop.example", PUBLIC_URL="https://shop.example",
    )  # fmt: skip
    assert refused.returncode == 1
    assert "bin/migrate, bin/serve and bin/work" in refused.stderr
    assert not (tmp_path / "s.sqlite").exists()
