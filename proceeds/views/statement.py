"""My statement: what I brought, what it earned, what was paid to me; mine only."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import render_template, request, url_for

from cooperative import members
from ground import tenants
from ground.db import db
from ground.errors import Missing
from ground.web import SIGNED_IN, Door, here
from ground.words import _
from ledger import books
from proceeds import statements

door = Door("statement", __name__)


@door.get("/my/<coop>", who=SIGNED_IN)
def show(coop: str) -> str:
    """The member's own page; who is no member here finds nothing, in the words of a page that does not exist."""
    house, person = here().cooperative, here().person
    member = members.find_by_person(db.session, house.id, person.id)  # Seen by row security as the person's own row.
    if member is None:
        raise Missing(_("There is no such page."))
    tenants.allow(db.session, house.id)
    book = books.of_cooperative(db.session, house.id)
    year = request.args.get("year", "")
    since = (
        datetime(int(year), 1, 1, tzinfo=UTC) if re.fullmatch("[0-9]{4}", year) and 2000 <= int(year) <= 2200 else None
    )
    return render_template(
        "proceeds/statement.html",
        house=house,
        told=statements.of(db.session, book, member, since=since),
        since=since,
        home_url="/",
        account_url=url_for("me.show"),
        sign_out_url=url_for("sign_in.leave"),
    )
