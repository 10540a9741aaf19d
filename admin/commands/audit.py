"""`flask audit`: every promise of the books, and how many rows break it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from cooperative import audits as cooperative_audits
from ground.db import WORKER_ROLE, db
from inventory import audits as inventory_audits
from ledger import audit
from proceeds import audits as proceeds_audits
from storefront import audits as storefront_audits

CHECKS: Sequence[audit.Check] = (
    *audit.CHECKS,
    *cooperative_audits.CHECKS,
    *inventory_audits.CHECKS,
    *storefront_audits.CHECKS,
    *proceeds_audits.CHECKS,
)


@click.command("audit")
@click.option("--quiet", is_flag=True, help="Print only what differs, and the last line.")
@with_appcontext
def command(quiet: bool) -> None:
    """Prove the books: print every invariant with its number of differences; exit 1 when there is any."""
    db.connect(current_app.config["WORKER_DATABASE_URL"], role=WORKER_ROLE)
    with db.unit(reads_only=True) as session:
        findings = list(audit.run(session, CHECKS))
    table = Table("Invariant", "Promise", "Differences", box=None, pad_edge=False)
    for finding in findings:
        if finding.differences or not quiet:
            table.add_row(finding.check.name, finding.check.promise, str(finding.differences))
    console = Console(width=150, highlight=False)
    if table.row_count:
        console.print(table)
    for finding in findings:
        for example in finding.examples:
            console.print(f"  {finding.check.name}: {example}", style="red", markup=False)
    differences = sum(finding.differences for finding in findings)
    console.print(f"{len(findings)} invariants, {differences} differences")
    if differences:
        sys.exit(1)
