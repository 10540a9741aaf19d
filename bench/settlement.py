"""A pool of many members, delivered, sold and settled: what previewing and closing it cost in time and memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import func, insert, select

from cooperative.members import Member
from ground import clock, migrations
from ground.db import WORKER_ROLE
from ground.engines import make_engine, make_session
from ground.ids import new_id
from ledger import audit
from proceeds import closings, settlements
from proceeds.claims import Claim
from tests.makers import cooperative as who
from tests.makers import proceeds as makers


@contextmanager
def _timed(what: str) -> Generator[None]:
    began = time.perf_counter()
    yield
    print(f"{what}\t{time.perf_counter() - began:.2f}\t{_peak_megabytes()}", flush=True)


def _peak_megabytes() -> int:
    """The most memory this process has held so far; Linux counts in kilobytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _brought(position: int) -> int:
    """Kilograms, different for neighbours."""
    return 20 + position % 180


def main(url: str, count: int) -> None:
    """Print, for each step, its seconds and the peak memory of the process after it."""
    migrations.upgrade(make_engine(url))
    session = make_session(make_engine(url, role=WORKER_ROLE))
    home = who.cooperative(session, "Ten Thousand Growers")
    treasurer, manager = who.person(session), who.person(session)
    session.flush()
    today = clock.now().date()
    rows = [
        {
            "id": new_id(), "created_at": clock.now(), "cooperative_id": home.id, "number": number,
            "name": f"Member {number}", "joined_on": today,
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    session.execute(insert(Member), rows)
    season = makers.season(session, home, by=treasurer, advance_minor=500)
    members = session.scalars(select(Member).where(Member.cooperative_id == home.id).order_by(Member.number)).all()
    with _timed(f"record {count:,} deliveries"):
        for position, member in enumerate(members):
            season.deliver(member, _brought(position))
            if position % 100 == 99:  # As a day's pages would: each delivery is a request of its own.
                session.commit()
                session.expunge_all()
    sold = sum(_brought(position) for position in range(count))
    season.sell(sold, f"{sold * 45}.00")
    session.commit()
    settlement = settlements.draft(session, home.id, season.pool.id, by=treasurer.id)
    settlements.record(session, settlement, {}, by=treasurer.id)
    with _timed("preview"):
        preview = closings.preview(session, settlement)
    closings.approve(session, settlement, preview.inputs_sha256, by=manager.id)
    session.commit()
    session.expunge_all()
    settlement = settlements.find(session, home.id, settlement.id)
    with _timed("close, committed"):
        closings.close(session, settlement, by=treasurer.id)
        session.commit()
    claims = session.scalar(select(func.count()).select_from(Claim).where(Claim.cooperative_id == home.id))
    assert claims == count, f"{claims} claims of {count}"
    with _timed("audit of the ledger"):
        assert not [finding for finding in audit.run(session, audit.CHECKS) if finding.differences]
    session.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
