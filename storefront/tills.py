"""The till: what selling needs from outside the database, made once by the application and handed to views and workers."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from ground.stripe.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Till:
    """`unit` opens a unit of work, `base_url` is the shop's own address without a slash at the end."""

    gateway: Gateway
    unit: Callable[[], AbstractContextManager[Session]]
    secret_key: str
    base_url: str
    takes_cards: bool = True

    def token_of(self, checkout_id: UUID) -> str:
        """The secret of a checkout's link: nobody can make it from the id, and we need not store it to write it again."""
        return hmac.new(self.secret_key.encode(), b"order link:" + checkout_id.bytes, hashlib.sha256).hexdigest()[:48]

    def link_to(self, checkout_id: UUID) -> str:
        """The order's own page, for a letter or for the provider's way back."""
        return f"{self.base_url}/orders/{self.token_of(checkout_id)}"


def hashed(token: str) -> str:
    """What is stored of a secret: enough to find it again, nothing to use it with."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
