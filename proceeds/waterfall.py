"""The pool's waterfall, steps 1 to 9 of DOMAIN 6: pure, and every line says in words where its money went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from uuid import UUID

from ground.errors import Refusal
from ground.money import Money, split
from ground.quantity import Quantity, Unit
from proceeds.rules import Cap, ClaimRule, Loss, Rules, Step, Take, To


@dataclass(frozen=True, slots=True, order=True)
class Delivered:
    """What one member brought of one grade, in base units."""

    member_number: int
    grade: str
    amount: int
    member_id: UUID


@dataclass(frozen=True, slots=True)
class PoolInputs:
    """All that a pool's result depends on. Sales and refunds by channel; `recorded` by the key of a step, in minor units;
    `late` what each closed pool of the product still has to bear."""

    currency: str
    unit: Unit
    sales: Mapping[str, Money]
    refunds: Mapping[str, Money]
    deliveries: Sequence[Delivered]
    recorded: Mapping[str, int] = field(default_factory=dict)
    late: Sequence[tuple[UUID, int]] = ()

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def gross(self) -> Money:
        return sum(self.sales.values(), self.money(0))

    @property
    def refunded(self) -> Money:
        return sum(self.refunds.values(), self.money(0))

    @property
    def amount(self) -> int:
        return sum(delivered.amount for delivered in self.deliveries)


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One line: `amount` is signed (what it does to what is left), `left` what stands after it."""

    step: int
    key: str
    name: str
    words: str
    amount: Money
    left: Money
    to: To | None = None
    payee: str = ""
    pool_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One member's part of the net pool for one grade, and the exact price of a base unit that it comes to."""

    delivered: Delivered
    claim: Money
    price: Fraction


@dataclass(frozen=True, slots=True)
class PoolResult:
    """The whole answer. `loss` is what the loss rule has to bear; `net` is what the parts sum to, exactly."""

    lines: tuple[PoolLine, ...]
    net: Money
    loss: Money
    loss_rule: Loss
    base_price: Fraction
    parts: tuple[Part, ...]


BASES: Mapping[str, Callable[[PoolInputs, Money], Money]] = {
    "gross_sales": lambda given, left: given.gross,
    "net_sales": lambda given, left: given.gross - given.refunded,
    "retail_sales": lambda given, left: given.sales.get("retail", given.money(0)),
    "wholesale_sales": lambda given, left: given.sales.get("wholesale", given.money(0)),
    "left": lambda given, left: left,
}
_BASE_WORDS = {
    "gross_sales": "all sales", "net_sales": "sales less refunds", "retail_sales": "retail sales",
    "wholesale_sales": "wholesale sales", "left": "what was left",
}  # fmt: skip


def run(given: PoolInputs, rules: Rules) -> PoolResult:
    """The pool's money from gross sales to claims. Refuses what cannot be shared; never loses or makes a unit."""
    zero = given.money(0)
    left = given.gross
    lines = [PoolLine(1, "sales", "Sales", _sales_words(given), left, left)]
    if given.refunded:
        left -= given.refunded
        lines.append(PoolLine(1, "refunds", "Refunds", "Given back to buyers", -given.refunded, left))
    spent: dict[str, Money] = {cap.name: zero for cap in rules.caps}
    for step in rules.pool:
        for name, words, wanted, pool_id in _TAKES[step.take](step, given, left):
            taken, words = _capped(step, wanted, words, rules.caps, spent, given, left)
            if taken or wanted:
                left -= taken
                lines.append(PoolLine(step.step, step.key, name, words, -taken, left, step.to, step.payee, pool_id))
    loss = -left if left < zero else zero
    if loss:
        left = zero
        lines.append(PoolLine(8, "loss", "Loss borne by others", _LOSS_WORDS[rules.loss], loss, left))
    base, parts = _claims(given, rules, left)
    return PoolResult(tuple(lines), left, loss, rules.loss, base, parts)


_LOSS_WORDS = {
    Loss.MARGIN: "Costs were more than sales; the cooperative's margin bears the difference",
    Loss.RESERVE: "Costs were more than sales; the stabilisation fund bears the difference",
    Loss.MEMBERS: "Costs were more than sales; the members bear the difference from what they earn next",
    Loss.NEXT_POOL: "Costs were more than sales; the next pool bears the difference",
}

_Wanted = list[tuple[str, str, Money, UUID | None]]


def _percent(step: Step, given: PoolInputs, left: Money) -> _Wanted:
    base = BASES[step.of](given, left)
    amount = max(base, given.money(0)).times(step.percent / 100)
    return [(step.name, f"{_number(step.percent)} % of {_BASE_WORDS[step.of]} ({base})", amount, None)]


