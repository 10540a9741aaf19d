"""The sandbox's webhooks: signed, delivered over real HTTP, and tried again until the shop says 200."""

from __future__ import annotations

import json

import requests

from ground import clock
from ground.stripe.sandbox_faults import webhook_fault
from ground.stripe.sandbox_state import State
from ground.stripe.signatures import sign

LEASE_SECONDS = 60
RETRY_SECONDS_MAX = 3_600
GIVE_UP_AFTER_SECONDS = 3 * 24 * 3_600


def deliver(state: State, limit: int = 50) -> int:
    """Deliver what is due, oldest first; how many the shop took. Without a webhook URL nothing is sent and everything
    waits.

    Several processes may call this at once: each leases its deliveries for a minute before it sends them, and none is
    sent inside a transaction. A process that dies between sending and noting it delivers twice, as Stripe does.
    """
    url, secret = state.setting("url"), state.setting("secret")
    if not url or not secret:
        return 0
    taken = 0
    for seq, body, copies in _lease(state, limit):
        answers = [_post(url, body, secret) for _ in range(copies)] or ["lost"]
        _note(state, seq, answers[-1])
        taken += answers[-1].startswith("2")
    return taken


def _lease(state: State, limit: int) -> list[tuple[int, bytes, int]]:
    """Number, body and how many copies to send (0 when lost) of each delivery that is due, now ours for a minute."""
    with state.write() as records:
        rows = records.execute(
            "SELECT d.seq, o.body FROM delivery d JOIN object o ON o.id = d.event_id"
            " WHERE d.delivered_at IS NULL AND d.due_at <= ? AND o.body ->> 'created' > ? ORDER BY d.seq LIMIT ?",
            records.now,
            records.now - GIVE_UP_AFTER_SECONDS,
            limit,
        ).fetchall()
        for row in rows:
            records.execute(
                "UPDATE delivery SET due_at = ?, tries = tries + 1 WHERE seq = ?",
                records.now + LEASE_SECONDS,
                row["seq"],
            )
        if rows and webhook_fault(records, "webhook_reversed"):
            rows.reverse()
        return [
            (
                row["seq"],
                json.dumps(json.loads(row["body"])).encode(),
                0 if webhook_fault(records, "webhook_lost") else 2 if webhook_fault(records, "webhook_twice") else 1,
            )
            for row in rows
        ]


def _post(url: str, body: bytes, secret: str) -> str:
    """The shop's status code, or what went wrong on the way."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": sign(body, secret, clock.now())}
    with requests.Session() as line:
        line.trust_env = False  # The shop is on this machine; a proxy of the environment's is not asked.
        try:
            return str(line.post(url, data=body, headers=headers, timeout=(2, 10), allow_redirects=False).status_code)
        except requests.RequestException as error:
            return type(error).__name__


def _note(state: State, seq: int, answer: str) -> None:
    with state.write() as records:
        if answer.startswith("2"):
            records.execute("UPDATE delivery SET delivered_at = ?, answer = ? WHERE seq = ?", records.now, answer, seq)
            return
        tries = records.execute("SELECT tries FROM delivery WHERE seq = ?", seq).fetchone()["tries"]
        wait = min(5 * 2 ** min(tries - 1, 20), RETRY_SECONDS_MAX)
        records.execute("UPDATE delivery SET due_at = ?, answer = ? WHERE seq = ?", records.now + wait, answer, seq)
