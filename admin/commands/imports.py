"""`flask import societies|factories|prices FILE`: registers taken in batches; a kill loses nothing, a re-run repeats nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from admin.imports import factories, prices, sheets, societies
from admin.imports.sheets import Row, Tally
from ground.barriers import barrier
from ground.db import WORKER_ROLE, db
from ground.errors import Refusal
from ground.money import DECIMALS

BATCH = 200


class Take(Protocol):
    """What each kind of import offers: take these rows in one transaction, and say what became of each."""

    def __call__(self, session: Session, rows: Sequence[Row], *, currency: str) -> Tally: ...


KINDS: dict[str, tuple[tuple[str, ...], Take]] = {
    "societies": (societies.COLUMNS, societies.take),
    "factories": (factories.COLUMNS, factories.take),
    "prices": (prices.COLUMNS, prices.take),
}


def run(rows: Sequence[Row], take: Take, *, currency: str, tell: Callable[[int], None] = lambda done: None) -> Tally:
    """Take rows batch by batch, each batch committed; `tell` hears how many are done."""
    tally = Tally()
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        with db.unit() as session:
            taken = take(session, batch, currency=currency)
            assert taken.rows == len(batch), "a row was lost"
            session.commit()
        tally.add(taken)
        tell(len(batch))
        barrier("import: batch committed")
    return tally


@click.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--currency", default="KES", type=click.Choice(sorted(DECIMALS)), help="The books of new cooperatives.")
@click.option(
    "--refused", type=click.Path(dir_okay=False, path_type=Path), help="Also write the refused rows to this CSV file."
)
@with_appcontext
def command(kind: str, file: Path, currency: str, refused: Path | None) -> None:
    """Take a public register: societies, factories or prices. Exit 1 where the file itself cannot be read."""
    db.connect(current_app.config["WORKER_DATABASE_URL"], role=WORKER_ROLE)
    console = Console()
    columns, take = KINDS[kind]
    try:
        rows = sheets.read(file.read_bytes(), columns)
    except Refusal as refusal:
        console.print(f"[red]Nothing was taken.[/] {escape(str(refusal))}", soft_wrap=True)
        sys.exit(1)
    began = time.monotonic()
    look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*look, console=console) as progress:
        task = progress.add_task(kind, total=len(rows))
        tally = run(rows, take, currency=currency, tell=lambda done: progress.advance(task, done))
    for each in tally.refused:
        console.print(f"line {each.line}: {escape(each.reason)}", soft_wrap=True, highlight=False)
    if refused is not None:
        refused.write_text(sheets.report(tally.refused, columns), "utf-8", newline="")
    console.print(
        f"{len(rows):,} rows: {tally.new:,} new, {tally.known:,} known already, {len(tally.refused):,} refused;"
        f" {time.monotonic() - began:.1f} s", highlight=False,
    )  # fmt: skip
    assert tally.rows == len(rows), "a row was lost"
