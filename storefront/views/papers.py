"""The papers of an order, for whoever has its secret link: the very bytes that were issued."""

from __future__ import annotations

from uuid import UUID

from flask import abort
from werkzeug import Response

from ground import tenants
from ground.db import db
from ground.web import PUBLIC, Door
from ground.web.files import handed
from storefront import checkouts, papers

door = Door("papers", __name__, url_prefix="/orders/<token>/papers")


@door.get("/<uuid:paper_id>", who=PUBLIC)
def show(token: str, paper_id: UUID) -> Response:
    """One paper as PDF."""
    checkout = checkouts.find_by_token(db.session, token) if token.isascii() and len(token) <= 64 else None
    if checkout is None:
        abort(404)
    sellers = [part.cooperative_id for part in checkout.parts]
    tenants.allow(db.session, *sellers)  # The link is the right to see them.
    paper = papers.find(db.session, sellers, [part.order_id for part in checkout.parts], paper_id)
    return handed(papers.bytes_of(db.session, paper), kind="application/pdf", name=paper.filename)
