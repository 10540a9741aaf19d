"""The line to the sandbox: an HTTP client for the Stripe SDK that opens no socket and answers as Stripe would."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import stripe

from ground.stripe import sandbox_money, sandbox_sessions, schema
from ground.stripe.sandbox_faults import next_fault
from ground.stripe.sandbox_records import Json, Records, Trouble, only, public
from ground.stripe.sandbox_state import State

SANDBOX_KEY = "sk_test_sandbox"
KEY_LIFE_SECONDS = 24 * 60 * 60
"""Stripe may forget an idempotency key after a day; ours always does, so that nobody comes to rely on more."""

Answer = Callable[[Records, tuple[str, ...], Json], Json]


def _get(kind: str) -> Answer:
    def answer(records: Records, ids: tuple[str, ...], params: Json) -> Json:
        only(params)
        return records.get(kind, ids[0])

    return answer


def _list(kind: str, *equal: str) -> Answer:
    return lambda records, ids, params: records.page(kind, params, *equal)


ANSWERS: dict[tuple[str, str], Answer] = {
    ("post", "/v1/checkout/sessions"): sandbox_sessions.create_session,
    ("get", "/v1/checkout/sessions"): _list("checkout.session", "payment_intent", "status"),
    ("get", "/v1/checkout/sessions/{session}"): sandbox_sessions.retrieve_session,
    ("post", "/v1/checkout/sessions/{session}/expire"): sandbox_sessions.expire_session,
    ("get", "/v1/payment_intents"): _list("payment_intent"),
    ("get", "/v1/payment_intents/{intent}"): _get("payment_intent"),
    ("get", "/v1/charges"): _list("charge", "payment_intent", "transfer_group"),
    ("get", "/v1/charges/{charge}"): _get("charge"),
    ("post", "/v1/refunds"): sandbox_money.create_refund,
    ("get", "/v1/refunds"): _list("refund", "payment_intent", "charge"),
    ("get", "/v1/refunds/{refund}"): _get("refund"),
    ("post", "/v1/transfers"): sandbox_money.create_transfer,
    ("get", "/v1/transfers"): _list("transfer", "transfer_group", "destination"),
    ("get", "/v1/transfers/{transfer}"): _get("transfer"),
    ("post", "/v1/transfers/{id}/reversals"): sandbox_money.reverse_transfer,
    ("get", "/v1/transfers/{id}/reversals"): sandbox_money.list_reversals,
    ("get", "/v1/disputes"): _list("dispute", "payment_intent", "charge"),
    ("get", "/v1/disputes/{dispute}"): _get("dispute"),
    ("get", "/v1/balance"): sandbox_money.balance,
    ("get", "/v1/balance_transactions"): _list("balance_transaction", "source", "type", "currency"),
    ("get", "/v1/events"): _list("event", "type"),
    ("get", "/v1/events/{id}"): _get("event"),
}


class SandboxTransport(stripe.HTTPClient):
    """Give this to a StripeClient and it talks to the sandbox. `timeout_seconds` is how long the caller would wait
    for an answer.
    """

    name = "sandbox"

    def __init__(self, state: State, timeout_seconds: float = 20) -> None:
        super().__init__()
        self.state = state
        self.timeout_seconds = timeout_seconds

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return 0  # The SDK waits between its retries for Stripe's sake; nobody is hurried here.

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """One request: the fault ordered for it, if any, then the answer."""
        where, given = urlsplit(url), dict(headers or {})
        pairs = parse_qsl(where.query if method != "post" else post_data or "", keep_blank_values=True)
        with self.state.write() as records:
            fault, seconds = next_fault(records, method, where.path) or ("", 0.0)
        if fault == "lost_request":
            self._no_answer()
        if fault == "server_error":
            return _error(Trouble(500, "Something went wrong on Stripe's end.", type="api_error"))
        if fault == "rate_limited":
            return _error(Trouble(429, "Too many requests hit the API too quickly.", code="rate_limit"))
        if fault == "slow":
            time.sleep(min(seconds, self.timeout_seconds))
        body, status, answered = self._answer(method, where.path, pairs, given)
        if fault == "lost_response" or (fault == "slow" and seconds > self.timeout_seconds):
            self._no_answer()
        if fault == "late_server_error":
            return _error(Trouble(500, "Something went wrong on Stripe's end.", type="api_error"))
        return (body[: len(body) // 2] if fault == "garbled" else body), status, answered

    def _answer(
        self, method: str, path: str, pairs: list[tuple[str, str]], headers: Mapping[str, str]
    ) -> tuple[str, int, Mapping[str, str]]:
        """The answer, from memory if this idempotency key was seen within 24 hours."""
        if not headers.get("Authorization", "").startswith("Bearer sk_test_"):
            return _error(Trouble(401, "Invalid API Key provided."))
        try:
            request = schema.read(method, path, schema.unflatten(pairs))
        except schema.Mismatch as mismatch:
            # As at Stripe, what was never begun is not remembered under its key.
            return _error(Trouble(400, str(mismatch), code="parameter_invalid", param=mismatch.param))
        key = headers.get("Idempotency-Key", "") if method == "post" else ""
        fingerprint = sha256(
            json.dumps([method, path, request.params], sort_keys=True, default=str).encode()
        ).hexdigest()
        with self.state.write() as records:
            records.execute("DELETE FROM idempotency WHERE at <= ?", records.now - KEY_LIFE_SECONDS)
            records.execute("DELETE FROM request WHERE at <= ?", records.now - KEY_LIFE_SECONDS)
            records.execute(
                "INSERT INTO request (method, path, key, at) VALUES (?, ?, ?, ?)", method, path, key, records.now
            )
            seen = records.execute("SELECT fingerprint, status, answer FROM idempotency WHERE key = ?", key).fetchone()
            if seen and seen["fingerprint"] != fingerprint:
                message = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                return _error(Trouble(400, message, type="idempotency_error"))
            if seen:
                return seen["answer"], seen["status"], _headers(replayed=True)
            status, answer = _perform(records, request, path)
            body = json.dumps(answer)
            if key:
                records.execute(
                    "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?)", key, fingerprint, status, body, records.now
                )
            return body, status, _headers()

    def _no_answer(self) -> NoReturn:
        raise stripe.APIConnectionError("The line to the sandbox was cut.", should_retry=True)

    def close(self) -> None:
        """Nothing is kept open."""


def _perform(records: Records, request: schema.Request, path: str) -> tuple[int, Json]:
    """Status and body; what an error began is undone, but the error is remembered."""
    answer = ANSWERS.get((request.method, request.route))
    if answer is None:
        trouble = Trouble(501, f"The sandbox has no {request.method.upper()} {request.route}.", type="api_error")
        return trouble.status, trouble.body
    records.execute("SAVEPOINT request")
    try:
        found = public(answer(records, request.ids, request.params))
        # A list says where it came from, and the SDK asks there for its next page.
        return 200, found | ({"url": path} if found["object"] == "list" else {})
    except Trouble as trouble:
        records.execute("ROLLBACK TO request")
        return trouble.status, trouble.body
    finally:
        records.execute("RELEASE request")


def _error(trouble: Trouble) -> tuple[str, int, Mapping[str, str]]:
    return json.dumps(trouble.body), trouble.status, _headers()


def _headers(*, replayed: bool = False) -> Mapping[str, str]:
    return {"Request-Id": "req_sandbox"} | ({"Idempotent-Replayed": "true"} if replayed else {})
