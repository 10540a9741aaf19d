"""Pools in the office: open one for a season, see what was brought, sold and is left."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cooperative import members
from cooperative.roles import Role
from ground import trail
from ground.db import db
from ground.forms import Reader
from ground.keys import claim
from ground.web import Door, here, visitor
from inventory import deliveries, pools, products
from inventory.pools import RevenueBasis

door = Door("pools", __name__, url_prefix="/office/<coop>/pools")
STAFF = (Role.COLLECTOR, Role.MANAGER, Role.TREASURER)


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """Every pool, open ones first, and the form that opens the next."""
    home = here().cooperative
    found = pools.all_of(db.session, home.id)
    taken = {pool.product_id for pool in found if pool.closed_at is None}
    free = [product for product in products.all_of(db.session, home.id) if product.id not in taken]
    return render_template("admin/pools.html", pools=found, free=free)


@door.post("/", who=(Role.MANAGER,), action="pool.open", again="pools.index")
def open(coop: str) -> Response:
    """Open a pool: product, season, and the advance that each delivery earns per kg."""
    home = here().cooperative
    read = Reader(request.form)
    key, product_id, season = read.once(), read.id("product_id"), read.text("season", most=60)
    advance = read.money("advance", home.currency, optional=True)
    basis = read.choice("basis", RevenueBasis, optional=True)
    read.done()
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=url_for("pools.index", coop=coop))
    product = products.find(db.session, home.id, product_id)
    pool = pools.open_pool(
        db.session, product, season, currency=home.currency, advance_minor=advance.minor, revenue_basis=basis
    )
    trail.about(db.session, pool.id, product=product.name, season=season, advance=str(advance))
    db.session.commit()
    flash("The pool is open. Deliveries can come.", "ok")
    return redirect(url_for("pools.show", coop=coop, pool_id=pool.id), 303)


@door.get("/<uuid:pool_id>", who=STAFF)
def show(coop: str, pool_id: UUID) -> str:
    """One pool: what it earned so far, its latest deliveries and its lots."""
    home = here().cooperative
    pool = pools.find(db.session, home.id, pool_id)
    latest = deliveries.of_pool(db.session, home.id, pool.id, limit=50)
    brought = pools.deliveries_of(db.session, pool)
    return render_template(
        "admin/pool.html", pool=pool, sales=pools.sales_of(db.session, pool), lots=pools.lots_of(db.session, pool), latest=latest,
        members=members.find_many(db.session, home.id, [each.member_id for each in latest]),
        brought=sum(each.quantity for each in brought), growers=len({each.member_id for each in brought}),
    )  # fmt: skip
