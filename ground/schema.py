"""The whole schema that the models describe, as plain statements: what the first migration writes down and tests compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import MetaData, create_mock_engine

from ground.db import Model
from ground.walls import raise_walls

DRIVERS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


def statements(dialect: str, metadata: MetaData = Model.metadata) -> list[str]:
    """CREATE TABLE, keys, indexes and walls, in an order that works. Every model must have been imported before."""
    written: list[str] = []

    def write(statement: Any, *_arguments: Any, **_options: Any) -> None:
        written.append(str(statement.compile(dialect=engine.dialect)).strip())

    executor: Callable[..., Any] = write
    engine = create_mock_engine(DRIVERS[dialect], executor)
    metadata.create_all(engine, checkfirst=False)
    return written + list(raise_walls(dialect))
