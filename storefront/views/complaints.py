"""Something was wrong: the form behind an order's secret link, and the photo that came with it."""

from __future__ import annotations

import hashlib
from uuid import UUID

from flask import current_app, flash, redirect, request, url_for
from werkzeug import Response

from cooperative import cooperatives
from ground import keys, photos, trail
from ground.db import db
from ground.errors import Refusal
from ground.forms import Reader
from ground.web import PUBLIC, Door, here, upload, visitor
from ground.web.files import handed
from ground.words import _
from storefront import complaints
from storefront.carts import QUANTITY_MAX
from storefront.complaints import Kind
from storefront.views import frame, links

door = Door("complaints", __name__, url_prefix="/orders/<token>")
WORDS_MOST = 1_000


@door.get("/parts/<uuid:order_id>/complaint", who=PUBLIC)
def new(token: str, order_id: UUID) -> Response:
    """Which line, what was wrong with how much of it, a photo; or why there is nothing to fill in."""
    order = links.order_of(token, order_id)
    days: int = current_app.config["COMPLAINT_DAYS"]
    told = complaints.waiting(db.session, order)
    owner = cooperatives.find_many(db.session, [order.cooperative_id])[order.cooperative_id]
    end = complaints.until(order, days)
    page = frame.page(
        "storefront/complaint.html", order=order, token=token, obstacle=complaints.obstacle(order, days), kinds=list(Kind),
        lines=[line for line in order.lines if line.id not in told],
        last_day=end.astimezone(owner.zone).date() if end else None,
    )  # fmt: skip
    return links.unkept(page)


@door.post(
    "/parts/<uuid:order_id>/complaint", who=PUBLIC, action="complaint.make", again="complaints.new", upload="photo",
    bytes_most=photos.UPLOAD_BYTES_MOST,
)  # fmt: skip
def make(token: str, order_id: UUID) -> Response:
    """Written down once; its buyer gets a letter that we have it."""
    order = links.order_of(token, order_id)
    read = Reader(request.form)
    line_id, kind = read.id("line"), read.choice("kind", Kind)
    quantity = read.whole("quantity", least=1, most=QUANTITY_MAX)
    words, key = read.text("words", least=3, most=WORDS_MOST, lines=True), read.once()
    read.done()
    webp = _photo()
    digest = hashlib.sha256(webp).hexdigest() if webp else ""
    back = url_for("orders.show", token=token)
    body = {"line": line_id, "kind": kind, "quantity": quantity, "words": words, "photo": digest}
    keys.claim(db.session, principal=visitor(), key=key, body=body, location=back)
    made = complaints.complain(
        db.session, frame.till(), order, line_id, kind, quantity, words,
        days=current_app.config["COMPLAINT_DAYS"], by=here().person_id, webp=webp,
    )  # fmt: skip
    trail.about(db.session, made.id, order=order.number, kind=kind.value)
    db.session.commit()
    flash(_("Thank you for telling us. We look at it and write to you."), "ok")
    return redirect(back, 303)


@door.get("/complaints/<uuid:complaint_id>/photo", who=PUBLIC)
def photo(token: str, complaint_id: UUID) -> Response:
    """The photo of a complaint about an order behind this link."""
    checkout = links.checkout_of(token)
    sellers = [part.cooperative_id for part in checkout.parts]
    webp = complaints.photo_of(db.session, sellers, [part.order_id for part in checkout.parts], complaint_id)
    return handed(webp, kind="image/webp", name="complaint.webp")


def _photo() -> bytes | None:
    """The photo drawn anew, where one was chosen; a browser sends an empty part where none was."""
    if set(request.files) - {"photo"}:
        raise Refusal(fields={"photo": _("This form has no such field.")})
    if not any(file.filename for file in request.files.getlist("photo")):
        return None
    return photos.as_webp(upload("photo", bytes_most=photos.UPLOAD_BYTES_MOST))
