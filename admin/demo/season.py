"""The season: from a member's delivery to that member's money, each step taken by a person on a page of the shop."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from admin.demo import cast
from admin.demo.cast import COAST, MERU, Player
from admin.demo.visitor import Page, StoryStopped, Visitor
from ground import clock
from inventory.products import slugged

MAIZE, MANGOES = "White maize", "Ngowe mangoes"
HARVEST = (
    ("98.4", "0.4"), ("64.2", "0.2"), ("112.5", "0.5"), ("77.0", "0"), ("90.6", "0.6"), ("55.3", "0.3"),
    ("120.8", "0.8"), ("84.0", "0"), ("70.9", "0.9"), ("101.2", "0.2"), ("66.7", "0.7"), ("88.4", "0.4"),
)  # fmt: skip
"""Gross and tare of each member of Meru in kg, by number: 1,025 kg net in all."""
MANGO_HARVEST = (("42.0", "2.0"), ("33.5", "1.5"), ("27.0", "1.0"), ("51.2", "1.2"), ("38.0", "2.0"), ("24.5", "0.5"))
SACKS, BAGS_CARD, BAGS_CASH, MANGO_BAGS = 20, 12, 8, 6
"""What is bought: 1,000 kg in sacks, 20 kg in bags; of the mangoes six bags of 2 kg. The 5 kg left over are written off."""
WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of the story."""

    title: str
    live: Callable[[], None]


