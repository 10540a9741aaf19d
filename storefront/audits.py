"""What sales promise, each as one query that returns the rows which break it."""

from __future__ import annotations

from ledger.audit import Check
from storefront import charge_audits, complaint_audits

_NET = """(SELECT coalesce(sum(CASE WHEN t.debit_id = {a} THEN t.amount_minor ELSE -t.amount_minor END), 0) FROM transfer t
            WHERE (t.debit_id = {a} OR t.credit_id = {a}) AND t.phase IN ('single', 'post'))"""

_DEPOSIT = """SELECT o.id, o.number, coalesce(a.balance_minor, 0) AS lies, (
      CASE WHEN p.state = 'paid' THEN o.total_minor ELSE 0 END
    + CASE WHEN c.cash_minor IS NOT NULL THEN o.total_minor ELSE 0 END
    - CASE WHEN k.id IS NOT NULL AND (p.state = 'paid' OR c.cash_minor IS NOT NULL) THEN o.total_minor ELSE 0 END
    + coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.order_id = o.id AND k.id IS NOT NULL), 0)
    - coalesce((SELECT sum(r.amount_minor) FROM refund r
                WHERE r.order_id = o.id AND r.state = 'paid' AND r.way IN ('card', 'cash')), 0)
    + coalesce((SELECT sum(t.amount_minor) FROM transfer t JOIN account d ON d.id = t.debit_id
                WHERE t.credit_id = a.id AND d.code = '1020'), 0)
    - coalesce((SELECT sum(t.amount_minor) FROM transfer t JOIN account d ON d.id = t.credit_id
                WHERE t.debit_id = a.id AND d.code = '1100'), 0)) AS expected
  FROM customer_order o
  LEFT JOIN account a ON a.cooperative_id = o.cooperative_id AND a.code = '2050' AND a.owner_id = o.id
  LEFT JOIN card_payment p ON p.checkout_id = o.checkout_id
  LEFT JOIN picking k ON k.order_id = o.id
  LEFT JOIN collection c ON c.order_id = o.id"""

