"""Price ladders: the more you take, the less each pack costs. One pure, exact answer for page, cart, order and invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from ground import spelling
from ground.money import DECIMALS, LARGEST_MINOR, Money, round_half_up
from ground.words import _, _l
from inventory.ladder_views import CountedOn, LadderView, Level, Mode, QuantityRefused, RungView

__all__ = [
    "CountedOn", "LadderView", "Level", "Mode", "PriceTag", "QuantityRefused", "RungShown", "RungView", "Want",
    "answer", "answers", "first_price", "rungs_shown", "tag",
]  # fmt: skip


OWN_LIST = _l("Shop prices")
"""What a cooperative's own public list is called until it names it otherwise."""


@dataclass(frozen=True, slots=True)
class PriceTag:
    """A ladder's whole answer for one quantity of packs; who shows or charges it asks nothing more.

    `total` is rounded once and is what is charged. `unit_price` is one pack's, to the nearest coin, for showing; where it
    is not exact (`unit_words` then says "average" or gives more digits) it must never be multiplied back [commerce:P15].
    """

    quantity: int
    unit_price: Money
    total: Money
    because: str
    bargain: PriceTag | None
    content: int
    unit_words: str
    level: Level
    list_name: str = ""
    start: int = 1
    banded: bool = False

    @property
    def why(self) -> str:
        """`because` in the language spoken now; that one is frozen on order lines, in the language of the books."""
        start = spelling.whole(self.start)
        name = _(self.list_name) if self.list_name == OWN_LIST.text else self.list_name
        if self.banded:
            return _("%(price_list)s, from %(start)s in bands", price_list=name, start=start)
        return _("%(price_list)s, from %(start)s", price_list=name, start=start)

    def per(self, size: int) -> Money:
        """What `size` base units of it cost at this quantity, rounded for the eye and for sorting only."""
        return Money(round_half_up(Fraction(self.total.minor * size, self.content_total)), self.total.currency)

    @property
    def content_total(self) -> int:
        """Base units in the whole line."""
        return self.content * self.quantity


@dataclass(frozen=True, slots=True)
class Want:
    """One line of a basket: so many packs, and the ladders its buyer may climb."""

    quantity: int
    ladders: tuple[LadderView, ...]


@dataclass(frozen=True, slots=True)
class RungShown:
    """A rung of the winning ladder, ready for a page: the band's ends (None: open), its price, and whether it is reached."""

    quantity_min: int
    quantity_until: int | None
    unit_price: Money
    unit_words: str
    chosen: bool


def answer(
    ladders: Sequence[LadderView], quantity: int, currency: str, *, counts: Mapping[str, int] | None = None
) -> PriceTag:
    """The price of `quantity` packs, and why; QuantityRefused with suggestions where the rules do not allow them.

    Precedence is contract › company › group › public; a ladder that starts above the quantity falls through to the next
    level; the lowest total wins only inside one level. `counts` gives the packs of each shared scope (this line included).
    """
    return _with_bargain(ladders, tag(ladders, quantity, currency, counts=counts), currency, counts or {})


def tag(
    ladders: Sequence[LadderView], quantity: int, currency: str, *, counts: Mapping[str, int] | None = None
) -> PriceTag:
    """The same price without looking for a bargain, which takes a try at every rung: for a shelf of cards, which shows none."""
    return _tag(ladders, quantity, currency, counts or {})


def first_price(ladders: Sequence[LadderView], currency: str) -> PriceTag | None:
    """The price of the least that can be bought; None where nothing can."""
    try:
        return tag(ladders, 1, currency)
    except QuantityRefused as refused:
        return tag(ladders, refused.suggestions[0], currency) if refused.suggestions else None


def answers(wants: Sequence[Want], currency: str) -> list[PriceTag | QuantityRefused]:
    """The answer for every line of one basket, counted together where their ladders say so [commerce:P11]."""
    counts: dict[str, int] = defaultdict(int)
    for want in wants:
        for scope in {ladder.scope for ladder in want.ladders if ladder.scope}:
            counts[scope] += want.quantity
    found: list[PriceTag | QuantityRefused] = []
    for want in wants:
        try:
            found.append(answer(want.ladders, want.quantity, currency, counts=counts))
        except QuantityRefused as refused:
            found.append(refused)
    return found


