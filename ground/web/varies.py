"""Varies: what of a request an answer depends on, noted in its Vary header."""

from __future__ import annotations

from werkzeug.wrappers import Response


def varies(response: Response, *names: str) -> None:
    """Add these names to the answer's Vary. Written out: Werkzeug's header set is read and written anew for every name."""
    said = response.headers.get("Vary", "")
    missing = [name for name in names if name not in said.split(", ")]
    if missing:
        response.headers["Vary"] = ", ".join([said, *missing] if said else missing)