def _per_unit(step: Step, given: PoolInputs, left: Money) -> _Wanted:
    amount = given.money(step.minor).times(Fraction(given.amount, given.unit.per_size))
    words = f"{given.money(step.minor)} a {given.unit.per} on {Quantity(given.amount, given.unit)}"
    return [(step.name, words, amount, None)]


def _recorded(step: Step, given: PoolInputs, left: Money) -> _Wanted:
    amount = given.money(given.recorded.get(step.key, 0))
    return [(step.name, f"As spent, paid to {step.payee}" if step.payee else "As recorded", amount, None)]


def _late(step: Step, given: PoolInputs, left: Money) -> _Wanted:
    """Each older pool's late refunds in turn, never more than this pool has; the rest waits for the next one."""
    found, room = [], max(left, given.money(0))
    for pool_id, minor in given.late:
        taken = min(given.money(minor), room)
        room -= taken
        found.append((step.name, "Given back to buyers after that pool was closed", taken, pool_id))
    return found


_TAKES: Mapping[Take, Callable[[Step, PoolInputs, Money], _Wanted]] = {
    Take.PERCENT: _percent, Take.PER_UNIT: _per_unit, Take.RECORDED: _recorded, Take.LATE: _late,
}  # fmt: skip


def _capped(
    step: Step, wanted: Money, words: str, caps: Sequence[Cap], spent: dict[str, Money], given: PoolInputs, left: Money
) -> tuple[Money, str]:
    """At most what each cap that names this step still allows; what it refuses stays with the cooperative [finance:A19]."""
    taken = wanted
    for cap in caps:
        if step.key in cap.keys:
            # Rounded down: a cap is a limit of the law, and half a cent above it is above it.
            most = given.money(int(BASES[cap.of](given, left).minor * cap.percent / 100))
            room = max(most - spent[cap.name], given.money(0))
            if taken > room:
                words += f"; {cap.name} may be {_number(cap.percent)} % of {_BASE_WORDS[cap.of]}"
                words += f", so {taken - room} is not charged"
                taken = room
    for cap in caps:
        if step.key in cap.keys:
            spent[cap.name] += taken
    return taken, words


def _claims(given: PoolInputs, rules: Rules, net: Money) -> tuple[Fraction, tuple[Part, ...]]:
    """Step 9: an exact split over the deliveries in order of member number and grade [finance:A22, A23]."""
    rows = sorted(given.deliveries)
    if not rows or given.amount == 0:
        if net:
            raise Refusal("Nothing was delivered into this pool, so there is nobody to share its money.")
        return Fraction(0), ()
    if rules.claims is not ClaimRule.QUANTITY:
        strange = sorted({row.grade for row in rows} - set(rules.by_grade))
        if strange:
            raise Refusal(f"The by-law says nothing about grade {', '.join(strange)}.")
    if not net:
        return Fraction(0), tuple(Part(row, net, Fraction(0)) for row in rows)
    base, prices = _prices(given, rules, rows, net)
    if any(price < 0 for price in prices):
        worst = rows[prices.index(min(prices))].grade
        raise Refusal(f"With this difference grade {worst} would be worth less than nothing; change the by-law.")
    claims = split(net.minor, [row.amount * price for row, price in zip(rows, prices, strict=True)])
    return base, tuple(Part(row, given.money(c), price) for row, c, price in zip(rows, claims, prices, strict=True))


def _prices(given: PoolInputs, rules: Rules, rows: Sequence[Delivered], net: Money) -> tuple[Fraction, list[Fraction]]:
    """The exact price of one base unit: of the base grade, and of each row."""
    match rules.claims:
        case ClaimRule.QUANTITY:
            base = Fraction(net.minor, given.amount)
            return base, [base for _ in rows]
        case ClaimRule.INDEX:
            weight = sum((row.amount * rules.by_grade[row.grade] for row in rows), Fraction(0))
            if not weight:
                raise Refusal("The by-law gives every grade of this pool an index of zero.")
            base = net.minor / weight
            return base, [base * rules.by_grade[row.grade] for row in rows]
        case ClaimRule.DIFFERENTIAL:
            more = {grade: per / given.unit.per_size for grade, per in rules.by_grade.items()}
            apart = sum((row.amount * more[row.grade] for row in rows), Fraction(0))
            base = (net.minor - apart) / given.amount
            return base, [base + more[row.grade] for row in rows]


def _sales_words(given: PoolInputs) -> str:
    parts = [f"{money} {channel}" for channel, money in sorted(given.sales.items()) if money]
    return "Sold: " + " and ".join(parts) if parts else "Nothing was sold"


def _number(exact: Fraction) -> str:
    return f"{float(exact):g}"  # For the eye only: at most six decimals were read, and none is reckoned with.
