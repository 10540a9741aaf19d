"""Factories: rows of the public register become the collection points of societies that are here already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.imports.sheets import Row, Tally, whole_name
from cooperative import points
from cooperative.cooperatives import Cooperative
from cooperative.points import CollectionPoint
from ground import tenants

COLUMNS = ("factory_code", "society_code", "factory_name", "county", "latitude", "longitude")
CODE = re.compile(r"[A-Z]{1,3}[0-9]{2,4}F[0-9]{2}")
DEGREES = re.compile(
    r"-?[0-9]{1,3}(\.[0-9]{1,20})?([eE]-?[0-9]{1,2})?"
)  # One factory stands on the equator: -4.55506e-06.


def take(session: Session, rows: Sequence[Row], *, currency: str = "KES") -> Tally:
    """Open what is new; a row whose society is unknown is refused, never guessed. `currency` is not needed here."""
    tally = Tally()
    societies = _societies(session, {row.values["society_code"] for row in rows})
    tenants.allow(session, *(society.id for society in societies.values()))
    there = {
        (point.cooperative_id, point.code): point
        for point in session.scalars(
            select(CollectionPoint).where(
                CollectionPoint.cooperative_id.in_({society.id for society in societies.values()}),
                CollectionPoint.code.in_({row.values["factory_code"] for row in rows}),
            )
        )
    }
    for row in rows:
        code, name = (
            row.values["factory_code"],
            row.values["factory_name"].rstrip("* "),
        )  # The register stars its footnotes.
        society = societies.get(row.values["society_code"])
        latitude, longitude, wrong = place(row)
        reason = wrong or whole_name(name) or (None if CODE.fullmatch(code) else f"{code!r} is no factory's code.")
        if society is None:
            reason = f"No society here has the code {row.values['society_code']!r}."
        if reason or society is None:
            tally.refuse(row, reason or "")
            continue
        known = there.get((society.id, code))
        if known is not None and known.name == name:
            tally.known += 1
        elif known is not None:
            tally.refuse(row, f"The code {code} belongs to {known.name} already.")
        else:
            there[society.id, code] = points.open_point(
                session, society.id, code=code, name=name, county=row.values["county"] or society.county,
                latitude_udeg=latitude, longitude_udeg=longitude,
            )  # fmt: skip
            tally.new += 1
    session.flush()
    return tally


def _societies(session: Session, codes: set[str]) -> dict[str, Cooperative]:
    found = session.scalars(select(Cooperative).where(Cooperative.society_code.in_(codes - {""})))
    return {each.society_code: each for each in found if each.society_code}


def place(row: Row) -> tuple[int | None, int | None, str | None]:
    """Latitude and longitude in millionths of a degree, or why they are none."""
    given = row.values["latitude"], row.values["longitude"]
    if given == ("", ""):
        return None, None, None
    if not all(DEGREES.fullmatch(each) for each in given):
        return None, None, f"The place {given[0]!r}, {given[1]!r} is no latitude and longitude."
    latitude, longitude = (int((Decimal(each) * 1_000_000).to_integral_value()) for each in given)
    if abs(latitude) > 90_000_000 or abs(longitude) > 180_000_000:
        return None, None, f"The place {given[0]}, {given[1]} is not on this earth."
    return latitude, longitude, None
