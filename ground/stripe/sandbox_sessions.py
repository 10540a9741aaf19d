"""Checkout Sessions, as the sandbox plays them: opened, read, expired."""

from __future__ import annotations

from urllib.parse import urlsplit

from ground.stripe.decimals import stripe_step
from ground.stripe.sandbox_records import Json, Records, Trouble, only, public

SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "chf": 50, "cad": 50, "inr": 50, "jpy": 50}
LARGEST = 99_999_999
SESSION_PARAMS = [
    "mode",
    "ui_mode",
    "success_url",
    "cancel_url",
    "line_items",
    "expires_at",
    "metadata",
    "client_reference_id",
    "customer_email",
    "payment_intent_data",
    "adaptive_pricing",
    "submit_type",
    "locale",
]
EXPANDS = {"payment_intent": "payment_intent", "latest_charge": "charge", "balance_transaction": "balance_transaction"}
EXPIRES_SECONDS_MIN, EXPIRES_SECONDS_MAX = 30 * 60, 24 * 60 * 60


def create_session(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """POST /v1/checkout/sessions, for one-off payments on a hosted page."""
    only(params, *SESSION_PARAMS)
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
        "checkout.session",
        "cs_test",
        mode="payment",
        ui_mode="hosted_page",
        status="open",
        payment_status="unpaid",
        amount_total=total,
        amount_subtotal=total,
        currency=currency,
        success_url=success_url,
        cancel_url=params.get("cancel_url"),
        expires_at=expires_at,
        client_reference_id=params.get("client_reference_id"),
        customer_email=params.get("customer_email"),
        payment_intent=None,
        url=None,
        metadata=params.get("metadata", {}),
        _lines=params["line_items"],
        _intent=params.get("payment_intent_data", {}),
        _last_error=None,
    )
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
        raise Trouble(
            400, "Each line item needs price_data with a unit_amount.", code="parameter_missing", param="line_items"
        )
    for i, line in enumerate(lines):
        if line.get("quantity", 0) < 1 or line["price_data"]["unit_amount"] < 0:
            raise Trouble(
                400,
                "Quantity is at least 1, the amount at least 0.",
                code="parameter_invalid_integer",
                param=f"line_items[{i}]",
            )
        if "product_data" not in line["price_data"]:
            raise Trouble(
                400, "Name the product.", code="parameter_missing", param=f"line_items[{i}][price_data][product_data]"
            )
    currencies = {line["price_data"]["currency"].lower() for line in lines}
    if len(currencies) != 1:
        raise Trouble(400, "All line items have one currency.", code="checkout_mixed_currencies", param="line_items")
    currency, total = currencies.pop(), sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    if total % stripe_step(currency):
        raise Trouble(
            400,
            f"{currency.upper()} amounts are multiples of {stripe_step(currency)}.",
            code="invalid_charge_amount_no_decimal_compatible",
            param="amount",
        )
    if total < SMALLEST.get(currency, 1):
        raise Trouble(400, "The total is below Stripe's smallest amount.", code="amount_too_small", param="line_items")
    if total > LARGEST:
        raise Trouble(400, "The total is above Stripe's largest amount.", code="amount_too_large", param="line_items")
    return currency, total


def retrieve_session(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """GET /v1/checkout/sessions/{session}; `expand` reaches from its payment_intent to the charge and the charge's
    balance_transaction.
    """
    only(params, "expand")
    session = dict(fresh(records, ids[0]))
    for path in params.get("expand", []):
        inner = session
        for name in path.split("."):
            if name not in EXPANDS:
                raise Trouble(400, f"This property cannot be expanded ({name}).", param="expand")
            if isinstance(inner[name], str):
                inner[name] = public(records.get(EXPANDS[name], inner[name]))
            if inner[name] is None:
                break
            inner = inner[name]
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
