"""A house, its till, and Zawadi, who left her name everywhere."""

from __future__ import annotations

import pytest

from tests.cooperative import everywhere


@pytest.fixture
def highlands(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def till(make, worker_engine):
    return make.till(worker_engine)


@pytest.fixture
def zawadi(session, make, highlands, till):
    """Account, old address, device, invitation, company, baskets, orders as herself and as a guest, letters."""
    return everywhere.zawadi(session, make, highlands, till)
