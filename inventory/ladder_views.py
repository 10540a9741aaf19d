"""A ladder as pricing reads it: its rungs, its quantity rules, and whose list it stands in. Nothing here asks a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ground.errors import Refusal
from ground.spelling import whole
from ground.words import _


class Level(StrEnum):
    """Whose list it is, in precedence: an earlier level decides even where a later one is cheaper [commerce:P08]."""

    CONTRACT = "contract"
    COMPANY = "company"
    GROUP = "group"
    PUBLIC = "public"


class Mode(StrEnum):
    """`all_units`: the rung reached prices every pack; `graduated`: each band of packs has its own price."""

    ALL_UNITS = "all_units"
    GRADUATED = "graduated"


class CountedOn(StrEnum):
    """What climbs the ladder: this pack alone, all packs of its product, or all packs of its mix group ("any 10 boxes")."""

    PACK = "pack"
    PRODUCT = "product"
    MIX = "mix"


class QuantityRefused(Refusal):
    """The quantity rules do not allow this; `suggestions` are the nearest quantities that they do (none: remove the line)."""

    def __init__(self, message: str, suggestions: Sequence[int] = ()) -> None:
        self.suggestions = tuple(suggestions)
        super().__init__(message, fields={"quantity": message})


@dataclass(frozen=True, slots=True)
class RungView:
    """From `quantity_min` packs on, a pack costs `unit_price`: minor units, exact, so that it may be finer than a coin."""

    quantity_min: int
    unit_price: Fraction


@dataclass(frozen=True, slots=True)
class LadderView:
    """One ladder as pricing reads it. Only lower bounds are kept, so bands touch and the top one is open [commerce:P10]."""

    name: str
    level: Level
    rungs: tuple[RungView, ...]
    content: int = 1  # base units in one pack
    mode: Mode = Mode.ALL_UNITS
    quantity_min: int = 1
    quantity_max: int | None = None
    increment: int = 1
    scope: str = ""  # what is counted together; empty: the line alone

    def __post_init__(self) -> None:
        bounds = [rung.quantity_min for rung in self.rungs]
        assert bounds and bounds[0] >= 1 and bounds == sorted(set(bounds)), "rungs climb, each once"
        assert self.mode is Mode.ALL_UNITS or not self.scope or self.scope.startswith("pack:"), (
            "bands belong to one pack"
        )

    @property
    def start(self) -> int:
        return max(self.quantity_min, self.rungs[0].quantity_min)

    def rung(self, count: int) -> RungView:
        return [rung for rung in self.rungs if rung.quantity_min <= count][-1]

    def exact_total(self, quantity: int, count: int) -> Fraction:
        """What `quantity` packs cost in minor units before the one rounding, when `count` packs climb the ladder."""
        if self.mode is Mode.ALL_UNITS:
            return self.rung(count).unit_price * quantity
        ends = [rung.quantity_min - 1 for rung in self.rungs[1:]] + [quantity]
        # Packs below the first rung are sold with it: an order can only start there.
        starts = [0, *ends[:-1]]
        bands = zip(self.rungs, starts, ends, strict=True)
        return sum((rung.unit_price * max(0, min(quantity, end) - start) for rung, start, end in bands), Fraction(0))

    def refuse(self, count: int) -> QuantityRefused | None:
        """Why these rules do not allow `count` packs, with what they do allow; None where they do [commerce:P13]."""
        if self.quantity_max is not None and count > self.quantity_max:
            most = self.quantity_max - self.quantity_max % self.increment
            return QuantityRefused(
                _("At most %(most)s can be taken.", most=whole(self.quantity_max)), [most] if most >= self.start else []
            )
        if count % self.increment:
            below, above = count - count % self.increment, count - count % self.increment + self.increment
            near = [
                q for q in (below, above) if q >= self.start and (self.quantity_max is None or q <= self.quantity_max)
            ]
            return QuantityRefused(_at_a_time(self.increment, near), near)
        return None


def _at_a_time(increment: int, near: Sequence[int]) -> str:
    step = whole(increment)
    if len(near) == 2:
        below, above = whole(near[0]), whole(near[1])
        return _(
            "This is sold %(step)s at a time: take %(below)s or %(above)s, or remove it.",
            step=step, below=below, above=above,
        )  # fmt: skip
    if near:
        return _("This is sold %(step)s at a time: take %(near)s, or remove it.", step=step, near=whole(near[0]))
    return _("This is sold %(step)s at a time: please remove it.", step=step)
