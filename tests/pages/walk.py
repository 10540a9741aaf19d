"""The walk: every page of the shop, who looks at it, and at most how many statements it asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cooperative import authenticators, links, roles
from cooperative.links import Purpose
from cooperative.roles import Role
from ground import clock, photographs
from inventory import product_photos
from proceeds.instructions import State
from storefront import cycles, issuing
from storefront.checkouts import How
from storefront.orders import Order
from storefront.papers import Kind
from tests.makers import negatives
from tests.pages.world import World

NO_PAGES = {"health.alive", "health.ready", "payouts.file", "papers.show", "office_orders.paper", "my_data.export"} | {
    "photos.show",
    "complaints.photo",
    "office_complaints.photo",
    "crawlers.robots",
    "crawlers.sitemap",
    "crawlers.of_cooperative",
}
"""They answer with words or a file, not with a page."""

STATEMENTS_MOST = {
    "home.show": 4, "home.owners": 4, "catalogue.index": 8, "catalogue.cooperative": 8, "catalogue.product": 12,
    "baskets.show": 8, "checkout.show": 8, "orders.mine": 5, "orders.show": 11, "sandbox.show": 0,
    "sign_in.show": 0, "sign_in.confirm": 2, "invitations.show": 3, "me.show": 6, "me.password": 1,
    "me.authenticator": 1, "passkeys.show": 2, "statement.show": 17, "desk.choose": 3, "desk.show": 24, "deliveries.index": 6,
    "deliveries.new": 7, "deliveries.show": 10, "office_orders.index": 8, "office_orders.notes": 7, "office_orders.picking": 7,
    "office_orders.show": 12, "refunds.new": 7, "invoices.index": 8, "invoices.show": 9, "stock.index": 6,
    "stock.show": 9, "products.index": 5, "products.show": 9, "prices.index": 7, "prices.show": 8,
    "pools.index": 6, "pools.show": 12, "settlements.index": 14, "settlements.show": 27, "payouts.index": 15,
    "payouts.show": 14, "payouts.sheet": 8, "payouts.file": 5, "members.register": 8, "members.new": 4,
    "members.show": 12, "shares.show": 6, "people.show": 5, "companies.show": 6, "trail.show": 4,
    "remittances.index": 11, "provider_payouts.index": 6, "alarms.index": 8, "health.alive": 0, "health.ready": 3,
    "papers.show": 3, "again.show": 8, "changes.show": 8, "office_orders.paper": 9,
    "windows.index": 7, "cycles.index": 6, "cycles.show": 6,
    "fees.index": 4, "vouchers.index": 5, "taxes.show": 5,
    "letters.ask": 0, "letters.sent": 0, "letters.show": 2, "addresses.show": 1, "my_data.show": 2, "my_data.export": 40,
    "photos.show": 0, "crawlers.robots": 0, "crawlers.sitemap": 1, "crawlers.of_cooperative": 3,
    "complaints.new": 8, "complaints.photo": 3, "office_complaints.index": 10, "office_complaints.show": 10,
    "office_complaints.photo": 4,
}  # fmt: skip
"""By endpoint; it counts the guard's own (who is it, which house, which roles) and the trail's, on either database.

