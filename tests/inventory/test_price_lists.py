"""What the price desk saves is what is shown and what is charged, for those it is meant for and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ground import clock
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import ladders, price_lists, pricing
from inventory.ladders import LadderForm
from inventory.price_lists import Holders
from inventory.pricing import CountedOn, Level, Mode

EVERYBODY = Holders()


@pytest.fixture
def pack(make):
    return make.pack(make.product("Maize", cooperative=make.cooperative("Meru Highlands")))


def tag(session, pack, quantity, holders=EVERYBODY, at=None):
    found = price_lists.ladders_for(session, [pack], holders=holders, at=at or clock.now())
    return pricing.answer(found[pack.id], quantity, "KES")


@pytest.mark.case("commerce:P06")
def test_what_is_saved_is_what_is_read_again_and_charged(session, pack):
    shop = price_lists.public(session, pack.cooperative_id)
    form = LadderForm(rungs=((2, 30_000), (10, 25_050)), increment=2, quantity_max=40)
    for saved in (form, LadderForm(rungs=((1, 31_000), (5, 30_900), (9, 10_000))), form):
        ladder = ladders.set_ladder(session, shop, pack, saved)
        read = ladders.find(session, shop, pack.id)
        assert read is ladder
        assert tuple((rung.quantity_min, rung.unit_price_minor) for rung in read.rungs) == saved.rungs
    assert (ladder.quantity_min, ladder.quantity_max, ladder.increment) == (2, 40, 2)
    assert tag(session, pack, 12).total == Money(12 * 25_050, "KES")


@pytest.mark.case("commerce:P10")
def test_errors_name_the_rung(session, pack):
    shop = price_lists.public(session, pack.cooperative_id)
    wrong = {
        ((1, 500), (1, 400)): "rung-2-from",
        ((10, 500), (5, 400)): "rung-2-from",
        ((1, 500), (10, 500)): "rung-2-price",
        ((1, 0),): "rung-1-price",
        (): "rung-1-price",
    }
    for rungs, field in wrong.items():
        with pytest.raises(Refusal) as refused:
            ladders.set_ladder(session, shop, pack, LadderForm(rungs=rungs))
        assert field in refused.value.fields
    rules = {
        "rung-2-from": LadderForm(rungs=((6, 500), (10, 400)), increment=6),
        "quantity_min": LadderForm(rungs=((6, 500),), increment=6, quantity_min=7),
        "rung-1-from": LadderForm(rungs=((10, 500),), quantity_min=5),
        "quantity_max": LadderForm(rungs=((10, 500),), quantity_max=9),
        "counted_on": LadderForm(rungs=((1, 500),), mode=Mode.GRADUATED, counted_on=CountedOn.PRODUCT),
        "mix_group": LadderForm(rungs=((1, 500),), counted_on=CountedOn.MIX),
    }
    for field, form in rules.items():
        with pytest.raises(Refusal) as refused:
            ladders.set_ladder(session, shop, pack, form)
        assert field in refused.value.fields


def test_two_rungs_at_one_quantity_cannot_even_be_written(session, pack):
    from sqlalchemy.exc import IntegrityError

    ladder = ladders.set_ladder(
        session, price_lists.public(session, pack.cooperative_id), pack, LadderForm(rungs=((1, 500),))
    )
    session.add(
        ladders.Rung(cooperative_id=pack.cooperative_id, ladder_id=ladder.id, quantity_min=1, unit_price_minor=400)
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_companys_list_is_for_that_company_while_it_is_valid(session, make, pack):
    make.ladder(pack, {1: "300.00"})
    nyota = make.company("Nyota Schools Kitchen Ltd")
    made = price_lists.open_list(
        session,
        pack.cooperative_id,
        Level.COMPANY,
        nyota.id,
        "Nyota Schools",
        valid_until=clock.now() + timedelta(days=30),
    )
    ladders.set_ladder(session, made, pack, LadderForm(rungs=((1, 20_000),)))
    theirs = Holders(company_ids=(nyota.id,))
    assert tag(session, pack, 1, theirs).because == "Nyota Schools, from 1"
    assert tag(session, pack, 1, Holders(company_ids=(new_id(),))).because == "Shop prices, from 1"
    assert tag(session, pack, 1, theirs, at=clock.now() + timedelta(days=31)).because == "Shop prices, from 1"


@pytest.mark.on("postgresql")
def test_a_companys_prices_are_seen_by_its_people_and_no_stranger(session, make, pack):
    from ground import tenants

    make.ladder(pack, {1: "300.00"})
    grace, stranger = make.person("Grace Njeri"), make.person()
    nyota = make.company("Nyota Schools Kitchen Ltd", buyer=grace)
    make.ladder(pack, {1: "200.00"}, level=Level.COMPANY, holder_id=nyota.id, list_name="Nyota Schools")
    session.commit()
    seen = {}
    for person in (grace, stranger, None):
        tenants.enter(session, [], person=person and person.id)
        seen[person and person.name] = tag(session, pack, 1, Holders(company_ids=(nyota.id,))).because
        session.rollback()
    assert seen == {
        "Grace Njeri": "Nyota Schools, from 1",
        stranger.name: "Shop prices, from 1",
        None: "Shop prices, from 1",
    }


@pytest.mark.case("commerce:P16")
def test_a_price_finer_than_a_coin_is_kept_exactly(session, make):
    loose = make.pack(make.product("Maize", cooperative=make.cooperative()), content=2_500)
    shop = price_lists.public(session, loose.cooperative_id)
    ladders.set_ladder(session, shop, loose, LadderForm(rungs=((1, 33_300),), per_content=1_000_000))
    assert [tag(session, loose, quantity).total.minor for quantity in (1, 2, 3)] == [83, 167, 250]
