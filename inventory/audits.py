"""What the audit asks of the stock: every figure that is cached is the sum of what moved it."""

from __future__ import annotations

from ledger.audit import Check

CHECKS = (
    Check(
        "lots hold what their moves left",
        "A lot's quantity is the sum of its moves.",
        """SELECT l.id, l.number, l.quantity_left, coalesce(sum(m.quantity), 0) FROM lot l LEFT JOIN lot_move m ON m.lot_id = l.id
           GROUP BY l.id, l.number, l.quantity_left HAVING l.quantity_left <> coalesce(sum(m.quantity), 0)""",
    ),
    Check(
        "heaps hold what their lots hold",
        "What is on hand is the sum of the heap's lots.",
        """SELECT h.id, h.on_hand, coalesce(sum(l.quantity_left), 0) FROM heap h LEFT JOIN lot l ON l.heap_id = h.id
           GROUP BY h.id, h.on_hand HAVING h.on_hand <> coalesce(sum(l.quantity_left), 0)""",
    ),
    Check(
        "promises are live holds",
        "What a heap has promised is the sum of its live holds.",
        """SELECT h.id, h.held, coalesce(sum(d.quantity - d.consumed), 0) FROM heap h
           LEFT JOIN hold d ON d.heap_id = h.id AND d.ended_at IS NULL
           GROUP BY h.id, h.held HAVING h.held <> coalesce(sum(d.quantity - d.consumed), 0)""",
    ),
    Check(
        "every delivery is in its lot",
        "A delivery was received once, with its net weight, into a lot of its own pool.",
        """SELECT d.id, d.receipt_no FROM delivery d LEFT JOIN lot_move m ON m.delivery_id = d.id AND m.kind = 'receive'
           LEFT JOIN lot l ON l.id = m.lot_id
           WHERE m.id IS NULL OR m.quantity <> d.net OR m.lot_id <> d.lot_id OR l.pool_id <> d.pool_id""",
    ),
    Check(
        "every advance is in the ledger",
        "The advance on a delivery's receipt is what its cause posted.",
        """SELECT d.id, d.receipt_no, d.advance_minor, coalesce(sum(t.amount_minor), 0) FROM delivery d
           LEFT JOIN cause c ON c.kind = 'advance' AND c.subject_id = d.id LEFT JOIN transfer t ON t.cause_id = c.id
           GROUP BY d.id, d.receipt_no, d.advance_minor HAVING d.advance_minor <> coalesce(sum(t.amount_minor), 0)""",
    ),
    Check(
        "refunds stay within their sales",
        "No lot gave back more of an order line's money than it earned.",
        """SELECT lot_id, cause_id, sum(net_minor) FROM lot_move WHERE kind IN ('sell', 'refund')
           GROUP BY lot_id, cause_id HAVING sum(net_minor) < 0""",
    ),
    Check(
        "receipts have no gaps",
        "Receipt numbers of a cooperative run from 1 without a hole.",
        """SELECT cooperative_id, count(*), max(receipt_no) FROM delivery
           GROUP BY cooperative_id HAVING count(*) <> max(receipt_no)""",
    ),
    Check(
        "rungs obey their ladder",
        "Every rung is a multiple of the increment and within the largest order.",
        """SELECT r.id, r.quantity_min, d.increment FROM rung r JOIN ladder d ON d.id = r.ladder_id
           WHERE r.quantity_min % d.increment <> 0 OR r.quantity_min > coalesce(d.quantity_max, r.quantity_min)""",
    ),
)
