"""Placing: a cart becomes a checkout with one order per cooperative, its stock held and its prices frozen, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from cooperative import companies, cooperatives
from cooperative.companies import TradeTerms
from ground import clock, tenants
from ground.barriers import barrier
from ground.errors import Conflict, Denied, Refusal
from ground.ids import new_id
from ground.money import Money
from ground.stripe.decimals import stripe_step
from ground.words import _, language
from inventory import holds, numbering
from inventory.price_lists import Holders
from storefront import baskets, bookings, cancellations, card_payments, carts, invoices, letters, orders, vouchers
from storefront.baskets import Basket, Part
from storefront.bills import Bill, Item
from storefront.card_payments import CardPayment
from storefront.carts import Cart
from storefront.checkouts import Checkout, CheckoutPart, How
from storefront.cycles import Sells
from storefront.order_charges import OrderFee, OrderGift
from storefront.orders import Cancellation, Channel, Collection, Order, OrderLine
from storefront.tills import Till, hashed
from storefront.windows import Window

PAGE_OPEN = timedelta(minutes=45)
"""How long the payment page stays open: the provider wants at least 30 minutes from when it hears of it."""

HOLD_GRACE = timedelta(minutes=20)
"""The goods stay held longer than the page is open, so that nobody pays for what was given back meanwhile."""


@dataclass(frozen=True, slots=True)
class PlaceForm:
    """What the buyer sends. `expected` is the total they saw; the request key makes the form count once.

    `windows` are the chosen ones by cooperative; `address` is where a delivery goes.
    """

    name: str
    email: str
    phone: str
    how: How
    expected: Money
    request_key: UUID
    windows: Mapping[UUID, UUID] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """A checkout as it was placed; `payment` is the intent to be sent after commit, `closing` the pages of earlier attempts."""

    checkout: Checkout
    orders: tuple[Order, ...]
    payment: CardPayment | None
    closing: tuple[UUID, ...]


def place(
    session: Session, till: Till, cart: Cart, form: PlaceForm, *, by: UUID | None, instead_of: Order | None = None
) -> Placement:
    """Everything or nothing: prices asked again inside, stock held, orders frozen, the payment's intent written.

    Conflict tells the old and the new total when it is not what the buyer saw [commerce:C01, C02]; Refusal names the line
    that cannot be bought. Nothing outside the database happens here.
    """
    carts.lock(session, cart)
    cart = carts.find_by_id(session, cart.id)
    closing = cancellations.replace_attempts(session, cart.id)
    buys = frozenset({Sells.WHOLESALE if form.how is How.INVOICE else Sells.RETAIL})
    basket = baskets.price(session, cart, holders=holders_of(session, by), buyers=buys)
    basket.refuse_problems()
    assert basket.total is not None
    tenants.allow(session, *basket.cooperative_ids)  # Who may buy there may leave an order there.
    terms = _terms(session, basket, form.how, by)
    _expect(basket.total, form.expected)
    if form.how is How.CARD and not till.takes_cards:
        raise Refusal(fields={"how": _("This shop takes no cards. Please choose another way to pay.")})
    if form.how is How.CARD and basket.total.minor % stripe_step(basket.total.currency):
        raise Refusal(
            _(
                "%(total)s cannot be paid by card to the last coin. Please choose another way to pay.",
                total=basket.total,
            )
        )
    taken = bookings.take(session, [part.cooperative for part in basket.parts], form.windows, address=form.address)
    checkout = _checkout(session, till, cart, form, basket.total, terms, by)
    expires_at = checkout.expires_at + HOLD_GRACE if checkout.expires_at else None
    parts = sorted(basket.parts, key=lambda part: part.cooperative.id)
    made = [_order(session, checkout, part, taken.get(part.cooperative.id)) for part in parts]
    session.flush()
    for order, lines in made:
        wants: dict[UUID, int] = defaultdict(int)
        for line in lines:
            wants[line.heap_id] += line.takes.amount
        holds.hold(session, order.cooperative_id, wants, order.id, expires_at)
    payment = card_payments.intend(session, checkout) if form.how is How.CARD else None
    if payment is None:
        carts.empty_of(session, cart.id, [(line.pack_id, line.quantity) for line in basket.lines])
    session.flush()
    checkout = session.scalars(
        select(Checkout).where(Checkout.id == checkout.id).options(selectinload(Checkout.parts))
        .execution_options(populate_existing=True)
    ).one()  # fmt: skip
    placed = [order for order, _ in made]
    if payment is None:
        placed = orders.of_checkout(session, checkout)
        letters.placed(session, checkout, placed, till.link_to(checkout.id), instead_of=instead_of)
    barrier("checkout: written")
    return Placement(checkout, tuple(placed), payment, tuple(closing))


def holders_of(session: Session, person_id: UUID | None) -> Holders:
    """Whose price lists this buyer may use: decided by who is signed in, never by what was sent [commerce:X02, X11]."""
    company = companies.company_of(session, person_id) if person_id is not None else None
    return Holders(company_ids=(company.id,)) if company else Holders()


def terms_for(session: Session, basket: Basket, person_id: UUID | None) -> dict[UUID, TradeTerms]:
    """The buyer's trade terms with every cooperative of the basket; empty unless all of them granted some."""
    if person_id is None or not basket.parts:
        return {}
    terms = companies.terms_of(session, person_id, basket.cooperative_ids)
    return terms if set(terms) == set(basket.cooperative_ids) else {}


