"""What happens when the customer pays, as the sandbox plays it: PaymentIntents, charges, declines, 3-D Secure."""

from __future__ import annotations

from typing import Any

from ground.stripe.decimals import stripe_step
from ground.stripe.sandbox_cards import Card, card
from ground.stripe.sandbox_records import Json, Records


def pay(records: Records, session: Json, number: str) -> Json:
    """Charge the card typed on the page of an open session; answers its PaymentIntent, paid, refused or waiting for
    3-D Secure.
    """
    bank, intent = card(number), _intent(records, session)
    intent["_card"] = bank.number
    if bank.asks_3ds:
        intent.update(
            status="requires_action",
            next_action={"type": "redirect_to_url", "redirect_to_url": {"url": session["url"]}},
        )
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
    return _refuse(
        records, session, intent, "payment_intent_authentication_failure", "authentication_required", message
    )


def _intent(records: Records, session: Json) -> Json:
    """The session's PaymentIntent, made at the first try and kept for the others."""
    if session["payment_intent"]:
        return records.get("payment_intent", session["payment_intent"])
    intent = records.new(
        "payment_intent",
        "pi",
        amount=session["amount_total"],
        currency=session["currency"],
        status="requires_payment_method",
        amount_received=0,
        capture_method="automatic_async",
        latest_charge=None,
        last_payment_error=None,
        next_action=None,
        transfer_group=session["_intent"].get("transfer_group"),
        metadata=session["_intent"].get("metadata", {}),
        _card="",
    )
    session["payment_intent"] = intent["id"]
    records.save(session)
    records.emit("payment_intent.created", intent)
    return intent


def _ask_bank(records: Records, session: Json, intent: Json, bank: Card) -> Json:
    if bank.decline_code:
        return _refuse(records, session, intent, bank.code, bank.decline_code, bank.message)
    charge = _charge(records, intent, status="succeeded", paid=True, captured=True, amount_captured=intent["amount"])
    step = stripe_step(intent["currency"])
    fee = (intent["amount"] * 29 + 500 * step) // (1000 * step) * step
    transaction = records.new(
        "balance_transaction",
        "txn",
        amount=intent["amount"],
        fee=fee,
        net=intent["amount"] - fee,
        currency=intent["currency"],
        source=charge["id"],
        type="charge",
        status="available",
    )
    charge["balance_transaction"] = transaction["id"]
    records.save(charge)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
    )
    records.save(intent)
    session.update(status="complete", payment_status="paid", url=None, _last_error=None)
    records.save(session)
    records.emit("charge.succeeded", charge)
    records.emit("payment_intent.succeeded", intent)
    records.emit("checkout.session.completed", session)
    return intent


def _refuse(records: Records, session: Json, intent: Json, code: str, decline_code: str, message: str) -> Json:
    charge = _charge(
        records,
        intent,
        status="failed",
        paid=False,
        captured=False,
        amount_captured=0,
        failure_code=code,
        failure_message=message,
    )
    error = {
        "type": "card_error",
        "code": code,
        "decline_code": decline_code,
        "message": message,
        "charge": charge["id"],
    }
    intent.update(
        status="requires_payment_method", last_payment_error=error, latest_charge=charge["id"], next_action=None
    )
    records.save(intent)
    session["_last_error"] = message
    records.save(session)
    records.emit("charge.failed", charge)
    records.emit("payment_intent.payment_failed", intent)
    return intent


def _charge(records: Records, intent: Json, **how: Any) -> Json:
    return records.new(
        "charge",
        "ch",
        amount=intent["amount"],
        currency=intent["currency"],
        payment_intent=intent["id"],
        amount_refunded=0,
        refunded=False,
        disputed=False,
        transfer_group=intent["transfer_group"],
        metadata=intent["metadata"],
        balance_transaction=None,
        _card=intent["_card"],
        **how,
    )
