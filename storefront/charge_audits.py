"""What fees, taxes and gifts promise, each as one query that returns the rows which break it."""

from __future__ import annotations

from ledger.audit import Check

_ITEMS = """(SELECT order_id, {column} AS minor FROM order_line UNION ALL SELECT order_id, {column} FROM order_fee)"""

_EARNED = """(SELECT k.order_id, u.id AS cause_id FROM picking k JOIN cause u ON u.kind = 'picking' AND u.subject_id = k.id
    UNION ALL
    SELECT x.order_id, u.id FROM collection x JOIN cause u ON u.kind = 'collection' AND u.subject_id = x.id
    UNION ALL
    SELECT i.order_id, u.id FROM invoice i JOIN cause u ON u.kind = 'invoice' AND u.subject_id = i.id)"""

_BACK = (
    """(SELECT r.order_id, u.id AS cause_id FROM refund r JOIN cause u ON u.kind = 'refund' AND u.subject_id = r.id)"""
)


def _moved(causes: str, side: str, codes: str) -> str:
    """What the causes of order `o` moved into or out of accounts of these codes."""
    return f"""(SELECT coalesce(sum(t.amount_minor), 0) FROM {causes} AS e JOIN transfer t ON t.cause_id = e.cause_id
                JOIN account a ON a.id = t.{side}_id WHERE e.order_id = o.id AND a.code IN ({codes}))"""  # noqa: S608  (our own words)


CHECKS = (
    Check(
        "gifts are shared over what they are for",
        "What vouchers and subsidies took off an order is what its lines and fees were lessened by.",
        f"""SELECT o.id, o.number FROM customer_order o
            WHERE (SELECT coalesce(sum(g.amount_minor), 0) FROM order_gift g WHERE g.order_id = o.id)
               <> (SELECT coalesce(sum(i.minor), 0)
                   FROM {_ITEMS.format(column="discount_minor")} AS i WHERE i.order_id = o.id)""",  # noqa: S608
    ),
    Check(
        "orders know their tax",
        "An order's tax is that of its lines and fees, less the tax within its gifts.",
        f"""SELECT o.id, o.number, o.tax_minor FROM customer_order o
            WHERE o.tax_minor <> (SELECT coalesce(sum(i.minor), 0)
                                  FROM {_ITEMS.format(column="tax_minor - discount_tax_minor")} AS i WHERE i.order_id = o.id)""",  # noqa: S608
    ),
    Check(
        "tax owed is explained order by order",
        "Where goods went over the counter 2030 received the order's tax, and refunds took back exactly their part.",
        f"""SELECT o.id, o.number FROM customer_order o
            WHERE {_moved(_EARNED, "credit", "'2030'")}
               <> CASE WHEN EXISTS (SELECT 1 FROM {_EARNED} AS e WHERE e.order_id = o.id) THEN o.tax_minor ELSE 0 END
               OR {_moved(_BACK, "debit", "'2030'")}
               <> (SELECT coalesce(sum(r.tax_minor), 0) FROM refund r WHERE r.order_id = o.id)""",  # noqa: S608
    ),
    Check(
        "fees and gifts reach whom they are for",
        "Where goods went over the counter each fee was earned net of tax, and the cooperative put in what it gave.",
        f"""SELECT o.id, o.number FROM customer_order o
            WHERE EXISTS (SELECT 1 FROM {_EARNED} AS e WHERE e.order_id = o.id) AND (
              {_moved(_EARNED, "credit", "'4070', '2040'")}
               <> (SELECT coalesce(sum(f.amount_minor + f.added_minor - f.tax_minor), 0) FROM order_fee f WHERE f.order_id = o.id)
              OR {_moved(_EARNED, "debit", "'5100'")}
               <> (SELECT coalesce(sum(i.minor), 0)
                   FROM {_ITEMS.format(column="discount_minor - discount_tax_minor")} AS i WHERE i.order_id = o.id)
              OR {_moved(_BACK, "credit", "'5100'")}
               <> (SELECT coalesce(sum(r.gift_minor), 0) FROM refund r WHERE r.order_id = o.id))""",  # noqa: S608
    ),
    Check(
        "vouchers know how often they were used",
        "A voucher's count is its uses in orders that were not given up, and within its limit.",
        """SELECT v.id, v.code, v.used FROM voucher v
           WHERE v.used <> (SELECT count(*) FROM order_gift g WHERE g.voucher_id = v.id AND g.returned_at IS NULL)
              OR v.used > coalesce(v.uses_most, v.used)""",
    ),
    Check(
        "a given-up order keeps no voucher",
        "The use of a voucher went back exactly where its order was cancelled.",
        """SELECT g.id, g.words FROM order_gift g WHERE g.voucher_id IS NOT NULL
             AND (g.returned_at IS NOT NULL) <> EXISTS (SELECT 1 FROM cancellation c WHERE c.order_id = g.order_id)""",
    ),
)