@dataclass
class Season:
    """The story and what its people remember from one chapter to the next. Everybody keeps their own browser."""

    address: str
    patience_seconds: float = WAIT_SECONDS
    nudge: Callable[[], object] = field(default=lambda: None)
    browsers: dict[str, Visitor] = field(default_factory=dict)
    orders: dict[str, Page] = field(default_factory=dict)

    def chapters(self) -> list[Chapter]:
        """Every step in its order; `admin/demo/settling.py` tells the second half."""
        from admin.demo import settling

        return [
            Chapter("Products and pools of the season", self.open_pools),
            Chapter("Members bring their maize and mangoes", self.weigh_in),
            Chapter("Each house names its bank account", lambda: settling.open_accounts(self)),
            Chapter("The advance is paid at once", lambda: settling.pay_advance(self)),
            Chapter("Packs with a ladder of prices", self.price),
            Chapter("Meru and Kilifi say when orders are collected", self.open_windows),
            Chapter("Amina buys from two cooperatives and pays by card", self.buy_by_card),
            Chapter("Peter orders to pay at collection", self.buy_for_cash),
            Chapter("Nyota Schools Kitchen buys twenty sacks on invoice", self.buy_on_invoice),
            *(Chapter(title, lambda live=live: live(self)) for title, live in settling.CHAPTERS),
        ]

    def as_(self, player: Player) -> Visitor:
        """That person's browser, signed in."""
        if player.email not in self.browsers:
            visitor = Visitor(self.address, name=player.name)
            visitor.sign_in(player.email, cast.PASSWORD)
            self.browsers[player.email] = visitor
        return self.browsers[player.email]

    def guest(self, player: Player) -> Visitor:
        """That person's browser, without an account."""
        return self.browsers.setdefault(player.email, Visitor(self.address, name=player.name))

    def until(self, visitor: Visitor, path: str, words: str) -> Page:
        """Open a page again and again until it says `words`: the worker acts when its turn comes."""
        end = time.monotonic() + self.patience_seconds
        while True:
            self.nudge()
            page = visitor.open(path)
            if re.search(words, page.words, re.IGNORECASE):
                return page
            if time.monotonic() > end:
                raise StoryStopped(f"{path} never said {words!r}: {page.words[:1200]}")
            time.sleep(0.2)

    # -- the chapters ----------------------------------------------------------------------------------------------

    def open_pools(self) -> None:
        """Each manager names the product, opens its pool; maize earns an advance of 10 shillings a kilo on delivery."""
        for player, coop, product, season, advance, words in (
            (cast.MANAGER, MERU, MAIZE, "Long rains 2026", "10", "Dry white maize of this season, sieved and sorted."),
            (cast.COAST_MANAGER, COAST, MANGOES, "November 2026", "0", "Sweet Ngowe mangoes, picked by hand."),
        ):
            visitor = self.as_(player)
            visitor.open(f"/office/{coop}/products/").submit(
                "/products/", having="grades", name=product, description=words,
                kind="cereals and tubers" if product == MAIZE else "vegetables and fruits", grades="A, B",
                keeps_days="300" if product == MAIZE else "14",
            )  # fmt: skip
            visitor.open(f"/office/{coop}/pools/").submit("/pools/", having="season", season=season, advance=advance)

    def weigh_in(self) -> None:
        """The collector weighs what each member brings; the coast's manager does so herself."""
        for player, coop, harvest in ((cast.COLLECTOR, MERU, HARVEST), (cast.COAST_MANAGER, COAST, MANGO_HARVEST)):
            visitor = self.as_(player)
            for number, (gross, tare) in enumerate(harvest, start=1):
                form = visitor.open(f"/office/{coop}/deliveries/new?number={number}")
                form.submit("/deliveries/", having="gross", number=number, gross=gross, tare=tare)

    def price(self) -> None:
        """A 1 kg bag and a 50 kg sack from one heap of maize; mangoes by the bag of 2 kg. All put on the market."""
        self.pack(cast.MANAGER, MERU, MAIZE, "1 kg bag", "1", ((1, "85"), (10, "78")))
        self.pack(cast.MANAGER, MERU, MAIZE, "50 kg sack", "50", ((1, "3600"), (10, "3400"), (40, "3300")))
        self.pack(cast.COAST_MANAGER, COAST, MANGOES, "2 kg bag", "2", ((1, "180"), (5, "165")))

    def pack(
        self, player: Player, coop: str, product: str, name: str, content: str, rungs: tuple[tuple[int, str], ...]
    ) -> None:
        """Add a pack, set its ladder, and see that it and its product are on the market."""
        visitor, slug = self.as_(player), slugged(product)
        page = visitor.open(f"/office/{coop}/products/{slug}").submit(
            "/packs", having="pack_name", pack_name=name, content=content
        )
        filled: dict[str, Any] = {
            f"rung-{row}-{part}": value
            for row, rung in enumerate(rungs, 1)
            for part, value in zip(("from", "price"), rung, strict=True)
        }
        page.submit(having="mode", **filled)
        page = visitor.open(f"/office/{coop}/products/{slug}")
        for form in [
            form for form in page.read.forms if form.action.endswith("/listing") and ("listed", "1") in form.fields
        ]:
            page.submit(form.action)

    def open_windows(self) -> None:
        """Meru on Saturdays and Wednesdays, Kilifi on Fridays, each until two days before at six in the evening."""
        for player, coop, weekday, hours, capacity in (
            (cast.MANAGER, MERU, 5, ("08:00", "12:00"), 40),
            (cast.MANAGER, MERU, 2, ("15:00", "18:00"), 25),
            (cast.COAST_MANAGER, COAST, 4, ("09:00", "13:00"), 30),
        ):
            today = clock.now().date()
            page = self.as_(player).open(f"/office/{coop}/windows/")
            page.submit(
                "/windows/", having="capacity", day=today + timedelta(days=(weekday - today.weekday()) % 7), weekly="1",
                until=hours[1], capacity=capacity, cut_off_days=2, cut_off_time="18:00", **{"from": hours[0]},
            )  # fmt: skip

    def buy_by_card(self) -> None:
        """Twelve bags of maize and six of mangoes in one basket, paid on the provider's page (the sandbox's, without keys)."""
        visitor = self.guest(cast.CONSUMER)
        self._put(visitor, MERU, MAIZE, "1 kg bag", BAGS_CARD)
        self._put(visitor, COAST, MANGOES, "2 kg bag", MANGO_BAGS)
        page = visitor.open("/checkout").submit(
            "/checkout", having="how", name=cast.CONSUMER.name, email=cast.CONSUMER.email, how="card"
        )
        page = page.submit("/sandbox/", having="card", card="4242 4242 4242 4242")
        self.orders["card"] = self.until(visitor, page.path, "We have received")

    def buy_for_cash(self) -> None:
        """Eight bags, paid when they are fetched."""
        visitor = self.guest(cast.SECOND_CONSUMER)
        self._put(visitor, MERU, MAIZE, "1 kg bag", BAGS_CASH)
        self.orders["cash"] = visitor.open("/checkout").submit(
            "/checkout",
            having="how",
            name=cast.SECOND_CONSUMER.name,
            email=cast.SECOND_CONSUMER.email,
            how="collection",
        )

    def buy_on_invoice(self) -> None:
        """Twenty sacks: past the rung at ten, with thirty days to pay."""
        visitor = self.as_(cast.BUYER)
        self._put(visitor, MERU, MAIZE, "50 kg sack", SACKS)
        self.orders["invoice"] = visitor.open("/checkout").submit("/checkout", having="how", how="invoice")

    def _put(self, visitor: Visitor, coop: str, product: str, pack: str, quantity: int) -> None:
        """Find the pack on the product's page and add so many of it to the basket."""
        slug = product.lower().replace(" ", "-")
        page = visitor.open(f"/cooperatives/{coop}/products/{slug}")
        if f"{quantity} × {pack}" not in page.words and any(pack in said for _, said in page.read.links):
            page = page.follow("pack=", words=pack)
        page.submit(having="pack", press="/basket/lines", quantity=quantity)
