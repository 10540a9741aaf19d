"""Members: the register, one member's page, and where the money goes."""

from __future__ import annotations

from datetime import date

from flask import current_app, redirect, render_template, request, url_for
from werkzeug import Response

from cooperative import cooperatives, destinations, groups, invitations, members, people, shares
from cooperative.destinations import Rail
from cooperative.members import Member
from cooperative.roles import Role
from ground import clock, keys, outbox, trail
from ground.db import db
from ground.errors import Missing, Refusal
from ground.forms import Reader
from ground.ids import NOBODY
from ground.money import Money
from ground.web import Door, here, visitor
from ground.words import _, speaking
from ledger import books
from proceeds import bank_accounts

door = Door("members", __name__, url_prefix="/office/<coop>/members")

OFFICE = (Role.MANAGER, Role.TREASURER)
DESKS = (Role.MANAGER, Role.TREASURER, Role.COLLECTOR)
A_PAGE = 50


@door.get("/", who=DESKS)
def register(coop: str) -> str:
    """Find a member by number, name or phone; `?after=` turns the page."""
    house = here().cooperative
    words = request.args.get("q", "")[:100].replace("\0", "")
    found = members.search(db.session, house.id, words, after=_number(request.args.get("after", "")), most=A_PAGE)
    held = shares.register(db.session, books.of_cooperative(db.session, house.id))
    return render_template(
        "admin/members.html",
        found=found[:A_PAGE],
        more=url_for("members.register", coop=coop, q=words, after=found[A_PAGE - 1].number)
        if len(found) > A_PAGE
        else "",
        words=words,
        held=held,
        none=Money.zero(house.currency),
        count=members.count(db.session, house.id),
        waiting=len(shares.waiting(db.session, house.id)),
        may_change=bool(here().roles & {role.value for role in OFFICE}),
    )


@door.get("/new", who=OFFICE)
def new(coop: str) -> str:
    """The form for a new member."""
    return render_template(
        "admin/members_new.html", groups=groups.all_of(db.session, here().cooperative.id), today=_today()
    )


@door.post("/", who=OFFICE, action="member.enrol", again="members.new")
def enrol(coop: str) -> Response:
    """Enter a member; the form counts once."""
    read = Reader(request.form)
    name = read.text("name", least=2, most=100)
    phone = read.phone("phone", optional=True)
    number = read.whole("number", least=1, most=10**9, optional=True)
    group_id = read.id("group_id", optional=True)
    joined_on = read.day("joined_on")
    once = read.once()
    if joined_on is not None and joined_on > _today():
        read.fault("joined_on", "This day is still to come.")
    read.done()
    assert joined_on is not None
    house = here().cooperative
    body = {"name": name, "phone": phone, "number": number, "group": group_id, "joined_on": joined_on}
    keys.claim(
        db.session, principal=visitor(), key=once, body=body, location=url_for("members.register", coop=coop, q=name)
    )
    member = members.enrol(
        db.session, house.id, name=name, phone=phone or None, number=number or None, joined_on=joined_on,
        group_id=None if group_id == NOBODY else group_id,
    )  # fmt: skip
    trail.about(db.session, member.id, number=member.number, name=name)
    db.session.commit()
    return redirect(url_for("members.show", coop=coop, number=member.number), 303)


@door.post("/groups", who=OFFICE, action="group.form", again="members.new")
def form_group(coop: str) -> Response:
    """Form a self-help group."""
    read = Reader(request.form)
    name = read.text("group_name", least=2, most=80)
    least, most = read.whole("members_least", least=1, most=500), read.whole("members_most", least=1, most=500)
    if most < least:
        read.fault("members_most", "At least as many as the smallest group.")
    read.done()
    try:
        group = groups.form(db.session, here().cooperative.id, name, least=least, most=most)
    except Refusal as refusal:
        raise Refusal(fields={"group_name": str(refusal)}) from None
    trail.about(db.session, group.id, name=name)
    db.session.commit()
    return redirect(url_for("members.new", coop=coop), 303)


