"""Files that are handed over as they were kept: to be saved, and never by a cache."""

from __future__ import annotations

from flask import make_response
from werkzeug import Response


def handed(body: bytes, *, kind: str, name: str) -> Response:
    """These bytes under this file name (letters, digits, dots and dashes); `kind` is their media type."""
    answer = make_response(body)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
