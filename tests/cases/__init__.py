"""Worked cases, copied with their ids and sources."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read(name: str) -> dict[str, dict[str, Any]]:
    """The cases of one file by id."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