@door.get("/<int:number>", who=DESKS)
def show(coop: str, number: int) -> str:
    """One member: shares, group, and where the money goes."""
    house, member = here().cooperative, _member(number)
    book = books.of_cooperative(db.session, house.id)
    past = destinations.history(db.session, house.id, member.id)
    paid_up, all_paid_up = shares.paid_up(db.session, book, member), shares.whole(db.session, book)
    limit = house.law.limit("holding")
    return render_template(
        "admin/member.html",
        member=member,
        paid_up=paid_up,
        applications=shares.waiting(db.session, house.id, member_id=member.id),
        par=shares.par(db.session, house.id, house.currency, _today()),
        past=past,
        writers=people.find_many(db.session, {row.by_id for row in past}),
        groups=groups.all_of(db.session, house.id),
        over=limit if limit is not None and not limit.allows(paid_up.minor, all_paid_up.minor) else None,
        may_change=bool(here().roles & {role.value for role in OFFICE}),
    )


@door.post("/<int:number>/group", who=OFFICE, action="member.group", again="members.show")
def join_group(coop: str, number: int) -> Response:
    """Move the member to a group, or to none."""
    read = Reader(request.form)
    group_id = read.id("group_id", optional=True)
    read.done()
    member = _member(number)
    members.join_group(db.session, member.cooperative_id, member.id, None if group_id == NOBODY else group_id)
    trail.about(db.session, member.id, before=str(member.group_id), after=str(group_id))
    db.session.commit()
    return redirect(url_for("members.show", coop=coop, number=number), 303)


@door.post("/<int:number>/destinations", who=OFFICE, action="member.destination", again="members.show", step_up=True)
def change_destination(coop: str, number: int) -> Response:
    """Where the member is paid from now on; a member who signs in is told by letter [attack:A182]."""
    read = Reader(request.form)
    rail = read.choice("rail", Rail)
    holder, seen = read.text("holder", least=2, most=70), read.id("seen", optional=True)
    bank = rail is Rail.BANK
    bank_code, account = (
        read.text("bank_code", most=14, optional=not bank),
        read.text("account", most=42, optional=not bank),
    )
    read.done()
    member, house = _member(number), here().cooperative
    if bank and _is_the_marketplaces(account):
        raise Refusal(fields={"account": "This is the marketplace’s own account. Write the member’s."})
    chosen = destinations.change(
        db.session,
        house.id,
        member.id,
        rail=rail,
        holder=holder,
        bank_code=bank_code,
        account=account,
        by=here().person.id,
        seen=seen,
    )
    owner = people.find(db.session, member.person_id) if member.person_id else None
    if owner is not None:
        with speaking(owner.language):
            now = _("From now on you are paid in cash.")
            if chosen.account is not None:
                now = _("From now on you are paid to account %(account)s.", account=chosen.masked)
            outbox.write(
                db.session, to=owner.email or "", kind="destination changed", cause=chosen.id,
                subject=_("%(cooperative)s: where you are paid has changed", cooperative=house.name),
                text=f"{now}\n\n{_('If you did not ask for this, call %(cooperative)s today.', cooperative=house.name)}\n",
            )  # fmt: skip
    trail.about(db.session, member.id, rail=rail.value, account=chosen.masked)
    db.session.commit()
    return redirect(url_for("members.show", coop=coop, number=number), 303)


@door.post("/<int:number>/invitations", who=OFFICE, action="member.invite", again="members.show")
def invite(coop: str, number: int) -> Response:
    """Send the member a letter with which to sign in."""
    read = Reader(request.form)
    email = read.email("email")
    read.done()
    house, member = here().cooperative, _member(number)
    page = current_app.config["PUBLIC_URL"].rstrip("/") + "/invitations/"
    sent = invitations.send(
        db.session, house.id, email, by=here().person.id, house=house.name, page=page, member=member
    )
    trail.about(db.session, sent.id, member=number)
    db.session.commit()
    return redirect(url_for("members.show", coop=coop, number=number), 303)


def _is_the_marketplaces(account: str) -> bool:
    """Asked in a unit of its own: this office must not see the operator's rows [attack:A072]."""
    operator = cooperatives.find_operator(db.session)
    if operator is None:
        return False
    with db.unit(reads_only=True, cooperatives=(operator.id,)) as apart:
        return bank_accounts.is_at(apart, operator.id, account)


def _member(number: int) -> Member:
    found = members.find_by_number(db.session, here().cooperative.id, number) if number < 2**63 else None
    if found is None:
        raise Missing("There is no such member.")
    return found


def _today() -> date:
    return clock.now().astimezone(here().cooperative.zone).date()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
