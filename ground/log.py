"""The log: one JSON line per event, with the request's id, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog

SECRETS = re.compile(r"(password|secret|token|cookie|authorization|signature|api_key|card)", re.IGNORECASE)
KEY_SHAPES = re.compile(
    r"\b(?:sk|rk|whsec)_[A-Za-z0-9_]{6,}"
    r"|(?<![0-9A-Fa-f-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Fa-f-])"  # A card's number, not the digits of an id.
    r"|\b[a-z][a-z0-9+]*://[^/\s@]+:[^/\s@]+@\S+"  # An address with its password.
    r"|(?s:DETAIL:  .*?(?=\n\n|\n\[SQL|\nCONTEXT:|\Z))"  # PostgreSQL repeats the row it refused.
)
SHORTEST = 9
"""No shape above fits fewer letters, so the words of an ordinary line need no look."""


def hide_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Blank what is named like a secret or shaped like one, whatever wrote it [attack:A277]."""
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: str, value: Any) -> Any:
    """The value without its secrets, however deep they lie."""
    if _is_secret(name):
        return "hidden"
    if isinstance(value, Mapping):
        return {key: _hidden(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden("", inner) for inner in value]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return KEY_SHAPES.sub("hidden", value) if isinstance(value, str) and len(value) >= SHORTEST else value


@lru_cache(512)
def _is_secret(name: str) -> bool:
    """Every line carries the same few names."""
    return SECRETS.search(name) is not None


def configure(*, level: str = "INFO", stream: Any = None) -> None:
    """Write JSON lines to standard error from now on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
