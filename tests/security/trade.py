"""The story of one house, from its first member to the last payout: every deed that the shop knows, with right words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import select

from cooperative import companies as known
from cooperative import links
from cooperative import sessions as sign_ins
from cooperative.links import Purpose
from cooperative.passkeys import Passkey
from cooperative.people import Person
from cooperative.roles import RoleGrant
from ground import clock
from ground.ids import new_id
from ground.outbox import Letter
from tests.cooperative.soft_key import SoftKey
from tests.makers import cooperative as who
from tests.makers import negatives
from tests.security import money, sales
from tests.security.houses import House
from tests.security.season import Season, last_of

NEW_PASSWORD = "rain on a tin roof tonight"


def live(season: Season, house: House, desk: House) -> None:
    """All of it, in the order in which a season goes."""
    keys_and_devices(season, house)
    people(season, house)
    members(season, house)
    produce(season, house)
    companies(season, house, desk)
    sales.live(season, house, desk)
    money.settlement(season, house)
    money.payouts(season, house)


def keys_and_devices(season: Season, house: House) -> None:
    """Signing in and out, confirming, a password, an authenticator: of somebody without any role."""
    do = season.do
    with season.session() as session:
        walker = session.get_one(Person, house.people["walker"].id)
        other, _ = sign_ins.start(session, walker, device=house.word("device"), address="127.0.0.1")
        session.commit()
        house.own["sign_in_id"] = sign_ins.start(session, walker, device=house.word("device"))[0].id
        session.commit()
    with_a_passkey(season, house)
    do(house, "passer-by", "sign_in.begin", {"email": walker.email, "password": who.PASSWORD})
    do(house, "passer-by", "sign_in.leave")
    do(house, "walker", "languages.choose", {"language": "en", "next": "/"})
    do(house, "walker", "sign_in.confirmed", {"password": who.PASSWORD})
    do(house, "walker", "me.end", sign_in_id=other.id)
    do(house, "walker", "me.end_others")
    with season.session() as session:
        house.own["sign_in_id"] = sign_ins.start(session, walker, device=house.word("device"))[0].id
        session.commit()
    do(house, "walker", "me.offer_authenticator")
    secret = season.rows("SELECT totp_pending FROM person WHERE email = :email", email=walker.email)[0][0]
    do(house, "walker", "me.adopt_authenticator", {"code": pyotp.TOTP(secret).now()})
    do(house, "walker", "me.drop_authenticator")
    do(house, "walker", "erasures.ask")
    do(house, "walker", "erasures.withdraw")
    do(house, "walker", "me.change_password", {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    letters(season, house)


def with_a_passkey(season: Season, house: House) -> None:
    """One is made, signs somebody in and confirms; it gets another name and goes, and one more stays."""
    do, device = season.do, SoftKey(season.app.config["PUBLIC_URL"])
    question = do(house, "walker", "passkeys.offer", expect=200).text
    do(house, "walker", "passkeys.add", {"credential": device.make(question)})
    question = do(house, "key bearer", "passkeys.ask", expect=200).text
    do(house, "key bearer", "passkeys.sign_in", {"credential": device.sign(question)})
    question = do(house, "walker", "passkeys.ask_again", expect=200).text
    do(house, "walker", "passkeys.confirm", {"credential": device.sign(question)})
    with season.session() as session:
        walker = house.people["walker"]
        kept = Passkey(
            person_id=walker.id, credential=house.slug.encode() * 8, public_key=b"of a drawer", uses=0,
            name=house.word("tablet")[:60], last_used_at=None,
        )  # fmt: skip
        session.add(kept)
        session.commit()
        house.own["passkey_id"] = kept.id
        mine = session.scalars(select(Passkey.id).where(Passkey.person_id == walker.id, Passkey.id != kept.id)).one()
    do(house, "walker", "passkeys.rename", {"name": house.word("phone")[:60]}, passkey_id=mine)
    do(house, "walker", "passkeys.remove", passkey_id=mine)


def letters(season: Season, house: House) -> None:
    """A letter asked for and used by somebody without a sign-in, one that stays in the drawer, and a move to another address."""
    walker = house.people["walker"]
    season.do(house, "letter reader", "letters.send", {"email": walker.email, "wants": "sign-in"})
    with season.session() as session:
        person = session.get_one(Person, walker.id)
        key = links.make(session, Purpose.SIGN_IN, walker.email, person)[1]
        kept = links.make(session, Purpose.STAY, walker.email, person)[1]
        session.commit()
    house.at["letters.show"] = house.at["letters.use"] = {"key": kept}
    season.do(house, "letter reader", "letters.use", key=key)
    season.do(house, "walker", "addresses.ask", {"email": f"moved@{house.slug}.example.org"})


def people(season: Season, house: House) -> None:
    """A letter, a role taken up, one more role, one taken back."""
    do = season.do
    address = f"helper@{house.slug}.example.org"
    do(house, "manager", "people.invite", {"email": address, "role": "collector"})
    key = key_sent_to(season, address)
    do(house, "newcomer", "invitations.accept", {"name": house.word("helper"), "password": NEW_PASSWORD}, key=key)
    with season.session() as session:
        helper = session.scalars(select(Person).where(Person.email == address)).one()
    do(house, "manager", "people.grant", {"person_id": helper.id, "role": "treasurer"})
    with season.session() as session:
        grants = session.scalars(
            select(RoleGrant).where(
                RoleGrant.person_id == helper.id, RoleGrant.cooperative_id == house.own["cooperative"]
            )
        ).all()
    given = {grant.role.value: grant.id for grant in grants}
    house.own |= {"grant_id": given["collector"], "person": helper.id}
    do(house, "manager", "people.withdraw", grant_id=given["treasurer"])


def key_sent_to(season: Season, address: str) -> str:
    """The key in the first letter that went there."""
    with season.session() as session:
        letter = session.scalars(select(Letter).where(Letter.recipient == address).order_by(Letter.created_at)).first()
    found = re.search(r"/invitations/(\S+)", letter.text if letter else "")
    assert found, f"no letter to {address} holds a key"
    return found[1]


def members(season: Season, house: House) -> None:
    """A group, a new member, where the money goes, shares with a second person."""
    do = season.do
    do(
        house,
        "manager",
        "members.form_group",
        {"group_name": house.word("group"), "members_least": 5, "members_most": 25},
    )
    group = season.rows("SELECT id FROM member_group WHERE cooperative_id = :coop", coop=str(house.own["cooperative"]))[
        0
    ][0]
    house.own["group"] = group
    do(
        house, "treasurer", "members.enrol",
        {"name": house.word("new member"), "phone": house.phone, "number": 9, "group_id": group, "joined_on": "2026-02-03",
         "once": new_id()},
    )  # fmt: skip
    house.own["number"] = 1
    do(house, "treasurer", "members.join_group", {"group_id": group}, number=1)
    for number, rail in ((1, "bank"), (2, "cash"), (3, "bank")):
        account = {"bank_code": "KCBLKENX", "account": f"{house.account}{number}"} if rail == "bank" else {}
        do(
            house, "treasurer", "members.change_destination",
            {"rail": rail, "holder": house.word(f"holder {number}")[:70]} | account, number=number,
        )  # fmt: skip
    do(house, "manager", "members.invite", {"email": f"grower@{house.slug}.example.org"}, number=2)
    house.own["key"] = key_sent_to(season, f"grower@{house.slug}.example.org")
    do(house, "manager", "shares.subscribe", {"shares": 2, "once": new_id()}, number=1)
    waiting = "SELECT id FROM share_subscription WHERE cooperative_id = :coop ORDER BY created_at DESC"
    first = season.rows(waiting, coop=str(house.own["cooperative"]))[0][0]
    do(house, "treasurer", "shares.approve", subscription_id=first)
    do(house, "manager", "shares.subscribe", {"shares": 1, "once": new_id()}, number=2)
    house.own["subscription_id"] = season.rows(waiting, coop=str(house.own["cooperative"]))[0][0]


def produce(season: Season, house: House) -> None:
    """A product with a pack and its ladder, a pool, three deliveries, the heap corrected."""
    do, own = season.do, house.own
    word = {
        "description": house.word("description", public=True), "storage": house.word("storage", public=True),
        "allergens": house.word("allergens", public=True), "keeps_days": 200, "kind": "cereals and tubers",
        "grades": f"A, {house.word('B', public=True)[-19:]}",
    }  # fmt: skip
    made = do(
        house,
        "manager",
        "products.add",
        {"once": new_id(), "name": house.word("maize", public=True), "unit": "g"} | word,
    )
    own["slug"] = last_of(made)
    do(house, "manager", "products.change", word | {"version": 1}, slug=own["slug"])
    do(
        house, "manager", "products.translate",
        {"language": "sw", "said_name": house.word("mahindi", public=True), "said_description": word["description"]},
        slug=own["slug"],
    )  # fmt: skip
    made = do(
        house, "manager", "products.add_pack",
        {"once": new_id(), "pack_name": house.word("bag", public=True), "content": "1", "grade": "A", "point": own["point"],
         "sku": house.word("sku", public=True)},
        slug=own["slug"],
    )  # fmt: skip
    own["pack_id"] = last_of(made)
    picture = {"photo": ("maize.jpg", negatives.photograph())}
    alt = {"alt": house.word("photo", public=True)}
    do(house, "manager", "products.add_photo", alt, files=picture, slug=own["slug"])
    do(house, "manager", "products.remove_photo", slug=own["slug"])
    do(house, "manager", "products.add_photo", alt, files=picture, slug=own["slug"])
    key = season.rows(
        "SELECT p.key FROM product_photo p JOIN product o ON o.id = p.product_id WHERE o.slug = :slug", slug=own["slug"]
    )
    house.at["photos.show"] = {"name": f"{key[0][0]}-360.jpg"}
    rungs = {"rung-1-from": 1, "rung-1-price": "7391.73", "rung-2-from": 10, "rung-2-price": "7000"}
    ladder = {
        "mode": "all_units",
        "counted_on": "pack",
        "mix_group": "",
        "quantity_min": "",
        "quantity_max": "",
        "increment": 1,
        "version": 0,
    }
    do(house, "manager", "prices.set", rungs | ladder, pack_id=own["pack_id"])
    do(house, "manager", "products.pack_listing", {"listed": 1}, slug=own["slug"], pack_id=own["pack_id"])
    do(house, "manager", "products.listing", {"listed": 1}, slug=own["slug"])
    do(house, "manager", "prices.seed", {"once": new_id(), "point": own["point"], "commodity-1": "Beans (red)"})
    product = season.rows("SELECT product_id, heap_id FROM pack WHERE id = :id", id=own["pack_id"])[0]
    own["product"], own["heap_id"] = str(product[0]), str(product[1])
    when_sold(season, house)
    season_word = {"season": house.word("long rains", public=True), "advance": "10", "basis": "agent"}
    made = do(house, "manager", "pools.open", {"once": new_id(), "product_id": own["product"]} | season_word)
    own["pool_id"] = last_of(made)
    for number in (1, 2, 3):
        made = do(
            house, "collector", "deliveries.record",
            {"once": new_id(), "number": number, "what": f"{own['pool_id']}:A", "point": own["point"], "gross": "100.5",
             "tare": "0.5"},
        )  # fmt: skip
        own["delivery_id"] = last_of(made)
    heap: dict[str, Any] = {"heap_id": own["heap_id"]}
    why = {"kind": "spoil", "reason": house.word("mice")}
    do(house, "collector", "stock.change", {"once": new_id(), "sign": "less", "change": "1"} | why, **heap)
    do(house, "collector", "stock.count", {"once": new_id(), "counted": "298", "seen": 299_000}, **heap)
    do(house, "manager", "stock.oversell", {"oversell": "5"}, **heap)


def when_sold(season: Season, house: House) -> None:
    """A zone, a window for the story's orders, one that is closed, a rule that ends; a cycle, changed, and copied as a draft."""
    do, own = season.do, house.own
    do(
        house,
        "manager",
        "windows.add_zone",
        {"once": new_id(), "zone_name": house.word("zone", public=True), "places": "Town"},
    )
    day = (clock.now() + timedelta(days=4)).date()
    asked = {
        "place": f"point:{own['point']}", "day": day, "from": "08:00", "until": "12:00", "cut_off_days": 1,
        "cut_off_time": "18:00", "capacity": 900,
    }  # fmt: skip
    do(house, "manager", "windows.add", asked | {"once": new_id(), "capacity": 7})
    do(house, "manager", "windows.close", window_id=_window(season, house, 7))
    do(house, "manager", "windows.add", asked | {"once": new_id(), "capacity": 8, "weekly": "1"})
    rule = season.rows("SELECT id FROM window_rule WHERE cooperative_id = :coop", coop=str(own["cooperative"]))[0][0]
    own["rule_id"] = str(rule)
    do(house, "manager", "windows.end", rule_id=own["rule_id"])
    do(house, "manager", "windows.add", asked | {"once": new_id()})
    own["window_id"] = _window(season, house, 900)
    cycle = {
        "name": house.word("cycle"),
        "opens": "",
        "closes": "",
        "opens_time": "08:00",
        "closes_time": "18:00",
        "sells": "retail",
    }
    do(house, "manager", "cycles.add", cycle | {"once": new_id()})
    own["cycle_id"] = str(
        season.rows("SELECT id FROM order_cycle WHERE cooperative_id = :coop", coop=str(own["cooperative"]))[0][0]
    )
    opens, closes = (str((clock.now() + timedelta(days=days)).date()) for days in (-1, 3))
    dated = {name: value for name, value in cycle.items() if name != "name"} | {"opens": opens, "closes": closes}
    do(house, "manager", "cycles.change", dated | {f"goods-{own['product']}": "1"}, cycle_id=own["cycle_id"])
    do(house, "manager", "cycles.copy", {"once": new_id()}, cycle_id=own["cycle_id"])


