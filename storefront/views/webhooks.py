"""Webhooks: what the provider tells us, proven by its signature, stored before it is believed, answered after it is stored."""

from __future__ import annotations

from flask import Response, abort, request

from ground import inbox
from ground.db import db
from ground.stripe.failures import BadEvent
from ground.web import PROVIDER, Door
from storefront.views import frame

door = Door("webhooks", __name__, url_prefix="/webhooks")
BYTES_MOST = 256_000


@door.post("/stripe", who=PROVIDER, action="webhook.stripe")
def stripe() -> Response:
    """200 only after the event is committed; the worker fetches the object and acts on that."""
    if (request.content_length or 0) > BYTES_MOST:
        abort(413)
    body = request.get_data(cache=False)
    if len(body) > BYTES_MOST:
        abort(413)
    try:
        event = frame.till().gateway.parse_event(body, request.headers.get("Stripe-Signature"))
    except BadEvent:
        abort(400)
    inbox.receive(db.session, "stripe", event.id, kind=event.type, object_key=event.object_id, body=body)
    db.session.commit()
    return Response("stored", mimetype="text/plain")
