"""The cards that the sandbox takes: Stripe's own published test numbers and what happens to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Then = Literal["", "dispute", "refund_pending", "refund_fails"]


@dataclass(frozen=True, slots=True)
class Card:
    """A test card: its number, what it is for in words, and how the bank behaves."""

    number: str
    purpose: str
    decline_code: str = ""
    message: str = ""
    code: str = "card_declined"
    asks_3ds: bool = False
    then: Then = ""


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "Pays"),
        Card("4000000000000002", "Declined", "generic_decline", "Your card was declined."),
        Card("4000000000009995", "Not enough money", "insufficient_funds", "Your card has insufficient funds."),
        Card("4000000000000069", "Expired card", "expired_card", "Your card has expired.", code="expired_card"),
        Card(
            "4000000000000127",
            "Wrong security code",
            "incorrect_cvc",
            "Your card's security code is incorrect.",
            code="incorrect_cvc",
        ),
        Card(
            "4000000000000119",
            "Bank not reached",
            "processing_error",
            "An error occurred while processing your card.",
            code="processing_error",
        ),
        Card("4000002500003155", "Asks the bank first (3-D Secure)", asks_3ds=True),
        Card(
            "4000008400001629",
            "Asks the bank first, then declined",
            "generic_decline",
            "Your card was declined.",
            asks_3ds=True,
        ),
        Card("4000000000000259", "Pays, disputed later", then="dispute"),
        Card("4000000000007726", "Pays; a refund takes a while", then="refund_pending"),
        Card("4000000000005126", "Pays; a refund fails", then="refund_fails"),
    )
}

UNKNOWN_CARD = Card("", "", "test_mode_live_card", "This is a test: only the test cards listed here work.")
"""Anything else, so that nobody types a real card into a demo and thinks it was charged."""


def card(number: str) -> Card:
    """The card with this number, as typed (spaces and hyphens do not matter)."""
    return CARDS.get(number.replace(" ", "").replace("-", ""), UNKNOWN_CARD)
