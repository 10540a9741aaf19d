"""The roof: the one place that knows every floor."""

from __future__ import annotations

import importlib
import os
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import settings
from ground import assets, log, web
from ground.db import APP_ROLE, db
from ground.web import health

DOORS = (
    "cooperative.views.sign_in",
    "cooperative.views.me",
    "cooperative.views.invitations",
    "storefront.views.home",
    "storefront.views.catalogue",
    "storefront.views.baskets",
    "storefront.views.checkout",
    "storefront.views.orders",
    "storefront.views.sandbox",
    "storefront.views.webhooks",
    "proceeds.views.statement",
    "admin.views.desk",
    "admin.views.deliveries",
    "admin.views.products",
    "admin.views.prices",
    "admin.views.pools",
    "admin.views.stock",
    "admin.views.members",
    "admin.views.people",
    "admin.views.companies",
    "admin.views.orders",
    "admin.views.invoices",
    "admin.views.refunds",
    "admin.views.settlements",
    "admin.views.payouts",
    "admin.views.remittances",
    "admin.views.trail",
)


def create_app(**overrides: Any) -> Flask:
    """The shop, ready to serve. `overrides` stand above the environment; tests give theirs here."""
    app = Flask(__name__, static_folder=None)
    app.config.update(settings.from_environment(os.environ))
    app.config.update(overrides)
    log.configure(level=app.config["LOG_LEVEL"])
    if "ENGINE" in overrides:
        db.use(overrides["ENGINE"])
    else:
        db.connect(app.config["DATABASE_URL"], role=APP_ROLE)
    app.static_folder = str(settings.ROOT / "static")
    assets.init_app(app)
    app.register_blueprint(health.door)
    from cooperative import authority

    for name in DOORS:
        try:
            app.register_blueprint(importlib.import_module(name).door)
        except ModuleNotFoundError as missing:
            if missing.name not in (name, name.rpartition(".")[0]):
                raise
    web.init_app(app, authority)
    if app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=app.config["PROXIES"], x_proto=app.config["PROXIES"], x_host=app.config["PROXIES"])  # type: ignore[method-assign]
    return app
