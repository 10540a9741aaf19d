"""Makers of what comes on top of goods: fees, tax rules, vouchers."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cooperative.bylaws import Bylaw
from cooperative.cooperatives import Cooperative
from ground.money import Money
from inventory.products import TaxClass
from storefront import fees, tax_rules, vouchers
from storefront.charges import Basis, Kind, PayableTo, Terms
from storefront.fees import Fee, FeeTax
from storefront.taxes import Rate, TaxMode, TaxRules
from storefront.vouchers import Voucher
from tests.makers import cooperative as who


def fee(
    session: Session,
    cooperative: Cooperative,
    amount: str = "50",
    *,
    name: str = "Packing",
    kind: Kind = Kind.PACKING,
    basis: Basis = Basis.ORDER,
    tax: FeeTax = FeeTax.EXEMPT,
    carrier: str = "",
    **more: Any,
) -> Fee:
    """`make.fee(meru, "50")`: KES 50 per order for packing; with a `carrier` it is owed to them."""
    to = PayableTo.TRANSPORTER if carrier else PayableTo.COOPERATIVE
    terms = Terms(name, kind, basis, Money.parse(amount, cooperative.currency), payable_to=to, payee=carrier, **more)
    return fees.add(session, cooperative.id, terms, by=None, tax=tax)


def taxes(
    session: Session,
    cooperative: Cooperative,
    percent: int = 16,
    *,
    mode: TaxMode = TaxMode.LINE,
    included: bool = True,
) -> Bylaw:
    """The cooperative is registered and charges this on goods of the standard class."""
    rules = TaxRules(True, mode, included, "P051234567Z", {TaxClass.STANDARD: (Rate("VAT", percent * 100),)})
    by = who.person(session, "Adopter")
    return tax_rules.adopt(
        session, cooperative.id, rules, effective_from=date(2020, 1, 1), source="VAT Act 2013", by=by.id
    )


def voucher(session: Session, cooperative: Cooperative, code: str = "KARIBU", amount: str = "", **more: Any) -> Voucher:
    """`make.voucher(meru, "KARIBU", "20")` takes KES 20 off; `bps=1_000` instead takes 10 %."""
    flat = Money.parse(amount, cooperative.currency) if amount else None
    return vouchers.add(session, cooperative.id, code, by=None, amount=flat, currency=cooperative.currency, **more)


def use_voucher(session: Session, cart: Any, voucher: Voucher) -> None:
    """The buyer of this cart typed the voucher's code; the cart at hand knows it."""
    from storefront import cart_vouchers, carts

    cart_vouchers.put(session, cart.id, voucher)
    carts.find_by_id(session, cart.id)
