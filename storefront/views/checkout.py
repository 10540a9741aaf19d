"""Checkout: who you are, when and where you collect, how you pay; guests first. One sending makes one order."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug import Response

from cooperative.companies import TradeTerms
from cooperative.points import CollectionPoint
from ground import jobs, keys, trail
from ground.db import db
from ground.errors import Refusal
from ground.forms import Reader
from ground.money import DECIMALS, Money
from ground.web import PUBLIC, Door, here, visitor
from ground.words import _, ngettext
from storefront import baskets, card_events, checkouts, placements
from storefront.baskets import Basket
from storefront.checkouts import How
from storefront.placements import PlaceForm
from storefront.views import frame

door = Door("checkout", __name__)


@door.get("/checkout", who=PUBLIC)
def show() -> str:
    """One page: contact, place, payment, the sum."""
    cart = frame.my_cart()
    holders = frame.my_holders()
    basket = baskets.price(db.session, cart, holders=holders)
    terms = placements.terms_for(db.session, basket, here().person_id) if holders.company_ids else {}
    return frame.page(
        "storefront/checkout.html", basket=basket, terms=terms, places=_places(basket), ways=_ways(terms),
        choices=frame.window_choices(cart, [part.cooperative for part in basket.parts]),
    )  # fmt: skip


@door.post("/checkout", who=PUBLIC, action="checkout.place", again="checkout.show")
def place() -> Response:
    """Place (commit), then ask the provider for its page and note the answer, by the function that the sweeper runs too."""
    form = _form()
    till = frame.till()
    cart = frame.my_cart()
    try:
        keys.claim(db.session, principal=visitor(), key=form.request_key, body=_body(), location="/checkout")
    except keys.Replay:
        db.session.rollback()
        before = checkouts.find_by_request(db.session, form.request_key)
        if before is None:
            raise
        return redirect(url_for("orders.show", token=till.token_of(before.id)), 303)
    if cart is None:
        raise Refusal(_("Your basket is empty."))
    placed = placements.place(db.session, till, cart, form, by=here().person_id)
    for payment_id in placed.closing:
        jobs.enqueue(db.session, card_events.CLOSE_PAGE, payment_id)
    trail.about(db.session, placed.checkout.id, total=str(placed.checkout.total), how=form.how.value)
    db.session.commit()
    own_page = url_for("orders.show", token=till.token_of(placed.checkout.id))
    if placed.payment is None:
        return redirect(own_page, 303)
    return redirect(card_events.send(till, placed.payment.id) or own_page, 303)


def _form() -> PlaceForm:
    read = Reader(request.form)
    name, email = read.text("name"), read.email("email")
    phone, how = read.phone("phone", optional=True), read.choice("how", How)
    minor, currency = read.whole("expected_minor", most=10**15), read.text("currency", most=3)
    key, windows = read.once(), frame.chosen_windows(read)
    address = read.text("address", optional=True)
    if currency not in DECIMALS:
        read.fault("currency", _("Open this page again."))
    read.done()
    return PlaceForm(name, email, phone, how, Money(minor, currency), key, windows, address)


def _body() -> dict[str, object]:
    return {name: value for name, value in request.form.items() if name != "csrf_token"}


def _ways(terms: dict[UUID, TradeTerms]) -> list[tuple[str, str, str]]:
    """How this buyer may pay: invoice only where every cooperative of the basket granted terms."""
    card = (How.CARD.value, _("Card"), _("You pay now, on the payment provider’s own page"))
    cash = (How.COLLECTION.value, _("Cash when you collect"), _("Nothing to pay now"))
    ways = [card, cash] if frame.till().takes_cards else [cash]
    if terms:
        days = min(granted.net_days for granted in terms.values())
        ways.append(
            (
                How.INVOICE.value,
                ngettext("On invoice, %(count)s day", "On invoice, %(count)s days", days),
                _("Your company gets an invoice with the goods"),
            )
        )
    return ways


def _places(basket: Basket) -> dict[UUID, CollectionPoint]:
    """Where each cooperative's goods wait to be collected."""
    found = {}
    for part in basket.parts:
        weights: dict[UUID, int] = {}
        there: dict[UUID, CollectionPoint] = {}
        for line in part.lines:
            if line.pack is not None:
                at = line.pack.heap.point_id
                weights[at] = weights.get(at, 0) + line.quantity * line.pack.content
                there[at] = line.pack.heap.point
        if weights:
            found[part.cooperative.id] = there[max(sorted(weights), key=lambda at: weights[at])]
    return found
