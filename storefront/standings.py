"""Standings: what is true now of a checkout that waits for its payment or came to nothing, in words for its buyer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ground import local_time
from ground.words import _
from storefront import cancellations
from storefront.card_payments import CardPayment, State
from storefront.checkouts import Checkout
from storefront.orders import Order

OVER = (State.PAID, State.EXPIRED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Standing:
    """`payable`: the provider's page may still be used. `waits`: the answer may change by itself, so look again."""

    title: str
    words: str
    payable: bool = False
    waits: bool = False


def of(
    checkout: Checkout, made: Sequence[Order], payment: CardPayment | None, zone: ZoneInfo, now: datetime
) -> Standing | None:
    """The standing, or None for an order that takes its ordinary course."""
    if all(order.cancellation is not None for order in made):
        return _cancelled(checkout, made, payment)
    if payment is None or payment.state in OVER:
        return None
    assert checkout.expires_at is not None
    if checkout.expires_at <= now:
        words = _("If you have paid, your bank's answer is on its way and counts. If not, nothing is charged.")
        return Standing(_("The time to pay is over."), words, waits=True)
    kept = _("Your goods are kept for you until %(moment)s.", moment=local_time.clock_words(checkout.expires_at, zone))
    if payment.state is not State.OPEN:
        words = _("We are asking the payment provider for its page. Nothing is charged yet.")
        return Standing(_("The payment is being prepared."), f"{words} {kept}", waits=True)
    words = _(
        "If you have paid, this takes a moment: look again shortly. If your card was declined, or your bank still asks you, "
        "nothing is charged yet: go back to the payment and try again there."
    )
    return Standing(_("Waiting for your payment to be confirmed."), f"{words} {kept}", payable=True, waits=True)


def _cancelled(checkout: Checkout, made: Sequence[Order], payment: CardPayment | None) -> Standing:
    """Nothing of it will be filled: was anything charged, and what can the buyer do?"""
    ended = made[0].cancellation
    assert ended is not None
    if payment is None:
        return Standing(_("Cancelled."), ended.reason)
    if payment.state is State.PAID:
        back = _("You paid %(total)s; it goes back to your card. Below you see how far that is.", total=checkout.total)
        return Standing(_("Cancelled."), f"{ended.reason} {back}")
    if ended.reason == cancellations.REPLACED:
        words = _("You checked out again, and that order counts. Nothing is charged for this one.")
        return Standing(_("Replaced by a newer order."), words)
    if payment.state is State.FAILED:
        words = _("The payment provider could not open its page. Nothing was charged, and the goods are on sale again.")
        return Standing(_("Not paid."), words)
    if ended.reason == cancellations.UNPAID:
        words = _(
            "It was not paid in time. Nothing was charged; the goods and the time you chose are free for others again."
        )
        return Standing(_("Not paid."), words)
    return Standing(_("Cancelled."), f"{ended.reason} {_('Nothing was charged.')}")
