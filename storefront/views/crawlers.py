"""For search engines: what they may read, and where everything stands, cooperative by cooperative."""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, make_response, url_for
from markupsafe import escape
from werkzeug.wrappers import Response

from cooperative import cooperatives
from ground.db import db
from ground.web import PUBLIC, Door, here, kept
from inventory import products
from storefront.views.product_data import address_of

door = Door("crawlers", __name__)
PRIVATE = (
    "/basket",
    "/checkout",
    "/confirm",
    "/invitations/",
    "/me",
    "/my/",
    "/office/",
    "/orders",
    "/sandbox/",
    "/sign-in",
)
URLS_MOST = 50_000
"""What one map may hold by its makers' rule."""
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@door.get("/robots.txt", who=PUBLIC)
def robots() -> Response:
    """What is nobody's but its reader's is not for machines; what the market sells is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    return _said(
        "\n".join([*lines, f"Sitemap: {address_of(url_for('crawlers.sitemap'))}", ""]), "text/plain; charset=utf-8"
    )


@door.get("/sitemap.xml", who=PUBLIC, cached=kept())
def sitemap() -> Response:
    """The map of maps: one for each cooperative on the market."""
    owners = cooperatives.listed(db.session)[:URLS_MOST]
    return _map("sitemapindex", "sitemap", [url_for("crawlers.of_cooperative", coop=owner.slug) for owner in owners])


@door.get("/cooperatives/<coop>/sitemap.xml", who=PUBLIC, cached=kept(of_cooperative=True))
def of_cooperative(coop: str) -> Response:
    """One cooperative's own page, and the page of everything it has on the market."""
    owner = here().cooperative
    if owner.listed_at is None or owner.closed_at is not None:
        abort(404)
    listed = [each for each in products.all_of(db.session, owner.id) if each.listed_at is not None]
    pages = [url_for("catalogue.product", coop=coop, slug=each.slug) for each in listed[: URLS_MOST - 1]]
    return _map("urlset", "url", [url_for("catalogue.cooperative", coop=coop), *pages])


def _map(kind: str, item: str, paths: Iterable[str]) -> Response:
    rows = "".join(f"<{item}><loc>{escape(address_of(path))}</loc></{item}>\n" for path in paths)
    return _said(f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} {SPACE}>\n{rows}</{kind}>\n', "application/xml")


def _said(body: str, kind: str) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = kind
    return answer
