"""The season at HTTP level: every step by a form that stands on a page, against the running shop."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from admin.demo.season import Season
from tests.season.conftest import Shop
from tests.season.story import check

pytestmark = pytest.mark.slow


def test_one_season_from_a_members_delivery_to_that_members_money(shop: Shop, worker_session: Session) -> None:
    season = Season(shop.address)
    for chapter in season.chapters():
        chapter.live()
    check(season, worker_session, shop.mail)
