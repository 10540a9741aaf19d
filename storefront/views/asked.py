"""What the catalogue's address asks for: read without complaint, written in one order, so that one question has one address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from cooperative.cooperatives import Cooperative
from ground.forms import DIGITS
from inventory import price_bands
from inventory.products import Certificate, Kind
from storefront.finder import PAGES_MOST, Question, Sort

QUERY_KEYS = ("q", "kind", "from", "place", "price", "certificate", "now", "sort", "all", "page")
"""Every key that changes the page, in the order of the canonical address; whoever keys by address may drop all others."""

FACETS = QUERY_KEYS[1:7]
VALUES_MOST, LETTERS_MOST = 20, 100


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in the words of the address: `values` by facet, each once and sorted."""

    words: str
    values: Mapping[str, tuple[str, ...]]
    sort: Sort
    every: str
    page: int

    @classmethod
    def read(cls, arguments: MultiDict[str, str]) -> Asked:
        """What is unknown or too long asks nothing; it is never an error, since addresses are passed on and cut off."""
        values = {}
        for facet in FACETS:
            told = {" ".join(value.split())[:LETTERS_MOST] for value in arguments.getlist(facet)[:VALUES_MOST]}
            values[facet] = tuple(sorted(value for value in told if value and _known(facet, value)))
        sort, page, every = arguments.get("sort", ""), arguments.get("page", ""), arguments.get("all", "")
        number = int(page) if DIGITS.fullmatch(page[:9]) and len(page) < 9 else 1
        return cls(
            words=" ".join(arguments.get("q", "").split())[:LETTERS_MOST],
            values=values,
            sort=Sort(sort) if sort in set(Sort) else Sort.BEST,
            every=every if every in FACETS else "",
            page=min(max(number, 1), PAGES_MOST),
        )

    def question(self, owners: Sequence[Cooperative]) -> Question:
        """For the finder; `owners` are the cooperatives of `from`."""
        return Question.of(
            self.words,
            kinds=tuple(Kind(value) for value in self.values["kind"]),
            cooperative_ids=tuple(owner.id for owner in owners),
            counties=self.values["place"],
            bands=self.values["price"],
            certificates=tuple(Certificate(value) for value in self.values["certificate"]),
            now=bool(self.values["now"]),
            sort=self.sort,
            page=self.page,
        )

    def only_from(self, slugs: Sequence[str]) -> Asked:
        """Without cooperatives that are not there."""
        return replace(self, values={**self.values, "from": tuple(sorted(slugs))})

    @property
    def filters(self) -> int:
        return sum(len(values) for values in self.values.values())

    def query(self) -> str:
        """The canonical query, with its question mark; empty where nothing is asked."""
        pairs = [("q", self.words)] * bool(self.words)
        pairs += [(facet, value) for facet in FACETS for value in self.values[facet]]
        pairs += [("sort", self.sort.value)] * (self.sort is not Sort.BEST) + [("all", self.every)] * bool(self.every)
        pairs += [("page", str(self.page))] * (self.page > 1)
        return f"?{urlencode(pairs)}" if pairs else ""

    def at(self, page: int) -> Asked:
        return replace(self, page=page)

    def sorted(self, sort: Sort) -> Asked:
        return replace(self, sort=sort, page=1)

    def without(self, facet: str, value: str) -> Asked:
        left = tuple(each for each in self.values[facet] if each != value)
        return replace(self, values={**self.values, facet: left}, page=1)

    def showing_all(self, facet: str) -> Asked:
        return replace(self, every=facet, page=1)

    def anywhere(self) -> Asked:
        """The same words without a filter."""
        return replace(self, values=dict.fromkeys(FACETS, ()), every="", page=1)

    def reworded(self, words: str) -> Asked:
        return replace(self, words=words, page=1)


def _known(facet: str, value: str) -> bool:
    if facet == "kind":
        return value in set(Kind)
    if facet == "certificate":
        return value in set(Certificate)
    if facet == "price":
        return price_bands.ends(value) is not None
    return value == "1" if facet == "now" else True