def _terms(session: Session, basket: Basket, how: How, by: UUID | None) -> dict[UUID, TradeTerms]:
    if how is not How.INVOICE:
        return {}
    for cooperative_id in basket.cooperative_ids:
        cooperatives.lock(session, cooperative_id)  # Two invoices at once must not both fit under one limit.
    terms = terms_for(session, basket, by)
    if not terms:
        raise Denied(_("Buying on invoice needs trade terms with every cooperative in the basket."))
    for part in basket.parts:
        granted = terms[part.cooperative.id]
        if granted.currency != part.total.currency:
            raise Refusal(
                _(
                    "Your credit with %(cooperative)s is in %(currency)s.",
                    cooperative=part.cooperative.name,
                    currency=granted.currency,
                )
            )
        left = granted.credit_limit - owed(session, part.cooperative.id, granted.company_id, granted.currency)
        if part.total > left:
            shown = max(left.minor, 0)
            words = _(
                "Your credit with %(cooperative)s has %(amount)s left.",
                cooperative=part.cooperative.name,
                amount=Money(shown, left.currency),
            )
            raise Refusal(f"{words} {_('This order is %(total)s.', total=part.total)}", fields={"how": words})
    return terms


def owed(session: Session, cooperative_id: UUID, company_id: UUID, currency: str) -> Money:
    """What the company owes here already: invoices that are due, and orders that will be invoiced."""
    waiting = session.scalar(
        select(func.coalesce(func.sum(Order.total_minor), 0))
        .join(Checkout, Checkout.id == Order.checkout_id)
        .where(Order.cooperative_id == cooperative_id, Checkout.company_id == company_id)
        .where(~select(Collection.id).where(Collection.order_id == Order.id).exists())
        .where(~select(Cancellation.id).where(Cancellation.order_id == Order.id).exists())
    )
    return Money(int(waiting or 0), currency) + invoices.due_of_company(session, cooperative_id, company_id, currency)


def _expect(total: Money, expected: Money) -> None:
    if total != expected:
        if expected.currency != total.currency:
            raise Conflict(
                _("The prices changed while you were shopping. Now it is %(total)s. Please look again.", total=total)
            )
        raise Conflict(
            _(
                "The prices changed while you were shopping: it was %(was)s, now it is %(total)s. Please look again and "
                "confirm.",
                was=expected,
                total=total,
            )
        )


