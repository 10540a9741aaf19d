"""The market's front page, and the list of its owners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from flask import Flask, url_for
from flask.blueprints import BlueprintSetupState

from cooperative import cooperatives
from ground.db import db
from ground.web import PUBLIC, Door, kept
from inventory import price_lists
from storefront import catalogue
from storefront.catalogue import Answer, Offered
from storefront.views import frame
from storefront.views.pictures import DEPARTMENTS, picture_of

door = Door("home", __name__)
SHOWN = 10
ON_MARIGOLD = ("tomatoes", "beans", "avocado", "onions", "chillies", "potatoes")
"""Renders that stand out on the first screen's colour, best first."""


@door.record_once
def _open(state: BlueprintSetupState) -> None:
    frame.init_app(cast("Flask", state.app))


@door.get("/", who=PUBLIC, cached=kept(ends=price_lists.next_change))
def show() -> str:
    """What the market is, some of what is on it, and who owns it."""
    owners = cooperatives.listed(db.session, most=12)
    shelf = catalogue.find(db.session, holders=frame.my_holders())
    offered = sorted(shelf.offered, key=lambda each: not each.available)  # What is sold out stands last.
    pictured = _pictured(offered)
    frame.shows_stock(each.pack for each in pictured[:1])
    return frame.page(
        "storefront/home.html", owners=owners, shelf=shelf, shown=offered[:SHOWN], faces=_faces(offered), pictured=pictured,
        departments=_departments(offered), falling=_falling(offered),
    )  # fmt: skip


@door.get("/cooperatives", who=PUBLIC, cached=kept(ends=price_lists.next_change))
def owners() -> str:
    """Every cooperative on the market."""
    found = cooperatives.listed(db.session)
    shelf = catalogue.find(db.session, holders=frame.my_holders())
    return frame.page("storefront/cooperatives.html", here_is="cooperatives", owners=found, faces=_faces(shelf.offered))


def _pictured(offered: Sequence[Offered]) -> list[Offered]:
    """What lies in front of the market: goods in store that have a render, those first that stand out."""
    drawn = [each for each in offered if each.available and picture_of(each.product)]
    ranks = {name: rank for rank, name in enumerate(ON_MARIGOLD)}
    return sorted(drawn, key=lambda each: ranks.get(picture_of(each.product), len(ranks)))[:3]


def _faces(offered: Sequence[Offered]) -> dict[UUID, list[Offered]]:
    """What each cooperative shows of itself: its first few products."""
    faces: dict[UUID, list[Offered]] = {}
    for each in offered:
        faces.setdefault(each.cooperative.id, []).append(each)
    return faces


def _departments(offered: Sequence[Offered]) -> list[tuple[str, str, Offered]]:
    """The shelves that have something on them: name, address, and one product for the door."""
    first = {each.product.kind: each for each in reversed(offered)}
    return [
        (str(name), url_for("catalogue.index", kind=kind.value), first[kind])
        for kind, name in DEPARTMENTS.items()
        if kind in first
    ]


def _falling(offered: Sequence[Offered]) -> tuple[Offered, Answer] | None:
    """The product whose own ladder has most steps, and that ladder."""
    falls = [each for each in offered if each.available and each.cheapest is not None]
    most = max(falls, key=lambda each: len(each.answer.steps), default=None)
    return None if most is None else (most, most.answer)
