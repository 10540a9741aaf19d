"""The story's buyers: a basket, four ways to pay, what is picked, collected, cancelled and paid back."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any
from unittest import mock

from PIL import Image

from ground import clock
from ground.ids import new_id
from ground.stripe.failures import Refused
from ground.stripe.signatures import sign
from tests.security.houses import House
from tests.security.season import OURS, Season, last_of


def basket(season: Season, house: House, actor: str, quantity: int) -> None:
    """Fill it, change it, look at the prices, take one line out and put it in again."""
    own, do = house.own, season.do
    line = {"cooperative": own["cooperative"], "pack": own["pack_id"]}
    do(house, actor, "baskets.add", line | {"quantity": 1})
    do(house, actor, "baskets.change", {"quantity": 2}, pack_id=own["pack_id"])
    do(house, actor, "baskets.remove", pack_id=own["pack_id"])
    season.browser(house, actor).post(
        "/basket/lines",
        data={k: str(v) for k, v in line.items()} | {"quantity": "1"},
        headers=OURS,
    )
    do(house, actor, "baskets.change", {"quantity": quantity}, pack_id=own["pack_id"])
    do(house, actor, "baskets.accept")
    do(house, actor, "baskets.add_voucher", {"code": "KARIBU"})
    do(house, actor, "baskets.remove_voucher", cooperative_id=own["cooperative_id"])
    do(house, actor, "baskets.choose", {f"window-{own['cooperative']}": own["window_id"]})


def checkout(season: Season, house: House, actor: str, how: str, quantity: int) -> Any:
    basket(season, house, actor, quantity)
    found = re.search(r'name="expected_minor" value="([0-9]+)"', season.open(house, actor, "/checkout").text)
    assert found, "the checkout has a sum"
    body = {
        "name": house.word("buyer"), "email": f"guest@{house.slug}.example.org", "phone": house.phone, "how": how,
        "expected_minor": found[1], "currency": "KES", "once": new_id(),
        f"window-{house.own['cooperative']}": house.own["window_id"],
    }  # fmt: skip
    return season.do(house, actor, "checkout.place", body)


def webhook(season: Season, house: House, session_ref: str) -> None:
    """What the provider tells about a page that was paid."""
    secret = season.app.extensions["till"].gateway.sandbox.secret
    event = {
        "id": f"evt_{new_id().hex}", "object": "event", "type": "checkout.session.completed", "livemode": False,
        "created": int(clock.now().timestamp()),
        "data": {"object": {"id": session_ref, "object": "checkout.session", "currency": "kes"}},
    }  # fmt: skip
    body = json.dumps(event).encode()
    signed = {"Stripe-Signature": sign(body, secret, clock.now()), "Content-Type": "application/json"}
    season.do(house, "provider", "webhooks.stripe", raw=body, headers=signed, expect=200)
    season.work()


def charges(season: Season, house: House) -> None:
    """A fee that is changed and ended before anybody pays it, rules of no tax, and a voucher with another that is stopped."""
    do, own = season.do, house.own

    def newest(table: str) -> str:
        return str(season.rows(f"SELECT id FROM {table} WHERE cooperative_id = :home ORDER BY created_at DESC, id DESC",
                               home=str(own["cooperative"]))[0][0])  # fmt: skip

    fee = {
        "name": house.word("packing", public=True),
        "kind": "packing",
        "basis": "order",
        "amount": "7391.73",
        "tax": "exempt",
    }
    do(house, "manager", "fees.add", fee | {"once": new_id()})
    do(house, "manager", "fees.change", {"once": new_id(), "amount": "7000"}, fee_id=newest("fee"))
    own["fee_id"] = newest("fee")
    do(house, "manager", "fees.end", fee_id=own["fee_id"])
    rules = {"once": new_id(), "name": house.word("tax"), "mode": "line", "effective_from": "2026-01-01"}
    do(house, "manager", "taxes.adopt", rules | {"source": house.word("minute")})
    do(house, "manager", "vouchers.make", {"code": f"GONE-{house.slug}", "amount": "5"})
    own["voucher_id"] = newest("voucher")
    do(house, "manager", "vouchers.stop", voucher_id=own["voucher_id"])
    do(house, "manager", "vouchers.make", {"code": "KARIBU", "percent": "5"})


def live(season: Season, house: House, desk: House) -> None:
    """By card with the bank's question, cancelled for cash, on invoice; picked, collected, paid back, paid."""
    do, own = season.do, house.own
    own["cooperative_id"] = own["cooperative"]
    charges(season, house)
    page = last_of(checkout(season, house, "guest", "card", 3))
    own["id"] = page
    do(house, "guest", "sandbox.pay", {"card": "4000002500003155"}, id=page)
    do(house, "guest", "sandbox.bank", {"agreed": "1"}, id=page)
    webhook(season, house, page)
    own["order"] = 1
    do(house, "collector", "office_orders.pick", number=1)
    do(house, "collector", "office_orders.collect", number=1)
    refund(season, house, 1)
    own["token"] = last_of(checkout(season, house, "guest 2", "collection", 2))
    do(house, "manager", "office_orders.cancel", {"reason": house.word("changed my mind")}, number=2)
    token = last_of(checkout(season, house, "guest 3", "collection", 1))
    do(house, "collector", "office_orders.pick", number=3)
    do(house, "collector", "office_orders.collect", {"cash": "7391.73"}, number=3)
    season.work()
    own["paper_id"] = str(
        season.rows(
            "SELECT id FROM paper WHERE cooperative_id = :coop AND kind = 'receipt'", coop=str(own["cooperative"])
        )[-1][0]
    )
    complaint(season, house, token)
    house.at["papers.show"] = {"token": token, "paper_id": own["paper_id"]}
    house.at["office_orders.paper"] = {"number": 3, "paper_id": own["paper_id"]}
    checkout(season, house, "buyer", "invoice", 20)
    do(house, "collector", "office_orders.pick", number=4)
    do(house, "manager", "office_orders.collect", number=4)
    own["invoice"] = 1
    do(
        house, "treasurer", "invoices.receive",
        {"reference": house.word("bank line"), "amount": "100000", "received_on": clock.now().date()}, number=1,
    )  # fmt: skip
    page = last_of(checkout(season, house, "guest 4", "card", 1))
    season.browser(house, "guest 4").post(f"/sandbox/checkout/{page}", data={"card": "4242424242424242"}, headers=OURS)
    webhook(season, house, page)
    do(house, "collector", "office_orders.pick", number=5)
    gateway = type(season.app.extensions["till"].gateway)
    with mock.patch.object(gateway, "refund", side_effect=Refused("The charge cannot be refunded.")):
        refund(season, house, 5)
    failed = season.rows(
        "SELECT id FROM refund WHERE cooperative_id = :coop AND state = 'failed'", coop=str(own["cooperative"])
    )
    own["refund_id"] = str(failed[0][0])
    do(house, "treasurer", "refunds.try_again", number=5, refund_id=own["refund_id"])
    season.work()
    checkout(season, house, "guest 5", "collection", 1)
    token = last_of(checkout(season, house, "guest 6", "collection", 1))
    mine = season.rows(
        "SELECT id FROM customer_order WHERE cooperative_id = :coop AND number = 7", coop=str(own["cooperative"])
    )
    own["order_id"] = str(mine[0][0])
    do(house, "guest 6", "again.refill", token=token)
    two = {f"quantity-{own['pack_id']}": 2, "once": new_id()}
    page = season.open(
        house, "guest 6", f"/orders/{token}/parts/{own['order_id']}/change?quantity-{own['pack_id']}=2"
    ).text
    found = re.search(r'name="expected_minor" value="([0-9]+)"', page)
    assert found, "the change has a sum"
    where: Any = {"token": token, "order_id": own["order_id"]}
    changed = do(house, "guest 6", "changes.make", two | {"expected_minor": found[1]}, **where)
    house.at["changes.show"] = house.at["changes.make"] = where
    token = last_of(changed)
    mine = season.rows(
        "SELECT id FROM customer_order WHERE cooperative_id = :coop AND number = 8", coop=str(own["cooperative"])
    )
    own["order_id"] = str(mine[0][0])
    house.at["orders.withdraw"] = {"token": token, "order_id": own["order_id"]}
    do(house, "guest 6", "orders.withdraw", token=token, order_id=own["order_id"])


