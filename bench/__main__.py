"""Prints the table: pages beside a bare view, and one big settlement. `bin/bench [--quick] [--postgresql]`."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from bench import pages
from tests import postgres

ROOT = Path(__file__).parent.parent


def _spread(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f} to {max(figures):,.0f})"


def _show_pages(console: Console, url: str, *, rounds: int, seconds: float) -> None:
    table = Table("Page", "answers a second", "bare view", "share", box=None, title="median (lowest to highest)")
    for pair in pages.measure(url, rounds=rounds, seconds=seconds):
        table.add_row(f"{pair.name}  {pair.path}", _spread(pair.page), _spread(pair.bare), f"{pair.share:.0%}")
    console.print(table)


def _show_settlement(console: Console, url: str, members: int) -> None:
    """In a process of its own, so that its memory is its own."""
    words = [sys.executable, "-m", "bench.settlement", url, str(members)]
    said = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    table = Table("Settlement", "seconds", "peak memory, MB", box=None, title=f"a pool of {members:,} members")
    for line in said.splitlines():
        table.add_row(*line.split("\t"))
    console.print(table)


@contextmanager
def _databases(on_postgresql: bool) -> Generator[tuple[str, str]]:
    """Two empty databases, for the pages ("" is the shop's own SQLite) and for the settlement."""
    with tempfile.TemporaryDirectory() as home:
        if not on_postgresql:
            yield "", f"sqlite:///{home}/settlement.sqlite"
            return
        cluster = postgres.start(durable=True)
        try:
            with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
                for name in ("pages", "settlement"):
                    connection.execute(f"CREATE DATABASE {name}".encode())
            yield cluster.url("postgres", "pages"), cluster.url("postgres", "settlement")
        finally:
            cluster.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, a small pool")
    parser.add_argument("--postgresql", action="store_true", help="on a cluster of its own, instead of SQLite")
    parser.add_argument("--only", choices=("pages", "settlement"))
    arguments = parser.parse_args()
    console = Console(highlight=False, width=140)
    kind = "PostgreSQL" if arguments.postgresql else "SQLite"
    console.print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {kind}")
    with _databases(arguments.postgresql) as (for_pages, for_settlement):
        if arguments.only != "settlement":
            _show_pages(console, for_pages, rounds=3 if arguments.quick else 7, seconds=1 if arguments.quick else 3)
        if arguments.only != "pages":
            _show_settlement(console, for_settlement, 500 if arguments.quick else 10_000)


if __name__ == "__main__":
    main()
