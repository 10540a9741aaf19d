"""How fast pages are: each beside a view behind the same hooks that has its bytes ready, turn about, in one run."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.load import Wire

ROOT = Path(__file__).parent.parent
CONNECTIONS = 8
ANEW = "gm-cart=somebodys-basket-that-is-not-there-any-more"
"""With a basket's cookie a page is made anew."""


@dataclass(slots=True)
class Rounds:
    """One address, asked as fast as it answers: answers a second and processor microseconds an answer, round by round."""

    path: str
    cookie: str = ""
    rates: list[float] = field(default_factory=list)
    micros: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pair:
    """A page and what it stands beside, measured turn about."""

    name: str
    page: Rounds
    beside: Rounds

    @property
    def share(self) -> float:
        """What the page's rate is of the other's, by the medians."""
        return statistics.median(self.page.rates) / statistics.median(self.beside.rates)

    @property
    def processor_share(self) -> float:
        """The same by processor time, which a busy machine disturbs less."""
        return statistics.median(self.beside.micros) / statistics.median(self.page.micros)


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is open, and the pages to measure in it by name."""

    address: str
    pages: dict[str, Any]

    def worker(self) -> dict[str, float]:
        """The worker's own figures: processor seconds, memory and peak in kilobytes."""
        wire = Wire(self.address)
        status, body = wire.ask(wire.request("/bench/worker", coding=""))
        wire.socket.close()
        assert status == 200, status
        return dict(json.loads(body))

    def round(self, asked: Rounds, seconds: float) -> None:
        """One round, asked from a process of its own, so that asking takes no turns with anything of ours."""
        words = [
            sys.executable,
            "-m",
            "bench.load",
            self.address,
            asked.path,
            asked.cookie,
            str(CONNECTIONS),
            str(seconds),
        ]
        before = self.worker()["processor"]
        said = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        spent = self.worker()["processor"] - before
        asked.rates.append(int(said[0]) / float(said[1]))
        asked.micros.append(spent / int(said[0]) * 1e6)


@contextmanager
def open_shop(database_url: str) -> Generator[Shop]:
    """A shop that has lived the demo season as `bin/run` does, opened again as it is measured, without its worker."""
    with tempfile.TemporaryDirectory() as home:
        url = database_url or f"sqlite:///{home}/shop.sqlite"
        environment = os.environ | {
            "DATABASE_URL": url, "WORKER_DATABASE_URL": url, "MAIL_FOLDER": f"{home}/mail",
            "SANDBOX_DATABASE": f"{home}/sandbox.sqlite", "LOG_LEVEL": "ERROR", "BENCH_PAGES": f"{home}/pages.json",
        }  # fmt: skip
        words = [sys.executable, "-m", "serve", "--once", "--port", str(_free_port())]
        subprocess.run(
            words, cwd=ROOT, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        port = _free_port()
        with Path(home, "log").open("wb") as log:  # Every request writes its line, as in production.
            shop = subprocess.Popen(
                [sys.executable, "-m", "bench.shop", str(port)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        try:
            _wait(port, shop, Path(home, "log"))
            yield Shop(f"http://127.0.0.1:{port}", json.loads(Path(home, "pages.json").read_text()))
        finally:
            shop.terminate()
            shop.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, shop: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and shop.poll() is None:
        try:
            wire = Wire(f"http://127.0.0.1:{port}")
        except OSError:
            time.sleep(0.1)
            continue
        status, _ = wire.ask(wire.request("/healthz"))
        wire.socket.close()
        assert status == 200
        return
    raise SystemExit(f"The shop did not open:\n{log.read_text()[-2000:]}")


def measure(shop: Shop, *, rounds: int, seconds: float) -> Iterator[tuple[str, Pair]]:
    """Every page in pairs, under the name of the table it belongs to."""
    for name, told in shop.pages.items():
        page, bytes_ready = Rounds(told["path"], told["cookie"]), Rounds(f"/bench/bare/{quote(name)}")
        replayed, anew = Rounds(f"/bench/replay/{quote(name)}"), Rounds(told["path"], ANEW)
        turn = (page, replayed) if told["cookie"] else (page, bytes_ready, anew)
        for asked in turn:
            shop.round(asked, 0.3)
        for asked in turn:
            asked.rates.clear()
            asked.micros.clear()
        for _ in range(rounds):
            for asked in turn:
                shop.round(asked, seconds)
        if told["cookie"]:
            yield "signed in", Pair(name, page, replayed)
        else:
            yield "kept", Pair(name, page, bytes_ready)
            yield "anew", Pair(name, anew, bytes_ready)


def memory(shop: Shop, stops: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """After so many requests of all kinds: (requests, memory now, peak so far) in megabytes."""
    wire, asked = Wire(shop.address), 0
    pages = [wire.request(page["path"], page["cookie"]) for page in shop.pages.values()]
    pages += [
        wire.request("/products?q=beans"),
        wire.request("/", ANEW),
        wire.request("/sign-in"),
        wire.request("/basket"),
    ]
    for stop in stops:
        while asked < stop:
            # Other quantities, so that kept pages come and go.
            product = wire.request(f"{shop.pages['product']['path']}?quantity={asked % 997 + 1}")
            for letters in (*pages, product):
                status, _ = wire.ask(letters)
                assert status == 200, f"{letters.decode()} answered {status}"
                asked += 1
        figures = shop.worker()
        yield asked, int(figures["memory"] / 1024), int(figures["peak"] / 1024)
