"""What a refund is made of: the earner's part, the tax within, and what the cooperative had put in; whole parts, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ground.money import Money, split
from inventory import lots, pools
from ledger.accounts import Pot
from ledger.books import Book
from ledger.transfers import Leg
from storefront import earnings
from storefront.order_charges import OrderFee
from storefront.orders import Order, OrderLine

if TYPE_CHECKING:
    from storefront.refunds import Refund


@dataclass(frozen=True, slots=True)
class Parts:
    """`amount` = `earned` + `tax` − `gift`: the buyer gets what its earner and the tax authority return, less our own gift."""

    earned: int
    tax: int
    gift: int


def part(amount: int, paid: int, tax: int, gift: int) -> Parts:
    """Minor units of a refund, out of what is still left of `paid`, of the `tax` within and of our `gift` towards it.

    All that is left negates what is left; less is a new exact split, never the old one scaled [finance:E16].
    """
    assert 0 < amount <= paid and 0 <= tax <= paid and gift >= 0
    of_tax, of_price = split(amount, [tax, paid - tax])
    of_gift = gift * of_price // (paid - tax) if paid > tax else 0
    return Parts(of_price + of_gift, of_tax, of_gift)


def legs(session: Session, book: Book, order: Order, item: OrderLine | OrderFee, refund: Refund) -> list[Leg]:
    """Back into the buyer's deposit from whoever had it; the order is locked, and the refund is written down already.

    Writes onto the refund what of it was tax and what was ours, so that the next one knows what is left.
    """
    deposit = Pot("2050", order.id)
    if (
        refund.goodwill
    ):  # Nobody delivered less for it: neither the growers nor the tax authority give anything back (0015).
        return [Leg(earnings.GIFTS, deposit, refund.amount)]
    mine = type(refund)
    before = session.execute(
        select(
            func.coalesce(func.sum(mine.amount_minor), 0), func.coalesce(func.sum(mine.tax_minor), 0),
            func.coalesce(func.sum(mine.gift_minor), 0),
        ).where(mine.cooperative_id == order.cooperative_id, mine.order_id == order.id, mine.id != refund.id)
        .where(mine.goodwill.is_(False))
        .where(mine.line_id == refund.line_id if refund.line_id else mine.fee_id == refund.fee_id)
    ).one()  # fmt: skip
    back, tax, gift = (int(minor) for minor in before)
    parts = part(refund.amount_minor, item.paid.minor - back, item.tax.minor - tax, item.gift.minor - gift)
    refund.tax_minor, refund.gift_minor = parts.tax, parts.gift
    found = _earners(session, book, order, item, book.money(parts.earned), refund.by_id)
    found.append(Leg(earnings.tax_pot(order.cooperative_id), deposit, book.money(parts.tax)))
    found.append(Leg(deposit, earnings.GIFTS, book.money(parts.gift)))
    return found


def _earners(
    session: Session, book: Book, order: Order, item: OrderLine | OrderFee, amount: Money, by: UUID | None
) -> list[Leg]:
    deposit = Pot("2050", order.id)
    if not amount:
        return []
    if isinstance(item, OrderFee):
        return [Leg(earnings.fee_pot(item), deposit, amount)]
    borne = lots.give_back(session, cooperative_id=order.cooperative_id, cause_id=item.id, amount=amount, by=by)
    still_open = pools.keep_open(session, order.cooperative_id, {pool_id for pool_id, _ in borne})
    by_pool = earnings.by_pool(book, [(pool_id, each.minor) for pool_id, each in borne])
    return [Leg(Pot("2010" if pool_id in still_open else "1240", pool_id), deposit, each) for pool_id, each in by_pool]
