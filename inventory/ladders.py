"""Ladders: the prices of one pack in one list, rung by rung, stored as lower bounds only, with the rules of its quantities."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, relationship, selectinload

from cooperative import cooperatives
from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.errors import Conflict, Refusal
from ground.money import LARGEST_MINOR, Money
from inventory.ladder_views import CountedOn, LadderView, Mode, RungView
from inventory.packs import Pack

if TYPE_CHECKING:
    from inventory.price_lists import PriceList

LARGEST_QUANTITY = 10**9


class Rung(OfCooperative, Model):
    """From `quantity_min` packs on, `unit_price_minor` for the ladder's `per_content`."""

    __tablename__ = "rung"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("ladder_id", "quantity_min"),
        tenant_key("ladder_id", "ladder"),
        CheckConstraint("quantity_min >= 1", "quantity_min"),
        CheckConstraint(f"unit_price_minor >= 0 AND unit_price_minor <= {LARGEST_MINOR}", "unit_price"),
    )
    frozen_columns = ("cooperative_id", "ladder_id")
    public_read = "EXISTS (SELECT 1 FROM ladder d WHERE d.id = rung.ladder_id)"
    on_the_street = "true"

    ladder_id: Mapped[UUID]
    quantity_min: Mapped[int]
    unit_price_minor: Mapped[int]


class Ladder(OfCooperative, Model):
    """The prices and quantity rules of one pack in one list.

    `per_content` is the base units its prices are for: the pack's own content, or more where a price is finer than a coin
    (333.00 for 1,000 kg is 0.333 a kg, exactly [commerce:P16]). `version` counts how often it was written.
    """

    __tablename__ = "ladder"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("price_list_id", "pack_id"),
        tenant_key("price_list_id", "price_list"),
        tenant_key("pack_id", "pack"),
        Index("ix_ladder_pack", "pack_id"),
        CheckConstraint("quantity_min >= 1 AND increment >= 1 AND per_content >= 1", "rules"),
        CheckConstraint("quantity_max IS NULL OR quantity_max >= quantity_min", "quantity_max"),
        CheckConstraint("mode <> 'graduated' OR counted_on = 'pack'", "bands_belong_to_one_pack"),
        CheckConstraint("(counted_on = 'mix') = (mix_group <> '')", "mix_group"),
    )
    frozen_columns = ("cooperative_id", "price_list_id", "pack_id")
    public_read = "EXISTS (SELECT 1 FROM price_list l WHERE l.id = ladder.price_list_id)"
    on_the_street = "true"

    price_list_id: Mapped[UUID]
    pack_id: Mapped[UUID]
    mode: Mapped[Mode]
    counted_on: Mapped[CountedOn]
    mix_group: Mapped[str]
    quantity_min: Mapped[int]
    quantity_max: Mapped[int | None]
    increment: Mapped[int]
    per_content: Mapped[int]
    version: Mapped[int]

    rungs: Mapped[list[Rung]] = relationship(
        primaryjoin="foreign(Rung.ladder_id) == Ladder.id", viewonly=True, lazy="raise", order_by=Rung.quantity_min
    )
    price_list: Mapped[PriceList] = relationship(
        primaryjoin="foreign(Ladder.price_list_id) == PriceList.id", viewonly=True, lazy="raise"
    )

    def view(self, pack: Pack) -> LadderView:
        """This ladder as pricing reads it; `price_list` and `rungs` must be loaded."""
        scope = {
            CountedOn.PACK: f"pack:{pack.id}",
            CountedOn.PRODUCT: f"product:{pack.product_id}",
            CountedOn.MIX: f"mix:{self.cooperative_id}:{self.mix_group}",
        }[self.counted_on]
        rungs = tuple(
            RungView(rung.quantity_min, Fraction(rung.unit_price_minor * pack.content, self.per_content))
            for rung in self.rungs
        )
        return LadderView(
            name=self.price_list.name,
            level=self.price_list.level,
            rungs=rungs,
            content=pack.content,
            mode=self.mode,
            quantity_min=self.quantity_min,
            quantity_max=self.quantity_max,
            increment=self.increment,
            scope=scope,
        )


@dataclass(frozen=True, slots=True)
class LadderForm:
    """What the price desk sends: `rungs` are (from how many packs, price of one in minor units)."""

    rungs: tuple[tuple[int, int], ...]
    mode: Mode = Mode.ALL_UNITS
    counted_on: CountedOn = CountedOn.PACK
    mix_group: str = ""
    quantity_min: int | None = None  # None: the first rung
    quantity_max: int | None = None
    increment: int = 1
    per_content: int | None = None  # None: prices are for one pack


def find(session: Session, price_list: PriceList, pack_id: UUID) -> Ladder | None:
    query = select(Ladder).where(
        Ladder.cooperative_id == price_list.cooperative_id,
        Ladder.price_list_id == price_list.id,
        Ladder.pack_id == pack_id,
    )
    loaded = query.options(selectinload(Ladder.rungs), selectinload(Ladder.price_list)).execution_options(
        populate_existing=True
    )
    return session.scalar(loaded)


