"""Prints the tables: pages beside views with their bytes ready, and one big settlement. `bin/bench [--quick] [--postgresql]`."""

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
TABLES = {
    "kept": ("Street pages as visitors meet them, kept ready", "a view that has their bytes"),
    "anew": ("The same pages made anew, for somebody with a basket", "a view that has their bytes"),
    "signed in": ("Pages of people who are signed in", "their SQL by the bare driver and their bytes"),
}


def _spread(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f} to {max(figures):,.0f})"


def _show_pages(console: Console, url: str, *, rounds: int, seconds: float, requests: tuple[int, ...]) -> None:
    with pages.open_shop(url) as shop:
        found: dict[str, list[pages.Pair]] = {}
        for kind, pair in pages.measure(shop, rounds=rounds, seconds=seconds):
            found.setdefault(kind, []).append(pair)
        for kind, (title, beside) in TABLES.items():
            table = Table(
                "page", "answers a second", "beside it", "share", "µs of processor", "beside it", "share", box=None,
                title=f"{title}, beside {beside}: median (lowest to highest) of {rounds}", title_justify="left",
            )  # fmt: skip
            for pair in found[kind]:
                page, other = pair.page, pair.beside
                table.add_row(
                    pair.name, _spread(page.rates), _spread(other.rates), f"{pair.share:.2f}",
                    _spread(page.micros), _spread(other.micros), f"{pair.processor_share:.2f}",
                )  # fmt: skip
            console.print(table)
        table = Table("after requests", "memory of the worker, MB", "its peak, MB", box=None)
        for asked, now, peak in pages.memory(shop, requests):
            table.add_row(f"{asked:,}", str(now), str(peak))
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
            rounds, seconds, requests = (3, 0.5, (500, 1_500)) if arguments.quick else (9, 1.2, (1_000, 4_000, 10_000))
            _show_pages(console, for_pages, rounds=rounds, seconds=seconds, requests=requests)
        if arguments.only != "pages":
            _show_settlement(console, for_settlement, 500 if arguments.quick else 10_000)


if __name__ == "__main__":
    main()
