"""Percentages as people write them, `2.5`, read exactly as whole basis points."""

from __future__ import annotations

import re

from ground.forms import Reader

PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
WORDS = "Write a percentage above 0 and up to 100, such as 16 or 2.5."


def bps(read: Reader, name: str) -> int:
    """An optional percentage of the form in basis points, 0 where it is missing."""
    told = read.text(name, most=6, optional=True)
    if not told:
        return 0
    whole, _, part = told.partition(".")
    found = int(whole) * 100 + int(part.ljust(2, "0") or "0") if PERCENT.fullmatch(told) else 0
    if not 0 < found <= 10_000:
        read.fault(name, WORDS)
        return 0
    return found