def complaint(season: Season, house: House, token: str) -> None:
    """What guest 3 collected was spoiled: told with a photo, answered with the pack's price."""
    own, where = house.own, "SELECT o.id, l.id FROM customer_order o JOIN order_line l ON l.order_id = o.id"
    mine = season.rows(f"{where} WHERE o.cooperative_id = :coop AND o.number = 3", coop=str(own["cooperative"]))
    order_id, line_id = (str(id) for id in mine[0])
    kept = BytesIO()
    Image.new("RGB", (40, 30)).save(kept, "PNG")
    season.do(
        house, "guest 3", "complaints.make",
        {"line": line_id, "kind": "spoiled", "quantity": 1, "words": house.word("weevils"), "once": new_id()},
        files={"photo": ("photo.png", kept.getvalue())}, token=token, order_id=order_id,
    )  # fmt: skip
    told = season.rows("SELECT id FROM complaint WHERE cooperative_id = :coop", coop=str(own["cooperative"]))
    own["complaint_id"] = str(told[0][0])
    season.do(
        house, "treasurer", "office_complaints.answer",
        {"outcome": "goodwill", "amount": "1.73", "words": house.word("we are sorry"), "once": new_id()},
        complaint_id=own["complaint_id"],
    )  # fmt: skip
    house.at["complaints.new"] = house.at["complaints.make"] = {"token": token, "order_id": order_id}
    house.at["complaints.photo"] = {"token": token, "complaint_id": own["complaint_id"]}


def refund(season: Season, house: House, number: int) -> None:
    order = season.rows(
        "SELECT l.id FROM order_line l JOIN customer_order o ON o.id = l.order_id "
        "WHERE o.cooperative_id = :coop AND o.number = :number",
        coop=str(house.own["cooperative"]), number=number,
    )  # fmt: skip
    house.own |= {"line_id": str(order[0][0]), "refunded": number}
    season.do(
        house, "treasurer", "refunds.give", {"amount": "91.73", "reason": house.word("torn bag"), "once": new_id()},
        number=number, line_id=house.own["line_id"],
    )  # fmt: skip
    season.work()
