"""Money that leaves again, as the sandbox plays it: refunds, transfers, reversals, disputes, and the balance."""

from __future__ import annotations

from collections import Counter

from ground.stripe.decimals import stripe_step
from ground.stripe.sandbox_cards import CARDS
from ground.stripe.sandbox_records import Json, Records, Trouble, only, public
from ground.stripe.sandbox_sessions import check_metadata

SETTLES_AFTER_SECONDS = 60
"""A slow refund, or one that fails later, is decided after this long on the sandbox's clock."""


def create_refund(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """POST /v1/refunds: never more than was charged less what is refunded or pending [commerce:R02, R07]."""
    only(params, "charge", "payment_intent", "amount", "reason", "metadata")
    check_metadata(params)
    if ("charge" in params) == ("payment_intent" in params):
        raise Trouble(400, "Name either a charge or a payment_intent.", code="parameter_missing", param="charge")
    charge_id = params.get("charge") or records.get("payment_intent", params["payment_intent"])["latest_charge"]
    if not charge_id or not (charge := records.get("charge", charge_id))["paid"]:
        raise Trouble(400, "This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
    if charge["disputed"]:
        raise Trouble(400, f"Charge {charge['id']} has been charged back.", code="charge_disputed", param="charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise Trouble(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = _amount(params, left, charge["currency"])
    if amount > left:
        raise Trouble(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            code="amount_too_large",
            param="amount",
        )
    slow = (bank := CARDS.get(charge["_card"])) and bank.then == "refund_pending"
    refund = records.new(
        "refund",
        "re",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        reason=params.get("reason"),
        payment_intent=charge["payment_intent"],
        status="pending" if slow else "succeeded",
        failure_reason=None,
        metadata=params.get("metadata") or {},
        _later=bank.then if bank else "",
    )
    move(records, -amount, charge["currency"], refund["id"], "refund")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    records.save(charge)
    records.emit("refund.created", refund)
    records.emit("charge.refunded", charge)
    return refund


def settle_refunds(records: Records) -> None:
    """Decide the refunds that waited long enough; a failed one gives its amount back to the charge."""
    for then in ("refund_pending", "refund_fails"):
        for refund in records.all("refund", _later=then):
            if refund["created"] + SETTLES_AFTER_SECONDS > records.now:
                continue
            refund["_later"] = ""
            if then == "refund_pending":
                refund["status"] = "succeeded"
            else:
                refund.update(status="failed", failure_reason="lost_or_stolen_card")
                charge = records.get("charge", refund["charge"])
                charge["amount_refunded"] -= refund["amount"]
                charge["refunded"] = False
                records.save(charge)
                move(records, refund["amount"], refund["currency"], refund["id"], "refund_failure")
            records.save(refund)
            records.emit("refund.failed" if refund["status"] == "failed" else "refund.updated", refund)


def create_transfer(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """POST /v1/transfers to a connected account, out of the balance or of one charge."""
    only(params, "amount", "currency", "destination", "source_transaction", "transfer_group", "description", "metadata")
    check_metadata(params)
    currency, source = params["currency"].lower(), params.get("source_transaction")
    available = balance_of(records)[currency]
    amount = _amount(params, 0, currency)
    if not params["destination"].startswith("acct_"):
        raise Trouble(
            400, f"No such destination: '{params['destination']}'", code="resource_missing", param="destination"
        )
    if source:
        charge = records.get("charge", source)
        sent = sum(t["amount"] - t["amount_reversed"] for t in records.all("transfer", source_transaction=source))
        if currency != charge["currency"]:
            raise Trouble(
                400,
                "The currency of source_transaction's balance transaction must be the same as the transfer's.",
                param="currency",
            )
        available = charge["amount_captured"] - sent
    if amount > available:
        raise Trouble(
            400,
            "You have insufficient available funds in your Stripe account.",
            code="balance_insufficient",
            param="amount",
        )
    transfer = records.new(
        "transfer",
        "tr",
        amount=amount,
        currency=currency,
        destination=params["destination"],
        amount_reversed=0,
        reversed=False,
        source_transaction=source,
        transfer_group=params.get("transfer_group"),
        description=params.get("description"),
        metadata=params.get("metadata") or {},
    )
    move(records, -amount, currency, transfer["id"], "transfer")
    records.emit("transfer.created", transfer)
    return transfer


def reverse_transfer(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """POST /v1/transfers/{id}/reversals: a refund does not pull its transfers back, so each is reversed by name."""
    only(params, "amount", "metadata")
    check_metadata(params)
    transfer = records.get("transfer", ids[0])
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = _amount(params, left, transfer["currency"]) if left else 0
    if not 0 < amount <= left:
        raise Trouble(
            400, f"Transfer reversal amount ({amount}) is greater than the unreversed amount ({left}).", param="amount"
        )
    reversal = records.new(
        "transfer_reversal",
        "trr",
        amount=amount,
        currency=transfer["currency"],
        transfer=transfer["id"],
        metadata=params.get("metadata") or {},
    )
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    records.save(transfer)
    move(records, amount, transfer["currency"], reversal["id"], "transfer_refund")
    records.emit("transfer.reversed", transfer)
    return reversal


def open_dispute(records: Records, charge: Json) -> Json:
    """The customer's bank takes the money back at once; it returns only if the dispute is won."""
    amount = charge["amount_captured"] - charge["amount_refunded"]
    dispute = records.new(
        "dispute",
        "dp",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        reason="fraudulent",
        payment_intent=charge["payment_intent"],
        status="needs_response",
        metadata={},
    )
    charge["disputed"] = True
    records.save(charge)
    move(records, -amount, charge["currency"], dispute["id"], "adjustment")
    records.emit("charge.dispute.created", dispute)
    records.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(records: Records, dispute: Json, won: bool) -> None:
    assert dispute["status"] == "needs_response"
    dispute["status"] = "won" if won else "lost"
    records.save(dispute)
    if won:
        charge = records.get("charge", dispute["charge"])
        charge["disputed"] = False
        records.save(charge)
        move(records, dispute["amount"], dispute["currency"], dispute["id"], "adjustment")
        records.emit("charge.dispute.funds_reinstated", dispute)
    records.emit("charge.dispute.closed", dispute)


def balance(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    """GET /v1/balance. Everything is available at once: the sandbox has no weekends."""
    only(params)
    held = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in balance_of(records).items()
    ]
    return {"object": "balance", "livemode": False, "available": held, "pending": []}


def balance_of(records: Records) -> Counter[str]:
    """Our balance at the sandbox per currency, in Stripe's units."""
    held: Counter[str] = Counter()
    for row in records.execute(
        "SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.net')) AS net FROM object"
        " WHERE kind = 'balance_transaction' GROUP BY 1 ORDER BY 1"
    ):
        held[row["currency"]] = row["net"]
    return held


def move(records: Records, amount: int, currency: str, source: str, type: str) -> None:
    records.new(
        "balance_transaction",
        "txn",
        amount=amount,
        fee=0,
        net=amount,
        currency=currency,
        source=source,
        type=type,
        status="available",
    )


def list_reversals(records: Records, ids: tuple[str, ...], params: Json) -> Json:
    transfer = public(records.get("transfer", ids[0]))
    return records.page("transfer_reversal", {**params, "transfer": transfer["id"]}, "transfer")


def _amount(params: Json, otherwise: int, currency: str) -> int:
    amount = params.get("amount", otherwise)
    if amount < 1 or amount % stripe_step(currency):
        raise Trouble(
            400,
            f"The amount is a positive multiple of {stripe_step(currency)}.",
            code="parameter_invalid_integer",
            param="amount",
        )
    return amount
