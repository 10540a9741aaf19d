"""The way of the money through the pages: costs, approval, close, run, file and sheet; and a statement that is one's own."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative.destinations import Rail
from ground.ids import new_id
from proceeds import batches, instructions, payouts, settlements
from proceeds.instructions import State
from tests.make import Make
from tests.proceeds.reports import report

HOME = {"Sec-Fetch-Site": "same-origin"}


class Desk:
    """Somebody at the pages: `desk.get`, `desk.post`, as their browser would."""

    def __init__(self, client: Any, make: Make, person: Any) -> None:
        self.client, self.key = client, make.sign_in(person)

    def get(self, path: str) -> Any:
        self.client.set_cookie("gm-session", self.key)
        return self.client.get(path)

    def post(self, path: str, **form: Any) -> Any:
        self.client.set_cookie("gm-session", self.key)
        return self.client.post(path, data=form, headers=HOME)


@pytest.fixture
def cast(make: Make, client: Any):
    meru = make.cooperative("Meru Highlands", slug="meru-highlands")
    wanjiru = make.staff(meru, "manager", name="Wanjiru Kamau")
    kiprop = make.staff(meru, "treasurer", name="Kiprop Cheruiyot")
    return meru, wanjiru, Desk(client, make, wanjiru), Desk(client, make, kiprop)


@pytest.fixture
def season(make: Make, cast):
    meru, wanjiru, _, _ = cast
    season = make.season(meru, by=wanjiru, advance_minor=1_000)
    amina = make.person("Amina Nkatha")
    season.deliver(make.member(meru, "Amina Nkatha", number=1, person=amina), 112)
    season.deliver(make.member(meru, "Mutua", number=2), 88)
    season.sell(200, "12000.00")
    season.amina = amina
    return season


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("\N{NO-BREAK SPACE}", " ")


def test_two_people_settle_a_pool_and_the_member_reads_why(session: Session, cast, season, client: Any, make: Make):
    _, _, wanjiru, kiprop = cast
    office = "/office/meru-highlands/settlements"
    begun = wanjiru.post(f"{office}/", pool_id=str(season.pool.id))
    assert begun.status_code == 303
    page = begun.headers["Location"]
    assert (
        wanjiru.post(f"{page}/costs", **{"version": "0", "cost-transport": "400.00", "cost-handling": ""}).status_code
        == 303
    )
    assert "You prepared them, so it cannot be you" in words(wanjiru.get(page))
    shown = kiprop.get(page)
    assert "Your 112 kg of grade A was in lot 1; sold 112 kg retail" in words(shown)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    assert seen is not None
    assert wanjiru.post(f"{page}/approval", seen=seen[1]).status_code == 403
    assert kiprop.post(f"{page}/approval", seen="0" * 64).status_code == 409
    assert kiprop.post(f"{page}/approval", seen=seen[1]).status_code == 303
    assert wanjiru.post(f"{page}/closing").status_code == 303
    assert wanjiru.post(f"{page}/closing").status_code == 409
    assert "2 members share KES 10,520.00" in words(kiprop.get(page))

    told = words(Desk(client, make, season.amina).get("/my/meru-highlands"))
    assert "In your account now KES 5,891.20" in told
    assert "Given to you on delivery KES −1,120.00" in told
    assert "There was KES 0.00 Came in KES 5,891.20 Went out KES 0.00 Now there is KES 5,891.20" in told
    assert "Mutua" not in told


def test_nobody_reads_anothers_statement(cast, season, client: Any, make: Make):
    _, _, wanjiru, _ = cast
    assert wanjiru.get("/my/meru-highlands").status_code == 404
    assert Desk(client, make, season.amina).get("/my/nowhere").status_code == 404
    make.cooperative("Kilifi Coast", slug="kilifi-coast")
    assert Desk(client, make, season.amina).get("/my/kilifi-coast").status_code == 404


def test_a_pool_that_is_not_sold_says_what_is_missing(session: Session, cast, season, make: Make):
    meru, by, wanjiru, _ = cast
    season.deliver(make.member(meru, number=3), 7)
    settlement = settlements.draft(session, meru.id, season.pool.id, by=by.id)
    page = wanjiru.get(f"/office/meru-highlands/settlements/{settlement.id}")
    assert page.status_code == 200 and "7 kg in lot 1" in words(page)


def test_a_cooperative_without_a_bylaw_adopts_one_first(session: Session, cast):
    _, _, wanjiru, kiprop = cast
    office = "/office/meru-highlands/settlements"
    assert "First, a by-law" in words(wanjiru.get(f"{office}/"))
    form = {"version": "0", "source": "General meeting, minute 7", "once": str(new_id())}
    assert kiprop.post(f"{office}/bylaw", **form).status_code == 403
    assert wanjiru.post(f"{office}/bylaw", **form).status_code == 303
    assert wanjiru.post(f"{office}/bylaw", **form).status_code == 303
    assert "First, a by-law" not in words(wanjiru.get(f"{office}/"))


def test_a_run_goes_from_maker_to_approver_to_bank_and_hand(session: Session, cast, season, make: Make, client: Any):
    meru, by, wanjiru, kiprop = cast
    office = "/office/meru-highlands/payouts"
    first = session.scalars(select(type(make.member(meru))).order_by("number")).first()
    make.bank_destination(first, by=by)
    account = {"holder": "Meru Highlands", "bank_code": "EQBLKENA", "account": "0110099887", "once": str(new_id())}
    assert wanjiru.post(f"{office}/account", **account).status_code == 303
    assert "2 members" in words(wanjiru.get(f"{office}/"))
    page = wanjiru.post(f"{office}/", once=str(new_id())).headers["Location"]
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', kiprop.get(page).text)
    assert seen is not None
    assert wanjiru.post(f"{page}/approval", seen=seen[1]).status_code == 403
    assert wanjiru.post(f"{page}/sending").status_code == 403
    assert kiprop.post(f"{page}/approval", seen=seen[1]).status_code == 303
    assert kiprop.post(f"{page}/sending").status_code == 303
    assert kiprop.post(f"{page}/sending").status_code == 409

    run = payouts.all_of(session, meru.id)[0]
    file = kiprop.get(f"{page}/file")
    batch = next(batch for batch in batches.of_run(session, meru.id, run.id) if batch.rail is Rail.BANK)
    assert file.data == batches.bytes_of(session, batch) and "attachment" in file.headers["Content-Disposition"]
    sheet = words(wanjiru.get(f"{page}/sheet"))
    assert "Mutua 880.00 to sign" in sheet

    cash = next(i for i in instructions.of_run(session, meru.id, run.id) if i.rail is Rail.CASH)
    assert wanjiru.post(f"{page}/signatures", **{f"line-{cash.id}": "not collected"}).status_code == 303
    assert wanjiru.post(f"{page}/signatures", **{f"line-{cash.id}": "paid"}).status_code == 409
    answer = report(batch.message_id, {"R1-1-1": "ACSC"})
    uploaded = wanjiru.post(f"{page}/answers", file=(io.BytesIO(answer), "answer.xml"))
    assert uploaded.status_code == 303
    assert [i.state for i in instructions.of_run(session, meru.id, run.id)] == [State.SETTLED, State.FAILED]
    shown = words(wanjiru.get(page))
    assert "1 of 2 paid" in shown and "1 payment was not made" in shown
    again = wanjiru.post(f"{page}/retries").headers["Location"]
    assert "R2-1-2" in wanjiru.get(again).text
    assert "Try them again" not in wanjiru.get(page).text


def test_a_hostile_upload_is_refused_with_the_page_and_its_words(cast, season, make: Make):
    meru, by, wanjiru, _ = cast
    make.bank_account(meru, by=by)
    page = wanjiru.post("/office/meru-highlands/payouts/", once=str(new_id())).headers["Location"]
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    refused = wanjiru.post(f"{page}/answers", file=(io.BytesIO(bomb), "answer.xml"))
    assert refused.status_code == 422 and "cannot be read" in words(refused)


def test_the_operator_sees_what_waits_and_makes_a_remittance_run(session: Session, make: Make, client: Any, cast):
    from ground.money import Money
    from ledger import books, transfers
    from ledger.accounts import Pot
    from ledger.transfers import Leg

    meru, by, _, _ = cast
    operator = make.operator()
    desk = Desk(client, make, make.staff(operator, "operator"))
    book = books.of_cooperative(session, operator.id)
    transfers.post(
        session, book, "card payment", new_id(), [Leg(Pot("1030", new_id()), Pot("2600", meru.id), Money(5_000, "KES"))]
    )
    index = "/office/good-measure/remittances/"
    assert "Meru Highlands has no bank account here yet" in words(desk.get(index))
    make.bank_account(meru, by=by)
    assert "Can be passed on now: KES 50.00" in words(desk.get(index))
    made = desk.post(index, once=str(new_id()))
    assert made.status_code == 303 and desk.get(made.headers["Location"]).status_code == 200


def test_a_page_costs_as_many_queries_for_many_as_for_few(session: Session, cast, season, make: Make, app: Any):
    meru, by, wanjiru, _ = cast
    app.config["TELL_QUERIES"] = True
    settlement = settlements.draft(session, meru.id, season.pool.id, by=by.id)
    paths = (f"/office/meru-highlands/settlements/{settlement.id}", "/office/meru-highlands/payouts/")
    few = [int(wanjiru.get(path).headers["X-Queries"]) for path in paths]
    for _ in range(20):
        season.deliver(make.member(meru), 5)
    season.sell(100, "6000.00")
    assert [int(wanjiru.get(path).headers["X-Queries"]) for path in paths] == few
    assert max(few) < 40
