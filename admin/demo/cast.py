"""The cast: four cooperatives, the operator, a company and everybody who appears in the season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from admin.imports import prices, sheets
from cooperative import bylaws, companies, cooperatives, destinations, groups, members, people, points, roles, shares
from cooperative.cooperatives import Cooperative, Kind, Label
from cooperative.destinations import Rail
from cooperative.people import Person
from cooperative.roles import Role
from ground import clock
from ground.money import Money
from ledger import books
from proceeds.rules import STARTER

PRICES = Path(__file__).parents[2] / "data" / "prices.csv"
PASSWORD = "ripe mangoes in Meru"  # noqa: S105  (printed for everybody; production refuses the demo)


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody a newcomer can sign in as."""

    name: str
    email: str
    part: str


MANAGER = Player("Wanjiru Kamau", "wanjiru@meru-highlands.example.com", "manager of Meru Highlands")
TREASURER = Player("Kiprop Cheruiyot", "kiprop@meru-highlands.example.com", "treasurer of Meru Highlands")
COLLECTOR = Player("Halima Juma", "halima@meru-highlands.example.com", "collector of Meru Highlands")
MEMBER = Player("Mercy Kendi", "mercy@meru-highlands.example.com", "member no. 1 of Meru Highlands")
COAST_MANAGER = Player("Baraka Mwangi", "baraka@kilifi-coast.example.com", "manager of Kilifi Coast")
COAST_TREASURER = Player("Zawadi Ouma", "zawadi@kilifi-coast.example.com", "treasurer of Kilifi Coast")
MWEA_MANAGER = Player("Njoki Wambui", "njoki@mwea-plains.example.com", "manager of Mwea Plains")
MWEA_TREASURER = Player("Otieno Ouko", "otieno@mwea-plains.example.com", "treasurer of Mwea Plains")
ABERDARE_MANAGER = Player("Nyambura Githinji", "nyambura@aberdare-women.example.com", "manager of Aberdare Women")
ABERDARE_TREASURER = Player("Wairimu Maina", "wairimu@aberdare-women.example.com", "treasurer of Aberdare Women")
CONSUMER = Player("Amina Yusuf", "amina@example.com", "shopper")
SECOND_CONSUMER = Player("Peter Otieno", "peter@example.com", "shopper who pays at collection")
BUYER = Player("Grace Njeri", "grace@nyota-schools.example.com", "buyer for Nyota Schools Kitchen, 30 days' invoice")
OPERATOR = Player("Tumaini Achieng", "tumaini@goodmeasure.example.com", "operator of the marketplace")
SECOND_OPERATOR = Player("Daudi Kimani", "daudi@goodmeasure.example.com", "second operator, who approves")
CAST = (
    CONSUMER, SECOND_CONSUMER, BUYER, MANAGER, TREASURER, COLLECTOR, MEMBER, COAST_MANAGER, COAST_TREASURER, MWEA_MANAGER,
    MWEA_TREASURER, ABERDARE_MANAGER, ABERDARE_TREASURER, OPERATOR, SECOND_OPERATOR,
)  # fmt: skip

MERU, COAST, MWEA, ABERDARE = "meru-highlands", "kilifi-coast", "mwea-plains", "aberdare-women"

MERU_MEMBERS = (
    "Mercy Kendi", "Julius Mutwiri", "Faith Gatwiri", "Stephen Murithi", "Agnes Kagendo", "Patrick Gitonga",
    "Lydia Karimi", "Joseph Mwenda", "Rose Nkatha", "Daniel Kimathi", "Esther Makena", "Moses Kirimi",
)  # fmt: skip
COAST_MEMBERS = ("Salim Kahindi", "Mwanaisha Charo", "Kadzo Mwaringa", "Juma Katana", "Neema Karisa", "Hamisi Baya")
MWEA_MEMBERS = ("Wanjiku Karimi", "Peter Muriithi", "Grace Wangechi", "Samuel Kinyua")
ABERDARE_MEMBERS = ("Tabitha Wanjira", "Mary Njeri", "Ruth Wambui", "Jane Nyokabi")
BANKED = (1, 3, 4, 6, 9, 11)
"""Numbers of the members who gave a bank account; the others take cash."""


