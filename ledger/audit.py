"""The audit: each promise of the books as one query that returns the rows which break it. No rows, no difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: `sql` selects what breaks it, in the same words on both databases. Each package offers its own."""

    name: str
    promise: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How one invariant stands: `differences` rows break it, of which a few are shown."""

    check: Check
    differences: int
    examples: tuple[str, ...]


_NET = """
    SELECT account_id, sum(minor) AS minor FROM (
        SELECT credit_id AS account_id, amount_minor AS minor FROM transfer WHERE phase IN ('single', 'post')
        UNION ALL
        SELECT debit_id, -amount_minor FROM transfer WHERE phase IN ('single', 'post')
    ) AS moved GROUP BY account_id"""

CHECKS = (
    Check(
        "causes are whole",
        "Every cause wrote as many transfers as it says.",
        """SELECT c.id, c.kind, c.legs, count(t.id) FROM cause c LEFT JOIN transfer t ON t.cause_id = c.id
           GROUP BY c.id, c.kind, c.legs HAVING count(t.id) <> c.legs""",
    ),
    Check(
        "transfers stay in one book",
        "Both accounts of a transfer belong to its cause's book, in the book's currency.",
        """SELECT t.id FROM transfer t JOIN cause c ON c.id = t.cause_id JOIN book b ON b.id = c.book_id
           JOIN account d ON d.id = t.debit_id JOIN account k ON k.id = t.credit_id
           WHERE d.book_id <> b.id OR k.book_id <> b.id OR t.currency <> b.currency""",
    ),
    Check(
        "cached balances equal their transfers",
        "A guarded account's balance is the sum of what moved it.",
        f"""SELECT a.id, a.code, a.balance_minor, coalesce(n.minor, 0) FROM account a LEFT JOIN ({_NET}) n ON n.account_id = a.id
            WHERE a.guarded AND a.balance_minor <> coalesce(n.minor, 0)""",  # noqa: S608  (our own words)
    ),
    Check(
        "reservations equal what is pending",
        "A guarded account's reserved amount is the sum of its open pending debits.",
        """SELECT a.id, a.code, a.pending_minor, coalesce(sum(p.amount_minor), 0) FROM account a
           LEFT JOIN transfer p ON p.debit_id = a.id AND p.phase = 'pending'
                AND NOT EXISTS (SELECT 1 FROM transfer e WHERE e.resolves_id = p.id)
           WHERE a.guarded GROUP BY a.id, a.code, a.pending_minor HAVING a.pending_minor <> coalesce(sum(p.amount_minor), 0)""",
    ),
    Check(
        "guarded accounts never fall below zero",
        "Nobody is owed less than nothing, and nothing reserved is spent twice.",
        """SELECT id, code, balance_minor, pending_minor FROM account
           WHERE guarded AND balance_minor - pending_minor < 0""",
    ),
    Check(
        "reservations end once and within their amount",
        "A post or void names a pending transfer of the same two accounts and moves at most what was reserved.",
        """SELECT e.id FROM transfer e JOIN transfer p ON p.id = e.resolves_id
           WHERE p.phase <> 'pending' OR e.amount_minor > p.amount_minor
              OR e.debit_id <> p.debit_id OR e.credit_id <> p.credit_id""",
    ),
    Check(
        "corrections mirror what they undo",
        "A reversing cause says why, and moves each amount of the cause it reverses back the other way.",
        """SELECT u.id, u.kind FROM cause u JOIN cause c ON c.id = u.reverses_id
           WHERE u.legs <> c.legs OR u.reason = '' OR u.book_id <> c.book_id
              OR c.legs <> (SELECT count(*) FROM transfer t JOIN transfer b ON b.leg = t.leg AND b.cause_id = u.id
                            WHERE t.cause_id = c.id AND b.debit_id = t.credit_id AND b.credit_id = t.debit_id
                              AND b.amount_minor = t.amount_minor)""",
    ),
)


def run(session: Session, checks: Iterable[Check]) -> Iterator[Finding]:
    """Every check in turn. The session must see every cooperative: a wall would hide differences."""
    for check in checks:
        rows = session.execute(text(check.sql)).all()
        yield Finding(check, len(rows), tuple(" ".join(str(value) for value in row) for row in rows[:5]))
