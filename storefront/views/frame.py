"""What every page of the shop stands in: the till, the visitor's cart and its cookie, the head with search and basket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import Flask, Response, after_this_request, current_app, g, render_template, request, url_for
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.db import db
from ground.forms import DIGITS, Reader
from ground.ids import NOBODY, new_secret
from ground.spelling import whole
from ground.web import good_until, here, rests_on
from ground.web.sessions import cookie_name, drop_cookie, set_cookie
from ground.words import _
from inventory import heaps
from inventory.packs import Pack
from inventory.price_lists import Holders
from storefront import carts, checkouts, outlooks
from storefront import window_choices as choices
from storefront.bookings import FIELD
from storefront.carts import QUANTITY_MAX, Cart
from storefront.outlooks import Street
from storefront.tills import Till
from storefront.views.pictures import CERTIFICATES, photo_of, picture_of
from storefront.window_choices import Choice

CART_DAYS = 60


def init_app(app: Flask) -> None:
    """Called by the first door of the shop: baskets follow their people in, and street pages know the way back here."""
    app.extensions.setdefault("welcomes", []).append(welcome)
    app.extensions.setdefault("proved_addresses", []).append(checkouts.adopt)
    app.context_processor(around)


def around() -> dict[str, Any]:
    """For the street's layout."""
    return {
        "home_url": url_for("home.show"),
        "search_url": url_for("catalogue.index"),
        "basket_url": url_for("baskets.show"),
        "account_url": url_for("me.show"),
        "sign_in_url": url_for("sign_in.show"),
        "sign_out_url": url_for("sign_in.leave"),
        "picture_of": picture_of,
        "photo_of": photo_of,
        "certified": CERTIFICATES,
        "foot_nav": [
            (_("Shop"), [(_("All produce"), url_for("catalogue.index")), (_("Co-operatives"), url_for("home.owners")),
                      (_("Basket"), url_for("baskets.show"))]),
            (_("For members and staff"), [(_("My page"), url_for("me.show")), (_("My orders"), url_for("orders.mine"))]),
        ],
    }  # fmt: skip


def till() -> Till:
    """The application's till."""
    found: Till = current_app.extensions["till"]
    return found


def cart_token() -> str:
    return request.cookies.get(cookie_name("cart"), "")[:200]


def my_cart() -> Cart | None:
    """The cart of whoever asks: their own when signed in, else their cookie's."""
    cart = carts.find(db.session, token=cart_token(), person_id=here().person_id)
    g.basket_count = len(cart.lines) if cart is not None else 0
    return cart


def my_cart_opened() -> Cart:
    """The same, made where there is none; a guest then gets its cookie."""
    person_id, token = here().person_id, cart_token()
    if person_id is None and not token:
        token = new_secret()

        @after_this_request
        def hand_over(response: Response) -> Response:
            set_cookie(response, "cart", token, days=CART_DAYS)
            return response

    return carts.open_for(db.session, token=token, person_id=person_id)


def welcome(session: Session, person_id: UUID) -> None:
    """Somebody signs in: the guest's basket is theirs now, and its cookie opens nothing any more [commerce:C03, X14]."""
    token = cart_token()
    if not token:
        return
    carts.merge(session, token, person_id)

    @after_this_request
    def take_back(response: Response) -> Response:
        drop_cookie(response, "cart")
        return response


def my_holders() -> Holders:
    """Whose price lists this visitor may buy from."""
    sign_in = here().sign_in
    return Holders(company_ids=(sign_in.company_id,)) if sign_in is not None and sign_in.company_id else Holders()


def shows_stock(packs: Iterable[Pack]) -> None:
    """This page says how much is left of these packs' heaps: one that is kept is made anew when that changes."""
    told = {pack.heap_id: pack.heap.available for pack in packs}
    rests_on(lambda session: heaps.free(session, told), told)


def street(owner_ids: Iterable[UUID], holders: Holders) -> Street:
    """What these cooperatives offer this visitor now: windows and cycles. A kept page is good until the next of them ends."""
    found = outlooks.street(db.session, owner_ids, clock.now(), holders=holders)
    good_until(found.next_change)
    return found


def window_choices(cart: Cart | None, owners: Sequence[Cooperative]) -> dict[UUID, Choice]:
    """What the basket's cooperatives offer, with what this visitor's cart has in mind."""
    now = clock.now()
    found = outlooks.of_owners(db.session, [owner.id for owner in owners], now)
    if cart is None or not any(outlook.has_windows for outlook in found.values()):
        return {}
    in_mind = {line.cooperative_id: line.window.window_id for line in cart.lines if line.window is not None}
    some_full = any(window.left < 1 for outlook in found.values() for window in outlook.windows)
    mine = choices.booked_by_me(db.session, cart.id) if some_full else {}
    return choices.offered(found, owners, in_mind, mine, now)


def chosen_windows(read: Reader, *, needed: bool = False) -> dict[UUID, UUID]:
    """The chosen window of each cooperative, by the id in the field's name."""
    found = {}
    for name in read.names(FIELD):
        window_id = read.id(name, optional=not needed)
        try:
            owner_id = UUID(name.removeprefix(FIELD))
        except ValueError:
            read.fault(name[:60], "This form has no such field.")
            continue
        if window_id != NOBODY:
            found[owner_id] = window_id
    return found


def asked_quantity(default: int = 1) -> tuple[int, str]:
    """The quantity in the address: `take` of a button before `quantity` of the field; words where it is no count of packs."""
    told = request.args.get("take") or request.args.get("quantity")
    if not told:
        return default, ""
    if not DIGITS.fullmatch(told.strip()) or not 1 <= int(told) <= QUANTITY_MAX:
        return default, _("Write a number from %(least)s to %(most)s.", least=1, most=whole(QUANTITY_MAX))
    return int(told), ""


def page(template: str, *, here_is: str = "", **context: Any) -> str:
    """A page of the shop with its head."""
    if "basket_count" not in g:
        g.basket_count = carts.size(db.session, token=cart_token(), person_id=here().person_id)
    nav = [
        ("produce", _("All produce"), url_for("catalogue.index")),
        ("cooperatives", _("Co-operatives"), url_for("home.owners")),
    ]
    if here().person is not None:
        nav.append(("orders", _("My orders"), url_for("orders.mine")))
    return render_template(
        template, nav=nav, here=here_is, basket_count=g.basket_count, canonical=_canonical(), **context
    )


SAME_FOR_ALL = ("home.", "catalogue.")


def _canonical() -> str:
    """The one address of a page that anybody may find: without what was asked of it, but for the page of a long list."""
    if not (request.endpoint or "").startswith(SAME_FOR_ALL):
        return ""
    told = request.args.get("page", "")
    page = f"?page={int(told)}" if DIGITS.fullmatch(told) and 1 < int(told) <= 10_000 else ""
    return f"{current_app.config['PUBLIC_URL']}{request.path}{page}"
