"""Checkout Sessions and the payments made on their page, as the sandbox plays them."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from ground.stripe.decimals import stripe_step
from ground.stripe.sandbox_cards import Card, card
from ground.stripe.sandbox_records import Json, Records, Trouble, public

SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "chf": 50, "cad": 50, "inr": 50, "jpy": 50}
LARGEST = 99_999_999
EXPIRES_SECONDS_MIN, EXPIRES_SECONDS_MAX = 30 * 60, 24 * 60 * 60


def create_session(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """POST /v1/checkout/sessions, for one-off payments on a hosted page."""
    if params.get("mode") != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Trouble(501, "The sandbox has payments on a hosted page only.", param="mode", type="api_error")
    success_url = params.get("success_url", "")
    where = urlsplit(success_url)
    if where.scheme not in ("http", "https") or not where.netloc:
        raise Trouble(400, "Not a valid URL", code="url_invalid", param="success_url")
    currency, total = _total(params.get("line_items", []))
    expires_at = params.get("expires_at", int(records.now) + EXPIRES_SECONDS_MAX)
    # A minute of grace, since the intent was written a moment before it is sent.
    if not EXPIRES_SECONDS_MIN - 60 <= expires_at - records.now <= EXPIRES_SECONDS_MAX + 1:
        raise Trouble(400, "expires_at must be between 30 minutes and 24 hours from now.", param="expires_at")
    check_metadata(params)
    if len(params.get("client_reference_id", "")) > 200:
        raise Trouble(400, "client_reference_id is at most 200 characters.", param="client_reference_id")
    session = records.new(
        "checkout.session", "cs_test", mode="payment", ui_mode="hosted_page", status="open", payment_status="unpaid", amount_total=total,
        amount_subtotal=total, currency=currency, success_url=success_url, cancel_url=params.get("cancel_url"), expires_at=expires_at,
        client_reference_id=params.get("client_reference_id"), customer_email=params.get("customer_email"), payment_intent=None, url=None,
        metadata=params.get("metadata", {}), _lines=params["line_items"], _intent=params.get("payment_intent_data", {}), _last_error=None,
    )  # fmt: skip
    session["url"] = f"{where.scheme}://{where.netloc}/sandbox/checkout/{session['id']}"
    records.save(session)
    return session


def check_metadata(params: Json) -> None:
    metadata = params.get("metadata") or {}
    if len(metadata) > 50 or any(len(name) > 40 or len(value) > 500 for name, value in metadata.items()):
        raise Trouble(400, "Metadata has at most 50 keys of 40 characters with values of 500.", param="metadata")


def _total(lines: list[Json]) -> tuple[str, int]:
    """Currency and sum of the lines, within Stripe's limits."""
    if not lines or any("price_data" not in line or "unit_amount" not in line["price_data"] for line in lines):
        raise Trouble(400, "Each line item needs price_data with a unit_amount.", code="parameter_missing", param="line_items")
    for i, line in enumerate(lines):
        if line.get("quantity", 0) < 1 or line["price_data"]["unit_amount"] < 0:
            raise Trouble(400, "Quantity is at least 1, the amount at least 0.", code="parameter_invalid_integer", param=f"line_items[{i}]")
        if "product_data" not in line["price_data"]:
            raise Trouble(400, "Name the product.", code="parameter_missing", param=f"line_items[{i}][price_data][product_data]")
    currencies = {line["price_data"]["currency"].lower() for line in lines}
    if len(currencies) != 1:
        raise Trouble(400, "All line items have one currency.", code="checkout_mixed_currencies", param="line_items")
    currency, total = currencies.pop(), sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    if total % stripe_step(currency):
        raise Trouble(400, f"{currency.upper()} amounts are multiples of {stripe_step(currency)}.",
                      code="invalid_charge_amount_no_decimal_compatible", param="amount")  # fmt: skip
    if total < SMALLEST.get(currency, 1):
        raise Trouble(400, "The total is below Stripe's smallest amount.", code="amount_too_small", param="line_items")
    if total > LARGEST:
        raise Trouble(400, "The total is above Stripe's largest amount.", code="amount_too_large", param="line_items")
    return currency, total


