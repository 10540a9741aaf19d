"""Societies: rows of the public register become cooperatives with a book, not yet on the market."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from admin.imports.sheets import Row, Tally, whole_name
from cooperative import cooperatives
from cooperative.cooperatives import Cooperative, Label
from inventory.products import slugged

COLUMNS = ("society_code", "society_name", "county")
CODE = re.compile(r"[A-Z]{1,3}[.]?[0-9]{2,4}[A-Z]?")
FACTORY_CODE = re.compile(r"[A-Z]{2,3}[0-9]{2,4}F[0-9]{2}")


def take(session: Session, rows: Sequence[Row], *, currency: str = "KES") -> Tally:
    """Register what is new; what is there under the same code (or, without one, the same name) stays as it is."""
    tally = Tally()
    names = {name for row in rows for name in _addresses(row)}
    codes = {row.values["society_code"] for row in rows} - {""}
    query = select(Cooperative).where(or_(Cooperative.slug.in_(names), Cooperative.society_code.in_(codes)))
    there = list(session.scalars(query))
    by_code = {each.society_code: each for each in there if each.society_code}
    by_slug = {each.slug: each for each in there}
    for row in rows:
        code, name = row.values["society_code"], row.values["society_name"]
        reason = _why_not(code, name)
        if reason:
            tally.refuse(row, reason)
            continue
        known = (
            by_code.get(code)
            if code
            else next((by_slug[each] for each in _addresses(row) if _same(by_slug.get(each), row)), None)
        )
        if known is not None:
            if known.name == name:
                tally.known += 1
            else:
                tally.refuse(row, f"The code {code} belongs to {known.name} already.")
            continue
        slug = next((each for each in _addresses(row) if each not in by_slug), None)
        if slug is None:
            tally.refuse(row, f"There is another society called {name} in {row.values['county'] or 'no county'}.")
            continue
        made = cooperatives.register(
            session,
            name=name,
            slug=slug,
            currency=currency,
            county=row.values["county"],
            label=_label(slug),
            society_code=code or None,
            story=f"{name} is a farmers' cooperative society"
            + (f" in {row.values['county']}, Kenya." if row.values["county"] else " in Kenya."),
        )
        by_slug[slug] = made
        if code:
            by_code[code] = made
        tally.new += 1
    return tally


def _why_not(code: str, name: str) -> str | None:
    if reason := whole_name(name):
        return reason
    if code and FACTORY_CODE.fullmatch(code):
        return f"{code} is the code of a factory: this is a society's factory, not a society."
    if code and not CODE.fullmatch(code):
        return f"{code!r} is no society's code."
    if not slugged(name):
        return "The name has no letters that an address could be made of."
    return None


def _same(found: Cooperative | None, row: Row) -> bool:
    return (
        found is not None
        and found.society_code is None
        and found.name == row.values["society_name"]
        and found.county == row.values["county"]
    )


def _addresses(row: Row) -> list[str]:
    """The addresses it may have, best first: `aguthi`, `aguthi-nyeri`, `aguthi-xac55`."""
    short = slugged(re.sub(r"\bF\.? ?C\.? ?S(oc)?\.?( Ltd)?\.?", "", row.values["society_name"])) or slugged(
        row.values["society_name"]
    )
    every = (short, f"{short}-{slugged(row.values['county'])}", f"{short}-{slugged(row.values['society_code'])}")
    return [each[:60].strip("-") for each in dict.fromkeys(every) if each.strip("-")]


def _label(slug: str) -> Label:
    labels = list(Label)
    return labels[sum(slug.encode()) % len(labels)]
