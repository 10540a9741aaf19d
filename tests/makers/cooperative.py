"""Makers of who we are: cooperatives, people with roles, members with shares, companies with terms."""

from __future__ import annotations

import itertools
from datetime import date

from sqlalchemy.orm import Session

from cooperative import (
    bylaws,
    companies,
    cooperatives,
    destinations,
    groups,
    members,
    passwords,
    people,
    points,
    roles,
    shares,
)
from cooperative import sessions as sign_ins
from cooperative.cooperatives import Cooperative, Kind
from cooperative.members import Member
from cooperative.people import Person
from cooperative.roles import Role
from ground import tenants
from ground.money import Money
from ledger import books

PASSWORD = "terraces after the long rains"
_count = itertools.count(1)
_hashes: dict[str, str] = {}


def cooperative(session: Session, name: str = "", *, currency: str = "KES", listed: bool = True, **more) -> Cooperative:
    """A cooperative with its book; the session sees it from now on."""
    name = name or f"Cooperative {next(_count)}"
    slug = more.pop("slug", "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in name.lower()).split()))
    return cooperatives.register(session, name=name, slug=slug, currency=currency, listed=listed, **more)


def operator(session: Session, *, currency: str = "KES") -> Cooperative:
    """The marketplace's own row and book."""
    return cooperatives.register(
        session, name="Good Measure", slug="good-measure", currency=currency, kind=Kind.OPERATOR
    )


def person(session: Session, name: str = "", *, email: str | None = None, password: str | None = None) -> Person:
    """Somebody who can sign in with PASSWORD (or the one given)."""
    number = next(_count)
    name = name or f"Person {number}"
    made = people.add(session, name=name, email=email or f"{'.'.join(name.lower().split())}.{number}@example.org")
    wanted = password or PASSWORD
    if wanted not in _hashes:
        _hashes[wanted] = passwords.make(wanted)
    made.password_hash = _hashes[wanted]
    session.flush()
    return made


def staff(
    session: Session, cooperative: Cooperative, *held: Role | str, name: str = "", email: str | None = None
) -> Person:
    """Somebody with these roles in this cooperative: `make.staff(meru, "manager")`."""
    tenants.allow(session, cooperative.id)
    made = person(session, name or " ".join(str(role).title() for role in held), email=email)
    for role in held:
        roles.appoint(session, cooperative.id, made.id, Role(role))
    return made


def sign_in(session: Session, person: Person) -> str:
    """The key of a fresh sign-in of this person, as their browser would hold it."""
    return sign_ins.start(session, person, device="tests", address="127.0.0.1")[1]


def group(session: Session, cooperative: Cooperative, name: str = "", *, least: int = 20, most: int = 25):
    """A self-help group."""
    return groups.form(session, cooperative.id, name or f"Group {next(_count)}", least=least, most=most)


def member(
    session: Session, cooperative: Cooperative, name: str = "", *, number: int | None = None, person=None, group=None
) -> Member:
    """A member under the next number, or the one given."""
    return members.enrol(
        session, cooperative.id, name=name or f"Member {next(_count)}", number=number, joined_on=date(2026, 1, 5),
        person_id=person.id if person else None, group_id=group.id if group else None,
    )  # fmt: skip


def point(session: Session, cooperative: Cooperative, name: str = "", *, code: str = ""):
    """A collection point."""
    number = next(_count)
    made = points.open_point(
        session, cooperative.id, code=code or f"P{number}", name=name or f"Point {number}", county="Meru"
    )
    session.flush()
    return made


def bank_destination(
    session: Session, member: Member, *, by: Person, account: str = "1180012345", bank_code: str = "KCBLKENX"
):
    """A bank account the member is paid at."""
    return destinations.change(
        session, member.cooperative_id, member.id, rail=destinations.Rail.BANK, holder=member.name,
        bank_code=bank_code, account=account, by=by.id,
    )  # fmt: skip


def cash_destination(session: Session, member: Member, *, by: Person):
    """The member is paid by hand."""
    return destinations.change(
        session, member.cooperative_id, member.id, rail=destinations.Rail.CASH, holder=member.name, by=by.id
    )


def shares_of(
    session: Session,
    member: Member,
    count: int = 1,
    *,
    par: Money | None = None,
    by: Person,
    approved_by: Person | None = None,
):
    """A paid application for shares, approved where somebody is named who does."""
    book = books.of_cooperative(session, member.cooperative_id)
    made = shares.subscribe(session, book, member, count, par or book.money(200_000), by=by.id)
    if approved_by is not None:
        shares.approve(session, book, made.id, by=approved_by.id)
    return made


def bylaw(
    session: Session,
    cooperative: Cooperative,
    kind: str = bylaws.SETTLEMENT,
    *,
    by: Person,
    rules=None,
    since=date(2026, 1, 1),
):
    """A by-law in force; the Kenyan model where no rules are given."""
    return bylaws.adopt(
        session, cooperative.id, kind, rules or bylaws.model_rules("KE", kind), effective_from=since,
        source="General meeting, minute 4", by=by.id,
    )  # fmt: skip


def company(session: Session, name: str = "", *, buyer: Person | None = None):
    """A company, and somebody who buys for it."""
    made = companies.add(session, name=name or f"Company {next(_count)} Ltd")
    if buyer is not None:
        companies.add_person(session, made.id, buyer.id)
    return made


def trade_terms(
    session: Session,
    cooperative: Cooperative,
    company,
    *,
    by: Person,
    net_days: int = 30,
    credit_limit: Money | None = None,
):
    """Terms a cooperative grants a company."""
    return companies.approve_terms(
        session, cooperative.id, company.id, net_days=net_days,
        credit_limit=Money(50_000_000, cooperative.currency) if credit_limit is None else credit_limit, by=by.id,
    )  # fmt: skip
