"""The whole schema that the models describe, as plain statements: the first migration writes it down, tests compare."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from sqlalchemy import Dialect, MetaData, create_mock_engine
from sqlalchemy.dialects import postgresql, sqlite

from ground.db import Model
from ground.walls import raise_walls


def statements(dialect: str, metadata: MetaData = Model.metadata) -> list[str]:
    """CREATE TABLE, keys, indexes and walls, in an order that works. Every model must have been imported before."""
    # A paramstyle without percent signs: the statements are written as a person would type them.
    plain: Dialect = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}[dialect](paramstyle="named")
    written: list[str] = []

    def write(statement: Any, *_arguments: Any, **_options: Any) -> None:
        written.append(str(statement.compile(dialect=plain)).strip())

    engine = create_mock_engine(f"{dialect}+psycopg://" if dialect == "postgresql" else f"{dialect}://", write)
    metadata.create_all(engine, checkfirst=False)
    return _in_one_order(written) + list(raise_walls(dialect))


def _in_one_order(written: list[str]) -> list[str]:
    """A table keeps its indexes as a set: sorted, the statements change only when a model does."""
    runs = groupby(written, lambda statement: re.match(r"CREATE (UNIQUE )?INDEX", statement) is not None)
    return [statement for are_indexes, run in runs for statement in (sorted(run) if are_indexes else run)]
