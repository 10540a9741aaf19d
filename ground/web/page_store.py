"""The store of kept pages: one per process, bounded in bytes, true to what the database counts (docs/decisions/0007)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ground import clock, street_changes
from ground.db import db

VERSIONS_EVERY_SECONDS = 0.1
"""How old a version may be: after a commit, another process gives out the page before it for no longer than this."""
FIGURES_EVERY_SECONDS = 1.0
"""The same for figures that a page rests on besides (how much is left in store)."""
OVERHEAD_BYTES = 2_000
"""What an entry costs besides its two bodies: measured, and rounded up."""

Key = tuple[str, ...]
Figures = Callable[[Session], Any]


@dataclass(slots=True)
class Entry:
    """One page, compressed both ways, and what it stands on."""

    gz: bytes
    br: bytes
    etag: str
    version: int
    cooperative_id: UUID | None
    made_at: datetime
    ends_at: datetime
    figures: list[tuple[Figures, Any]]
    looked_at: float
    content_type: str

    @property
    def weight(self) -> int:
        return len(self.gz) + len(self.br) + OVERHEAD_BYTES


class Pages:
    """The kept pages of one process: the least recently asked for goes first when there are too many bytes of them."""

    def __init__(self, bytes_most: int) -> None:
        self.bytes_most = bytes_most
        self.bytes_now = self.given = self.made = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._makers: dict[Key, threading.Lock] = {}
        self._versions: dict[UUID, int] = {}
        self._sum = 0
        self._read_at = float("-inf")
        self._reading = threading.Lock()

    def clear(self) -> None:
        """Forget everything: for tests, which change the database under a running application."""
        with self._lock:
            self._entries.clear()
            self._makers.clear()
            self.bytes_now = 0
            self._read_at = float("-inf")

    def __len__(self) -> int:
        return len(self._entries)

    # -- versions ---------------------------------------------------------------------------------------------------------

    def read_versions(self, oldest: float) -> None:
        """Have versions that were read at `oldest` (on the monotonic clock) or later; one thread asks for all that wait."""
        if self._read_at >= oldest:
            return
        with self._reading:
            if self._read_at < oldest:
                self._read()

    def read_ahead(self, oldest: float) -> None:
        """The same for one thread, while the others go on with what is still young enough."""
        if self._read_at < oldest and self._reading.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._reading.release()

    def _read(self) -> None:
        began = time.monotonic()
        self._versions = street_changes.read(db.engine)
        self._sum = sum(self._versions.values())
        self._read_at = began

    def version(self, cooperative_id: UUID | None) -> int:
        """Of one cooperative's street, or (None) of the whole market's."""
        return self._sum if cooperative_id is None else self._versions.get(cooperative_id, 0)

    # -- entries ----------------------------------------------------------------------------------------------------------

    def find(self, key: Key) -> Entry | None:
        """The page of this key, while all that it stands on holds."""
        now = time.monotonic()
        entry = self._entries.get(key)
        if entry is None:
            return None
        self.read_ahead(now - VERSIONS_EVERY_SECONDS / 2)
        self.read_versions(now - VERSIONS_EVERY_SECONDS)
        if entry.version != self.version(entry.cooperative_id) or not entry.made_at <= clock.now() < entry.ends_at:
            return None
        if entry.figures and now - entry.looked_at > FIGURES_EVERY_SECONDS:
            with db.unit(reads_only=True) as session:
                if any(ask(session) != told for ask, told in entry.figures):
                    return None
            entry.looked_at = now
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
        self.given += 1
        return entry

    def keep(self, key: Key, entry: Entry) -> None:
        with self._lock:
            before = self._entries.pop(key, None)
            self.bytes_now += entry.weight - (before.weight if before else 0)
            self._entries[key] = entry
            self.made += 1
            while self.bytes_now > self.bytes_most and self._entries:
                _, oldest = self._entries.popitem(last=False)
                self.bytes_now -= oldest.weight

    def maker(self, key: Key) -> threading.Lock:
        """Whoever makes this page holds this, so that a crowd at an empty shelf makes it once."""
        with self._lock:
            return self._makers.setdefault(key, threading.Lock())

    def made_by(self, key: Key) -> None:
        with self._lock:
            self._makers.pop(key, None)
