"""Ids at birth: time-ordered UUIDs (RFC 9562, version 7), so that one row can name another before either is written."""

from __future__ import annotations

import secrets
import time
from uuid import UUID

NOBODY = UUID(int=0)
"""Stands where a unique key needs a value for "none": NULLs never collide, so they guard nothing."""


def new_id() -> UUID:
    """A UUIDv7: 48 bits of milliseconds, 74 random bits. It names a row; it never grants anything."""
    milliseconds = time.time_ns() // 1_000_000
    value = (
        (milliseconds & (1 << 48) - 1) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return UUID(int=value)


def new_secret() -> str:
    """A key that grants something: 192 random bits, safe in a URL. Only its hash is stored."""
    return secrets.token_urlsafe(24)
