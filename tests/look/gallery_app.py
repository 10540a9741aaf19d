"""A bare application with nothing but the assets: the gallery of components, the error pages, sample figures."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from flask import Flask, render_template
from markupsafe import Markup

from ground import assets
from ground.web import languages

ROOT = Path(__file__).parents[2]
DOORS = ("shop", "office")
ERRORS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


def rung(value: int, price: str, band: str, minor: int, chosen: bool = False, floor_minor: int = 0) -> SimpleNamespace:
    return SimpleNamespace(value=value, price=price, band=band, minor=minor, chosen=chosen, floor_minor=floor_minor)


def part(kind: str, name: str, amount: str, weight: int, percent: str = "", negative: bool = False) -> SimpleNamespace:
    return SimpleNamespace(kind=kind, name=name, amount=amount, weight=weight, percent=percent, negative=negative)


RUNGS = [
    rung(1, "1,450", "1–9 kg", 1450, chosen=True),
    rung(10, "1,290", "10–49 kg", 1290),
    rung(50, "1,160", "50–99 kg", 1160),
    rung(100, "1,080", "100+ kg", 1080),
]
PARTS = [
    part("grow", "Growers", "RWF 7,440", 7440, "64%"),
    part("coop", "Co-op", "RWF 1,520", 1520, "13%"),
    part("move", "Transport", "RWF 1,920", 1920, "17%"),
    part("fee", "Fees and tax", "RWF 720", 720, "6%"),
]
FIGURES: dict[str, Any] = {
    "rungs": RUNGS,
    "own_rungs": [rung(1, "1,450", "1–9 kg", 1450, True, 930), rung(10, "1,290", "10+ kg", 1290, False, 860)],
    "floor": Markup("Growers get <b>RWF 930</b> of every kilo, on every step"),
    "parts": PARTS,
    "back": [*PARTS[:3], part("fee", "Fees given back", "−RWF 720", 720, negative=True)],
    "order_columns": [
        {"label": "Order"},
        {"label": "Buyer"},
        {"label": "Weight", "n": True},
        {"label": "Value, RWF", "n": True, "key": True},
        {"label": "Ship by"},
        {"label": "Where it is", "gone": True},
    ],
    "order_rows": [
        [Markup('<a href="#">4-1187</a>'), "Hotel Umubano kitchen", "180 kg", "142,600", "Tue 24 Nov", "Packing"],
        {"cells": ["4-1186", "Claire U., Kimironko", "60 kg", "44,280", "Fri 27 Nov", "Paid"], "on": True},
        ["4-1184", "Green Hills School", "1,200 kg", "648,000", "Tue 24 Nov", "2 bags short"],
    ],
    "stock_columns": [
        {"label": "Product"},
        {"label": "In store", "n": True},
        {"label": "Bar ends at 30"},
        {"label": "Days left", "n": True, "key": True},
    ],
    "weeks": [
        {"label": f"{day} Nov", "values": [a, b], "texts": [f"{a} t", f"{b} t"]}
        for day, a, b in ((2, 12.6, 10.8), (9, 15.3, 12.0), (16, 16.8, 14.7), (23, 9.7, 11.4))
    ],
    "prices": [{"label": month, "values": [rwf]} for month, rwf in (("Sep", 1310), ("Oct", 1390), ("Nov", 1450))],
    "nav": [
        ("today", "Today", "#", "layout-dashboard", 0),
        ("weigh", "Weigh in", "#", "scale", 0),
        ("stock", "Stock", "#", "package", 2),
        ("orders", "Orders", "#", "shopping-basket", 14),
        ("members", "Members", "#", "users", 0),
        ("payouts", "Payouts", "#", "banknote", 1),
    ],
    "here": "stock",
    "cooperative": SimpleNamespace(name="Twitezimbere Musanze", label="leaf"),
    "current_user": SimpleNamespace(is_authenticated=True, name="Claudine U."),
    "person_role": "manager",
    "basket_count": 5,
    "basket_url": "#",
    "search_url": "#",
    "sign_out_url": "#",
    "help_phone": "3344",
    "foot_nav": [("Shop", [("All produce", "#"), ("Co-operatives", "#")]), ("For members", [("My statement", "#")])],
    "messages": [("ok", "Added to your basket.")],
}


def make_app(instance: Path) -> Flask:
    """The gallery at /shop and /office, every error page at /errors/<code>."""
    app = Flask(
        "gallery",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(instance),
    )
    app.secret_key = "gallery"
    given = cast("dict[str, Any]", app.jinja_env.globals)
    given["csrf_field"] = lambda: Markup('<input type="hidden" name="csrf_token" value="t">')
    assets.init_app(app)
    languages.teach(app.jinja_env)

    @app.get("/<which>")
    def gallery(which: str) -> str:
        figures = dict(FIGURES)
        if which == "shop":
            figures["nav"] = [entry[:3] for entry in FIGURES["nav"]]
        return render_template("gallery.html", which=which, **figures)

    @app.get("/errors/<int:code>")
    def error(code: int) -> str:
        return render_template(f"errors/{code}.html")

    return app


if __name__ == "__main__":
    make_app(ROOT / "instance").run(port=8091)
