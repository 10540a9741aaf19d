"""Keepers: what each floor keeps about a person, so that all of it can be forgotten in one go.

A floor offers one keeper in its `forgetting.py` and knows nothing of the others; `admin/keepers.py` gathers them. Rows that
are about a person (`exports.MINE`) and stand in no keeper's list fail a test: whoever adds some decides what becomes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from cooperative.people import Person

NAMELESS = "Erased person"
"""What stands where a name was; the office reads it in English."""


class Fate(StrEnum):
    """What becomes of rows that are about a person who asks to be forgotten."""

    DELETED = "deleted"
    EMPTIED = "emptied of what tells who it was"
    UNLINKED = "kept by the cooperative, without the account"


@dataclass(frozen=True, slots=True)
class Keeper:
    """One floor's part. `fates`: what becomes of its tables that are about a person.

    `hinders` answers in words why this person cannot be forgotten yet; `forgets` is called by the worker, which sees all.
    """

    fates: Mapping[str, Fate]
    hinders: Callable[[Session, Person], list[str]]
    forgets: Callable[[Session, Person], None]