def set_ladder(
    session: Session, price_list: PriceList, pack: Pack, form: LadderForm, *, seen: int | None = None
) -> Ladder:
    """Write a pack's ladder whole: what is saved is what is shown and charged [commerce:P06].

    A person says which version they `seen` (0: there was none); if another stands there, Conflict tells its prices.

    Refusal names each field at fault (`rung-2-price`): a rung entered twice, off the increment, below the minimum, or
    dearer than the rung before it.
    """
    check(form)
    first = form.rungs[0][0]
    rules = {
        "mode": form.mode,
        "counted_on": form.counted_on,
        "mix_group": form.mix_group,
        "quantity_min": form.quantity_min or first,
        "quantity_max": form.quantity_max,
        "increment": form.increment,
        "per_content": form.per_content or pack.content,
    }
    # The list's row is the lock: two people saving one ladder follow each other.
    session.refresh(price_list, ["name"], with_for_update=True)
    ladder = find(session, price_list, pack.id)
    version = ladder.version if ladder is not None else 0
    if seen is not None and seen != version:
        raise Conflict(
            f"Somebody else saved these prices while you wrote. Now: {_said(session, price_list, ladder)}. Yours still"
            " stand below; save again to put them in place of theirs."
        )
    rules["version"] = version + 1
    if ladder is None:
        ladder = Ladder(cooperative_id=pack.cooperative_id, price_list_id=price_list.id, pack_id=pack.id, **rules)
        session.add(ladder)
    else:
        for name, value in rules.items():
            setattr(ladder, name, value)
        session.execute(
            delete(Rung)
            .where(Rung.cooperative_id == ladder.cooperative_id, Rung.ladder_id == ladder.id)
            .execution_options(synchronize_session="fetch")
        )
    session.flush()
    session.add_all(
        Rung(cooperative_id=pack.cooperative_id, ladder_id=ladder.id, quantity_min=least, unit_price_minor=price)
        for least, price in form.rungs
    )
    session.flush()
    return ladder


def _said(session: Session, price_list: PriceList, ladder: Ladder | None) -> str:
    house = cooperatives.find(session, price_list.cooperative_id)
    if ladder is None or house is None:
        return "none"
    return ", ".join(
        f"{Money(rung.unit_price_minor, house.currency)} from {rung.quantity_min}" for rung in ladder.rungs
    )


def check(form: LadderForm) -> None:
    """Gaps and overlaps cannot be written, since only lower bounds are [commerce:P10]; the rest is said here, rung by rung."""
    wrong: dict[str, str] = {}
    if not form.rungs:
        raise Refusal(fields={"rung-1-price": "Give at least one price."})
    least = form.quantity_min or form.rungs[0][0]
    for number, (start, price) in enumerate(form.rungs, start=1):
        before = form.rungs[number - 2] if number > 1 else None
        if not 1 <= start <= LARGEST_QUANTITY:
            wrong[f"rung-{number}-from"] = "Start at 1 or more."
        elif before and start == before[0]:
            wrong[f"rung-{number}-from"] = f"There is a price from {start} already."
        elif before and start < before[0]:
            wrong[f"rung-{number}-from"] = f"Start above the price before it, which is from {before[0]}."
        elif start % form.increment:
            wrong[f"rung-{number}-from"] = (
                f"Sold {form.increment} at a time, so this must be a multiple of {form.increment}."
            )
        elif form.quantity_max is not None and start > form.quantity_max:
            wrong[f"rung-{number}-from"] = (
                f"Nobody can take more than {form.quantity_max}, so this price is never reached."
            )
        if not 0 < price <= LARGEST_MINOR:
            wrong[f"rung-{number}-price"] = "Give a price above zero."
        elif before and price >= before[1]:
            wrong[f"rung-{number}-price"] = (
                "The more one takes, the less each costs: this must be less than the price before it."
            )
    if form.rungs[0][0] > least:
        wrong.setdefault("rung-1-from", f"The first price must start at the smallest order, {least}.")
    if least % form.increment:
        wrong["quantity_min"] = (
            f"Sold {form.increment} at a time, so the smallest order must be a multiple of {form.increment}."
        )
    if form.quantity_max is not None and form.quantity_max < least:
        wrong["quantity_max"] = f"The largest order cannot be below the smallest, {least}."
    if form.mode is Mode.GRADUATED and form.counted_on is not CountedOn.PACK:
        wrong["counted_on"] = "Prices in bands are counted on the pack alone."
    if (form.counted_on is CountedOn.MIX) != bool(form.mix_group):
        wrong["mix_group"] = "Name the group whose packs count together, and only then."
    if wrong:
        raise Refusal(fields=wrong)