def _checkout(
    session: Session,
    till: Till,
    cart: Cart,
    form: PlaceForm,
    total: Money,
    terms: dict[UUID, TradeTerms],
    by: UUID | None,
) -> Checkout:
    company_ids = {granted.company_id for granted in terms.values()}
    assert len(company_ids) <= 1, "a person buys for one company"
    id = new_id()
    checkout = Checkout(
        id=id, token_hash=hashed(till.token_of(id)), request_key=form.request_key, cart_id=cart.id, person_id=by,
        company_id=company_ids.pop() if company_ids else None, name=form.name, email=form.email, phone=form.phone,
        address=form.address, currency=total.currency, total_minor=total.minor, how=form.how, language=language(),
        expires_at=clock.now() + PAGE_OPEN if form.how is How.CARD else None,
    )  # fmt: skip
    session.add(checkout)
    return checkout


def _order(session: Session, checkout: Checkout, part: Part, window: Window | None) -> tuple[Order, list[OrderLine]]:
    """One cooperative's order, to be collected at its window's point, else where most of its goods lie."""
    places: dict[UUID, int] = defaultdict(int)
    for line in part.lines:
        assert line.pack is not None
        places[line.pack.heap.point_id] += line.quantity * line.pack.content
    owner = part.cooperative
    order = Order(
        cooperative_id=owner.id, number=numbering.next_number(session, owner.id, "order"), checkout_id=checkout.id,
        point_id=(window.point_id if window else None) or max(sorted(places), key=lambda place: places[place]),
        window_id=window.id if window else None, currency=owner.currency, total_minor=part.total.minor,
        tax_mode=part.tax_mode, tax_minor=sum(each.tax.minor for each in part.bill.taxes),
        taxes=[[each.rate.name, each.rate.bps, each.tax.minor] for each in part.bill.taxes],
        channel=Channel.WHOLESALE if checkout.how is How.INVOICE else Channel.RETAIL,
    )  # fmt: skip
    session.add(order)
    session.add(
        CheckoutPart(cooperative_id=owner.id, checkout_id=checkout.id, order_id=order.id, total_minor=part.total.minor)
    )
    lines: list[OrderLine] = []
    for line, item in zip(part.lines, part.bill.goods, strict=True):
        assert line.pack is not None and line.tag is not None
        lines.append(
            OrderLine(
                cooperative_id=owner.id, order_id=order.id, pack_id=line.pack_id, heap_id=line.pack.heap_id,
                name=line.name, quantity=line.quantity, content=line.pack.content, unit=line.pack.product.unit,
                unit_price_minor=line.tag.unit_price.minor, line_minor=line.tag.total.minor, currency=owner.currency,
                because=line.tag.because, **_frozen(item),
            )
        )  # fmt: skip
    session.add_all(lines)
    _charge(session, checkout, order, part.bill)
    return order, lines


def _charge(session: Session, checkout: Checkout, order: Order, bill: Bill) -> None:
    """The order's fees and gifts as they are now; each voucher's use is counted here, or the placing ends [commerce:M16]."""
    for charge, item in ((fee.charge, fee.item) for fee in bill.fees):
        terms = charge.terms
        session.add(
            OrderFee(
                cooperative_id=order.cooperative_id, order_id=order.id, fee_id=terms.fee_id, name=terms.name,
                kind=terms.kind, rule=terms.rule, payable_to=terms.payable_to, payee=terms.payee,
                amount_minor=charge.amount.minor, currency=order.currency, **_frozen(item),
            )
        )  # fmt: skip
    for given in bill.given:
        gift = given.gift
        if gift.voucher_id is not None:
            vouchers.claim(session, order, checkout, gift.voucher_id)
        session.add(
            OrderGift(
                cooperative_id=order.cooperative_id, order_id=order.id, voucher_id=gift.voucher_id, fee_id=gift.fee_id,
                words=gift.words, amount_minor=given.amount.minor, currency=order.currency,
            )
        )  # fmt: skip


def _frozen(item: Item) -> dict[str, int]:
    return {
        "added_minor": item.taxed.added.minor, "tax_minor": item.taxed.tax.minor,
        "discount_minor": item.discount.minor, "discount_tax_minor": item.discount_tax.minor,
    }  # fmt: skip
