"""What stands for a product: its photograph, else one of our own renders, else the place's crate art."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from flask import url_for

from ground.photographs import KINDS, SIZES
from ground.words import _l
from inventory.products import Certificate, Kind, Product

RENDERS = (
    ("french bean", "frenchbeans"), ("sweet potato", "sweetpotatoes"), ("avocado", "avocado"), ("banana", "banana"),
    ("bean", "beans"), ("cardamom", "cardamom"), ("carrot", "carrots"), ("chilli", "chillies"), ("coffee", "coffee"),
    ("egg", "eggs"), ("groundnut", "groundnuts"), ("honey", "honey"), ("macadamia", "macadamia"), ("maize", "maize"),
    ("mango", "mango"), ("onion", "onions"), ("pecan", "pecans"), ("potato", "potatoes"), ("rice", "rice"), ("tea", "tea"),
    ("tomato", "tomatoes"),
)  # fmt: skip
OTHERWISE = re.compile(
    r"\b(flour|oil|juice|sauce|leaves|dried|mung|dolichos|black|yellow|green|kidney|spring|shoots)\b"
)
"""Words that make it another thing, or another colour, than the render shows."""
LOOKS_LIKE_THEM = {
    "tea": {"black", "green", "leaves"},
    "coffee": {"green"},
    "frenchbeans": {"green"},
    "avocado": {"green"},
}


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as a page names it: `sources` of (media type, addresses by width), and one that every browser reads."""

    sources: tuple[tuple[str, str], ...]
    src: str
    srcset: str
    alt: str


def photo_of(product: Product) -> Photo | None:
    """The product's own photograph, where its cooperative gave one."""
    found = product.photo
    if found is None:
        return None

    def at(side: int, kind: str) -> str:
        return url_for("photos.show", name=f"{found.key}-{side}.{kind}")

    sets = {kind: ", ".join(f"{at(side, kind)} {side}w" for side in SIZES) for kind in KINDS}
    sources = tuple((KINDS[kind][0], sets[kind]) for kind in KINDS if kind != "jpg")
    return Photo(sources, at(360, "jpg"), sets["jpg"], found.alt)


def picture_of(product: Product) -> str:
    """A key under static/img, or nothing: told by the product's own key, else by the words of its name."""
    return product.picture or _pictured(product.name.lower())


@lru_cache(4_096)  # A page asks three times for each card, and trying every render's name takes 30 µs.
def _pictured(words: str) -> str:
    for said, render in RENDERS:
        if re.search(rf"\b{said}(?:e?s)?\b", words):
            other = set(OTHERWISE.findall(words)) - LOOKS_LIKE_THEM.get(render, set())
            return "" if other else render
    return ""


DEPARTMENTS = {
    Kind.VEGETABLES: _l("Vegetables and fruit"),
    Kind.CEREALS: _l("Cereals and roots"),
    Kind.PULSES: _l("Pulses and nuts"),
    Kind.MEAT: _l("Eggs and meat"),
    Kind.DAIRY: _l("Milk and dairy"),
    Kind.OIL: _l("Oil and fats"),
    Kind.COFFEE: _l("Coffee and tea"),
    Kind.OTHER: _l("Honey and more"),
}
"""What a shelf is called in the shop."""

CERTIFICATES = {
    Certificate.ORGANIC: _l("Organic"),
    Certificate.FAIR_TRADE: _l("Fair trade"),
    Certificate.RAINFOREST: _l("Rainforest"),
    Certificate.GOOD_PRACTICE: _l("Good farming practice"),
}
"""What a certificate is called there."""
