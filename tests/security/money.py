"""The story's money going out: a settlement by two people, payouts through every answer of the bank, a remittance."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

from ground import clock
from ground.ids import new_id
from tests.proceeds import reports
from tests.security.houses import House
from tests.security.season import Season, last_of


def settlement(season: Season, house: House) -> None:
    """The by-law, a draft, its costs, a second person's yes, the close."""
    do, own = season.do, house.own
    rest = {"sign": "less", "change": "273", "kind": "spoil", "reason": house.word("rats")}
    season.do_plainly(house, "collector", "stock.change", {"once": new_id()} | rest, heap_id=own["heap_id"])
    do(house, "manager", "settlements.adopt", {"once": new_id(), "source": house.word("minute 7"), "version": 0})
    made = do(house, "treasurer", "settlements.draft", {"pool_id": own["pool_id"]})
    own["settlement_id"] = last_of(made)
    costs = {"cost-transport": "917.39", "cost-handling": "100", "version": "0"}
    here: dict[str, Any] = {"settlement_id": own["settlement_id"]}
    do(house, "treasurer", "settlements.record", costs, **here)
    page = season.open(house, "manager", season.path("settlements.show", coop=house.slug, **here)).text
    do(house, "manager", "settlements.approve", {"seen": _seen(page)}, **here)
    do(house, "treasurer", "settlements.close", **here)


def payouts(season: Season, house: House) -> None:
    """An account, a run of two rails, its answer, what came back, a second attempt, and a file the bank never saw."""
    do, own = season.do, house.own
    do(
        house, "manager", "payouts.account",
        {"once": new_id(), "holder": house.word("house account"), "bank_code": "EQBLKENA", "account": f"{house.account}0"},
    )  # fmt: skip
    made = do(house, "treasurer", "payouts.make", {"once": new_id()})
    run = own["run_id"] = last_of(made)
    approve(season, house, run)
    do(house, "treasurer", "payouts.send", run_id=run)
    paid = season.rows("SELECT id, reference, rail FROM instruction WHERE run_id = :run ORDER BY position", run=run)
    cash = next(row for row in paid if row[2] == "cash")
    bank = [row for row in paid if row[2] == "bank"]
    do(house, "treasurer", "payouts.sign", {f"line-{cash[0]}": "paid"}, run_id=run)
    message = season.rows("SELECT message_id FROM payout_batch WHERE run_id = :run AND rail = 'bank'", run=run)[0][0]
    reply = reports.report(message, {bank[0][1]: "ACSC", bank[1][1]: "RJCT"}, reasons={bank[1][1]: "AC04"})
    do(house, "treasurer", "payouts.answer", files={"file": ("answer.xml", reply)}, run_id=run)
    own["instruction_id"] = str(bank[0][0])
    back: dict[str, Any] = {"run_id": run, "instruction_id": own["instruction_id"]}
    do(house, "treasurer", "payouts.came_back", {"words": house.word("statement line")}, **back)
    again = last_of(do(house, "treasurer", "payouts.retry", run_id=run))
    do(house, "treasurer", "payouts.cancel", run_id=again)
    again = last_of(do(house, "treasurer", "payouts.make", {"once": new_id()}))
    approve(season, house, again)
    season.do_plainly(house, "treasurer", "payouts.send", run_id=again)
    other = season.houses["kilifi" if house.slug == "meru" else "meru"]
    with later(timedelta(days=3)), season.signed_in_anew(house, "treasurer"), season.signed_in_anew(other, "manager"):
        season.work()
        do(house, "treasurer", "payouts.send_again", run_id=again)


def approve(season: Season, house: House, run: str) -> None:
    page = season.open(house, "manager", season.path("payouts.show", coop=house.slug, run_id=run)).text
    season.do(house, "manager", "payouts.approve", {"seen": _seen(page)}, run_id=run)


def remit(season: Season, desk: House) -> None:
    """The operator sends on what was paid by card."""
    account = {"holder": "Good Measure", "bank_code": "EQBLKENA", "account": "0110099887"}
    season.do(desk, "operator", "payouts.account", {"once": new_id()} | account)
    today = clock.now().date()
    season.do(desk, "operator", "provider_payouts.record", {"reference": "PO-1", "amount": "100", "received_on": today})
    made = season.do(desk, "operator", "remittances.make", {"once": new_id()})
    desk.own["run_id"] = last_of(made)


def later(time: timedelta) -> AbstractContextManager[object]:
    """Inside, it is that much later."""
    now = clock.now
    return mock.patch.object(clock, "now", side_effect=lambda: now() + time)


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found, re.sub(r"\s*<[^>]+>\s*", " ", page)[:3000]
    return found[1]
