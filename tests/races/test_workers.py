"""Four workers share the work: each letter, job and event is one worker's; without a lease it is everybody's."""

from __future__ import annotations

import pytest

from ground import inbox, jobs, outbox
from ground.ids import new_id
from tests.races import together

WORKERS = "tests.races.workers"
KINDS = ("post_letters", "do_jobs", "handle_events")
pytestmark = pytest.mark.slow


@pytest.fixture
def waiting(session):
    """Twelve letters, jobs and events that are due."""
    for number in range(12):
        outbox.write(session, to="amina@example.org", subject="Paid", text="Paid", cause=new_id(), kind="paid")
        jobs.enqueue(session, "pay", new_id())
        inbox.receive(session, "stripe", f"evt_{number}", kind="paid", object_key="x", body=b"{}")
    session.commit()


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_is_done_by_one_of_four_workers(kind, place, waiting):
    done = [each for worker in together(f"{WORKERS}:{kind}", place.worker_url, 4) for each in worker]
    assert len(done) == len(set(done)) == 12


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_lease_it_is_done_by_several(kind, place, waiting):
    done = [each for worker in together(f"{WORKERS}:{kind}_without_a_lease", place.worker_url, 4) for each in worker]
    assert len(done) > len(set(done)) == 12
