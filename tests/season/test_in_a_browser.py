"""The season in Chromium, on a phone's screen for the collector and shoppers and on a desk's for the office."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, ViewportSize
from sqlalchemy.orm import Session

from admin.demo import cast
from admin.demo.cast import Player
from admin.demo.season import Season
from admin.demo.visitor import Visitor
from tests.season.chromium_visitor import ChromiumVisitor, only_here
from tests.season.conftest import Shop
from tests.season.story import check

pytestmark = pytest.mark.slow

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
ON_PHONES = (cast.COLLECTOR, cast.CONSUMER, cast.SECOND_CONSUMER, cast.MEMBER)


class InChromium(Season):
    """The same story; everybody has a window of their own."""

    chromium: Browser
    strangers: list[str]

    def guest(self, player: Player) -> Visitor:
        if player.email not in self.browsers:
            # Its people click faster than a page fades in: a transition cut short is a complaint, and none of ours.
            size = PHONE if player in ON_PHONES else DESK
            context = self.chromium.new_context(viewport=size, reduced_motion="reduce")
            self.strangers += only_here(context, self.address)
            self.browsers[player.email] = ChromiumVisitor(self.address, context, name=player.name)
        return self.browsers[player.email]

    def as_(self, player: Player) -> Visitor:
        if player.email not in self.browsers:
            self.guest(player).sign_in(player.email, cast.PASSWORD)
        return self.browsers[player.email]


def test_one_season_by_clicking_and_typing(shop: Shop, worker_session: Session, _chromium: Browser) -> None:  # noqa: PT019  (the launched browser itself)
    season = InChromium(shop.address)
    season.chromium, season.strangers = _chromium, []
    for chapter in season.chapters():
        chapter.live()
    check(season, worker_session, shop.mail)
    assert season.strangers == [], "no page asks anything of another host"
    windows = [visitor for visitor in season.browsers.values() if isinstance(visitor, ChromiumVisitor)]
    assert [complaint for window in windows for complaint in window.complaints] == []
