"""What racing people of an office do, and the same with the locks away: read, pause, write."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from cooperative import invitations, people, roles, shares
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import Money
from ground.web.guard import RETRIES_MOST
from inventory import lots
from ledger import books, transfers
from proceeds import batches, closings, instructions, payable, payouts, rail_events, settlements
from storefront import cancellations, collections, orders, pickings, refund_parts, refunds
from storefront.orders import OrderLine
from storefront.refunds import Refund
from tests.races import meeting
from tests.races.deeds import acting, till_at, unguarded, widened


def _verbs(
    number: int, cooperative: UUID, subject: UUID, person: UUID, more: str
) -> dict[str, Callable[[Session], Any]]:
    """Each deed of an office by its name: what one click does."""
    book: Callable[[Session], Any] = lambda session: books.of_cooperative(session, cooperative)  # noqa: E731
    return {
        "draft": lambda session: settlements.draft(session, cooperative, subject, by=person),
        "approve settlement": lambda session: closings.approve(
            session, settlements.find(session, cooperative, subject), more, by=person
        ),
        "close": lambda session: closings.close(session, settlements.find(session, cooperative, subject), by=person),
        "make run": lambda session: payouts.make_run(session, cooperative, by=person),
        "approve run": lambda session: payouts.approve(session, payouts.find(session, cooperative, subject), by=person),
        "approve shares": lambda session: shares.approve(session, book(session), subject, by=person),
        "send run": lambda session: batches.send(session, payouts.find(session, cooperative, subject), by=person),
        "read answer": lambda session: rail_events.receive_report(session, cooperative, more.encode(), by=person),
        "sign": lambda session: rail_events.sign(
            session, instructions.find(session, cooperative, subject), instructions.State.SETTLED, by=person
        ),
        "withdraw": lambda session: roles.withdraw(session, cooperative, subject, by=person),
    }


def act(engine: Engine, number: int, deed: str, cooperative: str, subject: str, person: str, more: str = "") -> str:
    """One click by one person. `subject` and `person` may list one per racer."""
    return _act(engine, number, deed, cooperative, subject, person, more)


def act_without_locks(
    engine: Engine, number: int, deed: str, cooperative: str, subject: str, person: str, more: str = ""
) -> str:
    """The anti-test: nobody queues; whoever has looked pauses, so that the others look too."""
    looks: dict[str, list[tuple[Any, str]]] = {
        "draft": [(settlements, "bylaw_in_force")], "approve settlement": [(closings, "preview")],
        "close": [(closings, "preview")], "make run": [(payable, "to_members")], "approve run": [(payouts, "still_as_approved")],
        "approve shares": [(transfers, "already")], "withdraw": [(roles, "of"), (roles, "_holders")],
    }  # fmt: skip
    engine = unguarded(engine)
    real_post = transfers.post

    def post_again(session: Session, book: Any, kind: str, subject_id: UUID, legs: Any, **rest: Any) -> Any:
        return real_post(session, book, kind, new_id(), legs, **rest)  # The ledger's own key is away too.

    with ExitStack() as away:
        for home, name in looks[deed]:
            away.enter_context(patch.object(home, name, widened(getattr(home, name))))
        away.enter_context(patch.object(transfers, "post", post_again))
        return _act(engine, number, deed, cooperative, subject, person, more, tries=1)


def _act(
    engine: Engine,
    number: int,
    deed: str,
    cooperative: str,
    subject: str,
    person: str,
    more: str,
    tries: int = RETRIES_MOST,
) -> str:
    subjects, persons = subject.split(), person.split()
    verb = _verbs(
        number, UUID(cooperative), UUID(subjects[number % len(subjects)]), UUID(persons[number % len(persons)]), more
    )[deed]
    acting(engine, verb, sees=[cooperative], tries=tries)
    return "done"


def give_back(engine: Engine, number: int, cooperative: str, sandbox: str, order: str, minor: str, person: str) -> str:
    """Refund so much of the order's first line."""

    def verb(session: Session) -> None:
        found = orders.find(session, UUID(cooperative), int(order))
        refunds.start(
            session, till_at(engine, sandbox), found, found.lines[0].id, Money(int(minor), "KES"), "Weevils.",
            by=UUID(person), request_key=new_id(),
        )  # fmt: skip

    acting(engine, verb, sees=[cooperative])
    return "done"


