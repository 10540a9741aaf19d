"""A member's lines, steps 10 to 19 of DOMAIN 6: from the claim to what is due, in order, each explained; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from uuid import UUID

from ground.money import Money, round_half_up
from ground.quantity import Quantity, Unit
from proceeds.rules import Rules, Step, Take, To


@dataclass(frozen=True, slots=True)
class Debt:
    """Something a member owes, in minor units; lists of debts run from the oldest to the newest."""

    words: str
    minor: int


@dataclass(frozen=True, slots=True)
class MemberInputs:
    """A member's side of a settlement. `owed` by the key of a step; `reached_minor` by the key of a step with a target."""

    member_id: UUID
    number: int
    unit: Unit
    amount: int
    claim: Money
    owed: Mapping[str, Sequence[Debt]] = field(default_factory=dict)
    reached_minor: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberLine:
    """`amount` is signed: below zero where it is taken. `carried` is what was owed and could not be taken now."""

    step: int
    key: str
    name: str
    words: str
    amount: Money
    left: Money
    carried: Money
    to: To | None = None
    payee: str = ""


@dataclass(frozen=True, slots=True)
class MemberResult:
    """What becomes of one claim: `due` is never below zero; what an advance was too high by is carried."""

    given: MemberInputs
    lines: tuple[MemberLine, ...]
    due: Money
    over_advance: Money


def run(given: MemberInputs, rules: Rules) -> MemberResult:
    """The member's steps in their order. Nobody ever ends below zero [finance:D20]."""
    left, zero = given.claim, given.claim - given.claim
    lines: list[MemberLine] = []
    short = zero
    for step in rules.member:
        for taken, carried, words in _TAKES[step.take](step, given, left):
            if not taken and not carried:
                continue
            left -= taken
            assert left.minor >= 0 and taken.minor >= 0, "a step never takes more than there is"
            if step.to is To.ADVANCE:
                short += carried
            lines.append(MemberLine(step.step, step.key, step.name, words, -taken, left, carried, step.to, step.payee))
    return MemberResult(given, tuple(lines), left, short)


def take_in_order(balances: Sequence[int], target: int) -> list[int]:
    """Each source gives what it has until the target is reached, the first listed first [finance:D16]."""
    taken = []
    for balance in balances:
        part = max(min(balance, target), 0)
        target -= part
        taken.append(part)
    return taken


_Taken = list[tuple[Money, Money, str]]


def _owed(step: Step, given: MemberInputs, left: Money) -> _Taken:
    debts = given.owed.get(step.key, ())
    room, why = left.minor, ""
    if step.cap_percent is not None:
        cap = int(left.minor * step.cap_percent / 100)  # Down: a limit is a limit.
        if cap < room:
            room, why = cap, f"at most {float(step.cap_percent):g} % of what was left ({left})"
    if left.minor - room < step.take_home_min_minor:
        room = max(left.minor - step.take_home_min_minor, 0)
        why = f"at least {Money(step.take_home_min_minor, left.currency)} stays with you"
    lines = []
    for debt, taken in zip(debts, take_in_order([debt.minor for debt in debts], room), strict=True):
        rest = debt.minor - taken
        words = debt.words
        if rest:
            words += f": {Money(debt.minor, left.currency)} owed, {why or 'no more than there was'}"
            words += f"; {Money(rest, left.currency)} stays for later"
        lines.append((Money(taken, left.currency), Money(rest, left.currency), words))
    return lines


def _percent(step: Step, given: MemberInputs, left: Money) -> _Taken:
    base = given.claim if step.of == "claim" else left
    taken = min(base.times(step.percent / 100), left)
    words = f"{float(step.percent):g} % of {'your part' if step.of == 'claim' else 'what was left'} ({base})"
    return [(taken, taken - taken, words)]


def _per_unit(step: Step, given: MemberInputs, left: Money) -> _Taken:
    rate = Money(step.minor, left.currency)
    wanted = Money(round_half_up(step.minor * Fraction(given.amount, given.unit.per_size)), left.currency)
    return [(min(wanted, left), left - left, f"{rate} a {given.unit.per} on {Quantity(given.amount, given.unit)}")]


def _target(step: Step, given: MemberInputs, left: Money) -> _Taken:
    missing = max(step.minor - given.reached_minor.get(step.key, 0), 0)
    taken = min(left.times(step.percent / 100), Money(missing, left.currency), left)
    words = f"{float(step.percent):g} % until {Money(step.minor, left.currency)} is reached"
    return [(taken, left - left, words)]


_TAKES: Mapping[Take, Callable[[Step, MemberInputs, Money], _Taken]] = {
    Take.OWED: _owed, Take.PERCENT: _percent, Take.PER_UNIT: _per_unit, Take.TARGET: _target,
}  # fmt: skip
