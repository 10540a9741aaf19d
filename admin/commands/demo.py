"""`flask demo`: live one season through the pages of the running shop, so that a newcomer finds it in full swing."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from admin.demo import cast, shelves
from admin.demo.season import Season
from ground.db import WORKER_ROLE, db
from ground.errors import Refusal


@click.command("demo")
@click.option("--address", default="", help="Where the shop is open; PUBLIC_URL unless told.")
@click.option("--sign-ins", is_flag=True, help="Only print who can sign in.")
@with_appcontext
def command(address: str, sign_ins: bool) -> None:
    """Live the demo season in an empty shop whose server and worker are running, then print the sign-ins."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException(str(Refusal("The demo has known passwords; production does not take it.")))
    console = Console(highlight=False)
    if not sign_ins:
        db.connect(current_app.config["WORKER_DATABASE_URL"], role=WORKER_ROLE)
        with db.unit() as session:
            cast.gather(session)
            session.commit()
        season = Season(address or current_app.config["PUBLIC_URL"])
        with Progress(console=console) as progress:
            for chapter in progress.track([*season.chapters(), *shelves.chapters(season)], description="The season"):
                progress.console.print(f"  {chapter.title}")
                chapter.live()
    print_sign_ins(console)


def print_sign_ins(console: Console) -> None:
    """Who can sign in, and with what."""
    table = Table("Sign in as", "who is", box=None)
    for player in cast.CAST:
        table.add_row(player.email, f"{player.name}, {player.part}")
    console.print(table)
    console.print(f"Everybody's password: {cast.PASSWORD}")
