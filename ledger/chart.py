"""The chart of accounts: every code a book may use, which side it lives on, and what its sub-ledger is kept by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """The side on which the account normally stands: assets and expenses on debit, the rest on credit."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Code:
    """One line of the chart. `kept_by` names the sub-ledger's one or two keys; `guarded` balances never cross zero."""

    number: str
    name: str
    side: Side
    kept_by: tuple[str, ...] = ()
    guarded: bool = False


def _debit(number: str, name: str, *kept_by: str) -> Code:
    return Code(number, name, Side.DEBIT, kept_by)


def _credit(number: str, name: str, *kept_by: str, guarded: bool = False) -> Code:
    return Code(number, name, Side.CREDIT, kept_by, guarded)


CHART = {
    code.number: code
    for code in (
        _debit("1010", "Cash on hand", "place"),
        _debit("1020", "Bank"),
        _debit("1025", "Growers' trust bank"),
        _debit("1030", "Payment provider receivable", "provider"),
        _debit("1040", "Due from operator"),
        _debit("1100", "Buyers receivable", "invoice", "pool"),
        _debit("1110", "Holdback allowance", "pool"),
        _debit("1200", "Pool advances", "member", "pool"),
        _debit("1210", "Input credit", "member"),
        _debit("1220", "Member loans", "member"),
        _debit("1230", "Member receivable", "member"),
        _debit("1240", "Late refunds to bear", "pool"),
        _debit("1300", "Input stock", "lot"),
        _debit("1310", "Produce stock", "lot"),
        _debit("1400", "Group loans", "member"),
        _credit("2010", "Pool clearing", "pool"),
        _credit("2020", "Member payable", "member", guarded=True),
        _credit("2030", "Levies and taxes", "payee"),
        _credit("2040", "Suppliers, transport, court orders", "payee"),
        _credit("2050", "Customer deposits, credit and refunds due", "order", guarded=True),
        _credit("2100", "Savings", "member", guarded=True),
        _credit("2110", "Social fund", "group", guarded=True),
        _credit("2200", "Interest on shares payable", "member", guarded=True),
        _credit("2210", "Patronage payable", "member", guarded=True),
        _credit("2220", "Education due to union"),
        _credit("2300", "Share applications", "member", guarded=True),
        _credit("2310", "Share redemptions payable", "member", guarded=True),
        _credit("2400", "Deferred grants", "grant"),
        _credit("2500", "Unclaimed member money", "member", guarded=True),
        _credit("2600", "Due to cooperatives", "cooperative"),
        _credit("3010", "Paid-up share capital", "member", guarded=True),
        _credit("3020", "Allocated equity", "member", "year"),
        _credit("3030", "Per-unit retains", "member", "year"),
        _credit("3100", "Statutory reserve", "fund"),
        _credit("3110", "Price stabilisation and other funds", "fund"),
        _credit("3200", "Undivided surplus", "year"),
        _credit("4010", "Marketing margin", "pool"),
        _credit("4020", "Sales (principal)", "pool"),
        _credit("4030", "Input margin"),
        _credit("4040", "Loan interest"),
        _credit("4050", "Fines"),
        _credit("4060", "Grants used"),
        _credit("4070", "Delivery and service income"),
        _debit("5010", "Cost of produce", "pool"),
        _debit("5020", "Payment fees"),
        _debit("5030", "Bad debts"),
        _debit("5040", "Cash over and short"),
        _debit("5050", "Rounding and exchange differences"),
        _debit("5100", "Running costs"),
    )
}
"""DOMAIN section 2. A guarded account caches its balance, which the database keeps at or above zero; the others are summed,
since one hot row for all sales would hold PostgreSQL to some 300 postings a second."""
