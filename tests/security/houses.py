"""Two houses full of marked words: one writes attacks into every field, the other canaries, so that a leak sings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cooperative import bylaws, roles
from cooperative import sessions as sign_ins
from cooperative.roles import Role
from ground.quantity import Unit
from inventory.market_quotes import MarketQuote, PriceType
from tests.makers import cooperative as who

PAYLOAD = "<svg/onload=x()>"
"""Sixteen letters fit into nearly every field. `x` is defined nowhere: where it runs, the browser complains."""
CANARY, OPEN_CANARY = "Qanary", "Openqanary"
"""In what only one house may read; in what stands in its shop for everybody."""
CANARY_PHONE, CANARY_ACCOUNT, CANARY_MONEY = "791739173", "9173917391", "7,391.73"


@dataclass
class House:
    """A cooperative of the story, how it writes, and the ids of what it owns."""

    slug: str
    private: Callable[[str], str]
    public: Callable[[str], str]
    phone: str
    account: str
    people: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    """What the arguments of the routes are called here: `own["pool_id"]`."""
    at: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Where a route's arguments must belong together: by endpoint, above `own`."""

    def word(self, name: str, *, public: bool = False) -> str:
        return (self.public if public else self.private)(name)


def attacked() -> House:
    return House(
        "meru", lambda name: f"\"'>{PAYLOAD}{name}", lambda name: f"\"'>{PAYLOAD}{name}", "0712345678", "1180012345"
    )


def canary() -> House:
    return House(
        "kilifi",
        lambda name: f"{CANARY} {name}",
        lambda name: f"{OPEN_CANARY} {name}",
        f"0{CANARY_PHONE}",
        CANARY_ACCOUNT,
    )


def found(session: Session, house: House) -> None:
    """The house, its staff, three members of whom the first can sign in, its point and its by-law on shares."""
    home = who.cooperative(
        session, house.word("house", public=True), slug=house.slug, story=house.word("story", public=True),
        place=house.word("place", public=True), county="Meru",
    )  # fmt: skip
    home.society_code = f"CS-{house.slug}"
    for part, given in (
        ("manager", Role.MANAGER), ("manager 2", Role.MANAGER), ("treasurer", Role.TREASURER), ("collector", Role.COLLECTOR),
    ):  # fmt: skip
        _enter(session, house, part, who.staff(session, home, given, name=house.word(part), email=_mail(house, part)))
    _enter(session, house, "member", who.person(session, house.word("member"), email=_mail(house, "member")))
    _enter(session, house, "walker", who.person(session, house.word("walker"), email=_mail(house, "walker")))
    for number in (1, 2, 3):
        who.member(
            session,
            home,
            house.word(f"member {number}"),
            number=number,
            person=house.people["member"] if number == 1 else None,
        )
    point = who.point(session, home, house.word("gate", public=True))
    who.bylaw(session, home, bylaws.SHARES, by=house.people["manager"])
    house.own |= {"cooperative": home.id, "point": point.id}


def everybody(session: Session) -> tuple[House, dict[str, Any]]:
    """The operator's house with two operators, and people without a role: a shopper, and a buyer who comes later."""
    home = who.operator(session)
    desk = House("good-measure", str, str, "0700000000", "0110099887")
    for part in ("operator", "operator 2"):
        person = who.person(session, part.title(), email=_mail(desk, part))
        roles.appoint(session, home.id, person.id, Role.OPERATOR)
        _enter(session, desk, part, person)
    for part in ("shopper", "buyer"):
        _enter(session, desk, part, who.person(session, part.title(), email=_mail(desk, part)))
    desk.own |= {"cooperative": home.id}
    session.add(
        MarketQuote(
            observed_on=date(2026, 11, 2), province="Eastern", market="Meru", latitude_udeg=None, longitude_udeg=None,
            category="pulses and nuts", commodity="Beans (red)", unit_text="KG", unit=Unit.GRAM, content=1_000,
            price_type=PriceType.RETAIL, currency="KES", price_minor=14_000,
        )
    )  # fmt: skip
    session.flush()
    return desk, desk.people


def _mail(house: House, part: str) -> str:
    return f"{part.replace(' ', '')}@{house.slug}.example.org"


def _enter(session: Session, house: House, part: str, person: Any) -> None:
    house.people[part] = person
    house.keys[part] = sign_ins.start(session, person, device=house.word("device"), address="127.0.0.1")[1]