def gather(session: Session) -> dict[str, Cooperative]:
    """Everything that stands before the first delivery; the caller commits."""
    found = {
        player.email: people.add(session, name=player.name, email=player.email, password=PASSWORD) for player in CAST
    }
    operator = cooperatives.register(
        session,
        name="Good Measure",
        slug="good-measure",
        currency="KES",
        kind=Kind.OPERATOR,
        place="Nairobi",
        county="Nairobi",
    )
    for player in (OPERATOR, SECOND_OPERATOR):
        roles.appoint(session, operator.id, found[player.email].id, Role.OPERATOR)
    meru = _cooperative(
        session, found, name="Meru Highlands Farmers' Cooperative", slug=MERU, label=Label.LEAF, place="Meru",
        county="Meru", story="Dry maize and beans from the slopes of Mount Kenya, weighed in at two points by two groups.",
        staff={MANAGER: Role.MANAGER, TREASURER: Role.TREASURER, COLLECTOR: Role.COLLECTOR},
        places=(("MER-1", "Nkubu store"), ("MER-2", "Githongo store")),
        group_names=("Umoja wa Nkubu", "Tuinuane"), member_names=MERU_MEMBERS,
    )  # fmt: skip
    coast = _cooperative(
        session, found, name="Kilifi Coast Growers", slug=COAST, label=Label.SKY, place="Kilifi", county="Kilifi",
        story="Mangoes, cassava and coconuts from farms within sight of the sea.",
        staff={COAST_MANAGER: Role.MANAGER, COAST_TREASURER: Role.TREASURER},
        places=(("KIL-1", "Kilifi market shed"),), group_names=("Pwani Pamoja",), member_names=COAST_MEMBERS,
    )  # fmt: skip
    mwea = _cooperative(
        session, found, name="Mwea Plains Growers", slug=MWEA, label=Label.CLAY, place="Wanguru", county="Kirinyaga",
        story="Rice from the irrigated plain, beans and vegetables from the dry side of the canal.",
        staff={MWEA_MANAGER: Role.MANAGER, MWEA_TREASURER: Role.TREASURER},
        places=(("MWE-1", "Wanguru mill store"),), group_names=("Maji ni Uhai",), member_names=MWEA_MEMBERS,
    )  # fmt: skip
    aberdare = _cooperative(
        session, found, name="Aberdare Women Growers", slug=ABERDARE, label=Label.PLUM, place="Ol Kalou",
        county="Nyandarua", story="Potatoes, vegetables, eggs and honey from high, cold and wet farms run by women.",
        staff={ABERDARE_MANAGER: Role.MANAGER, ABERDARE_TREASURER: Role.TREASURER},
        places=(("ABE-1", "Ol Kalou cold store"),), group_names=("Wendani",), member_names=ABERDARE_MEMBERS,
    )  # fmt: skip
    _buyer(session, found, meru)
    _quote(session)
    return {MERU: meru, COAST: coast, MWEA: mwea, ABERDARE: aberdare, operator.slug: operator}


def _cooperative(
    session: Session,
    found: dict[str, Person],
    *,
    name: str,
    slug: str,
    label: Label,
    place: str,
    county: str,
    story: str,
    staff: dict[Player, Role],
    places: tuple[tuple[str, str], ...],
    group_names: tuple[str, ...],
    member_names: tuple[str, ...],
) -> Cooperative:
    cooperative = cooperatives.register(
        session, name=name, slug=slug, label=label, currency="KES", place=place, county=county, story=story, listed=True
    )
    ids = {role: found[player.email].id for player, role in staff.items()}
    for role, person_id in ids.items():
        roles.appoint(session, cooperative.id, person_id, role)
    for code, point in places:
        points.open_point(session, cooperative.id, code=code, name=point, county=county)
    since = clock.now().date() - timedelta(days=400)
    bylaws.adopt(
        session, cooperative.id, bylaws.SETTLEMENT, STARTER, effective_from=since,
        source="General meeting; costs of the society capped at 20 % of gross as the coffee rules ask", by=ids[Role.MANAGER],
    )  # fmt: skip
    bylaws.adopt(
        session, cooperative.id, bylaws.SHARES, bylaws.model_rules("KE", bylaws.SHARES), effective_from=since,
        source="General meeting", by=ids[Role.MANAGER],
    )  # fmt: skip
    teams = [groups.form(session, cooperative.id, group_name) for group_name in group_names]
    for number, member_name in enumerate(member_names, start=1):
        _member(session, cooperative, number, member_name, teams[number % len(teams)].id, found, ids)
    return cooperative


def _member(
    session: Session,
    cooperative: Cooperative,
    number: int,
    name: str,
    group_id: UUID,
    found: dict[str, Person],
    ids: dict[Role, UUID],
) -> None:
    """A member with two paid-up shares, applied for by the treasurer and approved by the manager."""
    person = next((person for person in found.values() if person.name == name), None)
    member = members.enrol(
        session, cooperative.id, name=name, number=number, joined_on=clock.now().date() - timedelta(days=300),
        phone=f"+2547120{number:05d}", group_id=group_id, person_id=person.id if person else None,
    )  # fmt: skip
    book = books.of_cooperative(session, cooperative.id)
    applied = shares.subscribe(session, book, member, 2, Money(2_000_00, "KES"), by=ids[Role.TREASURER])
    shares.approve(session, book, applied.id, by=ids[Role.MANAGER])
    banked = number in BANKED
    destinations.change(
        session, cooperative.id, member.id, rail=Rail.BANK if banked else Rail.CASH, holder=name,
        bank_code="KCBLKENX" if banked else None, account=f"11{number:08d}" if banked else None, by=ids[Role.MANAGER],
    )  # fmt: skip


def _quote(session: Session) -> None:
    """What `flask import prices` takes from the project's own small copy of the market's prices."""
    prices.take(session, sheets.read(PRICES.read_bytes(), prices.COLUMNS))


def _buyer(session: Session, found: dict[str, Person], meru: Cooperative) -> None:
    company = companies.add(
        session, name="Nyota Schools Kitchen Ltd", registration_no="PVT-2021-4417", email=BUYER.email
    )
    companies.add_person(session, company.id, found[BUYER.email].id)
    manager = roles_holder(session, meru.id)
    companies.approve_terms(
        session, meru.id, company.id, net_days=30, credit_limit=Money(500_000_00, "KES"), by=manager
    )


def roles_holder(session: Session, cooperative_id: UUID) -> UUID:
    """The first manager of a cooperative."""
    return next(grant.person_id for grant in roles.live_in(session, cooperative_id) if grant.role is Role.MANAGER)
