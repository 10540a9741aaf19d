"""What racing people do with a settlement or a payout, each in a process of their own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine

from proceeds import batches, closings, instructions, payouts, rail_events, settlements
from proceeds.instructions import State
from tests.races.deeds import acting


def close(engine: Engine, number: int, cooperative: str, settlement: str, person: str) -> str:
    """Close the pool; who is late is refused."""
    return acting(
        engine,
        lambda session: str(
            closings.close(
                session, settlements.find(session, UUID(cooperative), UUID(settlement)), by=UUID(person)
            ).claims_minor
        ),
        sees=[cooperative],
    )


def make_run(engine: Engine, number: int, cooperative: str, person: str) -> int:
    """Make a payout run of everybody."""
    return acting(
        engine,
        lambda session: payouts.make_run(session, UUID(cooperative), by=UUID(person)).payments,
        sees=[cooperative],
    )


def send(engine: Engine, number: int, cooperative: str, run: str, person: str) -> int:
    """Send an approved run."""
    return acting(
        engine,
        lambda session: len(
            batches.send(session, payouts.find(session, UUID(cooperative), UUID(run)), by=UUID(person))
        ),
        sees=[cooperative],
    )


def sign(engine: Engine, number: int, cooperative: str, instruction: str, person: str) -> bool:
    """Even racers say it was paid, odd ones that nobody came."""
    outcome = State.SETTLED if number % 2 == 0 else State.FAILED
    return acting(
        engine,
        lambda session: rail_events.sign(
            session,
            instructions.find(session, UUID(cooperative), UUID(instruction)),
            outcome,
            by=UUID(person),
            words="Seen",
        ),
        sees=[cooperative],
    )
