"""Products, their photographs and packs: what the shop can show, and whether it does."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict
from uuid import UUID

from flask import current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cooperative import points
from cooperative.roles import Role
from ground import photographs, trail
from ground.db import db
from ground.errors import Missing
from ground.forms import NOTE_MOST, Reader
from ground.ids import NOBODY
from ground.keys import claim
from ground.quantity import Unit
from ground.web import Door, here, upload, visitor
from ground.words import LANGUAGES
from inventory import heaps, packs, product_photos, product_words, products
from inventory.product_words import Said
from inventory.products import Certificate, Kind, Product, TaxClass, Words

door = Door("products", __name__, url_prefix="/office/<coop>/products")
STAFF = (Role.COLLECTOR, Role.MANAGER, Role.TREASURER)
DESK = (Role.MANAGER,)
CERTIFIERS = [(f"certifier_{kind.name.lower()}", kind.value, f"Certified {kind.value} by") for kind in Certificate]
"""Field, certificate and label: naming who certifies it is what makes the claim."""


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """Every product with its packs, and the form for the next."""
    home = here().cooperative
    found = packs.all_of(db.session, home.id)
    every = products.all_of(db.session, home.id)
    return render_template(
        "admin/products.html",
        products=every,
        kinds=list(Kind),
        units=list(Unit),
        packs={product.id: [pack for pack in found if pack.product_id == product.id] for product in every},
    )


@door.post("/", who=DESK, action="product.add", again="products.index")
def add(coop: str) -> Response:
    """Add a product: its name, shelf, unit and grades. Packs come next."""
    home = here().cooperative
    read = Reader(request.form)
    key, name, kind, unit = (
        read.once(),
        read.text("name", most=80),
        read.choice("kind", Kind),
        read.choice("unit", Unit),
    )
    grades, about = _grades(read), _about(read)
    read.done()
    slug = products.slugged(name)
    back = url_for("products.show", coop=coop, slug=slug or "-")
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    product = products.add(db.session, home.id, name, kind=kind, unit=unit, grades=grades, **about)
    trail.about(db.session, product.id, name=name)
    db.session.commit()
    flash("The product is added. Give it a pack and a price next.", "ok")
    return redirect(url_for("products.show", coop=coop, slug=product.slug), 303)


@door.get("/<slug>", who=STAFF)
def show(coop: str, slug: str) -> str:
    """One product: its words, whether it is listed, and its packs."""
    home = here().cooperative
    product = _product(slug)
    return render_template(
        "admin/product.html",
        product=product,
        kinds=list(Kind),
        tax_classes=list(TaxClass),
        certificates=CERTIFIERS,
        packs=packs.of_product(db.session, home.id, product.id),
        points=points.all_of(db.session, home.id),
        places={point.id: point for point in points.all_of(db.session, home.id)},
        languages=LANGUAGES,
        written=product_words.languages(db.session, home.id, product.id),
        spoken=(spoken := _language()),
        told=product_words.find(db.session, home.id, product.id, spoken),
    )


@door.post("/<slug>", who=DESK, action="product.change", again="products.show")
def change(coop: str, slug: str) -> Response:
    """Change its words and grades, as whoever changes them saw them; name and unit stay, since receipts carry them."""
    product = _product(slug)
    read = Reader(request.form)
    kind, grades, about, certificates = read.choice("kind", Kind), _grades(read), _about(read), _certificates(read)
    tax_class = (
        read.choice("tax_class", TaxClass, optional=True) if request.form.get("tax_class") else product.tax_class
    )
    read.raw("tax_class")
    seen = read.whole("version", most=10**9)
    read.done()
    products.reword(db.session, product, Words(kind=kind, grades=list(grades), **about), seen=seen)
    product.tax_class = tax_class
    product.certificates = certificates
    trail.about(db.session, product.id, name=product.name)
    db.session.commit()
    flash("Saved.", "ok")
    return redirect(url_for("products.show", coop=coop, slug=slug), 303)


@door.post("/<slug>/words", who=DESK, action="product.translate", again="products.show")
def translate(coop: str, slug: str) -> Response:
    """Its words in another language; all left empty takes them away."""
    product = _product(slug)
    read = Reader(request.form)
    if (read.raw("language") or "") not in LANGUAGES:
        read.fault("language", "Choose one of the list.")
    said = Said(
        name=read.text("said_name", most=80, optional=True),
        description=read.text("said_description", most=NOTE_MOST, optional=True, lines=True),
        storage=read.text("said_storage", optional=True),
        allergens=read.text("said_allergens", optional=True),
    )
    read.done()
    product_words.write(db.session, product.cooperative_id, product.id, request.form["language"], said)
    trail.about(db.session, product.id, name=product.name, language=request.form["language"])
    db.session.commit()
    flash("Saved.", "ok")
    return redirect(url_for("products.show", coop=coop, slug=slug, language=request.form["language"]), 303)


@door.post("/<slug>/listing", who=DESK, action="product.listing", again="products.show")
def listing(coop: str, slug: str) -> Response:
    """Put it on the market, or take it off: `listed` is 1 or 0."""
    product = _product(slug)
    read = Reader(request.form)
    listed = read.whole("listed", most=1)
    read.done()
    if listed:
        product.list_in_shop()
    else:
        product.take_off()
    trail.about(db.session, product.id, name=product.name, listed=bool(listed))
    db.session.commit()
    return redirect(url_for("products.show", coop=coop, slug=slug), 303)


@door.post(
    "/<slug>/photo", who=DESK, action="product.photo", again="products.show", upload="photo",
    bytes_most=photographs.BYTES_MOST,
)  # fmt: skip
def add_photo(coop: str, slug: str) -> Response:
    """Its photograph, with what it shows in words; it takes the place of the one before."""
    product = _product(slug)
    read = Reader(request.form)
    alt = read.text("alt", most=150)
    read.done()
    files = photographs.develop(upload("photo", bytes_most=photographs.BYTES_MOST), field="photo")
    key = photographs.key_of(files, whose=product.id.bytes)
    photographs.store(_photos(), key, files)
    before = product_photos.show(db.session, product.cooperative_id, product.id, key=key, alt=alt)
    trail.about(db.session, product.id, name=product.name, photo=key)
    db.session.commit()
    if before:
        photographs.forget(_photos(), before)
    flash("The photograph is on the market." if product.listed_at else "The photograph is saved.", "ok")
    return redirect(url_for("products.show", coop=coop, slug=slug), 303)


@door.post("/<slug>/photo/removal", who=DESK, action="product.photo removed", again="products.show")
def remove_photo(coop: str, slug: str) -> Response:
    """Take its photograph away, from the shop and from our disk."""
    product = _product(slug)
    Reader(request.form).done()
    gone = product_photos.remove(db.session, product.cooperative_id, product.id)
    trail.about(db.session, product.id, name=product.name, photo=gone)
    db.session.commit()
    if gone:
        photographs.forget(_photos(), gone)
        flash("The photograph is gone.", "ok")
    return redirect(url_for("products.show", coop=coop, slug=slug), 303)


@door.post("/<slug>/packs", who=DESK, action="pack.add", again="products.show")
def add_pack(coop: str, slug: str) -> Response:
    """Add a pack: a name and a content, drawn from the heap of one grade at one place."""
    home = here().cooperative
    product = _product(slug)
    read = Reader(request.form)
    key, name, content = read.once(), read.text("pack_name", most=80), read.quantity("content", product.unit)
    grade, point_id, sku = read.text("grade"), read.id("point"), read.text("sku", most=40, optional=True)
    if grade and grade not in product.grades:
        read.fault("grade", "Choose one of the list.")
    if point_id != NOBODY and points.find(db.session, home.id, point_id) is None:
        read.fault("point", "Choose one of the list.")
    read.done()
    back = url_for("products.show", coop=coop, slug=slug)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    heap = heaps.find_or_open(db.session, product, grade, point_id)
    pack = packs.add(db.session, heap, name, content, sku=sku)
    trail.about(db.session, pack.id, name=name, content=content)
    db.session.commit()
    flash("The pack is added. Give it a price next.", "ok")
    return redirect(url_for("prices.show", coop=coop, pack_id=pack.id), 303)


@door.post("/<slug>/packs/<uuid:pack_id>/listing", who=DESK, action="pack.listing", again="products.show")
def pack_listing(coop: str, slug: str, pack_id: UUID) -> Response:
    """Show one pack in the shop, or leave it out: `listed` is 1 or 0."""
    product, pack = _product(slug), packs.find(db.session, here().cooperative.id, pack_id)
    if pack.product_id != product.id:
        raise Missing("There is no such pack of this product.")
    read = Reader(request.form)
    listed = read.whole("listed", most=1)
    read.done()
    pack.is_listed = bool(listed)
    trail.about(db.session, pack.id, name=pack.name, listed=bool(listed))
    db.session.commit()
    return redirect(url_for("products.show", coop=coop, slug=slug), 303)


def _photos() -> Path:
    return Path(current_app.config["PHOTO_FOLDER"])


def _language() -> str:
    """The language whose words are shown: the one asked for, else Swahili."""
    sent = request.method == "POST" and "unread" not in g
    told = (request.form if sent else request.args).get("language", "")
    return told if told in LANGUAGES else "sw"


def _product(slug: str) -> Product:
    product = products.find_by_slug(db.session, here().cooperative.id, slug)
    if product is None:
        raise Missing("There is no such product.")
    return product


def _grades(read: Reader) -> tuple[str, ...]:
    """`A, B` → two grades, each once; no more than twenty."""
    grades = tuple(dict.fromkeys(grade.strip() for grade in read.text("grades", most=120).split(",") if grade.strip()))
    if not grades:
        read.fault("grades", "A product has at least one grade, such as A.")
    if len(grades) > 20 or any(":" in grade or len(grade) > 20 for grade in grades):
        read.fault("grades", "Write short grades with commas between them, such as A, B.")
    return grades


class About(TypedDict):
    """The words of a product that may change."""

    description: str
    storage: str
    allergens: str
    keeps_days: int | None


def _about(read: Reader) -> About:
    return About(
        description=read.text("description", most=NOTE_MOST, optional=True, lines=True),
        storage=read.text("storage", optional=True),
        allergens=read.text("allergens", optional=True),
        keeps_days=read.whole("keeps_days", least=1, most=3_650, optional=True) or None,
    )


def _certificates(read: Reader) -> dict[str, str]:
    """Who certifies what; an empty field is no claim."""
    told = {
        kind.value: read.text(name, most=80, optional=True)
        for kind, (name, _, _) in zip(Certificate, CERTIFIERS, strict=True)
    }
    return {kind: who for kind, who in told.items() if who}
