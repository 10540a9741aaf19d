"""The season's second half: picked, collected, refunded, settled, paid out, remitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from admin.demo.season import Season

CHAPTERS: tuple[tuple[str, Callable[[Season], None]], ...] = ()
