"""The basket: add, change, take out; what changed since it was last seen is told, and what is cheaper in total too."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug import Response

from ground import clock, trail
from ground.db import db
from ground.errors import Missing, Refusal
from ground.forms import Reader
from ground.money import Money
from ground.web import PUBLIC, Door
from ground.words import _
from inventory import packs
from inventory.packs import Pack
from storefront import baskets, cart_vouchers, cart_windows, carts, outlooks, vouchers
from storefront.bookings import FIELD
from storefront.carts import QUANTITY_MAX, Cart, CartLine
from storefront.views import frame

door = Door("baskets", __name__, url_prefix="/basket")


@door.get("", who=PUBLIC)
def show() -> str:
    """Every line at the price of now."""
    cart = frame.my_cart()
    basket = baskets.price(db.session, cart, holders=frame.my_holders())
    choices = frame.window_choices(cart, [part.cooperative for part in basket.parts])
    return frame.page("storefront/basket.html", basket=basket, choices=choices)


@door.post("/lines", who=PUBLIC, action="basket.add", again="baskets.show")
def add() -> Response:
    """So many more packs of one kind."""
    read = Reader(request.form)
    cooperative_id, pack_id = read.id("cooperative"), read.id("pack")
    quantity = _quantity(read, needed=False)
    read.done()
    pack = packs.find_for_basket(db.session, [(cooperative_id, pack_id)]).get(pack_id)
    if pack is None:
        raise Missing(_("This is no longer sold."))
    cart = frame.my_cart_opened()
    carts.put(db.session, cart, pack, quantity, Money.zero("KES"), add=True)
    _seen(cart, pack.id)
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


@door.post("/lines/<uuid:pack_id>", who=PUBLIC, action="basket.change", again="baskets.show")
def change(pack_id: UUID) -> Response:
    """Another quantity of one line; the button's `take` counts before the field."""
    read = Reader(request.form)
    quantity = _quantity(read, needed=True)
    read.done()
    cart, line = _line(pack_id)
    carts.put(db.session, cart, _pack(line), quantity, Money.zero("KES"))
    _seen(cart, pack_id)
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


@door.post("/lines/<uuid:pack_id>/removal", who=PUBLIC, action="basket.remove", again="baskets.show")
def remove(pack_id: UUID) -> Response:
    read = Reader(request.form)
    read.raw("quantity")  # The button stands in the line's form, beside a figure that no longer matters.
    read.done()
    cart, line = _line(pack_id)
    carts.remove(db.session, cart, line.pack_id)
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


@door.post("/prices", who=PUBLIC, action="basket.accept-prices", again="baskets.show")
def accept() -> Response:
    """The buyer has seen the new prices and goes on with them [commerce:C01]."""
    Reader(request.form).done()
    cart = frame.my_cart()
    if cart is None:
        raise Refusal(_("Your basket is empty."))
    _seen(cart)
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


@door.post("/vouchers", who=PUBLIC, action="basket.voucher", again="baskets.show")
def add_voucher() -> Response:
    """A word that takes something off; it counts at each cooperative of the basket that knows it."""
    read = Reader(request.form)
    code = read.text("code", most=40)
    read.done()
    cart = frame.my_cart()
    sellers = {line.cooperative_id for line in cart.lines} if cart else set()
    found = vouchers.find_by_code(db.session, sellers, code) if cart else []
    if cart is None or not found:
        raise Refusal(fields={"code": _("No co-operative in your basket knows this voucher.")})
    carts.lock(db.session, cart)
    for voucher in found:
        cart_vouchers.put(db.session, cart.id, voucher)
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


@door.post("/vouchers/<uuid:cooperative_id>/removal", who=PUBLIC, action="basket.voucher-off", again="baskets.show")
def remove_voucher(cooperative_id: UUID) -> Response:
    Reader(request.form).done()
    cart = frame.my_cart()
    if cart is None or not cart_vouchers.remove(db.session, cart.id, cooperative_id):
        raise Missing(_("This is not in your basket."))
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


@door.post("/windows", who=PUBLIC, action="basket.window", again="baskets.show")
def choose() -> Response:
    """When the goods of one cooperative are wanted; nothing is booked before the order is placed."""
    read = Reader(request.form)
    chosen = frame.chosen_windows(read, needed=True)
    read.done()
    cart = frame.my_cart()
    if cart is None or not {line.cooperative_id for line in cart.lines} >= chosen.keys():
        raise Missing("This is not in your basket.")
    found = outlooks.of_owners(db.session, {line.cooperative_id for line in cart.lines}, clock.now())
    if not chosen:
        missing = [owner_id for owner_id, outlook in found.items() if outlook.has_windows]
        raise Refusal(fields={f"{FIELD}{owner_id}": _("Please fill this in.") for owner_id in missing})
    for owner_id, window_id in chosen.items():
        if all(window.id != window_id for window in found[owner_id].windows):
            words = _("This time takes no more orders. Please choose another.")
            raise Refusal(fields={f"{FIELD}{owner_id}": words})
        cart_windows.choose(db.session, cart.id, owner_id, window_id)
    trail.about(db.session, cart.id)
    db.session.commit()
    return redirect(url_for("baskets.show"), 303)


def _quantity(read: Reader, *, needed: bool) -> int:
    """One reader for every place a quantity is typed: plain digits, 1 to the most, never a negative line [commerce:C04]."""
    taken = read.whole("take", least=1, most=QUANTITY_MAX, optional=True)
    typed = read.whole("quantity", least=1, most=QUANTITY_MAX, optional=bool(taken) or not needed)
    return taken or typed or 1


def _line(pack_id: UUID) -> tuple[Cart, CartLine]:
    cart = frame.my_cart()
    line = next((line for line in cart.lines if line.pack_id == pack_id), None) if cart else None
    if cart is None or line is None:
        raise Missing(_("This is not in your basket."))
    return cart, line


def _pack(line: CartLine) -> Pack:
    pack = packs.find_for_basket(db.session, [(line.cooperative_id, line.pack_id)]).get(line.pack_id)
    if pack is None:
        raise Refusal(_("This is no longer sold. Please remove it."))
    return pack


def _seen(cart: Cart, *pack_ids: UUID) -> None:
    """Write down the totals that the next page shows, of these packs or of all."""
    db.session.flush()
    basket = baskets.price(db.session, carts.find_by_id(db.session, cart.id), holders=frame.my_holders())
    totals = {line.pack_id: line.tag.total for line in basket.lines if line.tag is not None}
    carts.show(db.session, cart, {id: total for id, total in totals.items() if not pack_ids or id in pack_ids})
