"""The three ways a question to Stripe fails: no answer to act on, a definite no, a decline of the customer's card."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import stripe

from ground.errors import Refusal


class Unknown(Exception):
    """It may have happened or not: timeout, dropped line, 5xx, 409, 429, our key refused, an answer that cannot be
    read.

    Never treat it as failed: ask again with the same key, and after 20 hours look it up. The message holds no secret.
    """


class KeyReused(Unknown):
    """This idempotency key was used before with another body: whatever the first body asked for may have happened.
    Look it up.
    """


class Stale(Unknown):
    """The intent is too old to be sent blind: Stripe may have forgotten its key. Look it up first."""


class Refused(Exception):
    """Stripe said no, definitely: nothing happened. `code` and `param` are Stripe's; the message is for managers, not
    customers.
    """

    def __init__(self, message: str, *, code: str = "", param: str = "") -> None:
        self.code, self.param = code, param
        super().__init__(message)


class Declined(Refused):
    """The customer's bank said no. `code` is the decline code (`insufficient_funds`); the message may be shown to the
    customer.
    """


class BadEvent(Exception):
    """A delivery that is none of ours: answer 400, store nothing, count it [attack:A082, A083]."""


class BadSignature(BadEvent):
    """The signature is missing, malformed, too old, too new, or made with a secret that is not ours."""


@contextmanager
def asking(what: str) -> Generator[None]:
    """Everything that can go wrong while asking Stripe for `what`, as one of the failures above.

    The SDK's exceptions carry headers and bodies, so none is chained.
    """
    try:
        yield
    except stripe.IdempotencyError as error:
        raise KeyReused(f"{what}: {_said(error)}") from None
    except stripe.CardError as error:
        raise Declined(error.user_message or "Your card was declined.", code=_code(error)) from None
    except stripe.InvalidRequestError as error:
        raise Refused(f"{what}: {_said(error)}", code=_code(error), param=str(error.param or "")) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # Not the order's fault and mended by an operator, so the intent waits rather than fails.
        raise Unknown(f"{what}: Stripe does not take our key (HTTP {error.http_status}).") from None
    except stripe.APIConnectionError:
        raise Unknown(f"{what}: no answer from Stripe.") from None
    except stripe.StripeError as error:
        raise Unknown(
            f"{what}: HTTP {error.http_status or 'unknown'} from Stripe, request {error.request_id or 'unknown'}."
        ) from None
    except (KeyError, TypeError, ValueError, Refusal) as error:
        raise Unknown(f"{what}: Stripe's answer could not be read ({type(error).__name__}: {error}).") from None


def _said(error: stripe.StripeError) -> str:
    return error.user_message or error.code or type(error).__name__


def _code(error: stripe.StripeError) -> str:
    return str((error.error and getattr(error.error, "decline_code", None)) or error.code or "")
