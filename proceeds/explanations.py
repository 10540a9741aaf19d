"""Explanations: from which lots a member's part came and how they were sold, in one sentence per grade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from ground.money import DECIMALS, Money, split
from ground.quantity import Quantity, Unit
from proceeds.member_lines import Debt, MemberInputs, MemberLine, MemberResult
from proceeds.pool_figures import Figures
from proceeds.postings import loss_parts
from proceeds.rules import Loss, Rules, Take, To
from proceeds.waterfall import Part, PoolResult

LOTS_NAMED_MOST = 4


def member_inputs(figures: Figures, result: PoolResult, rules: Rules) -> Iterator[MemberInputs]:
    """Every member of the pool with the claim of all grades and what is owed, by member number."""
    by_member: dict[UUID, list[Part]] = defaultdict(list)
    for part in result.parts:
        by_member[part.delivered.member_id].append(part)
    words = {step.key: _DEBT_WORDS.get(step.to, step.name) for step in rules.member if step.take is Take.OWED}
    for member_id, parts in by_member.items():
        owed = {key: (Debt(words[key], debts[member_id]),) for key, debts in figures.owed.items() if member_id in debts}
        reached = {key: held.get(member_id, 0) for key, held in figures.reached.items()}
        claim = sum((part.claim for part in parts), figures.given.money(0))
        amount = sum(part.delivered.amount for part in parts)
        yield MemberInputs(
            member_id, parts[0].delivered.member_number, figures.given.unit, amount, claim, owed, reached
        )


_DEBT_WORDS = {
    To.ADVANCE: "Given to you on delivery",
    To.OVER_ADVANCE: "An earlier advance was higher than what the pool earned",
    To.INPUT_CREDIT: "Seed and other inputs that you took on credit",
    To.LOAN: "Your loan from the cooperative",
}


def told(
    figures: Figures, result: PoolResult, members: Sequence[MemberResult]
) -> Iterator[tuple[MemberResult, list[MemberLine]]]:
    """Each member's result with all lines: the parts by grade, what was taken, and what is due now."""
    parts: dict[UUID, list[Part]] = defaultdict(list)
    for part in result.parts:
        parts[part.delivered.member_id].append(part)
    where = _sentences(figures)
    losses = _losses(result)
    zero = figures.given.money(0)
    for member in members:
        lines, left = [], zero
        for part in parts[member.given.member_id]:
            left += part.claim
            grade, amount = part.delivered.grade, Quantity(part.delivered.amount, figures.given.unit)
            words = f"Your {amount} of grade {grade}{where.get((member.given.member_id, grade), '')}"
            words += f"; {_price(part, figures.given.unit)}"
            lines.append(MemberLine(9, "claim", f"Your part, grade {grade}", words, part.claim, left, zero))
        if member.given.member_id in losses:
            share = losses[member.given.member_id]
            words = f"Costs were more than sales; your share of that, {share}, is taken from what you earn next"
            lines.append(MemberLine(8, "loss", "Share of the loss", words, zero, left, share))
        lines += member.lines
        lines.append(MemberLine(19, "due", "Now due", _due_words(member), zero, member.due, member.over_advance))
        yield member, lines


def _due_words(member: MemberResult) -> str:
    if member.over_advance:
        return f"Your advance was {member.over_advance} higher than your part; that is taken from what you earn next"
    return "Put into your account with the cooperative"


def _price(part: Part, unit: Unit) -> str:
    """The price of a kilo, for the eye: the exact one may never end."""
    per = part.price * unit.per_size
    digits = DECIMALS[part.claim.currency]
    shown = (Decimal(per.numerator) / Decimal(per.denominator)).scaleb(-DECIMALS[part.claim.currency])
    exact = Fraction(round(shown, digits)) * 10 ** DECIMALS[part.claim.currency] == per
    return f"{'' if exact else 'about '}{part.claim.currency} {shown:,.{digits}f} a {unit.per}"


def _losses(result: PoolResult) -> dict[UUID, Money]:
    return dict(loss_parts(result)) if result.loss and result.loss_rule is Loss.MEMBERS else {}


def _sentences(figures: Figures) -> dict[tuple[UUID, str], str]:
    """ " were in lots 1 and 3; 80 kg sold retail, 32 kg wholesale": each lot's sales are shared by what each brought into it."""
    lots: dict[tuple[UUID, str], list[int]] = defaultdict(list)
    sold: dict[tuple[UUID, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    whole: dict[int, int] = defaultdict(int)
    for share in figures.shares:
        whole[share.lot_number] += share.amount
    for share in figures.shares:
        if share.amount <= 0:
            continue
        key = (share.member_id, share.grade)
        lots[key].append(share.lot_number)
        channels = figures.sold_by_lot.get(share.lot_number, {})
        names = sorted(channels)
        rest = max(whole[share.lot_number] - sum(channels.values()), 0)
        for name, amount in zip(names, split(share.amount, [*(channels[name] for name in names), rest]), strict=False):
            sold[key][name] += amount
    return {key: _sentence(numbers, sold[key], figures.given.unit) for key, numbers in lots.items()}


def _sentence(numbers: list[int], sold: dict[str, int], unit: Unit) -> str:
    named = [str(number) for number in numbers[:LOTS_NAMED_MOST]]
    if len(numbers) > LOTS_NAMED_MOST:
        named.append(f"{len(numbers) - LOTS_NAMED_MOST} more")
    where = f"lot {named[0]}" if len(named) == 1 else f"lots {', '.join(named[:-1])} and {named[-1]}"
    ways = [f"{Quantity(amount, unit)} {name}" for name, amount in sorted(sold.items()) if amount]
    return f" {'was' if len(named) == 1 else 'were'} in {where}" + (f"; sold {', '.join(ways)}" if ways else "")
