"""Audits of who we are: shares equal the ledger, every role was given, every cooperative keeps a book."""

from __future__ import annotations

from ledger.audit import Check

_HELD = """
    SELECT a.cooperative_id, a.owner_id, sum(a.balance_minor) AS minor FROM account a WHERE a.code = '3010'
    GROUP BY a.cooperative_id, a.owner_id"""
_APPROVED = """
    SELECT s.cooperative_id, s.member_id, sum(s.amount_minor) AS minor FROM share_subscription s
    JOIN share_approval p ON p.subscription_id = s.id AND p.cooperative_id = s.cooperative_id
    GROUP BY s.cooperative_id, s.member_id"""

CHECKS = (
    Check(
        "the share register equals paid-up capital",
        "What each member holds in 3010 is the sum of their approved subscriptions.",
        f"""SELECT m.id, m.number, coalesce(h.minor, 0), coalesce(r.minor, 0) FROM member m
            LEFT JOIN ({_HELD}) h ON h.owner_id = m.id AND h.cooperative_id = m.cooperative_id
            LEFT JOIN ({_APPROVED}) r ON r.member_id = m.id AND r.cooperative_id = m.cooperative_id
            WHERE coalesce(h.minor, 0) <> coalesce(r.minor, 0)""",  # noqa: S608  our own words only
    ),
    Check(
        "paid-up capital belongs to members",
        "Every account of 3010 and 2300 is kept for a member of the same cooperative.",
        """SELECT a.id, a.code FROM account a LEFT JOIN member m ON m.id = a.owner_id AND m.cooperative_id = a.cooperative_id
           WHERE a.code IN ('2300', '3010') AND m.id IS NULL""",
    ),
    Check(
        "applications for shares are posted",
        "Every subscription paid from the bank has its cause, for its amount.",
        """SELECT s.id, s.amount_minor, t.amount_minor FROM share_subscription s
           LEFT JOIN cause c ON c.kind = 'share application' AND c.subject_id = s.id AND c.cooperative_id = s.cooperative_id
           LEFT JOIN transfer t ON t.cause_id = c.id
           WHERE s.paid_from = 'bank' AND coalesce(t.amount_minor, 0) <> s.amount_minor""",
    ),
    Check(
        "approvals of shares are posted, and by a second person",
        "Every approval has its cause, for the subscription's amount, and its two persons differ.",
        """SELECT s.id FROM share_approval p
           JOIN share_subscription s ON s.id = p.subscription_id AND s.cooperative_id = p.cooperative_id
           LEFT JOIN cause c ON c.kind = 'share approval' AND c.subject_id = s.id AND c.cooperative_id = s.cooperative_id
           LEFT JOIN transfer t ON t.cause_id = c.id
           WHERE coalesce(t.amount_minor, 0) <> s.amount_minor OR p.approved_by_id = s.applied_by_id""",
    ),
    Check(
        "share postings have their papers",
        "Every cause of shares names a subscription, and an approving one its approval.",
        """SELECT c.id, c.kind FROM cause c
           LEFT JOIN share_subscription s ON s.id = c.subject_id AND s.cooperative_id = c.cooperative_id
           LEFT JOIN share_approval p ON p.subscription_id = c.subject_id AND p.cooperative_id = c.cooperative_id
           WHERE (c.kind IN ('share application', 'share approval') AND s.id IS NULL)
              OR (c.kind = 'share approval' AND p.id IS NULL)""",
    ),
    Check(
        "waiting share money covers the applications",
        "What waits in 2300 for a member is at least what was applied for and not yet approved.",
        """SELECT s.member_id, sum(s.amount_minor) FROM share_subscription s
           LEFT JOIN share_approval p ON p.subscription_id = s.id AND p.cooperative_id = s.cooperative_id
           LEFT JOIN account a ON a.code = '2300' AND a.owner_id = s.member_id AND a.cooperative_id = s.cooperative_id
           WHERE p.id IS NULL
           GROUP BY s.member_id, a.balance_minor HAVING sum(s.amount_minor) > coalesce(a.balance_minor, 0)""",
    ),
    Check(
        "every cooperative keeps a book",
        "Each has one of its own in its currency.",
        """SELECT c.id, c.slug FROM cooperative c LEFT JOIN book b ON b.cooperative_id = c.id AND b.currency = c.currency
           WHERE b.id IS NULL""",
    ),
    Check(
        "groups are not over-full",
        "No group has more members than it may.",
        """SELECT g.id, g.name, count(m.id) FROM member_group g
           JOIN member m ON m.group_id = g.id AND m.cooperative_id = g.cooperative_id AND m.left_on IS NULL
           GROUP BY g.id, g.name, g.members_most HAVING count(m.id) > g.members_most""",
    ),
)