def _window(season: Season, house: House, capacity: int) -> str:
    query = "SELECT id FROM collection_window WHERE cooperative_id = :coop AND capacity = :capacity AND rule_id IS NULL"
    return str(season.rows(query, coop=str(house.own["cooperative"]), capacity=capacity)[0][0])


def companies(season: Season, house: House, desk: House) -> None:
    """Terms for a company, and its buyer."""
    first = {
        "name": house.word("company"),
        "registration_no": f"PVT-{house.slug}",
        "net_days": 30,
        "credit_limit": "500000",
    }
    season.do(house, "manager", "companies.approve", first)
    company = season.rows("SELECT id FROM company WHERE registration_no = :no", no=f"PVT-{house.slug}".upper())[0][0]
    house.own["company_id"] = str(company)
    season.do(
        house,
        "manager",
        "companies.change",
        {"net_days": 14, "credit_limit": "400000"},
        company_id=house.own["company_id"],
    )
    with season.session() as session:
        buyer = who.person(session, house.word("buyer"), email=f"buyer@{house.slug}.example.org")
        known.add_person(session, UUID(house.own["company_id"]), buyer.id)
        house.people["buyer"] = buyer
        house.keys["buyer"] = sign_ins.start(session, buyer, device=house.word("device"))[1]
        session.commit()