def give_back_by_looking_first(
    engine: Engine, number: int, cooperative: str, sandbox: str, order: str, minor: str, person: str, pool: str
) -> str:
    """The anti-test: what is left of the line is read, thought about, and written back."""

    def intend(
        session: Session, of: Any, line: OrderLine, amount: Money, reason: str, way: Any, by: Any, key: UUID, **_: Any
    ) -> Refund:
        if amount > line.refundable:
            raise Refusal("Too much.")
        meeting.all_have_looked()
        after = line.refunded_minor + amount.minor
        session.execute(
            update(OrderLine).where(OrderLine.cooperative_id == of.cooperative_id, OrderLine.id == line.id)
            .values(refunded_minor=after).execution_options(synchronize_session=False)
        )  # fmt: skip
        refund = Refund(
            cooperative_id=of.cooperative_id, order_id=of.id, line_id=line.id, request_key=key, way=way,
            amount_minor=amount.minor, currency=amount.currency, reason=reason, by_id=by, state=refunds.State.READY,
        )  # fmt: skip
        session.add(refund)
        session.flush()
        return refund

    def borne(session: Session, *, amount: Money, **rest: Any) -> list[tuple[UUID, Money]]:
        return [(UUID(pool), amount)]

    def whole(amount: int, *_: int) -> refund_parts.Parts:
        return refund_parts.Parts(amount, 0, 0)  # What is left is not asked a second time either.

    engine = unguarded(engine)
    with (
        patch.object(refunds, "_intend", intend), patch.object(lots, "give_back", borne),
        patch.object(refund_parts, "part", whole),
    ):  # fmt: skip
        return give_back(engine, number, cooperative, sandbox, order, minor, person)


def join(engine: Engine, number: int, token: str, name: str) -> str:
    """Take up one invitation as a new person."""

    def verb(session: Session) -> None:
        invitation = invitations.find_open(session, token)
        if invitation is None:
            raise Refusal("This letter is no longer good.")
        invitations.accept(session, invitation, as_person=None, name=name, password="terraces after the long rains")

    acting(engine, verb)
    return "done"


def add_person(engine: Engine, number: int, *spellings: str) -> str:
    """Add somebody under one address, spelled in one of its ways."""
    address = spellings[number % len(spellings)]
    acting(engine, lambda session: people.add(session, name="Amina Yusuf", email=address))
    return "done"


def add_person_by_looking_first(engine: Engine, number: int, *spellings: str) -> str:
    """The anti-test: look whether the address is taken, and then write."""
    with patch.object(people, "find_by_email", widened(people.find_by_email)):
        address = spellings[number % len(spellings)]
        acting(unguarded(engine), lambda session: people.add(session, name="Amina Yusuf", email=address), tries=1)
    return "done"


def hand_over(engine: Engine, number: int, deed: str, cooperative: str, sandbox: str, order: str, person: str) -> str:
    """Pick, hand over for cash, or cancel an order."""
    till, by = till_at(engine, sandbox), UUID(person)

    def verb(session: Session) -> None:
        found = orders.find(session, UUID(cooperative), int(order))
        if deed == "pick":
            pickings.pick(session, till, found, by=by)
        elif deed == "collect":
            collections.collect(session, found, by=by, received=found.total.in_cash())
        else:
            cancellations.cancel(session, till, found, "The lorry broke down.", by=by)

    acting(engine, verb, sees=[cooperative])
    return "done"
