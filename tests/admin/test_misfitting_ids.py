"""An id in an address belongs to what stands before it: a refund to its order, a pack to its product."""

from __future__ import annotations

import pytest

from inventory import packs
from storefront import refund_sendings
from storefront.checkouts import How
from tests.pages.world import OURS, World


@pytest.fixture
def world(make, app, monkeypatch):
    return World(make, app, monkeypatch)


@pytest.mark.case("attack:A199")
def test_a_refund_is_tried_again_only_under_its_own_order(world: World, monkeypatch):
    order = world.order(How.CARD, picked=True)
    refund, number = world.failed_refund(order).id, order.number
    other = world.order(How.CARD, picked=True).number
    tried: list[object] = []
    real = refund_sendings.try_again
    monkeypatch.setattr(
        refund_sendings, "try_again", lambda session, found: tried.append(found.id) or real(session, found)
    )
    browser = world.browser(world.head)
    world.session.commit()
    for asked, status in ((other, 404), (number, 303)):
        answer = browser.post(f"/office/meru/orders/{asked}/refunds/{refund}/attempts", headers=OURS)
        assert answer.status_code == status, asked
    assert tried == [refund]


@pytest.mark.case("attack:A199")
def test_a_pack_is_shown_or_left_out_only_under_its_own_product(world: World):
    browser, pack, house = world.browser(world.head), world.maize.id, world.house.id
    world.session.commit()
    for slug, status in (("beans", 404), ("maize", 303)):
        path = f"/office/meru/products/{slug}/packs/{pack}/listing"
        assert browser.post(path, data={"listed": "0"}, headers=OURS).status_code == status
        assert packs.find(world.session, house, pack).is_listed is (status == 404)
        world.session.rollback()
