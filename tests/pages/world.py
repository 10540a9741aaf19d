"""A small world in which every page has something to show and every form can be sent: made piece by piece, as it is asked for."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from cooperative import bylaws, invitations
from cooperative.roles import Role
from ground import photos
from ground.ids import new_id
from ground.money import Money
from ground.quantity import Unit
from inventory import pools
from inventory.market_quotes import MarketQuote, PriceType
from ledger import books, transfers
from ledger.accounts import Pot
from ledger.transfers import Leg
from proceeds import batches, closings, instructions, payouts, rail_events, settlements
from proceeds.instructions import State
from storefront import card_events, collections, complaints, invoices, orders, pickings, refund_sendings, refunds
from storefront.checkouts import How
from storefront.orders import Order
from tests.make import Make

OURS = {"Sec-Fetch-Site": "same-origin"}


class World:
    """Two cooperatives and the operator. `head` holds every role of the first house but the operator's."""

    def __init__(self, make: Make, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.make, self.app, self.monkeypatch = make, app, monkeypatch
        self.session: Session = make.session
        self.till = app.extensions["till"]
        self.operator = make.operator()
        self.house = make.cooperative("Meru Highlands", slug="meru", place="Meru", story="We grow on the mountain.")
        self.other = make.cooperative("Kilifi Coast", slug="kilifi", place="Kilifi", story="We grow by the sea.")
        self.head = make.staff(self.house, Role.MANAGER, Role.TREASURER, Role.COLLECTOR, name="Wanjiru Kamau")
        self.second = make.staff(self.house, Role.MANAGER, Role.TREASURER, name="Kiprop Cheruiyot")
        self.neighbour = make.staff(self.other, Role.MANAGER, Role.TREASURER, name="Zawadi Ouma")
        self.clerk = make.staff(self.operator, Role.OPERATOR, name="Tumaini Achieng")
        for home, by in ((self.house, self.second), (self.other, self.neighbour)):
            make.bylaw(home, bylaws.SHARES, by=by)
        self.point = make.point(self.house, "Nkubu store", code="NKU")
        self.other_point = make.point(self.other, "Kilifi shed", code="KIL")
        self.reader = make.person("Mercy Kendi")
        self.member = make.member(self.house, "Mercy Kendi", number=101, person=self.reader)
        self.walker = make.member(self.house, "Julius Mutwiri", number=102)
        self.other_member = make.member(self.other, "Salim Kahindi", number=201)

    # -- visitors ----------------------------------------------------------------------------------------------------

    def browser(self, person: Any = None) -> FlaskClient:
        """A visitor's browser, signed in where a person is named; what was made so far is there for it."""
        key = self.make.sign_in(person) if person is not None else ""
        self.session.commit()
        self.app.test_client_class = FlaskClient
        client = self.app.test_client()
        if key:
            client.set_cookie("gm-session", key)
        return client

    def send(self, client: FlaskClient, path: str, **form: object) -> Any:
        """Post a form, as one of our pages would."""
        self.session.commit()
        answer = client.post(path, data={name: str(value) for name, value in form.items()}, headers=OURS)
        self.session.expire_all()
        return answer

    # -- goods -------------------------------------------------------------------------------------------------------

    @cached_property
    def maize(self) -> Any:
        """A pack of maize on the market."""
        return self.make.shelf(self.house, "Maize", {1: "50", 10: "40"}, kilograms=900, point=self.point)

    @cached_property
    def window(self) -> Any:
        """Maize is collected in three days."""
        return self.make.window(self.house, point=self.point, capacity=900)

    @cached_property
    def other_window(self) -> Any:
        return self.make.window(self.other, point=self.other_point)

    @cached_property
    def mango(self) -> Any:
        """The neighbours' pack."""
        return self.make.shelf(self.other, "Mango", {1: "90"}, kilograms=90, point=self.other_point)

    @cached_property
    def beans(self) -> Any:
        """A product with a pool and no pack yet."""
        return self.make.product("Beans", cooperative=self.house, grades=("A", "B"))

    @cached_property
    def pool(self) -> Any:
        return self.make.pool(self.beans, advance="10")

    @cached_property
    def other_pool(self) -> UUID:
        return pools.all_of(self.session, self.mango.cooperative_id)[0].id

    @cached_property
    def delivery(self) -> Any:
        self.pool  # noqa: B018  (deliveries join it)
        return self.make.delivery(
            self.house, self.member, self.beans, 40, by=self.head, point=self.point, grade="A", tare=1
        )

    @cached_property
    def quote(self) -> str:
        """A commodity with a market price."""
        self.session.add(
            MarketQuote(
                observed_on=date(2026, 11, 2), province="Eastern", market="Meru", latitude_udeg=None, longitude_udeg=None,
                category="pulses and nuts", commodity="Sorghum", unit_text="KG", unit=Unit.GRAM, content=1_000,
                price_type=PriceType.RETAIL, currency="KES", price_minor=14_000,
            )
        )  # fmt: skip
        return "Sorghum"

    # -- sales -------------------------------------------------------------------------------------------------------

    def order(
        self, how: How = How.COLLECTION, *, picked: bool = False, collected: bool = False, packs: int = 4
    ) -> Order:
        """An order of maize; a card's is paid."""
        buyer = self.buyer if how is How.INVOICE else None
        cart = self.make.basket({self.maize: packs}, person=buyer)
        placed = self.make.placed(self.till, cart, how, person=buyer)
        found = (
            self.make.paid(self.till, placed) if how is How.CARD else orders.of_checkout(self.session, placed.checkout)
        )
        self.token = self.till.token_of(placed.checkout.id)
        if picked or collected:
            pickings.pick(self.session, self.till, self.again(found[0]), by=self.second.id)
        if collected:
            cash = found[0].total.in_cash() if how is How.COLLECTION else None
            collections.collect(self.session, self.again(found[0]), by=self.second.id, received=cash)
        return self.again(found[0])

    def again(self, order: Order) -> Order:
        self.session.flush()
        self.session.expire_all()
        return orders.find(self.session, order.cooperative_id, order.number)

    @cached_property
    def buyer(self) -> Any:
        return self.make.wholesale_buyer(self.house)

    @cached_property
    def invoice(self) -> Any:
        order = self.order(How.INVOICE, collected=True)
        found = invoices.of_order(self.session, order)
        assert found is not None
        return found

    def failed_refund(self, order: Order) -> Any:
        """A refund that the provider refused."""
        line = order.lines[0]
        refund = refunds.start(
            self.session, self.till, order, line.id, Money(500, "KES"), "torn", by=self.second.id, request_key=new_id()
        )
        refund_sendings.begin_sending(self.session, refund.id)
        refund_sendings.failed(self.session, refund.id, "refused")
        return refund

    def complaint(self, *, photo: bool = False) -> Any:
        """One pack of four was spoiled."""
        order, kept = self.order(collected=True), BytesIO()
        Image.new("RGB", (40, 30)).save(kept, "PNG")
        return complaints.complain(
            self.session, self.till, order, order.lines[0].id, complaints.Kind.SPOILED, 1, "Weevils", days=7, by=None,
            webp=photos.as_webp(kept.getvalue()) if photo else None,
        )  # fmt: skip

    def provider_page(self) -> str:
        """The path of an open payment page."""
        cart = self.make.basket({self.maize: 1})
        placed = self.make.placed(self.till, cart, How.CARD)
        self.session.commit()
        url = card_events.send(self.till, placed.payment.id)
        assert url is not None
        return "/sandbox/" + url.partition("/sandbox/")[2]

    def guest_with_basket(self) -> FlaskClient:
        """A guest's browser with two packs of maize in the basket."""
        cooperative_id, pack_id = self.maize.cooperative_id, self.maize.id
        client = self.browser()
        answer = self.send(client, "/basket/lines", cooperative=cooperative_id, pack=pack_id, quantity=2)
        assert answer.status_code == 303
        return client

    # -- money out ---------------------------------------------------------------------------------------------------

    def settlement(self, product: str = "Sorghum white") -> Any:
        """A pool that is sold out, with its settlement begun by the second person."""
        season = self.season = self.make.season(self.house, by=self.second, product=product)
        season.deliver(self.member, 60)
        season.deliver(self.walker, 40)
        season.sell(100, "6000.00")
        return settlements.draft(self.session, self.house.id, season.pool.id, by=self.second.id)

    def seal(self, settlement: Any) -> str:
        return closings.preview(self.session, settlement).inputs_sha256

    def closed(self) -> Any:
        settlement = self.settlement("Millet")
        closings.approve(self.session, settlement, self.seal(settlement), by=self.head.id)
        closings.close(self.session, settlement, by=self.second.id)
        return settlements.find(self.session, self.house.id, settlement.id)

    def owed(self) -> None:
        """Two members are owed money: one by bank, one by hand; the house has its account."""
        self.make.owed_to(self.member, "1200")
        self.make.owed_to(self.walker, "800")
        self.make.bank_destination(self.member, by=self.second)
        self.make.cash_destination(self.walker, by=self.second)
        self.make.bank_account(self.house, by=self.second)

    def run(self, *, approved: bool = False, sent: bool = False, by: Any = None) -> Any:
        self.owed()
        maker = by or self.second
        run = payouts.make_run(self.session, self.house.id, by=maker.id)
        if approved or sent:
            payouts.approve(self.session, run, by=(self.head if maker is self.second else self.second).id)
        if sent:
            batches.send(self.session, run, by=self.second.id)
        return run

    def line(self, run: Any, rail: str) -> Any:
        return next(i for i in instructions.of_run(self.session, self.house.id, run.id) if i.rail.value == rail)

    def sign(self, run: Any, outcome: State) -> Any:
        line = self.line(run, "cash")
        rail_events.sign(self.session, line, outcome, by=self.second.id, words="As the sheet says")
        return line

    def operator_owes(self) -> None:
        self.make.bank_account(self.house, by=self.second)
        legs = [Leg(Pot("1030"), Pot("2600", self.house.id), Money(5_000, "KES"))]
        book = books.of_cooperative(self.session, self.operator.id)
        transfers.post(self.session, book, "card payment", new_id(), legs)

    def invitation(self, email: str = "new@example.org") -> str:
        """The key of a letter that offers a role."""
        kept: list[str] = []
        send = invitations.outbox.write

        def listen(*args: Any, **more: Any) -> Any:
            kept.append(more["text"].partition("invitations/")[2].split()[0])
            return send(*args, **more)

        invitations.outbox.write = listen  # ty: ignore[invalid-assignment]
        try:
            invitations.send(
                self.session, self.house.id, email, by=self.second.id, house="Meru", page="http://localhost/invitations/",
                role=Role.COLLECTOR,
            )  # fmt: skip
        finally:
            invitations.outbox.write = send
        return kept[0]
