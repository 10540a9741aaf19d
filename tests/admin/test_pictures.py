"""What the office draws and proposes: falling bars, eight weeks, and the second persons beside the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from admin import falls, seconds, weeks
from cooperative import roles
from cooperative.roles import Role
from ground import clock
from ground.money import Money
from ground.quantity import Quantity, Unit


def kes(minor: int) -> Money:
    return Money(minor, "KES")


@dataclass(frozen=True)
class Line:
    step: int
    key: str
    name: str
    amount: Money
    left: Money
    words: str = ""


POOL = [
    Line(1, "sales", "Sales", kes(10_000), kes(10_000)),
    Line(3, "fees", "Card fees", kes(-300), kes(9_700)),
    Line(4, "transport", "Transport", kes(-700), kes(9_000)),
    Line(6, "margin", "The house", kes(-1_000), kes(8_000)),
]


def test_each_bar_begins_where_the_one_before_it_ended():
    rows, most, due = falls.of_pool(POOL, kes(8_000), kes(5_000))
    assert [(row.start, row.value) for row in rows] == [
        (0, 10_000), (9_700, 300), (9_000, 700), (8_000, 1_000), (0, 8_000), (5_000, 3_000),
    ]  # fmt: skip
    assert [row.kind for row in rows] == ["grow", "fee", "move", "coop", "grow", "grow"]
    assert rows[-1].amount == kes(-3_000) and most == 10_000
    assert (due.start, due.value, due.amount) == (0, 5_000, kes(5_000))


def test_what_was_given_to_nobody_before_has_no_row():
    rows, _, due = falls.of_pool(POOL, kes(8_000), kes(8_000))
    assert rows[-1].name == "The members’ share" and due.value == 8_000


def test_no_bar_falls_below_nothing_in_a_pool_that_lost():
    lost = [
        POOL[0],
        Line(4, "transport", "Transport", kes(-12_000), kes(-2_000)),
        Line(8, "loss", "Loss", kes(2_000), kes(0)),
    ]
    rows, most, _ = falls.of_pool(lost, kes(0), kes(0))
    assert all(row.start >= 0 and row.start + row.value <= most for row in rows)
    assert (rows[1].start, rows[1].value) == (0, 10_000) and rows[2].value == 0


def test_a_pool_without_a_sale_still_has_a_scale():
    assert falls.of_pool([Line(1, "sales", "Sales", kes(0), kes(0))], kes(0), kes(0))[1] == 1


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands")


def test_a_house_where_nothing_moved_has_no_picture(session, meru):
    assert weeks.latest(session, meru) == []


def test_a_delivery_counts_in_the_week_of_the_cooperatives_own_monday(session, make, meru, monkeypatch):
    """Sunday 23:30 in Nairobi is the old week; half an hour later is the new one, though Greenwich still has its Sunday."""
    sunday = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    season = make.season(meru, by=make.staff(meru, "manager"))
    member = make.member(meru)
    for at, kilograms in ((sunday, 30), (sunday + timedelta(minutes=31), 12)):
        monkeypatch.setattr(clock, "read", lambda at=at: at)
        season.deliver(member, kilograms)
    season.sell(10, "500.00")
    session.flush()
    told = weeks.latest(session, meru)
    assert len(told) == weeks.SHOWN and [str(week.monday) for week in told[-2:]] == ["2026-11-16", "2026-11-23"]
    assert [(week.weighed, week.sold) for week in told[-2:]] == [(30_000, 0), (12_000, 10_000)]
    assert sum(week.weighed for week in told[:-2]) == 0


def test_the_second_person_is_anybody_with_the_part_but_the_first(session, make, meru):
    wanjiru, kiprop = (
        make.staff(meru, "manager", name="Wanjiru"),
        make.staff(meru, "treasurer", "manager", name="Kiprop"),
    )
    make.staff(meru, "collector", name="Halima")
    make.staff(make.cooperative("Kilifi Coast"), "manager", name="Zawadi")
    among = (Role.MANAGER, Role.TREASURER)
    ((name, part),) = seconds.beside(session, meru.id, wanjiru.id, among)
    assert name == "Kiprop" and set(part.split(", ")) == {"manager", "treasurer"}
    assert seconds.beside(session, meru.id, kiprop.id, among) == [("Wanjiru", "manager")]
    for grant in roles.live_in(session, meru.id):
        if grant.person_id == kiprop.id:
            roles.withdraw(session, meru.id, grant.id, by=wanjiru.id)
    assert seconds.beside(session, meru.id, wanjiru.id, among) == []


def test_a_shop_says_whom_to_call(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "HELP_PHONE", "0800 720 100")
    assert 'href="tel:0800720100">0800 720 100</a>' in client.get("/sign-in").text
    monkeypatch.setitem(app.config, "HELP_PHONE", "")
    assert "tel:" not in client.get("/sign-in").text


@pytest.mark.parametrize(
    ("grams", "shown"), [(98_000, "98.0"), (98_500, "98.5"), (98_250, "98.25"), (1_234_000, "1,234.0"), (0, "0.0")]
)
def test_a_weight_keeps_the_decimal_that_the_scale_showed(grams, shown):
    assert Quantity(grams, Unit.GRAM).weighed() == f"{shown}\N{NO-BREAK SPACE}kg"
    assert Quantity(12, Unit.PIECE).weighed() == "12"


def test_a_folded_row_carries_the_currency_that_its_hidden_head_named(app):
    columns = [{"label": "Member"}, {"label": "Part, %"}, {"label": "Amount, KES", "n": True, "key": True}]
    with app.test_request_context("/"):
        table = app.jinja_env.get_template("components/table.html").module.table
        drawn = table("Paid", columns, [["Amina", "12", "1,450.00"], ["Mutua", "88", "–"]])
    assert drawn.count(' data-u="') == 1 and 'data-h="Amount, KES" data-u="KES">1,450.00</td>' in drawn
