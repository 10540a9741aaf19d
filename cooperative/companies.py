"""Companies that buy, the people who buy for them, and the trade terms a cooperative grants."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from cooperative.people import Person
from ground.db import Model, OfCooperative, points_at, tenant_unique
from ground.errors import Refusal
from ground.money import Money

NET_DAYS_MOST = 120


class Company(Model):
    """A buyer that is not one person. It belongs to no cooperative: several may sell to it."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("name <> ''", "named"),)

    name: Mapped[str]
    registration_no: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None]


class CompanyPerson(Model):
    """Who buys for a company; a person buys for one company at most."""

    __tablename__ = "company_person"
    __table_args__ = (UniqueConstraint("person_id"), Index("ix_company_person_company", "company_id"))

    company_id: Mapped[UUID] = mapped_column(points_at("company.id"))
    person_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    company: Mapped[Company] = relationship(
        lazy="raise", primaryjoin="foreign(CompanyPerson.company_id) == Company.id", viewonly=True
    )
    person: Mapped[Person] = relationship(
        lazy="raise", primaryjoin="foreign(CompanyPerson.person_id) == Person.id", viewonly=True
    )


class TradeTerms(OfCooperative, Model):
    """What one cooperative grants one company: days to pay and credit. The latest row counts; a limit of 0 ends it."""

    __tablename__ = "trade_terms"
    __table_args__ = (
        tenant_unique(),
        Index("ix_trade_terms_company", "company_id", "cooperative_id", "created_at"),
        CheckConstraint(f"net_days BETWEEN 0 AND {NET_DAYS_MOST}", "net_days"),
        CheckConstraint("credit_limit_minor >= 0", "credit_limit"),
        CheckConstraint("length(currency) = 3", "currency"),
    )
    append_only = True
    own_row = (
        "EXISTS (SELECT 1 FROM company_person c"
        " WHERE c.company_id = trade_terms.company_id AND c.person_id = seeing_person())"
    )

    company_id: Mapped[UUID] = mapped_column(points_at("company.id"))
    net_days: Mapped[int]
    credit_limit_minor: Mapped[int]
    currency: Mapped[str]
    approved_by_id: Mapped[UUID] = mapped_column(points_at("person.id"))

    company: Mapped[Company] = relationship(
        lazy="raise", primaryjoin="foreign(TradeTerms.company_id) == Company.id", viewonly=True
    )

    @property
    def credit_limit(self) -> Money:
        return Money(self.credit_limit_minor, self.currency)

    @property
    def open(self) -> bool:
        """Whether the company may buy on invoice at all."""
        return self.credit_limit_minor > 0


def add(session: Session, *, name: str, registration_no: str | None = None, email: str | None = None) -> Company:
    """A new company; a Refusal where its registration number is known already."""
    if registration_no and find_by_registration(session, registration_no) is not None:
        raise Refusal(fields={"registration_no": "A company with this number is known already."})
    company = Company(name=name.strip(), registration_no=registration_no or None, email=email)
    session.add(company)
    session.flush()
    return company


def find(session: Session, company_id: UUID) -> Company | None:
    return session.get(Company, company_id)


def find_by_registration(session: Session, registration_no: str) -> Company | None:
    return session.scalar(select(Company).where(Company.registration_no == registration_no))


def add_person(session: Session, company_id: UUID, person_id: UUID) -> CompanyPerson:
    """Let a person buy for a company."""
    bound = session.scalar(select(CompanyPerson).where(CompanyPerson.person_id == person_id))
    if bound is not None and bound.company_id != company_id:
        raise Refusal(fields={"email": "This person buys for another company."})
    if bound is None:
        bound = CompanyPerson(company_id=company_id, person_id=person_id)
        session.add(bound)
        session.flush()
    return bound


def company_of(session: Session, person_id: UUID) -> Company | None:
    """The company this person buys for."""
    query = select(Company).join(CompanyPerson, CompanyPerson.company_id == Company.id)
    return session.scalar(query.where(CompanyPerson.person_id == person_id))


def people_of(session: Session, company_ids: Iterable[UUID]) -> list[CompanyPerson]:
    """Who buys for these companies, each with the person."""
    query = select(CompanyPerson).where(CompanyPerson.company_id.in_(sorted(set(company_ids))))
    return list(session.scalars(query.options(joinedload(CompanyPerson.person))))


def approve_terms(
    session: Session, cooperative_id: UUID, company_id: UUID, *, net_days: int, credit_limit: Money, by: UUID
) -> TradeTerms:
    """New terms from now on; the rows before stay and say what held when an invoice was made."""
    if not 0 <= net_days <= NET_DAYS_MOST:
        raise Refusal(fields={"net_days": f"Between 0 and {NET_DAYS_MOST} days."})
    if credit_limit.minor < 0:
        raise Refusal(fields={"credit_limit": "The limit is zero or more."})
    terms = TradeTerms(
        cooperative_id=cooperative_id, company_id=company_id, net_days=net_days, credit_limit_minor=credit_limit.minor,
        currency=credit_limit.currency, approved_by_id=by,
    )  # fmt: skip
    session.add(terms)
    session.flush()
    return terms


def terms_of(session: Session, person_id: UUID, cooperative_ids: Iterable[UUID]) -> dict[UUID, TradeTerms]:
    """The terms under which this person's company buys, by cooperative; none where none were granted or they were ended."""
    query = (
        select(TradeTerms)
        .join(CompanyPerson, CompanyPerson.company_id == TradeTerms.company_id)
        .where(TradeTerms.cooperative_id.in_(sorted(set(cooperative_ids))), CompanyPerson.person_id == person_id)
        .order_by(TradeTerms.created_at, TradeTerms.id)
    )
    latest = {row.cooperative_id: row for row in session.scalars(query.options(joinedload(TradeTerms.company)))}
    return {cooperative_id: terms for cooperative_id, terms in latest.items() if terms.open}


def terms_in(session: Session, cooperative_id: UUID) -> list[TradeTerms]:
    """The latest terms this cooperative granted each company, by the company's name."""
    query = (
        select(TradeTerms)
        .where(TradeTerms.cooperative_id == cooperative_id)
        .order_by(TradeTerms.created_at, TradeTerms.id)
    )
    latest = {row.company_id: row for row in session.scalars(query.options(joinedload(TradeTerms.company)))}
    return sorted(latest.values(), key=lambda terms: terms.company.name)
