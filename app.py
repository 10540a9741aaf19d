"""The roof: the one place that knows every floor."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

import settings
from admin import timers
from admin.commands import audit, demo, imports, work
from admin.commands import listings as listings_command
from admin.keepers import KEEPERS
from admin.views import (
    alarms,
    companies,
    cycles,
    deliveries,
    desk,
    fees,
    invoices,
    members,
    payouts,
    people,
    pools,
    prices,
    products,
    provider_payouts,
    refunds,
    remittances,
    settlements,
    shares,
    stock,
    taxes,
    trail,
    vouchers,
    windows,
)
from admin.views import complaints as office_complaints
from admin.views import frame as office_frame
from admin.views import orders as office_orders
from cooperative import authority
from cooperative.views import addresses, erasures, invitations, languages, letters, me, my_data, passkeys, sign_in
from ground import assets, log, web
from ground.db import APP_ROLE, db
from ground.stripe import make_gateway
from ground.web import health
from proceeds.views import statement
from storefront import card_events, issuing, tellings
from storefront.tills import Till
from storefront.views import (
    again,
    baskets,
    catalogue,
    changes,
    checkout,
    complaints,
    crawlers,
    home,
    orders,
    papers,
    photos,
    sandbox,
    webhooks,
)

DOORS = (
    *(sign_in, passkeys, letters, me, addresses, my_data, erasures, invitations, languages),
    *(
        home,
        catalogue,
        baskets,
        checkout,
        orders,
        papers,
        again,
        changes,
        complaints,
        sandbox,
        webhooks,
        photos,
        crawlers,
    ),
    statement,
    *(desk, deliveries, products, prices, pools, stock, members, shares, people, companies),
    *(windows, cycles),
    *(
        office_orders,
        office_complaints,
        invoices,
        refunds,
        settlements,
        payouts,
        provider_payouts,
        remittances,
        alarms,
        trail,
    ),
    *(fees, taxes, vouchers),
)


def create_app(**overrides: Any) -> Flask:
    """The shop, ready to serve. `overrides` stand above the environment; tests give theirs here."""
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["int"] = web.Number
    app.config.update(settings.from_environment(os.environ))
    app.config.update(overrides)
    log.configure(level=app.config["LOG_LEVEL"])
    db.connect(app.config["DATABASE_URL"], role=APP_ROLE)
    app.static_folder = str(settings.ROOT / "static")
    assets.init_app(app)
    config = app.config
    cards = config["CARDS"] == "on"
    till = Till(make_gateway(config), db.unit, config["SECRET_KEY"], config["PUBLIC_URL"], takes_cards=cards)
    app.extensions["till"] = till
    app.extensions["keepers"] = KEEPERS
    app.extensions["duties"] = duties(till)
    app.register_blueprint(health.door)
    for module in DOORS:
        app.register_blueprint(module.door)
    web.init_app(app, authority)
    app.context_processor(frame)
    for command in (audit.command, work.command, demo.command, imports.command, listings_command.command):
        app.cli.add_command(command)
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
    return app


def frame() -> dict[str, Any]:
    """The number that is called for help, and around an office page its rail of tasks. Street pages bring their own."""
    helped = {"help_phone": current_app.config["HELP_PHONE"]}
    return helped | (office_frame.around() if request.path.startswith("/office") else {})


def duties(till: Till) -> work.Duties:
    """Who does what after the deed: the one place where a provider's event meets the package that knows it."""
    work_of_sales = card_events.jobs(till) | issuing.jobs(till) | tellings.jobs(till)
    return work.Duties(card_events.handlers(till), work_of_sales, timers.of_the_shop(till))
