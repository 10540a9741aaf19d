"""Exports: all that the shop keeps about one person, as plain data they can read and take elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Table, and_, literal, or_, select, union_all
from sqlalchemy.orm import Session

from cooperative.people import Person
from ground import clock, tenants
from ground.db import Model

MINE = {
    "account_link": ("person_id",), "cart": ("person_id",), "checkout": ("person_id",), "company_person": ("person_id",),
    "erasure": ("person_id",), "invitation": ("accepted_by_id",), "member": ("person_id",), "passkey": ("person_id",),
    "passkey_challenge": ("person_id",), "role_grant": ("person_id",), "sign_in": ("person_id",),
}  # fmt: skip
"""Rows that are about the person whom these columns name."""

BELOW = {
    "cart_line": ("cart_id", "cart"), "cart_voucher": ("cart_id", "cart"), "cart_window": ("cart_id", "cart"),
    "checkout_part": ("checkout_id", "checkout"), "card_payment": ("checkout_id", "checkout"),
    "customer_order": ("checkout_id", "checkout"), "order_line": ("order_id", "customer_order"),
    "order_fee": ("order_id", "customer_order"), "order_gift": ("order_id", "customer_order"),
    "order_change": ("order_id", "customer_order"), "cancellation": ("order_id", "customer_order"),
    "picking": ("order_id", "customer_order"), "collection": ("order_id", "customer_order"),
    "invoice": ("order_id", "customer_order"), "paper": ("order_id", "customer_order"), "refund": ("order_id", "customer_order"),
    "complaint": ("order_id", "customer_order"), "complaint_photo": ("complaint_id", "complaint"),
    "complaint_answer": ("complaint_id", "complaint"),
    "delivery": ("member_id", "member"), "destination": ("member_id", "member"), "claim": ("member_id", "member"),
    "claim_line": ("claim_id", "claim"), "share_subscription": ("member_id", "member"), "obligation": ("payee_id", "member"),
    "instruction": ("obligation_id", "obligation"),
}  # fmt: skip
"""Rows that hang on those: a table, by which column, on which table above it. In this order."""

DEEDS = {
    "bank_account": ("by_id",), "bank_receipt": ("by_id",), "bylaw": ("approved_by_id",), "cancellation": ("by_id",),
    "collection": ("by_id",), "complaint": ("by_id",), "complaint_answer": ("by_id",),
    "destination": ("by_id",), "fee": ("by_id",), "invitation": ("sent_by_id",),
    "payout_approval": ("maker_id", "approver_id"), "payout_batch": ("by_id",), "payout_run": ("made_by_id",),
    "picking": ("by_id",), "provider_payout": ("by_id",), "refund": ("by_id",),
    "role_grant": ("granted_by_id", "withdrawn_by_id"), "settlement": ("prepared_by_id",),
    "settlement_approval": ("preparer_id", "approver_id"), "settlement_close": ("by_id",),
    "share_approval": ("approved_by_id",), "share_subscription": ("applied_by_id",), "trade_terms": ("approved_by_id",),
    "voucher": ("by_id",),
}  # fmt: skip
"""What the person did for a cooperative is the cooperative's record: the export says what and when, not whom it concerned.

Only those of houses whose office the person still has are read: of the others not even the person may see a row."""

ELSEWHERE = {
    "letter": "told by subject and day, by the address it went to; the words of a letter can hold a key",
    "trail_entry": "the log of who did what, which its own people cannot read without seeing what others did",
    "cause": "the books; a member's part of them is told by claims, obligations and instructions",
    "rail_event": "what the bank said about a whole batch; a member's part is told by instructions",
    "lot_move": "the stock's history; a member's part is told by deliveries",
    "pool": "whose closing one person signs",
}
"""Tables that name people by columns which point at nobody, or which are told in other words."""

SECRET = re.compile(r"hash|token|secret|totp|key|password|sha256|version|body")


def of(session: Session, person: Person) -> dict[str, Any]:
    """Everything about this person and nothing of anybody else's [attack:A255]. Times are UTC, money in the smallest coin."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, columns in MINE.items():
        table = Model.metadata.tables[name]
        found[name] = _rows(session, table, or_(*(table.c[column] == person.id for column in columns)))
    found["checkout_part"] = _below(session, "checkout_part", found["checkout"], frozenset())
    houses = {row["cooperative_id"] for name in ("checkout_part", "member", "role_grant") for row in found[name]}
    offices = {row["cooperative_id"] for row in found["role_grant"] if row["withdrawn_at"] is None}
    tenants.allow(session, *houses)  # Each row below is reached by a key that is the person's own.
    for name, (_, above) in BELOW.items():
        found[name] = _below(session, name, found[above], frozenset(houses))
    letters = Model.metadata.tables["letter"]
    told = select(letters.c.created_at, letters.c.kind, letters.c.subject).where(letters.c.recipient == person.email)
    return _plain({
        "exported_at": clock.now(),
        "person": {name: getattr(person, name) for name in ("id", "created_at", "name", "email", "phone", "language")},
        **found,
        "letter": [dict(row) for row in session.execute(told.order_by(letters.c.created_at)).mappings()],
        "done_for_cooperatives": _deeds(session, person.id, frozenset(offices)),
    })  # fmt: skip


def _below(session: Session, name: str, above: list[dict[str, Any]], houses: frozenset[UUID]) -> list[dict[str, Any]]:
    if not above:
        return []
    table, parent = Model.metadata.tables[name], BELOW[name][1]
    asked: list[ColumnElement[bool]] = [table.c[BELOW[name][0]].in_(sorted(row["id"] for row in above))]
    if (
        houses and parent != "cart" and "cooperative_id" in table.c
    ):  # A basket is behind no wall, and may span any house.
        asked.append(table.c.cooperative_id.in_(sorted(houses)))
    return _rows(session, table, and_(*asked))


def _rows(session: Session, table: Table, asked: ColumnElement[bool]) -> list[dict[str, Any]]:
    told = [
        c
        for c in table.columns
        if not SECRET.search(c.name) and not isinstance(c.type, LargeBinary) and c.name != "pdf"
    ]
    return [dict(row) for row in session.execute(select(*told).where(asked).order_by(table.c.id)).mappings()]


def _deeds(session: Session, person_id: UUID, houses: frozenset[UUID]) -> list[dict[str, Any]]:
    asked = []
    for name, columns in DEEDS.items():
        table = Model.metadata.tables[name]
        mine = or_(*(table.c[column] == person_id for column in columns))
        asked.append(
            select(literal(name).label("what"), table.c.id, table.c.created_at).where(
                table.c.cooperative_id.in_(sorted(houses)), mine
            )
        )
    return [dict(row) for row in session.execute(union_all(*asked)).mappings()]


def _plain(value: Any) -> Any:
    """As JSON says it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, (date, UUID)) else value
