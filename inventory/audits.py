"""What the audit asks of the stock: every figure that is cached is the sum of what moved it."""

from __future__ import annotations

from ledger.audit import Check

_PRICED = """SELECT 1 FROM pack k JOIN ladder d ON d.pack_id = k.id JOIN rung r ON r.ladder_id = d.id
  JOIN price_list i ON i.id = d.price_list_id AND i.level = 'public'
 WHERE k.product_id = p.id AND k.is_listed"""

_FOR_GOOD = " AND i.valid_from <= i.created_at AND i.valid_until IS NULL"
"""Lists that wait for a day are left to `flask listings --check`, which knows what day it is on both databases."""

_NEAR = """ AND abs(l.per_minor * 1.0 * d.per_content - r.unit_price_minor * 1.0 * s.size) * 2 * k.content
     <= (s.size + 2.0 * k.content) * d.per_content"""
"""A total is rounded before a kilo's price is: by so much the two may differ."""

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
    Check(
        "listings are what is on sale",
        "Search knows exactly the products that are on the market with a pack and a public price.",
        f"""SELECT p.id, p.name, 'is missing' FROM product p JOIN cooperative c ON c.id = p.cooperative_id
            WHERE p.listed_at IS NOT NULL AND c.listed_at IS NOT NULL AND c.closed_at IS NULL AND EXISTS ({_PRICED}{_FOR_GOOD})
              AND NOT EXISTS (SELECT 1 FROM listing l WHERE l.product_id = p.id)
            UNION ALL
            SELECT p.id, p.name, 'is not on sale' FROM listing l JOIN product p ON p.id = l.product_id
              JOIN cooperative c ON c.id = p.cooperative_id
            WHERE p.listed_at IS NULL OR c.listed_at IS NULL OR c.closed_at IS NOT NULL OR NOT EXISTS ({_PRICED})""",  # noqa: S608
    ),
    Check(
        "listings say what their products say",
        "A listing has its product's name, shelf, unit and day, and its cooperative's currency.",
        """SELECT p.id, p.name, l.name FROM listing l JOIN product p ON p.id = l.product_id
             JOIN cooperative c ON c.id = p.cooperative_id
           WHERE l.name <> p.name OR l.kind <> p.kind OR l.unit <> p.unit OR l.listed_at <> p.listed_at
              OR l.currency <> c.currency OR l.cooperative_id <> p.cooperative_id""",
    ),
    Check(
        "listings know what is sold out",
        "A listing is sold out exactly while no shown pack of it can be filled.",
        """SELECT l.product_id, l.name FROM listing l WHERE l.is_sold_out = EXISTS (
             SELECT 1 FROM pack k JOIN heap h ON h.id = k.heap_id
             WHERE k.product_id = l.product_id AND k.is_listed AND h.on_hand + h.oversell_limit - h.held >= k.content)""",
    ),
    Check(
        "listings are sorted by a price that is asked",
        "The price of a kilo that a listing is found by is that of a rung of a public ladder.",
        f"""SELECT l.product_id, l.name, l.per_minor FROM listing l JOIN product p ON p.id = l.product_id
             JOIN (SELECT 'g' AS unit, 1000 AS size UNION ALL SELECT 'ml', 1000 UNION ALL SELECT 'pc', 1) s ON s.unit = l.unit
            WHERE NOT EXISTS ({_PRICED}{_NEAR})""",  # noqa: S608
    ),
)
