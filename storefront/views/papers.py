"""The papers of an order, for whoever has its secret link: the very bytes that were issued."""

from __future__ import annotations

from uuid import UUID

from werkzeug import Response

from ground.db import db
from ground.web import PUBLIC, Door
from ground.web.files import handed
from storefront import papers
from storefront.views import links

door = Door("papers", __name__, url_prefix="/orders/<token>/papers")


@door.get("/<uuid:paper_id>", who=PUBLIC)
def show(token: str, paper_id: UUID) -> Response:
    """One paper as PDF."""
    checkout = links.checkout_of(token)
    sellers = [part.cooperative_id for part in checkout.parts]
    paper = papers.find(db.session, sellers, [part.order_id for part in checkout.parts], paper_id)
    return handed(papers.bytes_of(db.session, paper), kind="application/pdf", name=paper.filename)
