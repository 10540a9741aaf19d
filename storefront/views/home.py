"""The market's front page, and the list of its owners."""

from __future__ import annotations

from typing import cast

from flask import Flask
from flask.blueprints import BlueprintSetupState

from cooperative import cooperatives
from ground.db import db
from ground.web import PUBLIC, Door
from storefront import catalogue
from storefront.views import frame

door = Door("home", __name__)
SHOWN = 10


@door.record_once
def _open(state: BlueprintSetupState) -> None:
    frame.init_app(cast("Flask", state.app))


@door.get("/", who=PUBLIC)
def show() -> str:
    """What the market is, some of what is on it, and who owns it."""
    owners = cooperatives.listed(db.session, most=12)
    shelf = catalogue.find(db.session, holders=frame.my_holders())
    falling = next((each for each in shelf.offered if each.cheapest is not None), None)
    return frame.page("storefront/home.html", owners=owners, shelf=shelf, shown=shelf.offered[:SHOWN], falling=falling)


@door.get("/cooperatives", who=PUBLIC)
def owners() -> str:
    """Every cooperative on the market."""
    return frame.page("storefront/cooperatives.html", here_is="cooperatives", owners=cooperatives.listed(db.session))
