"""What an order costs beyond its goods, frozen when it is placed: its fees, the gifts on it, and each item's tax."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.money import Money
from storefront.charges import Kind, PayableTo


class Charged:
    """Mixin of a line and of a fee: what is paid for it, what its earner gets, what is tax, and what was given towards it.

    `added_minor` is what tax puts on top of the amount shown (a coin either way where tax is rounded on the sum),
    `discount_minor` its part of all gifts and `discount_tax_minor` the tax within that part. Only `refunded_minor` moves,
    by conditional UPDATE.
    """

    currency: Mapped[str]
    added_minor: Mapped[int] = mapped_column(default=0)
    tax_minor: Mapped[int] = mapped_column(default=0)
    discount_minor: Mapped[int] = mapped_column(default=0)
    discount_tax_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)

    @property
    def shown_minor(self) -> int:
        """The amount as it stands in the price list."""
        raise NotImplementedError

    @property
    def paid(self) -> Money:
        """What the buyer pays for it in the end."""
        return Money(self.shown_minor + self.added_minor - self.discount_minor, self.currency)

    @property
    def earned(self) -> Money:
        """What the pools, the carrier or the cooperative get for it: net of tax, and whole whatever was given."""
        return Money(self.shown_minor + self.added_minor - self.tax_minor, self.currency)

    @property
    def tax(self) -> Money:
        """What is owed to the tax authority: on what is really paid."""
        return Money(self.tax_minor - self.discount_tax_minor, self.currency)

    @property
    def gift(self) -> Money:
        """What the cooperative puts in, so that earner and tax authority get theirs."""
        return Money(self.discount_minor - self.discount_tax_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """Paid less what was given back or is on its way back; never negative [commerce:R07]."""
        return self.paid - self.refunded


CHARGED = ("added_minor", "tax_minor", "discount_minor", "discount_tax_minor")
"""The columns of `Charged` that never change."""


def charged_checks(shown: str) -> tuple[CheckConstraint, ...]:
    """What must hold of every item whose shown amount is in the column `shown`."""
    return (
        CheckConstraint(f"refunded_minor BETWEEN 0 AND {shown} + added_minor - discount_minor", "refunded"),
        CheckConstraint(f"tax_minor BETWEEN 0 AND {shown} + added_minor", "tax"),
        CheckConstraint("discount_tax_minor BETWEEN 0 AND tax_minor", "discount_tax"),
        CheckConstraint(
            f"discount_tax_minor <= discount_minor AND discount_minor <= {shown} + added_minor", "discount"
        ),
    )


class OrderFee(Charged, OfCooperative, Model):
    """One fee of one order, as it was when placed: a later version of the fee changes nothing here [commerce:V02]."""

    __tablename__ = "order_fee"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("order_id", "fee_id"),
        tenant_key("order_id", "customer_order"),
        tenant_key("fee_id", "fee"),
        CheckConstraint("amount_minor >= 1", "amount"),
        *charged_checks("amount_minor"),
    )
    frozen_columns = (
        "cooperative_id", "order_id", "fee_id", "name", "kind", "rule", "payable_to", "payee", "amount_minor", "currency",
        *CHARGED,
    )  # fmt: skip

    order_id: Mapped[UUID]
    fee_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[Kind]
    rule: Mapped[str]
    payable_to: Mapped[PayableTo]
    payee: Mapped[str]
    amount_minor: Mapped[int]

    @property
    def shown_minor(self) -> int:
        return self.amount_minor

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class OrderGift(OfCooperative, Model):
    """What the cooperative gave towards an order: by a voucher, or by a fee below zero.

    It is also the voucher's use: `returned_at` is when the order was given up and the use went back.
    """

    __tablename__ = "order_gift"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("order_id", "voucher_id"),
        Index("ix_order_gift_voucher", "cooperative_id", "voucher_id"),
        tenant_key("order_id", "customer_order"),
        tenant_key("voucher_id", "voucher"),
        tenant_key("fee_id", "fee"),
        CheckConstraint("amount_minor >= 1", "amount"),
        CheckConstraint("(voucher_id IS NULL) <> (fee_id IS NULL)", "one_reason"),
    )
    frozen_columns = ("cooperative_id", "order_id", "voucher_id", "fee_id", "words", "amount_minor", "currency")

    order_id: Mapped[UUID]
    voucher_id: Mapped[UUID | None]
    fee_id: Mapped[UUID | None]
    words: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    returned_at: Mapped[datetime | None]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
