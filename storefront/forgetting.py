"""Forgetting on this floor: baskets, and checkouts with what was written and told of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from cooperative import cooperatives
from cooperative.keepers import NAMELESS, Fate, Keeper
from cooperative.people import Person
from ground import inbox, outbox, tenants
from ground.outbox import Letter
from ground.words import _
from storefront.card_payments import CardPayment
from storefront.cart_vouchers import CartVoucher
from storefront.cart_windows import CartWindow
from storefront.carts import Cart, CartLine
from storefront.checkouts import Checkout, CheckoutPart
from storefront.complaints import Complaint
from storefront.invoices import Invoice
from storefront.orders import Cancellation, Collection, Order
from storefront.refunds import Refund, State

FATES = {"cart": Fate.DELETED, "checkout": Fate.EMPTIED}
SILENT = "–"
"""What stands where a buyer's own words were: the table wants some."""


def theirs(person: Person) -> ColumnElement[bool]:
    """Their own checkouts, and those of a guest who gave their address."""
    if not person.email:
        return Checkout.person_id == person.id
    as_guest = and_(Checkout.person_id.is_(None), func.lower(Checkout.email) == person.email)
    return or_(Checkout.person_id == person.id, as_guest)


def hinders(session: Session, person: Person) -> list[str]:
    """An order that is neither collected nor cancelled, money that is still on its way back."""
    ids = [checkout.id for checkout in _checkouts(session, person)]
    houses, orders = _orders(session, ids)
    names = {key: house.name for key, house in cooperatives.find_many(session, houses).items()}
    ended = or_(
        Order.id.in_(select(Collection.order_id).where(Collection.cooperative_id.in_(houses))),
        Order.id.in_(select(Cancellation.order_id).where(Cancellation.cooperative_id.in_(houses))),
    )
    open_orders = select(Order).where(Order.cooperative_id.in_(houses), Order.id.in_(orders), ~ended)
    unheard = select(Complaint).where(
        Complaint.cooperative_id.in_(houses), Complaint.order_id.in_(orders), Complaint.answered_at.is_(None)
    )
    giving = select(Refund).where(
        Refund.cooperative_id.in_(houses), Refund.order_id.in_(orders), Refund.state != State.PAID
    )
    return [
        *(
            _("Order %(number)s at %(house)s is still open.", number=order.number, house=names[order.cooperative_id])
            for order in session.scalars(open_orders)
        ),
        *(
            _("%(amount)s is still on its way back to you from %(house)s.", amount=back.amount, house=names[back.cooperative_id])
            for back in session.scalars(giving)
        ),
        *(
            _("%(house)s has not answered your complaint yet.", house=names[complaint.cooperative_id])
            for complaint in session.scalars(unheard)
        ),
    ]  # fmt: skip


def forgets(session: Session, person: Person) -> None:
    """Orders keep their figures and lose their buyer's name, address and phone; what a provider told of them too."""
    ids = [checkout.id for checkout in _checkouts(session, person)]
    houses, orders = _orders(session, ids)
    outbox.forget(session, Letter.cause_id.in_(_causes(session, ids, houses, orders)))
    sessions = session.scalars(
        select(CardPayment.session_ref).where(CardPayment.checkout_id.in_(ids), CardPayment.session_ref.is_not(None))
    )
    payments = session.scalars(
        select(CardPayment.payment_ref).where(CardPayment.checkout_id.in_(ids), CardPayment.payment_ref.is_not(None))
    )
    inbox.forget(session, [*filter(None, sessions), *filter(None, payments)])
    session.execute(
        update(Checkout).where(Checkout.id.in_(ids)).values(name=NAMELESS, email="", phone="", address="", cart_id=None)
    )
    told = (Complaint.cooperative_id.in_(houses), Complaint.order_id.in_(orders))
    session.execute(update(Complaint).where(*told).values(words=SILENT).execution_options(synchronize_session=False))
    carts = select(Cart.id).where(Cart.person_id == person.id)
    for part in (CartLine, CartVoucher, CartWindow):
        session.execute(delete(part).where(part.cart_id.in_(carts)))
    session.execute(delete(Cart).where(Cart.person_id == person.id))


def _checkouts(session: Session, person: Person) -> Sequence[Checkout]:
    return session.scalars(select(Checkout).where(theirs(person)).order_by(Checkout.created_at)).all()


def _orders(session: Session, checkout_ids: list[UUID]) -> tuple[list[UUID], list[UUID]]:
    """The cooperatives and orders of these checkouts; the buyer may see them, as by the links of their pages."""
    parts = session.scalars(select(CheckoutPart).where(CheckoutPart.checkout_id.in_(checkout_ids))).all()
    houses = sorted({part.cooperative_id for part in parts})
    tenants.allow(session, *houses)
    return houses, sorted(part.order_id for part in parts)


def _of(model, houses: list[UUID], orders: list[UUID]):  # noqa: ANN001, ANN202  (any row that names its order)
    return select(model).where(model.cooperative_id.in_(houses), model.order_id.in_(orders))


def _causes(session: Session, checkouts: list[UUID], houses: list[UUID], orders: list[UUID]) -> list[UUID]:
    """What letters to the buyer were about."""
    papers = [row.id for model in (Refund, Invoice, Complaint) for row in session.scalars(_of(model, houses, orders))]
    return [*checkouts, *orders, *papers]


KEEPER = Keeper(FATES, hinders, forgets)
