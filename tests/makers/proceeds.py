"""Makers of how money goes out: pools that were delivered into and sold, settlements, bank accounts and payout runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative import bylaws, points
from cooperative.cooperatives import Cooperative
from cooperative.members import Member
from cooperative.people import Person
from ground.ids import new_id
from ground.money import Money
from inventory import deliveries, heaps, lots, pools, products
from inventory.deliveries import DeliveryForm
from inventory.pools import Pool
from inventory.products import Product
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from proceeds import bank_accounts, batches, closings, payouts, rules, settlements
from proceeds.settlements import Settlement


@dataclass
class Season:
    """A pool of one product at one point, into which one delivers and from which one sells."""

    session: Session
    cooperative: Cooperative
    product: Product
    pool: Pool
    point: Any
    by: Person

    def deliver(self, member: Member, kilograms: int, grade: str = "A") -> None:
        form = DeliveryForm(new_id(), member.id, self.point.id, self.product.id, grade, kilograms * 1000)
        deliveries.record(self.session, self.cooperative, form, by=self.by.id)

    def sell(self, kilograms: int, net: str, *, channel: str = "retail", grade: str = "A") -> Any:
        """Draw lots and post what they earned, as an order that was paid in cash; answers the line's id."""
        line, amount = new_id(), Money.parse(net, self.cooperative.currency)
        heap = heaps.find_or_open(self.session, self.product, grade, self.point.id)
        drawn = lots.draw(
            self.session, heap.id, kilograms * 1000, cooperative_id=self.cooperative.id, cause_id=line, channel=channel,
            net=amount, by=self.by.id,
        )  # fmt: skip
        legs = [Leg(Pot("1010"), Pot("2010", draw.pool_id), draw.net) for draw in drawn]
        transfers.post(self.session, self.book, "sale of a test", line, legs)
        return line

    def refund(self, line: Any, net: str) -> None:
        amount = Money.parse(net, self.cooperative.currency)
        borne = lots.give_back(
            self.session, cooperative_id=self.cooperative.id, cause_id=line, amount=amount, by=self.by.id
        )
        legs = [Leg(Pot("2010", pool_id), Pot("1010"), money) for pool_id, money in borne]
        transfers.post(self.session, self.book, "refund of a test", new_id(), legs)

    @property
    def book(self) -> Any:
        return books.of_cooperative(self.session, self.cooperative.id)


def season(
    session: Session, cooperative: Cooperative, *, by: Person, product: str = "Maize", grades: tuple[str, ...] = ("A",),
    advance_minor: int = 0, rules_: dict[str, Any] | None = None, **more: Any,
) -> Season:  # fmt: skip
    """An open pool with a settlement by-law (the starter's, unless `rules_`)."""
    if bylaws.in_force(session, cooperative.id, bylaws.SETTLEMENT, date(2100, 1, 1)) is None:
        bylaws.adopt(
            session, cooperative.id, bylaws.SETTLEMENT, rules_ or rules.STARTER, effective_from=date(2020, 1, 1),
            source="General meeting, minute 7", by=by.id,
        )  # fmt: skip
    sold = products.find_by_slug(session, cooperative.id, products.slugged(product)) or products.add(
        session, cooperative.id, product, grades=grades, listed=True
    )
    session.flush()
    pool = pools.open_pool(
        session, sold, more.pop("season", "2026"), currency=cooperative.currency, advance_minor=advance_minor, **more
    )
    point = session.scalar(
        select(points.CollectionPoint).where(points.CollectionPoint.cooperative_id == cooperative.id)
    )
    if point is None:
        point = points.open_point(session, cooperative.id, code="GATE", name="The gate", county="Meru")
        session.flush()
    return Season(session, cooperative, sold, pools.find(session, cooperative.id, pool.id), point, by)


def settled(
    session: Session, season: Season, *, by: Person, approver: Person, costs: dict[str, str] | None = None
) -> Settlement:
    """The season's pool, settled and closed."""
    settlement = settlements.draft(session, season.cooperative.id, season.pool.id, by=by.id)
    amounts = {key: Money.parse(text, season.cooperative.currency) for key, text in (costs or {}).items()}
    settlements.record(session, settlement, amounts, by=by.id)
    closings.approve(session, settlement, closings.preview(session, settlement).inputs_sha256, by=approver.id)
    closings.close(session, settlement, by=by.id)
    return settlement


def owed_to(session: Session, member: Member, amount: str) -> Money:
    """So much put into the member's account, as a settlement would."""
    book = books.of_cooperative(session, member.cooperative_id)
    money = Money.parse(amount, book.currency)
    transfers.post(
        session, book, "claim of a test", new_id(), [Leg(Pot("2010", new_id()), Pot("2020", member.id), money)]
    )
    return money


def bank_account(
    session: Session, cooperative: Cooperative, *, by: Person, account: str = "0110099887", bank_code: str = "EQBLKENA"
):
    """The bank account the cooperative pays from and is paid at."""
    return bank_accounts.open_account(
        session, cooperative.id, holder=cooperative.name, bank_code=bank_code, account=account, by=by.id
    )


def sent_run(session: Session, cooperative: Cooperative, *, by: Person, approver: Person):
    """A payout run of everybody who is owed money: made, approved, and its batches sent."""
    run = payouts.make_run(session, cooperative.id, by=by.id)
    payouts.approve(session, run, by=approver.id)
    return run, batches.send(session, run, by=approver.id)
