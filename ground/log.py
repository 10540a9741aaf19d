"""The log: one JSON line per event, with the request's id, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

SECRETS = re.compile(r"(password|secret|token|cookie|authorization|signature|api_key|card)", re.IGNORECASE)
KEY_SHAPES = re.compile(r"\b(sk|rk|whsec)_[A-Za-z0-9_]{6,}|\b[0-9]{13,19}\b|postgres(?:ql)?://\S+")


def hide_secrets(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Blank what is named like a secret or shaped like one, whatever wrote it [attack:A277]."""
    for name, value in list(event.items()):
        if SECRETS.search(name):
            event[name] = "hidden"
        elif isinstance(value, str):
            event[name] = KEY_SHAPES.sub("hidden", value)
    return event


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
