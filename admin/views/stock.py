"""The stock table: what is on hand, promised and free; "± n because", and "I counted N"."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cooperative import people, points
from cooperative.roles import Role
from ground import trail
from ground.db import db
from ground.forms import Reader
from ground.keys import claim
from ground.web import Door, here, visitor
from inventory import counts, heaps, lots
from inventory.lot_moves import MoveKind

door = Door("stock", __name__, url_prefix="/office/<coop>/stock")
STAFF = (Role.COLLECTOR, Role.MANAGER, Role.TREASURER)
KEEPERS = (Role.COLLECTOR, Role.MANAGER)


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """Every heap with its three figures."""
    home = here().cooperative
    places = {point.id: point for point in points.all_of(db.session, home.id)}
    return render_template("admin/stock.html", heaps=heaps.all_of(db.session, home.id), places=places)


@door.get("/<uuid:heap_id>", who=STAFF)
def show(coop: str, heap_id: UUID) -> str:
    """One heap: its lots, what moved lately, and the forms that correct it."""
    home = here().cooperative
    heap = heaps.find(db.session, home.id, heap_id)
    moves = lots.moves_of(db.session, home.id, heap.id)
    return render_template(
        "admin/stock_heap.html", heap=heap, unit=heap.unit, place=points.find(db.session, home.id, heap.point_id),
        lots=[lot for lot in lots.of_heap(db.session, home.id, heap.id) if lot.quantity_left], moves=moves,
        names=people.find_many(db.session, {move.by_id for move, _ in moves if move.by_id}),
    )  # fmt: skip


@door.post("/<uuid:heap_id>/changes", who=KEEPERS, action="stock.change", again="stock.show")
def change(coop: str, heap_id: UUID) -> Response:
    """The "± n because" form: a move with a reason; it applies whatever was sold meanwhile."""
    home = here().cooperative
    heap = heaps.find(db.session, home.id, heap_id)
    read = Reader(request.form)
    key, sign, amount = read.once(), read.text("sign"), read.quantity("change", heap.unit)
    kind, reason = read.choice("kind", MoveKind), read.text("reason")
    if sign and sign not in ("more", "less"):
        read.fault("sign", "Choose one of the list.")
    if kind not in (MoveKind.COUNT, MoveKind.SPOIL):
        read.fault("kind", "Choose one of the list.")
    elif kind is MoveKind.SPOIL and sign == "more":
        read.fault("kind", "What spoiled makes less, never more.")
    read.done()
    back = url_for("stock.show", coop=coop, heap_id=heap_id)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    signed = amount if sign == "more" else -amount
    counts.adjust(db.session, heap, signed, kind, reason=reason, currency=home.currency, by=here().person_id)
    trail.about(db.session, heap.id, product=heap.product.name, change=signed, because=reason)
    db.session.commit()
    flash("Written down.", "ok")
    return redirect(back, 303)


@door.post("/<uuid:heap_id>/counts", who=KEEPERS, action="stock.count", again="stock.show")
def count(coop: str, heap_id: UUID) -> Response:
    """The "I counted N" form: compare-and-set against the figure the counter saw; a difference shows both numbers."""
    home = here().cooperative
    heap = heaps.find(db.session, home.id, heap_id)
    read = Reader(request.form)
    key, counted, seen = read.once(), read.quantity("counted", heap.unit, least=0), read.whole("seen", most=10**12)
    read.done()
    back = url_for("stock.show", coop=coop, heap_id=heap_id)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    counts.counted(db.session, heap, counted, seen=seen, currency=home.currency, by=here().person_id)
    trail.about(db.session, heap.id, product=heap.product.name, counted=counted, seen=seen)
    db.session.commit()
    flash("The count is saved.", "ok")
    return redirect(back, 303)


@door.post("/<uuid:heap_id>/oversell", who=(Role.MANAGER,), action="stock.oversell", again="stock.show")
def oversell(coop: str, heap_id: UUID) -> Response:
    """How much of what is still in the field may be promised."""
    home = here().cooperative
    heap = heaps.find(db.session, home.id, heap_id)
    read = Reader(request.form)
    limit = read.quantity("oversell", heap.unit, least=0)
    read.done()
    trail.about(db.session, heap.id, product=heap.product.name, before=heap.oversell_limit, after=limit)
    heaps.allow_oversell(db.session, home.id, heap.id, limit)
    db.session.commit()
    flash("Saved.", "ok")
    return redirect(url_for("stock.show", coop=coop, heap_id=heap_id), 303)
