"""`flask listings`: what the search stands on, looked over or written again from nothing."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from ground.db import WORKER_ROLE, db
from inventory import listings


@click.command("listings")
@click.option("--check", is_flag=True, help="Write nothing: name the products whose listing is not what it should be.")
@with_appcontext
def command(check: bool) -> None:
    """Write every listing and the vocabulary again; with --check only compare, and exit 1 when one differs."""
    db.connect(current_app.config["WORKER_DATABASE_URL"], role=WORKER_ROLE)
    with db.unit(reads_only=check) as session:
        if not check:
            count = listings.rebuild(session)
            session.commit()
            click.echo(f"{count:,} listings written.")
            return
        wrong = listings.differences(session)
    for product_id in wrong:
        click.echo(f"  {product_id}")
    click.echo(f"{len(wrong):,} listings differ from what is on sale.")
    if wrong:
        sys.exit(1)
