"""Issuing: the worker takes the next number, sets what an order, an invoice or a refund says, and keeps the paper."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import clock, typesetting, words
from ground.barriers import barrier
from ground.ids import new_id
from inventory import numbering
from storefront import letters, orders, paper_facts
from storefront.invoices import Invoice
from storefront.orders import Order
from storefront.papers import Kind, Paper
from storefront.refunds import Refund
from storefront.tills import Till

TEMPLATE = typesetting.ROOT / "templates" / "papers" / "paper.typ"


def jobs(till: Till) -> dict[str, Callable[[UUID], None]]:
    """The worker's part: one job for each kind of paper."""
    return {kind.job: partial(run, till, kind) for kind in Kind}


def run(till: Till, kind: Kind, cause_id: UUID) -> None:
    """Issue it in a unit of its own; safe to run twice and at once."""
    with till.unit() as session:
        paper = issue(session, kind, cause_id)
        if kind is Kind.INVOICE:
            order, invoice, _ = _cause(session, kind, cause_id)
            assert invoice is not None and paper.number == invoice.number
            letters.invoiced(session, order.checkout, order, invoice, till.link_to(order.checkout_id))
        barrier("paper: written")
        session.commit()


def issue(session: Session, kind: Kind, cause_id: UUID) -> Paper:
    """The paper of this cause, made where there is none.

    Number, words and bytes are one transaction: who takes the next number of a series holds it until commit, so that a
    number without a paper, a paper without a number, two of one number or a gap cannot be.
    """
    order, invoice, refund = _cause(session, kind, cause_id)
    numbering.wait_turn(session, order.cooperative_id, kind.series)
    known = session.scalar(
        select(Paper).where(
            Paper.cooperative_id == order.cooperative_id, Paper.kind == kind, Paper.cause_id == cause_id
        )
    )
    if known is not None:
        return known
    number = invoice.number if invoice else numbering.next_number(session, order.cooperative_id, kind.series)
    owner = session.get_one(Cooperative, order.cooperative_id)
    now = clock.now()
    with words.speaking(order.checkout.language):
        facts = paper_facts.of(session, kind, number, order, owner, invoice=invoice, refund=refund, at=now)
    pdf = typesetting.pdf(TEMPLATE, facts, at=now)
    paper = Paper(
        id=new_id(), cooperative_id=order.cooperative_id, kind=kind, number=number, order_id=order.id, cause_id=cause_id,
        language=order.checkout.language, sha256=hashlib.sha256(pdf).hexdigest(), pdf=pdf,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    return paper


def _cause(session: Session, kind: Kind, cause_id: UUID) -> tuple[Order, Invoice | None, Refund | None]:
    invoice = session.get_one(Invoice, cause_id) if kind is Kind.INVOICE else None
    refund = session.get_one(Refund, cause_id) if kind is Kind.CREDIT_NOTE else None
    order_id = invoice.order_id if invoice else refund.order_id if refund else cause_id
    order = session.get_one(Order, order_id)
    return session.scalars(orders.by_id(order.cooperative_id, order_id)).one(), invoice, refund