Of the street, two pages still ask more than eight: a product's (its packs, ladders, neighbours on the shelf, windows, cycles) and
an order's (its goods, fees, gifts, refunds, papers, invoice and what took its place, each one statement).
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the walk."""

    endpoint: str
    path: str
    who: str


class Season:
    """A world with everything in it, which can be made ten times as large."""

    def __init__(self, world: World) -> None:
        self.world = world
        w = world
        w.delivery, w.quote, w.mango, w.window, w.other_window  # noqa: B018  (made as they are named)
        self.cycle = cycles.add(w.session, w.house.id, name="Always", opens_at=clock.now(), closes_at=w.window.ends_at)
        self.closed, self.settlement = w.closed(), w.settlement()
        self.run = w.run(sent=True)
        w.sign(self.run, State.SETTLED)
        w.operator_owes()
        self.fill(2)
        waiting = w.order()
        self.changing = (w.token, waiting.id)
        self.order = w.order(collected=True)
        self.card = w.order(How.CARD, picked=True)
        self.paper, self.paper_number = issuing.issue(w.session, Kind.RECEIPT, self.card.id), self.card.number
        self.to_refund = w.failed_refund(self.card)
        self.token = w.token
        self.told = w.complaint(photo=True)
        self.complaining, self.told_number = w.token, w.session.get_one(Order, self.told.order_id).number
        self.key = w.invitation()
        self.letter = links.make(w.session, Purpose.SIGN_IN, w.reader.email, w.reader)[1]
        self.invoice = w.invoice
        authenticators.offer(w.session, w.reader)
        roles.appoint(w.session, w.house.id, w.clerk.id, Role.COLLECTOR)  # Two offices: a choice.
        self.mine = w.make.basket({w.maize: 2, w.mango: 1}, person=w.reader)
        self.provider_page = w.provider_page()
        self.order = w.again(self.order)
        self.photo = self._photograph()
        self.stops = list(self._stops())

    def _photograph(self) -> str:
        files = photographs.develop(negatives.photograph(), field="photo")
        key = photographs.key_of(files, whose=self.world.maize.product_id.bytes)
        photographs.store(Path(self.world.app.config["PHOTO_FOLDER"]), key, files)
        product_photos.show(self.world.session, self.world.house.id, self.world.maize.product_id, key=key, alt="Maize")
        return key

    def fill(self, count: int) -> None:
        """So many more of everything that pages list."""
        w, make = self.world, self.world.make
        for number in range(count):
            member = make.member(w.house, group=make.group(w.house))
            w.season.deliver(member, 10)
            member = make.member(w.house, group=make.group(w.house))
            make.delivery(w.house, member, w.beans, 10, by=w.head, point=w.point, grade="A")
            make.shares_of(member, 1, by=w.second)
            make.owed_to(member, "300")
            make.cash_destination(member, by=w.second)
            make.owed_to(w.member, "50")
            make.trade_terms(w.house, make.company(buyer=make.person()), by=w.second)
            make.shelf(w.house, f"Sukuma {len(self.names())}", {1: "30", 10: "25"}, kilograms=50, point=w.point)
            make.staff(w.house, "collector")
            w.invitation(f"new{len(self.names())}.{number}@example.org")
            w.order()
            w.order(How.CARD)
            w.order(How.INVOICE, collected=True)
            w.complaint(photo=True)
            make.window(w.house, point=w.point, days=4 + number % 3)
            cycles.add(w.session, w.house.id, name=f"Cycle {number}", opens_at=clock.now(), closes_at=w.window.ends_at)
            make.sign_in(w.reader)
        w.season.sell(10 * count, "600.00")

    def names(self) -> list[Any]:
        from inventory import products

        return products.all_of(self.world.session, self.world.house.id)

    def _stops(self) -> Iterator[Stop]:
        w, office = self.world, "/office/meru"
        line, number = self.order.lines[0].id, self.order.number
        for endpoint, path, who in (
            ("home.show", "/", "guest"),
            ("home.owners", "/cooperatives", "guest"),
            ("catalogue.index", "/products", "reader"),
            ("catalogue.cooperative", "/cooperatives/meru", "guest"),
            ("catalogue.product", "/cooperatives/meru/products/maize?quantity=9", "reader"),
            ("baskets.show", "/basket", "reader"),
            ("checkout.show", "/checkout", "reader"),
            ("orders.mine", "/orders", "buyer"),
            ("orders.show", f"/orders/{self.token}", "guest"),
            ("changes.show", f"/orders/{self.changing[0]}/parts/{self.changing[1]}/change", "guest"),
            ("complaints.new", f"/orders/{self.complaining}/parts/{self.told.order_id}/complaint", "guest"),
            ("complaints.photo", f"/orders/{self.complaining}/complaints/{self.told.id}/photo", "guest"),
            ("orders.show", f"/orders/{self.complaining}", "guest"),
            ("again.show", f"/orders/{self.token}/again", "guest"),
            ("papers.show", f"/orders/{self.token}/papers/{self.paper.id}", "guest"),
            ("sandbox.show", self.provider_page, "guest"),
            ("crawlers.robots", "/robots.txt", "guest"),
            ("crawlers.sitemap", "/sitemap.xml", "guest"),
            ("crawlers.of_cooperative", "/cooperatives/meru/sitemap.xml", "guest"),
            ("photos.show", f"/photos/{self.photo}-360.webp", "guest"),
            ("sign_in.show", "/sign-in", "guest"),
            ("sign_in.confirm", "/confirm", "reader"),
            ("invitations.show", f"/invitations/{self.key}", "guest"),
            ("letters.ask", "/letter?wants=account", "guest"),
            ("letters.sent", "/letter/sent", "guest"),
            ("letters.show", f"/letter/{self.letter}", "guest"),
            ("addresses.show", "/me/address", "reader"),
            ("my_data.show", "/me/data", "reader"),
            ("my_data.export", "/me/data/export", "reader"),
            ("me.show", "/me", "reader"),
            ("me.password", "/me/password", "reader"),
            ("me.authenticator", "/me/authenticator", "reader"),
            ("passkeys.show", "/me/passkeys", "reader"),
            ("statement.show", "/my/meru", "reader"),
            ("desk.choose", "/office/", "clerk"),
            ("desk.show", f"{office}/", "head"),
            ("deliveries.index", f"{office}/deliveries/", "head"),
            ("deliveries.new", f"{office}/deliveries/new?who=m", "head"),
            ("deliveries.show", f"{office}/deliveries/{w.delivery.id}", "head"),
            ("office_orders.index", f"{office}/orders/", "head"),
            ("office_orders.notes", f"{office}/orders/notes", "head"),
            ("office_orders.picking", f"{office}/orders/picking", "head"),
            ("office_orders.show", f"{office}/orders/{number}", "head"),
            ("office_orders.paper", f"{office}/orders/{self.paper_number}/papers/{self.paper.id}", "head"),
            ("office_complaints.index", f"{office}/complaints/", "head"),
            ("office_complaints.show", f"{office}/complaints/{self.told.id}", "head"),
            ("office_complaints.photo", f"{office}/complaints/{self.told.id}/photo", "head"),
            ("office_orders.show", f"{office}/orders/{self.told_number}", "head"),
            ("refunds.new", f"{office}/orders/{number}/lines/{line}/refund", "head"),
            ("invoices.index", f"{office}/invoices/", "head"),
            ("invoices.show", f"{office}/invoices/{self.invoice.number}", "head"),
            ("windows.index", f"{office}/windows/?week={w.window.day}", "head"),
            ("cycles.index", f"{office}/cycles/", "head"),
            ("cycles.show", f"{office}/cycles/{self.cycle.id}", "head"),
            ("stock.index", f"{office}/stock/", "head"),
            ("stock.show", f"{office}/stock/{w.maize.heap_id}", "head"),
            ("products.index", f"{office}/products/", "head"),
            ("products.show", f"{office}/products/maize", "head"),
            ("prices.index", f"{office}/prices/", "head"),
            ("prices.show", f"{office}/prices/{w.maize.id}", "head"),
            ("pools.index", f"{office}/pools/", "head"),
            ("pools.show", f"{office}/pools/{w.pool.id}", "head"),
            ("settlements.index", f"{office}/settlements/", "head"),
            ("settlements.show", f"{office}/settlements/{self.settlement.id}", "head"),
            ("settlements.show", f"{office}/settlements/{self.closed.id}", "head"),
            ("payouts.index", f"{office}/payouts/", "head"),
            ("payouts.show", f"{office}/payouts/{self.run.id}", "head"),
            ("payouts.sheet", f"{office}/payouts/{self.run.id}/sheet", "head"),
            ("payouts.file", f"{office}/payouts/{self.run.id}/file", "head"),
            ("members.register", f"{office}/members/", "head"),
            ("members.new", f"{office}/members/new", "head"),
            ("members.show", f"{office}/members/101", "head"),
            ("shares.show", f"{office}/shares/", "head"),
            ("people.show", f"{office}/people/", "head"),
            ("companies.show", f"{office}/companies/", "head"),
            ("fees.index", f"{office}/fees/", "head"),
            ("vouchers.index", f"{office}/vouchers/", "head"),
            ("taxes.show", f"{office}/taxes/", "head"),
            ("trail.show", f"{office}/trail/", "head"),
            ("remittances.index", "/office/good-measure/remittances/", "clerk"),
            ("alarms.index", "/office/good-measure/alarms/", "clerk"),
            ("provider_payouts.index", "/office/good-measure/provider-payouts/", "clerk"),
            ("health.alive", "/healthz", "guest"),
            ("health.ready", "/readyz", "guest"),
        ):
            yield Stop(endpoint, path, who)

    def browsers(self) -> dict[str, Any]:
        w = self.world
        people = {"guest": None, "reader": w.reader, "buyer": w.buyer, "head": w.head, "clerk": w.clerk}
        return {who: w.browser(person) for who, person in people.items()}