CHECKS = (
    Check(
        "checkouts are the sum of their orders",
        "A checkout is the sum of its parts, each part its order, each order its lines, fees and tax less its gifts.",
        """SELECT c.id FROM checkout c
           WHERE c.total_minor <> (SELECT coalesce(sum(x.total_minor), 0) FROM checkout_part x WHERE x.checkout_id = c.id)
           UNION ALL
           SELECT x.order_id FROM checkout_part x LEFT JOIN customer_order o ON o.id = x.order_id
           WHERE o.id IS NULL OR o.total_minor <> x.total_minor OR o.checkout_id <> x.checkout_id
              OR o.cooperative_id <> x.cooperative_id
           UNION ALL
           SELECT o.id FROM customer_order o
           WHERE o.total_minor
              <> (SELECT coalesce(sum(l.line_minor + l.added_minor), 0) FROM order_line l WHERE l.order_id = o.id)
               + (SELECT coalesce(sum(f.amount_minor + f.added_minor), 0) FROM order_fee f WHERE f.order_id = o.id)
               - (SELECT coalesce(sum(g.amount_minor), 0) FROM order_gift g WHERE g.order_id = o.id)
              OR NOT EXISTS (SELECT 1 FROM checkout_part x WHERE x.order_id = o.id)""",
    ),
    Check(
        "deposits are explained",
        "What lies in a buyer's deposit is what was paid, less what was drawn, given back or set off.",
        f"SELECT id, number, lies, expected FROM ({_DEPOSIT}) AS held WHERE lies <> expected",  # noqa: S608  (our own words)
    ),
    Check(
        "the operator owes what the cooperatives are owed",
        "The operator's 2600 of each cooperative mirrors that cooperative's 1040.",
        f"""SELECT c.slug, owed.minor, due.minor FROM cooperative c
            LEFT JOIN (SELECT a.owner_id, -sum({_NET.format(a="a.id")}) AS minor FROM account a WHERE a.code = '2600'
                       GROUP BY a.owner_id) AS owed ON owed.owner_id = c.id
            LEFT JOIN (SELECT a.cooperative_id, sum({_NET.format(a="a.id")}) AS minor FROM account a WHERE a.code = '1040'
                       GROUP BY a.cooperative_id) AS due ON due.cooperative_id = c.id
            WHERE coalesce(owed.minor, 0) <> coalesce(due.minor, 0)""",  # noqa: S608  (our own words)
    ),
    Check(
        "every payment at the provider is in the books, and the other way round",
        "A paid card payment has its cause in the operator's book and in each seller's; a cause has its paid payment.",
        """SELECT p.id, p.payment_ref FROM card_payment p JOIN checkout_part x ON x.checkout_id = p.checkout_id
           WHERE p.state = 'paid' AND NOT EXISTS (SELECT 1 FROM cause c WHERE c.kind = 'card payment'
                 AND c.subject_id = p.id AND c.cooperative_id = x.cooperative_id)
           UNION ALL
           SELECT p.id, p.payment_ref FROM card_payment p
           WHERE p.state = 'paid' AND NOT EXISTS (SELECT 1 FROM cause c JOIN cooperative o ON o.id = c.cooperative_id
                 WHERE c.kind = 'card payment' AND c.subject_id = p.id AND o.kind = 'operator')
           UNION ALL
           SELECT c.subject_id, c.kind FROM cause c LEFT JOIN card_payment p ON p.id = c.subject_id AND p.state = 'paid'
           WHERE c.kind IN ('card payment', 'card fee') AND p.id IS NULL""",
    ),
    Check(
        "every provider payout is in the operator's book",
        "A line of the bank's statement has its cause with its amount, and only the operator has such lines.",
        """SELECT y.id, y.reference FROM provider_payout y JOIN cooperative o ON o.id = y.cooperative_id
           LEFT JOIN cause c ON c.kind = 'provider payout' AND c.subject_id = y.id AND c.cooperative_id = y.cooperative_id
           LEFT JOIN transfer t ON t.cause_id = c.id
           WHERE t.id IS NULL OR t.amount_minor <> y.amount_minor OR o.kind <> 'operator'""",
    ),
    Check(
        "every refund at the provider is in the books, and the other way round",
        "A card's refund that was paid has its cause in both books; a cause has its paid refund.",
        """SELECT r.id, r.provider_ref FROM refund r WHERE r.state = 'paid' AND r.way = 'card'
             AND 2 <> (SELECT count(*) FROM cause c WHERE c.kind = 'refund paid' AND c.subject_id = r.id)
           UNION ALL
           SELECT c.subject_id, c.kind FROM cause c LEFT JOIN refund r ON r.id = c.subject_id AND r.state = 'paid'
           WHERE c.kind = 'refund paid' AND r.id IS NULL""",
    ),
    Check(
        "lines know what was given back of them",
        "A line's or fee's refunded amount is the sum of its refunds, and never more than was paid for it.",
        """SELECT l.id, l.refunded_minor FROM order_line l
           WHERE l.refunded_minor <> (SELECT coalesce(sum(r.amount_minor), 0) FROM refund r WHERE r.line_id = l.id)
              OR l.refunded_minor > l.line_minor + l.added_minor - l.discount_minor
           UNION ALL
           SELECT f.id, f.refunded_minor FROM order_fee f
           WHERE f.refunded_minor <> (SELECT coalesce(sum(r.amount_minor), 0) FROM refund r WHERE r.fee_id = f.id)
              OR f.refunded_minor > f.amount_minor + f.added_minor - f.discount_minor""",
    ),
    Check(
        "certain orders have their goods set aside",
        "An order that is paid, or will be when collected, holds exactly what its lines take until it is picked.",
        """SELECT o.id, o.number FROM customer_order o JOIN checkout c ON c.id = o.checkout_id
           LEFT JOIN card_payment p ON p.checkout_id = c.id
           WHERE (c.how <> 'card' OR p.state = 'paid')
             AND NOT EXISTS (SELECT 1 FROM cancellation x WHERE x.order_id = o.id)
             AND NOT EXISTS (SELECT 1 FROM picking x WHERE x.order_id = o.id)
             AND (SELECT sum(l.quantity * l.content) FROM order_line l WHERE l.order_id = o.id)
              <> (SELECT coalesce(sum(h.quantity - h.consumed), 0) FROM hold h
                  WHERE h.cause_id = o.id AND h.ended_at IS NULL)""",
    ),
    Check(
        "picked orders drew their lots",
        "What a picked order's lines drew from lots is what they take, and earned what they cost net of tax.",
        """SELECT l.id, l.name FROM order_line l JOIN picking k ON k.order_id = l.order_id
           WHERE l.quantity * l.content <> (SELECT coalesce(-sum(m.quantity), 0) FROM lot_move m
                                            WHERE m.cause_id = l.id AND m.kind = 'sell')
              OR l.line_minor + l.added_minor - l.tax_minor <> (SELECT coalesce(sum(m.net_minor), 0) FROM lot_move m
                                  WHERE m.cause_id = l.id AND m.kind = 'sell')""",
    ),
    Check(
        "invoices are what was handed over",
        "Each collected order on terms has an invoice of its total, posted to its pools.",
        """SELECT o.id, o.number FROM customer_order o JOIN checkout c ON c.id = o.checkout_id AND c.how = 'invoice'
           JOIN collection x ON x.order_id = o.id
           LEFT JOIN invoice i ON i.order_id = o.id
           LEFT JOIN cause u ON u.kind = 'invoice' AND u.subject_id = i.id
           WHERE i.id IS NULL OR i.total_minor <> o.total_minor
              OR i.total_minor <> (SELECT coalesce(sum(CASE WHEN d.code = '1100' THEN t.amount_minor ELSE -t.amount_minor END), 0)
                                   FROM transfer t JOIN account d ON d.id = t.debit_id WHERE t.cause_id = u.id)""",
    ),
    Check(
        "papers are numbered without gaps",
        "Each series counts 1, 2, 3 in its cooperative up to the last number given; an invoice's paper bears its number.",
        """SELECT n.cooperative_id, n.series, n.last FROM numbering n
           JOIN (SELECT 'sale receipt' AS series, 'receipt' AS kind UNION ALL SELECT 'credit note', 'credit_note') AS s
             ON s.series = n.series
           WHERE n.last <> (SELECT count(*) FROM paper p WHERE p.cooperative_id = n.cooperative_id AND p.kind = s.kind)
              OR n.last <> (SELECT coalesce(max(p.number), 0) FROM paper p
                            WHERE p.cooperative_id = n.cooperative_id AND p.kind = s.kind)
           UNION ALL
           SELECT p.cooperative_id, p.kind, p.number FROM paper p LEFT JOIN invoice i ON i.id = p.cause_id
           WHERE p.kind = 'invoice' AND (i.id IS NULL OR i.number <> p.number)""",
    ),
    Check(
        "windows count their orders",
        "What is booked of a window is its orders that are not cancelled.",
        """SELECT w.id, w.booked FROM collection_window w
           WHERE w.booked <> (SELECT count(*) FROM customer_order o WHERE o.window_id = w.id
                              AND NOT EXISTS (SELECT 1 FROM cancellation x WHERE x.order_id = o.id))""",
    ),
    Check(
        "card checkouts have one intent of their amount",
        "What the provider is asked for is what was ordered.",
        """SELECT c.id FROM checkout c LEFT JOIN card_payment p ON p.checkout_id = c.id
           WHERE (c.how = 'card') <> (p.id IS NOT NULL)
              OR (p.id IS NOT NULL AND (p.amount_minor <> c.total_minor OR p.currency <> c.currency))""",
    ),
    *charge_audits.CHECKS,
    *complaint_audits.CHECKS,
)
