"""What goes wrong on the way to Stripe, on order: kept in the sandbox's file, so that all processes see it."""

from __future__ import annotations

from typing import Literal, get_args

from ground.stripe.sandbox_records import Records

Fault = Literal[
    "lost_request",  # dropped before Stripe saw it
    "lost_response",  # Stripe did it, nobody heard
    "server_error",  # 500, nothing done
    "late_server_error",  # 500, but done
    "rate_limited",  # 429, nothing done
    "garbled",  # done, and half of the answer arrives
    "slow",  # done after `seconds`; a timeout when that is longer than the line waits
    "webhook_lost",  # the delivery never reaches the shop; it is tried again
    "webhook_twice",  # the delivery arrives two times
    "webhook_reversed",  # the waiting deliveries arrive newest first
]


def break_line(
    records: Records, kind: Fault, *, method: str = "", path: str = "", times: int = 1, seconds: float = 0
) -> None:
    """Let the next `times` requests fail so whose method and path start like these; "" is any. Faults happen in the
    order set.
    """
    assert kind in get_args(Fault)
    records.execute(
        "INSERT INTO fault (kind, method, path, times_left, seconds) VALUES (?, ?, ?, ?, ?)",
        kind,
        method.lower(),
        path,
        times,
        seconds,
    )


def next_fault(records: Records, method: str, path: str) -> tuple[str, float] | None:
    """The fault that hits this request, used up once; its kind and seconds."""
    return _take(
        records, "kind NOT LIKE 'webhook%' AND ? LIKE method || '%' AND substr(?, 1, length(path)) = path", method, path
    )


def webhook_fault(records: Records, kind: Fault) -> bool:
    """Whether this fault hits the deliveries now; used up once."""
    return _take(records, "kind = ?", kind) is not None


def mend(records: Records) -> None:
    """Forget all faults."""
    records.execute("DELETE FROM fault")


def _take(records: Records, where: str, *values: object) -> tuple[str, float] | None:
    # Only conditions written above reach the text; values are bound.
    query = f"SELECT seq, kind, seconds FROM fault WHERE times_left > 0 AND {where} ORDER BY seq LIMIT 1"  # noqa: S608
    row = records.execute(query, *values).fetchone()
    if row is None:
        return None
    records.execute("UPDATE fault SET times_left = times_left - 1 WHERE seq = ?", row["seq"])
    return row["kind"], row["seconds"]