def rungs_shown(ladders: Sequence[LadderView], quantity: int, currency: str) -> tuple[RungShown, ...]:
    """The ladder that wins at `quantity`, rung by rung, for a page to draw; empty where nothing can be priced."""
    try:
        ladder = _winner(ladders, quantity, {})
    except QuantityRefused:
        ladder = next((each for level in Level for each in ladders if each.level is level), None)
    if ladder is None:
        return ()
    reached = ladder.rung(max(quantity, ladder.start))
    ends = [rung.quantity_min - 1 for rung in ladder.rungs[1:]] + [ladder.quantity_max]
    return tuple(
        RungShown(
            max(rung.quantity_min, ladder.start),
            end,
            _coins(rung.unit_price, currency),
            _words(rung.unit_price, currency),
            rung == reached,
        )
        for rung, end in zip(ladder.rungs, ends, strict=True)
        if end is None or end >= ladder.start
    )


def _winner(ladders: Sequence[LadderView], quantity: int, counts: Mapping[str, int]) -> LadderView:
    if quantity < 1:
        raise QuantityRefused(_("Take at least one, or remove it."))
    for level in Level:
        reached = [each for each in ladders if each.level is level and each.start <= _count(each, quantity, counts)]
        allowing = [each for each in reached if each.refuse(_count(each, quantity, counts)) is None]
        if allowing:
            return min(
                allowing, key=lambda each: (each.exact_total(quantity, _count(each, quantity, counts)), each.name)
            )
        if reached:
            refused = reached[0].refuse(_count(reached[0], quantity, counts))
            assert refused is not None
            raise refused
    if not ladders:
        raise QuantityRefused(_("This has no price at the moment."))
    least = min(_first_allowed(each) for each in ladders)
    raise QuantityRefused(_("The smallest order is %(least)s.", least=spelling.whole(least)), [least])


def _first_allowed(ladder: LadderView) -> int:
    return -(-ladder.start // ladder.increment) * ladder.increment


def _count(ladder: LadderView, quantity: int, counts: Mapping[str, int]) -> int:
    return counts.get(ladder.scope, quantity) if ladder.scope else quantity


def _tag(ladders: Sequence[LadderView], quantity: int, currency: str, counts: Mapping[str, int]) -> PriceTag:
    ladder = _winner(ladders, quantity, counts)
    count = _count(ladder, quantity, counts)
    exact = ladder.exact_total(quantity, count)
    if exact > LARGEST_MINOR:
        raise QuantityRefused(_("This is more than one order can hold."))
    average = ladder.mode is Mode.GRADUATED and ladder.rung(count) != ladder.rungs[0]
    words = _words(exact / quantity, currency)
    return PriceTag(
        quantity=quantity,
        unit_price=_coins(exact / quantity, currency),
        total=_coins(exact, currency),
        because=f"{ladder.name}, from {ladder.rung(count).quantity_min:,}" + (" in bands" if average else ""),
        bargain=None,
        content=ladder.content,
        unit_words=_("average %(price)s", price=words) if average else words,
        level=ladder.level,
        list_name=ladder.name,
        start=ladder.rung(count).quantity_min,
        banded=average,
    )


def _with_bargain(ladders: Sequence[LadderView], tag: PriceTag, currency: str, counts: Mapping[str, int]) -> PriceTag:
    """A larger quantity that costs less in total: nobody should pay more for fewer without being told [commerce:P14]."""
    best: PriceTag | None = None
    for ladder in ladders:
        for rung in ladder.rungs:
            more = max(rung.quantity_min, ladder.start) - _count(ladder, tag.quantity, counts)
            if more <= 0:
                continue
            raised = {scope: count + more for scope, count in counts.items()}
            try:
                other = _tag(ladders, tag.quantity + more, currency, raised)
            except QuantityRefused:
                continue
            if other.total < tag.total and (
                best is None or (other.total.minor, -other.quantity) < (best.total.minor, -best.quantity)
            ):
                best = other
    return tag if best is None else replace(tag, bargain=best)


def _coins(exact: Fraction, currency: str) -> Money:
    return Money(round_half_up(exact), currency)


def _words(exact: Fraction, currency: str) -> str:
    """`KES 6.00`, or with up to two more digits where a pack costs a part of the smallest coin."""
    if exact.denominator == 1:
        return Money(int(exact), currency).spoken()
    finer = Decimal(round_half_up(exact * 100)).scaleb(-DECIMALS[currency] - 2)
    digits = -int(finer.normalize().as_tuple().exponent)
    return spelling.amount(finer, currency, max(digits, DECIMALS[currency]))
