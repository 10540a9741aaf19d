"""What complaints and goodwill promise, each as one query that returns the rows which break it."""

from __future__ import annotations

from ledger.audit import Check

CHECKS = (
    Check(
        "complaints are answered once, and with what was promised",
        "A complaint is closed exactly where it has an answer; an answer with money has its refund of that line and amount.",
        """SELECT c.id, a.id FROM complaint c LEFT JOIN complaint_answer a ON a.complaint_id = c.id
           WHERE (c.answered_at IS NULL) <> (a.id IS NULL)
           UNION ALL
           SELECT c.id, a.id FROM complaint c JOIN complaint_answer a ON a.complaint_id = c.id
           LEFT JOIN refund r ON r.id = a.refund_id AND r.cooperative_id = a.cooperative_id
           WHERE a.outcome <> 'refused' AND (r.id IS NULL OR r.line_id IS NULL OR r.line_id <> c.line_id
                 OR r.amount_minor <> a.amount_minor OR r.goodwill <> (a.outcome = 'goodwill'))""",
    ),
    Check(
        "no more packs are paid back than were bought",
        "All answers about a line together pay back at most its packs, and each complaint is about at most these.",
        """SELECT l.id, l.name FROM order_line l JOIN complaint c ON c.line_id = l.id
           LEFT JOIN complaint_answer a ON a.complaint_id = c.id
           GROUP BY l.id, l.name, l.quantity HAVING coalesce(sum(a.quantity), 0) > l.quantity OR max(c.quantity) > l.quantity""",
    ),
    Check(
        "goodwill is the cooperative's own cost",
        "What refunds took from 5100 is what was given out of goodwill; no pool and no tax bears any of it.",
        """SELECT r.id, r.amount_minor FROM refund r
           LEFT JOIN cause u ON u.kind = 'refund' AND u.subject_id = r.id AND u.cooperative_id = r.cooperative_id
           WHERE r.goodwill <> EXISTS (SELECT 1 FROM transfer t JOIN account d ON d.id = t.debit_id
                                       WHERE t.cause_id = u.id AND d.code = '5100')
              OR (r.goodwill AND r.amount_minor <> (SELECT coalesce(sum(t.amount_minor), 0) FROM transfer t
                                                    JOIN account d ON d.id = t.debit_id
                                                    WHERE t.cause_id = u.id AND d.code = '5100'))""",
    ),
)
