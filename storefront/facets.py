"""Facets: how many of what is meant each filter would leave. Counted over at most COUNTED listings, and honest about it."""

# ruff: noqa: S608  (SQL is put together from our own words only; what people ask is bound)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.listing_words import mark
from inventory.products import Certificate
from storefront import finder
from storefront.finder import Question, Understood

COUNTED = 5_000
SHOWN = 8
"""Values of a facet at first; the rest is a click away."""
COUNTED_BY = {"kind": "kind", "from": "cooperative_id", "place": "county", "price": "band"}
FACETS = (*COUNTED_BY, "certificate", "now")


@dataclass(frozen=True, slots=True)
class Facet:
    """The counts of one facet's values, the most first, of `values` that there are; `whole` where every match was counted."""

    counts: dict[str, int]
    values: int
    whole: bool

    def count(self, value: str) -> int:
        return self.counts.get(value, 0)


def count(session: Session, question: Question, understood: Understood, *, most: int = SHOWN) -> dict[str, Facet]:
    """Every facet in one statement. A facet's own filter does not narrow its counts: its values are choices, not stairs."""
    chosen = [facet for facet in FACETS if len(question.marks(facet)) < len(question.marks())]
    given: dict[str, object] = {"most": COUNTED + 1}
    tables, parts = [], []
    for name in ("all", *chosen):
        wish = [*understood.groups, *question.marks("" if name == "all" else name)]
        columns = "l.kind, l.cooperative_id, l.county, l.band, l.marks"
        if wish:
            given[f"wish_{name}"] = finder.spelled(session, wish)
            source = f"({finder.matching(session, f'wish_{name}')}) AS hit JOIN listing l ON l.number = hit.number"
        else:
            source = "listing l"
        tables.append(f"of_{name} AS MATERIALIZED (SELECT {columns} FROM {source} LIMIT :most)")
    for facet in FACETS:
        table = f"of_{facet if facet in chosen else 'all'}"
        parts.append(f"SELECT '{facet}' AS facet, '' AS value, count(*) AS n, 0 AS every FROM {table}")
        if facet in COUNTED_BY:
            column = COUNTED_BY[facet]
            parts.append(
                f"SELECT * FROM (SELECT '{facet}', CAST({column} AS text) AS value, count(*) AS n, count(*) OVER () AS every"
                f" FROM {table} GROUP BY {column} ORDER BY n DESC, value LIMIT {max(most, SHOWN) + 20}) AS {facet}_counts"
            )
            continue
        for number, value in enumerate(_values(facet)):
            given[f"{facet}_{number}"] = f"%{mark(facet, value)}%"
            parts.append(f"SELECT '{facet}', '{value}', count(*), 0 FROM {table} WHERE marks LIKE :{facet}_{number}")
    rows = session.execute(text(f"WITH {', '.join(tables)} {' UNION ALL '.join(parts)}"), given).all()
    found: dict[str, Facet] = {}
    for facet in FACETS:
        mine = [(value, int(n), int(every)) for name, value, n, every in rows if name == facet]
        whole = next(n for value, n, every in mine if value == "" and not every) <= COUNTED
        counts = {value: n for value, n, _ in mine if value}
        found[facet] = Facet(counts, max((every for _, _, every in mine), default=0), whole)
    return found


def _values(facet: str) -> Sequence[str]:
    return [each.value for each in Certificate] if facet == "certificate" else ["1"]
