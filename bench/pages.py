"""How many pages a second: each main page beside a bare view behind the same hooks, turn about, in one run."""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
BARE = "/healthz"
PAGES = {
    "home": "/",
    "catalogue": "/products",
    "one cooperative": "/cooperatives/meru-highlands",
    "one product": r"/cooperatives/[\w-]+/products/[\w-]+",
    "sign-in": "/sign-in",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A page and the bare view, measured turn about: answers a second, one figure per round."""

    name: str
    path: str
    page: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def share(self) -> float:
        """What the page's rate is of the bare view's, by the medians."""
        return statistics.median(self.page) / statistics.median(self.bare)


@contextmanager
def open_shop(database_url: str) -> Generator[str]:
    """A shop as `bin/run` opens it, with the demo season in it; yields its address."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        url = database_url or f"sqlite:///{home}/shop.sqlite"
        environment = {
            "DATABASE_URL": url, "WORKER_DATABASE_URL": url, "MAIL_FOLDER": f"{home}/mail",
            "SANDBOX_DATABASE": f"{home}/sandbox.sqlite", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        shop = subprocess.Popen(
            [sys.executable, "-m", "serve", "--port", str(port)],
            cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert shop.stdout is not None
            if not any("is open at" in line for line in shop.stdout):
                raise SystemExit("The shop did not open.")
            yield f"http://127.0.0.1:{port}"
        finally:
            shop.terminate()
            shop.wait(60)


def _rate(address: str, path: str, seconds: float) -> float:
    """Measured from a process of its own, so that asking does not take turns with anything of ours."""
    words = [sys.executable, "-m", "bench.load", address, path, "8", str(seconds)]
    return float(subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _find(address: str, pattern: str) -> str:
    """The first address in the catalogue that looks like this."""
    if "[" not in pattern:
        return pattern
    with urllib.request.urlopen(f"{address}/products", timeout=20) as answer:
        found = re.search(pattern, answer.read().decode())
    if found is None:
        raise SystemExit(f"No link like {pattern} in the catalogue.")
    return found[0]


def measure(database_url: str, *, rounds: int, seconds: float) -> list[Pair]:
    """Every page in pairs with the bare view."""
    pairs = []
    with open_shop(database_url) as address:
        _rate(address, BARE, 1)
        for name, pattern in PAGES.items():
            path = _find(address, pattern)
            _rate(address, path, 0.5)
            figures = [(_rate(address, BARE, seconds), _rate(address, path, seconds)) for _ in range(rounds)]
            pairs.append(Pair(name, path, tuple(page for _, page in figures), tuple(bare for bare, _ in figures)))
    return pairs