def retrieve_session(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """GET /v1/checkout/sessions/{session}, with its payment_intent when asked to expand it."""
    session = copy.deepcopy(fresh(records, ids[0]))
    if "payment_intent" in params.get("expand", []) and session["payment_intent"]:
        session["payment_intent"] = public(records.get("payment_intent", session["payment_intent"]))
    return session


def expire_session(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """POST /v1/checkout/sessions/{session}/expire; only an open one can be expired."""
    session = fresh(records, ids[0])
    if session["status"] != "open":
        raise Trouble(400, f"Only open sessions can be expired; this one is {session['status']}.", param="session")
    expire(records, session)
    return session


def fresh(records: Records, id: str) -> Json:
    """The session, expired if its time is over."""
    session = records.get("checkout.session", id)
    if session["status"] == "open" and session["expires_at"] <= records.now:
        expire(records, session)
    return session


def expire(records: Records, session: Json) -> None:
    if session["payment_intent"]:
        intent = records.get("payment_intent", session["payment_intent"])
        intent.update(status="canceled", next_action=None)
        records.save(intent)
        records.emit("payment_intent.canceled", intent)
    session.update(status="expired", url=None)
    records.save(session)
    records.emit("checkout.session.expired", session)


def pay(records: Records, session: Json, number: str) -> Json:
    """Charge the card typed on the page of an open session; answers its PaymentIntent, paid, refused or waiting for 3-D Secure."""
    bank, intent = card(number), _intent(records, session)
    intent["_card"] = bank.number
    if bank.asks_3ds:
        intent.update(status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": {"url": session["url"]}})
        records.save(intent)
        records.emit("payment_intent.requires_action", intent)
        return intent
    return _ask_bank(records, session, intent, bank)


def authenticate(records: Records, session: Json, intent: Json, ok: bool) -> Json:
    """The customer's answer to the bank's question."""
    assert intent["status"] == "requires_action"
    if ok:
        return _ask_bank(records, session, intent, card(intent["_card"]))
    message = "We are unable to authenticate your payment method."
    return _refuse(records, session, intent, "payment_intent_authentication_failure", "authentication_required", message)


def _intent(records: Records, session: Json) -> Json:
    """The session's PaymentIntent, made at the first try and kept for the others."""
    if session["payment_intent"]:
        return records.get("payment_intent", session["payment_intent"])
    intent = records.new(
        "payment_intent", "pi", amount=session["amount_total"], currency=session["currency"], status="requires_payment_method",
        amount_received=0, capture_method="automatic_async", latest_charge=None, last_payment_error=None, next_action=None,
        transfer_group=session["_intent"].get("transfer_group"), metadata=session["_intent"].get("metadata", {}), _card="",
    )  # fmt: skip
    session["payment_intent"] = intent["id"]
    records.save(session)
    records.emit("payment_intent.created", intent)
    return intent


def _ask_bank(records: Records, session: Json, intent: Json, bank: Card) -> Json:
    if bank.decline_code:
        return _refuse(records, session, intent, bank.code, bank.decline_code, bank.message)
    charge = _charge(records, intent, status="succeeded", paid=True, captured=True, amount_captured=intent["amount"])
    fee = (intent["amount"] * 29 + 500) // 1000
    transaction = records.new("balance_transaction", "txn", amount=intent["amount"], fee=fee, net=intent["amount"] - fee,
                              currency=intent["currency"], source=charge["id"], type="charge", status="available")  # fmt: skip
    charge["balance_transaction"] = transaction["id"]
    records.save(charge)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"], next_action=None, last_payment_error=None)
    records.save(intent)
    session.update(status="complete", payment_status="paid", url=None, _last_error=None)
    records.save(session)
    records.emit("charge.succeeded", charge)
    records.emit("payment_intent.succeeded", intent)
    records.emit("checkout.session.completed", session)
    return intent


def _refuse(records: Records, session: Json, intent: Json, code: str, decline_code: str, message: str) -> Json:
    charge = _charge(records, intent, status="failed", paid=False, captured=False, amount_captured=0, failure_code=code, failure_message=message)
    error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": message, "charge": charge["id"]}
    intent.update(status="requires_payment_method", last_payment_error=error, latest_charge=charge["id"], next_action=None)
    records.save(intent)
    session["_last_error"] = message
    records.save(session)
    records.emit("charge.failed", charge)
    records.emit("payment_intent.payment_failed", intent)
    return intent


def _charge(records: Records, intent: Json, **how: Any) -> Json:
    return records.new(
        "charge", "ch", amount=intent["amount"], currency=intent["currency"], payment_intent=intent["id"], amount_refunded=0, refunded=False,
        disputed=False, transfer_group=intent["transfer_group"], metadata=intent["metadata"], balance_transaction=None, _card=intent["_card"],
        **how,
    )  # fmt: skip
