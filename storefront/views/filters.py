"""The catalogue's filters as its page draws them: values with their counts, chips of what is in use, orders to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from cooperative import cooperatives
from cooperative.cooperatives import Cooperative
from ground.spelling import whole
from ground.words import _, _l
from inventory import price_bands
from inventory.products import Certificate, Kind
from storefront.facets import SHOWN, Facet
from storefront.finder import COUNTED_MOST, Sort
from storefront.views.asked import Asked
from storefront.views.pictures import CERTIFICATES, DEPARTMENTS

TITLES = {
    "now": _l("In store"), "kind": _l("Department"), "price": _l("Price of one kilo or litre"), "from": _l("Co-operative"),
    "place": _l("County"), "certificate": _l("Certified"),
}  # fmt: skip
"""In the order of the page: what most people narrow by stands first."""

SORTS = {
    Sort.BEST: _l("Best match"),
    Sort.PRICE: _l("Lowest price"),
    Sort.NEWEST: _l("Newest"),
    Sort.FRESHEST: _l("Weighed in last"),
    Sort.SOONEST: _l("Eat soonest"),
}

Option = tuple[str, str, str | int, bool]


def shown(
    session: Session, asked: Asked, owners: Sequence[Cooperative], counted: Mapping[str, Facet]
) -> dict[str, Any]:
    """`facets` (title, name, options, how many more and where), `applied`, `sorts` and `everywhere` for the template."""
    found = [UUID(value) for value in counted["from"].counts]
    named = cooperatives.find_many(session, found[: SHOWN if asked.every != "from" else len(found)])
    slugs = {str(id): owner.slug for id, owner in named.items()} | {str(owner.id): owner.slug for owner in owners}
    names = {owner.slug: owner.name for owner in (*named.values(), *owners)}
    drawn = []
    for facet, title in TITLES.items():
        every, chosen = counted[facet], asked.values[facet]
        counts = {slugs[id]: n for id, n in every.counts.items() if id in slugs} if facet == "from" else every.counts
        values = _order(facet, counts, chosen)
        most = len(values) if asked.every == facet or facet == "kind" else SHOWN
        options = [_option(value, _label(facet, value, names), counts, every, value in chosen) for value in values]
        options = options[:most] + [option for option in options[most:] if option[3]]
        more = max(0, every.values - len(options)) if facet in ("from", "place") and asked.every != facet else 0
        if options:
            drawn.append((title, facet, options, more, _at(asked.showing_all(facet)) + "#filters"))
    applied = [
        (_label(facet, value, names), _at(asked.without(facet, value)))
        for facet in TITLES
        for value in asked.values[facet]
    ]
    return {
        "facets": drawn,
        "applied": applied,
        "sorts": [
            (
                words if asked.words or sort is not Sort.BEST else _("By name"),
                _at(asked.sorted(sort)),
                asked.sort is sort,
            )
            for sort, words in SORTS.items()
        ],
        "everywhere": _at(asked.anywhere()) if applied else "",
    }


def _at(asked: Asked) -> str:
    return url_for("catalogue.index") + asked.query()


def _order(facet: str, counts: Mapping[str, int], chosen: Sequence[str]) -> list[str]:
    """Departments and certificates in their own order, prices upwards, all others by how many there are."""
    there = list(dict.fromkeys([*counts, *chosen]))
    if facet == "kind":
        return [kind.value for kind in DEPARTMENTS if kind.value in there]
    if facet in ("certificate", "now"):
        return [value for value in there if counts.get(value) or value in chosen]
    return sorted(there) if facet == "price" else there


def _option(value: str, label: str, counts: Mapping[str, int], facet: Facet, is_chosen: bool) -> Option:
    """With its count: exact, or at least so many, or unknown where not every match was looked at."""
    count = counts.get(value, 0)
    if count > COUNTED_MOST:
        return value, label, f"{whole(COUNTED_MOST)}+", is_chosen
    if not facet.whole:
        return value, label, f"{whole(count)}+" if count else "–", is_chosen
    return value, label, count, is_chosen


def _label(facet: str, value: str, names: Mapping[str, str]) -> str:
    if facet == "kind":
        return str(DEPARTMENTS[Kind(value)])
    if facet == "from":
        return names[value]
    if facet == "certificate":
        return str(CERTIFICATES[Certificate(value)])
    return _band(value) if facet == "price" else _("Can be had now") if facet == "now" else value


def _band(value: str) -> str:
    ends = price_bands.ends(value)
    assert ends is not None, "the address lets no other band in"
    least, most = ends
    if least is None:
        return _("Under %(price)s", price=most)
    return _("%(least)s to %(most)s", least=least, most=most) if most else _("%(price)s and more", price=least)
