"""`make.product("Maize", {1: "3.00"})`: one line says what matters to a test; the makers of each package fill in the rest."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

MAKERS = Path(__file__).parent / "makers"


class Make:
    """The makers of `tests/makers/`, found by name, with the test's session as their first argument.

    A maker is a plain function `def product(session, name, …)`. It adds and flushes; it never commits.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def __getattr__(self, name: str) -> Callable[..., Any]:
        for path in sorted(MAKERS.glob("[a-z]*.py")):
            if re.search(rf"^def {re.escape(name)}\(", path.read_text("utf-8"), re.MULTILINE):
                maker = getattr(importlib.import_module(f"tests.makers.{path.stem}"), name)
                return functools.partial(maker, self.session)
        raise AttributeError(f"nobody makes a {name}")
