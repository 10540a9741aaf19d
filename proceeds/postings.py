"""What a settlement moves in the ledger: the legs of one cause, from the waterfall's lines and the members' lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID, uuid5

from ground.money import Money, split
from ledger.accounts import Pot, payee
from ledger.transfers import Leg
from proceeds.member_lines import MemberResult
from proceeds.rules import Loss, To
from proceeds.waterfall import PoolInputs, PoolResult


def fund(cooperative_id: UUID, name: str = "stabilisation") -> UUID:
    """The sub-ledger's key of a fund."""
    return uuid5(cooperative_id, f"fund: {name}")


def year_of(cooperative_id: UUID, year: int) -> UUID:
    """The sub-ledger's key of a financial year."""
    return uuid5(cooperative_id, f"year: {year}")


def settlement_legs(
    cooperative_id: UUID,
    pool_id: UUID,
    year: int,
    given: PoolInputs,
    result: PoolResult,
    members: Iterable[MemberResult],
    *,
    principal: bool,
) -> Iterator[Leg]:
    """Every leg of a close, which leaves the pool's clearing at exactly zero.

    On the agent basis the clearing account itself gives. On the principal basis the sales become income (4020) and what is
    given is the cost of produce (5010), so that margin is the difference and no line of its own [finance:D18].
    """
    clearing = Pot("2010", pool_id)
    gives = Pot("5010", pool_id) if principal else clearing
    if principal:
        sold = given.gross - given.refunded
        yield from _moved(clearing, Pot("4020", pool_id), sold)
    for line in result.lines:
        if line.to is not None and not (principal and line.to is To.MARGIN):
            yield from _moved(
                gives, _pool_pot(cooperative_id, pool_id, line.to, line.payee, line.pool_id), -line.amount
            )
    if not principal:
        yield from _loss_legs(cooperative_id, pool_id, clearing, result)
    for member in members:
        yield from _member_legs(cooperative_id, pool_id, year, gives, member)


def _loss_legs(cooperative_id: UUID, pool_id: UUID, clearing: Pot, result: PoolResult) -> Iterator[Leg]:
    if not result.loss:
        return
    if result.loss_rule is Loss.MEMBERS:
        for member_id, part in loss_parts(result):
            yield from _moved(Pot("1230", member_id), clearing, part)
        return
    bearer = {
        Loss.MARGIN: Pot("4010", pool_id), Loss.RESERVE: Pot("3110", fund(cooperative_id)), Loss.NEXT_POOL: Pot("1240", pool_id),
    }[result.loss_rule]  # fmt: skip
    yield Leg(bearer, clearing, result.loss)


def loss_parts(result: PoolResult) -> list[tuple[UUID, Money]]:
    """What each member bears of a loss: an exact split by what they delivered."""
    parts = split(result.loss.minor, [part.delivered.amount for part in result.parts])
    borne: dict[UUID, int] = {}
    for part, minor in zip(result.parts, parts, strict=True):
        borne[part.delivered.member_id] = borne.get(part.delivered.member_id, 0) + minor
    return [(member_id, Money(minor, result.loss.currency)) for member_id, minor in borne.items()]


def _member_legs(cooperative_id: UUID, pool_id: UUID, year: int, gives: Pot, member: MemberResult) -> Iterator[Leg]:
    given = member.given
    mine = Pot("2020", given.member_id)
    yield from _moved(gives, mine, given.claim)
    for line in member.lines:
        assert line.to is not None
        yield from _moved(
            mine, _member_pot(cooperative_id, pool_id, year, given.member_id, line.to, line.payee), -line.amount
        )
    # What the advance was too high by is no longer this pool's: the member owes it, and the next pool takes it first.
    yield from _moved(Pot("1230", given.member_id), Pot("1200", given.member_id, pool_id), member.over_advance)


def _moved(debit: Pot, credit: Pot, amount: Money) -> Iterator[Leg]:
    if amount.minor > 0:
        yield Leg(debit, credit, amount)
    elif amount.minor < 0:
        yield Leg(credit, debit, -amount)


def _pool_pot(cooperative_id: UUID, pool_id: UUID, to: To, payee_name: str, late_pool_id: UUID | None) -> Pot:
    match to:
        case To.HOLDBACK:
            return Pot("1110", pool_id)
        case To.FEES:
            return Pot("5020")
        case To.COSTS:
            return Pot("2040", payee(cooperative_id, payee_name))
        case To.LEVIES:
            return Pot("2030", payee(cooperative_id, payee_name))
        case To.MARGIN:
            return Pot("4010", pool_id)
        case To.STABILISATION:
            return Pot("3110", fund(cooperative_id))
        case To.LATE:
            assert late_pool_id is not None
            return Pot("1240", late_pool_id)
    raise AssertionError(f"{to} is not a pool's")


def _member_pot(cooperative_id: UUID, pool_id: UUID, year: int, member_id: UUID, to: To, payee_name: str) -> Pot:
    match to:
        case To.RETAIN:
            return Pot("3030", member_id, year_of(cooperative_id, year))
        case To.ADVANCE:
            return Pot("1200", member_id, pool_id)
        case To.OVER_ADVANCE:
            return Pot("1230", member_id)
        case To.TAX:
            return Pot("2030", payee(cooperative_id, payee_name))
        case To.COURT_ORDER:
            return Pot("2040", payee(cooperative_id, payee_name))
        case To.INPUT_CREDIT:
            return Pot("1210", member_id)
        case To.LOAN:
            return Pot("1220", member_id)
        case To.FINES:
            return Pot("4050")
        case To.SHARES:
            return Pot("2300", member_id)
        case To.SAVINGS:
            return Pot("2100", member_id)
    raise AssertionError(f"{to} is not a member's")
