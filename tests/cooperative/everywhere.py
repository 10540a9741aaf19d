"""Somebody who left her name everywhere a shopper can, and where the database holds it."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select, text, update

from cooperative import companies, invitations, moves, sessions, throttle
from cooperative.links import Link
from cooperative.roles import Role
from ground import clock, inbox
from ground.db import Model
from storefront import cancellations, orders
from storefront.checkouts import Checkout, How
from storefront.complaint_answers import ComplaintAnswer, Outcome
from storefront.complaints import Complaint, Kind

SAME = {"Sec-Fetch-Site": "same-origin"}
NAME, EMAIL, PHONE, PLACE = (
    "Canary Zawadi Zebra",
    "zawadi.zebra@example.org",
    "+254799123321",
    "Zebra Lane 9, Zebraville",
)
DEVICE = "Zebrabrowser/9.1"
FROM = clock.now() + timedelta(minutes=30)
"""Later than anything the tests write."""
CANARIES = ("zebra", "799123321")


def tables() -> dict[str, list[str]]:
    return {name: [column.name for column in table.columns] for name, table in Model.metadata.tables.items()}


def found_in(connection) -> set[str]:
    """The tables of which any column of any row holds a canary, in whatever spelling of capitals."""
    found = set()
    for name in tables():
        for row in connection.execute(text(f'SELECT * FROM "{name}"')):
            words = " ".join(bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, memoryview)) else str(value)
                             for value in row).lower()  # fmt: skip
            if any(canary in words for canary in CANARIES):
                found.add(name)
    return found


def settle(session, till):
    """Every order is cancelled, so that nothing is open."""
    for checkout in session.scalars(select(Checkout)).all():
        for part in orders.of_checkout(session, checkout):
            cancellations.cancel(session, till, part, "the rain took it", by=None)
    session.commit()


def zawadi(session, make, highlands, till):
    """A shopper who left her name everywhere a shopper can: account, device, invitation, company, baskets, orders, letters."""
    person = make.person(NAME, email="old.zebra@example.org")
    person.phone = PHONE
    moves.ask(session, person, EMAIL, page="https://shop.example/letter/")
    moves.confirm(session, session.scalars(select(Link).where(Link.email == EMAIL)).one(), person)
    session.refresh(person)
    maize = make.shelf(highlands, "Maize", {1: "50"})
    contact = {"name": NAME, "email": EMAIL, "phone": PHONE, "address": PLACE}
    for how, buyer in ((How.COLLECTION, person), (How.CARD, person), (How.COLLECTION, None)):
        placed = make.placed(till, make.basket({maize: 1}, person=buyer), how, person=buyer, **contact)
        if how is How.CARD:
            assert placed.payment is not None
            payment = placed.payment
            payment.session_ref = "cs_test_zeb"
            session.flush()
            inbox.receive(
                session, "stripe", "evt_1", kind="checkout.session.completed", object_key="cs_test_zeb",
                body=json.dumps({"customer_email": EMAIL}).encode(),
            )  # fmt: skip
            session.execute(update(inbox.ProviderEvent).values(handled_at=clock.now()))
    bought = orders.of_checkout(
        session, session.scalars(select(Checkout).where(Checkout.person_id == person.id)).first()
    )[0]
    told = Complaint(
        cooperative_id=highlands.id, order_id=bought.id, line_id=bought.lines[0].id, kind=Kind.SPOILED, quantity=1,
        words="A zebra ate half of it", by_id=person.id, answered_at=clock.now(),
    )  # fmt: skip
    session.add(told)
    session.flush()
    session.add(
        ComplaintAnswer(
            cooperative_id=highlands.id, complaint_id=told.id, outcome=Outcome.REFUSED, words="It was whole when it left",
            quantity=None, amount_minor=None, currency="KES", refund_id=None, by_id=make.staff(highlands, "manager").id,
        )
    )  # fmt: skip
    make.basket({maize: 2}, person=person)
    boss = make.staff(highlands, "manager")
    invitations.send(
        session,
        highlands.id,
        EMAIL,
        by=boss.id,
        house=highlands.name,
        page="https://shop.example/",
        role=Role.COLLECTOR,
    )
    companies.add_person(session, make.company("Hill School").id, person.id)
    sessions.start(session, person, device=DEVICE, address="203.0.113.9")
    throttle.charge(session, throttle.keys(EMAIL, "203.0.113.9"))
    session.commit()
    return person
