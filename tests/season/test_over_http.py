"""The season at HTTP level: every step by a form that stands on a page, against the running shop."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from admin.demo import cast, shelves
from admin.demo.season import Season
from tests.season.conftest import Shop
from tests.season.story import assert_books_stand, check

pytestmark = pytest.mark.slow


def test_one_season_from_a_members_delivery_to_that_members_money(shop: Shop, worker_session: Session) -> None:
    season = Season(shop.address)
    for chapter in season.chapters():
        chapter.live()
    check(season, worker_session, shop.mail)


def test_whoever_comes_next_finds_full_shelves(shop: Shop, worker_session: Session) -> None:
    """The price desk makes packs from the market's quotes in one act; the rest is named, priced and weighed in by hand."""
    season = Season(shop.address)
    shelves.fill(season)
    found = season.guest(cast.CONSUMER).open("/products")
    for _, shelf in shelves.SHELVES.values():
        for each in shelf:
            assert each.name in found.words
    assert f"{sum(len(shelf) for _, shelf in shelves.SHELVES.values())} products" in found.words
    assert "Sold out" not in found.words
    rice = season.guest(cast.CONSUMER).open(f"/cooperatives/{cast.MWEA}/products/rice-aromatic")
    assert "50 kg sack" in rice.words, "made from the wholesale quote"
    assert_books_stand(worker_session)
