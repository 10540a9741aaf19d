"""A statement adds up, whatever happened: opening + in − out = closing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ground import clock
from ground.ids import new_id
from ground.money import Money, split
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from proceeds import rail_events, statements
from proceeds.instructions import State, of_run
from tests.make import Make


@pytest.mark.case("finance:F03")
def test_a_statement_rolls_forward_and_shares_come_from_weights_never_from_percentages(
    session: Session, make: Make, monkeypatch
):
    habitat = make.cooperative(currency="USD")
    member, book = make.member(habitat), books.of_cooperative(session, habitat.id)
    began = clock.now()

    def move(day: int, amount: int) -> None:
        monkeypatch.setattr(clock, "read", lambda: began + timedelta(days=day))
        pots = Pot("2010", new_id()), Pot("2020", member.id)
        transfers.post(session, book, "claim of a test", new_id(), [Leg(*pots, Money(amount, "USD"))])

    allocation = split(300_000, [4_050, 5_200])[0]
    assert allocation == 131_351
    for day, amount in ((0, 500_000), (40, 200_000), (41, allocation)):
        move(day, amount)
    told = statements.of(session, book, member, since=began + timedelta(days=30))
    assert (told.opening.minor, told.came_in.minor, told.went_out.minor) == (500_000, 331_351, 0)
    assert told.closing.minor == 831_351


def test_every_happening_is_one_line_and_leads_to_the_next(session: Session, make: Make):
    meru = make.cooperative()
    wanjiru, kiprop = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    member = make.member(meru)
    season = make.season(meru, by=wanjiru, advance_minor=1_000)
    season.deliver(member, 10)
    season.sell(10, "1000.00")
    make.settled(season, by=wanjiru, approver=kiprop)
    run, _ = make.sent_run(meru, by=wanjiru, approver=kiprop)
    book = books.of_cooperative(session, meru.id)
    on_its_way = statements.of(session, book, member)
    assert on_its_way.on_its_way == on_its_way.closing == Money(91_000, "KES")
    rail_events.sign(session, of_run(session, meru.id, run.id)[0], State.SETTLED, by=wanjiru.id)
    told = statements.of(session, book, member)
    lines = [(entry.words, entry.change.minor, entry.balance.minor) for entry in told.entries]
    assert lines == [
        ("Advance for 10\N{NO-BREAK SPACE}kg of Maize", 10_000, 10_000),
        ("Your part of Maize 2026", 81_000, 91_000),
        ("Paid out to you", -91_000, 0),
    ]
    assert not told.on_its_way and not told.closing and not told.owed
