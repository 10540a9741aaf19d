"""Companies & trade terms: who may buy on invoice, for how long and how much."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import companies, people
from cooperative.companies import NET_DAYS_MOST, Company
from cooperative.roles import Role
from ground import trail
from ground.db import db
from ground.errors import Missing
from ground.forms import Reader
from ground.money import Money
from ground.web import Door, here

door = Door("companies", __name__, url_prefix="/office/<coop>/companies")

OFFICE = (Role.MANAGER, Role.TREASURER)


@door.get("/", who=OFFICE)
def show(coop: str) -> str:
    """The companies this cooperative has terms with, and the form for one more."""
    terms = companies.terms_in(db.session, here().cooperative.id)
    buyers: dict[UUID, list[str]] = {}
    for bound in companies.people_of(db.session, (row.company_id for row in terms)):
        buyers.setdefault(bound.company_id, []).append(bound.person.name)
    approvers = people.find_many(db.session, {row.approved_by_id for row in terms})
    return render_template(
        "admin/companies.html",
        terms=terms,
        buyers=buyers,
        approvers=approvers,
        net_days_most=NET_DAYS_MOST,
        may_approve=Role.MANAGER.value in here().roles,
    )


@door.post("/", who=(Role.MANAGER,), action="terms.approve", again="companies.show", step_up=True)
def approve(coop: str) -> Response:
    """Grant a company terms. A company is known by its registration number; who has it already is that company."""
    read = Reader(request.form)
    name = read.text("name", least=2, most=120)
    registration_no = read.text("registration_no", least=2, most=40).upper()
    net_days, limit = _terms(read)
    read.done()
    company = companies.find_by_registration(db.session, registration_no)
    if company is None:
        company = companies.add(db.session, name=name, registration_no=registration_no)
    return _approve(coop, company, net_days, limit)


@door.post(
    "/<uuid:company_id>/terms", who=(Role.MANAGER,), action="terms.approve", again="companies.show", step_up=True
)
def change(coop: str, company_id: UUID) -> Response:
    """New terms for a company we have terms with; a limit of 0 ends them."""
    read = Reader(request.form)
    net_days, limit = _terms(read)
    read.done()
    known = {row.company_id: row.company for row in companies.terms_in(db.session, here().cooperative.id)}
    if company_id not in known:
        raise Missing("There is no such company.")
    return _approve(coop, known[company_id], net_days, limit)


def _terms(read: Reader) -> tuple[int, Money]:
    return read.whole("net_days", most=NET_DAYS_MOST), read.money("credit_limit", here().cooperative.currency)


def _approve(coop: str, company: Company, net_days: int, limit: Money) -> Response:
    terms = companies.approve_terms(
        db.session, here().cooperative.id, company.id, net_days=net_days, credit_limit=limit, by=here().person.id
    )
    trail.about(db.session, terms.id, company=company.name, net_days=net_days, credit_limit=str(limit))
    db.session.commit()
    return redirect(url_for("companies.show", coop=coop), 303)
