"""Makers of sales: a till on the sandbox, a basket, a placed and a paid order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from cooperative.people import Person
from ground import tenants
from ground.engines import make_session
from ground.ids import new_id
from ground.money import Money
from ground.stripe.answers import CheckoutState
from ground.stripe.modes import make_gateway
from inventory import packs
from inventory.packs import Pack
from inventory.products import Product
from storefront import baskets, card_payments, carts, confirmations, orders, placements
from storefront.carts import Cart
from storefront.checkouts import How
from storefront.orders import Order
from storefront.placements import PlaceForm, Placement
from storefront.tills import Till
from tests.makers import cooperative as who
from tests.makers import inventory as what
from tests.makers import windows as when

SECRET = "a secret of the tests, 32 letters or more"


def till(session: Session, engine=None) -> Till:
    """A till at a fresh sandbox; its own units of work run on `engine` (the worker's), else on the session's bind."""
    bind = engine or session.get_bind()

    @contextmanager
    def unit():
        own = make_session(bind)
        tenants.enter(own)
        try:
            yield own
        finally:
            own.close()

    folder = Path(tempfile.mkdtemp(prefix="sandbox-", dir=os.environ["GOOD_MEASURE_TEST_HOME"]))
    gateway = make_gateway({"SANDBOX_DATABASE": str(folder / "sandbox.sqlite")})
    return Till(gateway, unit, SECRET, "http://shop.test")


def shelf(
    session: Session,
    cooperative: Cooperative,
    name: str = "Maize",
    prices: Mapping[int, str] | None = None,
    *,
    kilograms: int = 100,
    **more,
) -> Pack:
    """One pack of a product on sale with so many kilograms behind it."""
    product: Product = what.product(session, name, prices or {1: "50"}, cooperative=cooperative, **more)
    if kilograms:
        what.stock(session, cooperative, product, kilograms)
    return packs.of_product(session, cooperative.id, product.id)[0]


def basket(session: Session, lines: Mapping[Pack, int], *, token: str = "", person: Person | None = None) -> Cart:
    """A cart with these packs, as last seen at the price of now."""
    cart = carts.open_for(session, token=token or str(new_id()), person_id=person.id if person else None)
    for pack, quantity in lines.items():
        carts.put(session, cart, pack, quantity, Money(0, "KES"))
    cart = carts.find_by_id(session, cart.id)
    priced = baskets.price(session, cart, holders=placements.holders_of(session, person.id if person else None))
    carts.show(session, cart, {line.pack_id: line.tag.total for line in priced.lines if line.tag})
    return carts.find_by_id(session, cart.id)


def form(session: Session, cart: Cart, how: How = How.CARD, *, person: Person | None = None, **more) -> PlaceForm:
    """What the buyer of this cart would send now."""
    priced = baskets.price(session, cart, holders=placements.holders_of(session, person.id if person else None))
    given: dict[str, Any] = {
        "name": "Amina Yusuf", "email": "amina@example.org", "phone": "+254712345678", "how": how,
        "expected": priced.total, "request_key": new_id(),
        "windows": when.first_windows(session, priced.cooperative_ids),
    }  # fmt: skip
    return PlaceForm(**(given | more))


def placed(
    session: Session, till: Till, cart: Cart, how: How = How.CARD, *, person: Person | None = None, **more
) -> Placement:
    """The cart, placed but not committed."""
    wanted = form(session, cart, how, person=person, **more)
    return placements.place(session, till, cart, wanted, by=person.id if person else None)


def paid(session: Session, till: Till, placement: Placement) -> list[Order]:
    """The placement's card payment, confirmed as the provider would after its page was paid; the orders."""
    from storefront.card_payments import CardPayment

    assert placement.payment is not None
    payment = session.get_one(CardPayment, placement.payment.id)
    confirmations.confirm(session, till, payment, seen(session, placement))
    return orders.of_checkout(session, placement.checkout)


def seen(
    session: Session,
    placement: Placement,
    *,
    minor: int | None = None,
    status: Literal["open", "complete", "expired"] = "complete",
    paid: Literal["paid", "unpaid", "no_payment_required"] = "paid",
) -> CheckoutState:
    """What the provider shows of this placement's page."""
    checkout = placement.checkout
    amount = Money(checkout.total_minor if minor is None else minor, checkout.currency)
    return CheckoutState(
        id=f"cs_{checkout.id}", status=status, payment_status=paid, amount=amount, payment_intent=f"pi_{checkout.id}",
        charge=f"ch_{checkout.id}", client_reference=str(checkout.id), url=None, fee=None,
    )  # fmt: skip


def wholesale_buyer(session: Session, *sellers: Cooperative, limit: str = "100000", days: int = 30) -> Person:
    """Somebody who buys for a company that has trade terms with these cooperatives."""
    from cooperative import companies

    buyer = who.person(session, "Grace Njeri")
    company = companies.add(session, name="Nyota Schools Kitchen Ltd")
    companies.add_person(session, company.id, buyer.id)
    for seller in sellers:
        approver = who.staff(session, seller, "manager")
        companies.approve_terms(
            session, seller.id, company.id, net_days=days, credit_limit=Money.parse(limit, seller.currency), by=approver.id
        )  # fmt: skip
    return buyer


def state_of(session: Session, placement: Placement) -> str:
    """How its card payment stands."""
    payment = card_payments.of_checkout(session, placement.checkout.id)
    assert payment is not None
    return payment.state.value
