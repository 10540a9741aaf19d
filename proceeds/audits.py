"""What proceeds promise of the books, one query each: no rows, no difference."""

from __future__ import annotations

from ledger.audit import Check

_MOVED = """(SELECT credit_id AS account_id, amount_minor AS minor FROM transfer WHERE phase IN ('single', 'post')
             UNION ALL SELECT debit_id, -amount_minor FROM transfer WHERE phase IN ('single', 'post'))"""

CHECKS = (
    Check(
        "clearing of closed pools is zero",
        "What a closed pool earned was given away, to the last unit.",
        f"""SELECT c.pool_id, sum(m.minor) FROM settlement_close c
            JOIN account a ON a.cooperative_id = c.cooperative_id AND a.code = '2010' AND a.owner_id = c.pool_id
            JOIN {_MOVED} m ON m.account_id = a.id GROUP BY c.pool_id HAVING sum(m.minor) <> 0""",  # noqa: S608
    ),
    Check(
        "closed pools gave everything away",
        "Sales − refunds = costs + levies + margin + stabilisation + holdback + claims, by the stored lines.",
        """SELECT c.pool_id, c.claims_minor, sum(l.amount_minor) FROM settlement_close c
           JOIN settlement_line l ON l.settlement_id = c.settlement_id
           GROUP BY c.pool_id, c.claims_minor, c.sold_minor, c.refunded_minor, c.loss_minor, c.given_minor
           HAVING sum(l.amount_minor) <> c.claims_minor
               OR sum(CASE WHEN l.key = 'sales' THEN l.amount_minor ELSE 0 END) <> c.sold_minor
               OR sum(CASE WHEN l.key = 'refunds' THEN -l.amount_minor ELSE 0 END) <> c.refunded_minor
               OR c.sold_minor - c.refunded_minor + c.loss_minor <> c.given_minor + c.claims_minor""",
    ),
    Check(
        "claims sum to the net pool",
        "Every closed pool has one claim per member, and they sum to what there was to share.",
        """SELECT c.pool_id, c.claims_minor, coalesce(sum(m.claim_minor), 0), count(m.id) FROM settlement_close c
           LEFT JOIN claim m ON m.settlement_id = c.settlement_id GROUP BY c.pool_id, c.claims_minor, c.members
           HAVING coalesce(sum(m.claim_minor), 0) <> c.claims_minor OR count(m.id) <> c.members""",
    ),
    Check(
        "claims are explained",
        "The lines of a claim sum to what was due.",
        """SELECT m.id, m.due_minor, sum(l.amount_minor) FROM claim m LEFT JOIN claim_line l ON l.claim_id = m.id
           GROUP BY m.id, m.due_minor HAVING coalesce(sum(l.amount_minor), 0) <> m.due_minor""",
    ),
    Check(
        "closes are posted and approved",
        "Every close moved its money under one cause, and a second person approved exactly its inputs.",
        """SELECT c.id FROM settlement_close c JOIN settlement_approval p ON p.id = c.approval_id
           LEFT JOIN cause k ON k.kind = 'settlement' AND k.subject_id = c.settlement_id AND k.cooperative_id = c.cooperative_id
           WHERE p.inputs_sha256 <> c.inputs_sha256 OR p.settlement_id <> c.settlement_id OR p.approver_id = p.preparer_id
              OR (k.id IS NULL AND c.sold_minor > 0)""",
    ),
    Check(
        "settlements closed their pools",
        "A pool is closed exactly when its settlement is.",
        """SELECT p.id FROM pool p LEFT JOIN settlement_close c ON c.pool_id = p.id
           WHERE (p.closed_at IS NULL) <> (c.id IS NULL)""",
    ),
    Check(
        "what the street is told is what was closed",
        "Every close has one public split: what was paid, what growers got, and what was given, as the close says.",
        """SELECT c.pool_id FROM settlement_close c LEFT JOIN pool_split s ON s.pool_id = c.pool_id
           WHERE s.id IS NULL OR s.whole_minor <> c.sold_minor - c.refunded_minor OR s.growers_minor <> c.claims_minor
              OR s.lost_minor <> c.loss_minor OR s.growers <> c.members
              OR s.cooperative_minor + s.transport_minor + s.fees_minor + s.waiting_minor <> c.given_minor""",
    ),
    Check(
        "money set aside is on its way",
        "What is reserved of a member's account is what was sent and not answered yet.",
        """SELECT a.owner_id, a.pending_minor, coalesce(s.minor, 0) FROM account a
           LEFT JOIN (SELECT i.cooperative_id, o.payee_id, sum(i.amount_minor) AS minor
                      FROM instruction i JOIN obligation o ON o.id = i.obligation_id
                      WHERE i.state IN ('sending', 'unknown', 'accepted') AND o.payee = 'member'
                      GROUP BY i.cooperative_id, o.payee_id) s
                  ON s.payee_id = a.owner_id AND s.cooperative_id = a.cooperative_id
           WHERE a.code = '2020' AND a.pending_minor <> coalesce(s.minor, 0)""",
    ),
    Check(
        "payments and transfers agree",
        "A settled (or returned) payment has its posted transfer, a failed one its void, one on its way neither.",
        """SELECT i.id, i.state, e.phase FROM instruction i LEFT JOIN transfer e ON e.resolves_id = i.transfer_id
           WHERE (i.state IN ('settled', 'returned') AND
                 (e.phase IS NULL OR e.phase <> 'post' OR e.amount_minor <> i.amount_minor))
              OR (i.state = 'failed' AND (e.phase IS NULL OR e.phase <> 'void'))
              OR (i.state IN ('sending', 'unknown', 'accepted') AND e.id IS NOT NULL)""",
    ),
    Check(
        "posted payouts have their payment",
        "Money that was set aside for a payout belongs to exactly one payment.",
        """SELECT t.id FROM transfer t JOIN cause k ON k.id = t.cause_id
           LEFT JOIN instruction i ON i.transfer_id = t.id
           WHERE k.kind = 'payout sent'
           GROUP BY t.id HAVING count(i.id) <> 1""",
    ),
    Check(
        "one payment per debt",
        "No debt was settled twice, and no closed debt is still being paid.",
        """SELECT o.id FROM obligation o LEFT JOIN instruction i ON i.obligation_id = o.id
           GROUP BY o.id, o.ended_at
           HAVING sum(CASE WHEN i.state IN ('settled', 'returned') THEN 1 ELSE 0 END) > 1
               OR (o.ended_at IS NOT NULL
                   AND sum(CASE WHEN i.state IN ('ready', 'sending', 'unknown', 'accepted') THEN 1 ELSE 0 END) > 0)""",
    ),
    Check(
        "batches are what they say",
        "A batch's count and control sum are those of its payments.",
        """SELECT b.id FROM payout_batch b LEFT JOIN instruction i ON i.batch_id = b.id
           GROUP BY b.id, b.payments, b.control_sum_minor
           HAVING count(i.id) <> b.payments OR coalesce(sum(i.amount_minor), 0) <> b.control_sum_minor""",
    ),
    Check(
        "runs were approved before they were sent",
        "Whoever made a run did not approve it, and nothing was sent without an approval of the same payments.",
        """SELECT b.id FROM payout_batch b JOIN payout_run r ON r.id = b.run_id LEFT JOIN payout_approval p ON p.run_id = r.id
           WHERE p.id IS NULL OR p.approver_id = r.made_by_id OR p.maker_id <> r.made_by_id
              OR p.payments_sha256 <> r.payments_sha256""",
    ),
    Check(
        "remittances are in both books",
        "What the operator paid to a cooperative's bank is in that cooperative's book, and the other way round.",
        """SELECT i.id FROM instruction i JOIN obligation o ON o.id = i.obligation_id
           LEFT JOIN cause k ON k.kind = 'remittance received' AND k.subject_id = i.id AND k.cooperative_id = o.payee_id
           WHERE o.payee = 'cooperative' AND (i.state IN ('settled', 'returned')) <> (k.id IS NOT NULL)
           UNION ALL
           SELECT k.id FROM cause k LEFT JOIN instruction i ON i.id = k.subject_id
           WHERE k.kind = 'remittance received' AND (i.id IS NULL OR i.state NOT IN ('settled', 'returned'))""",
    ),
)
