"""The rest of the market: what the other cooperatives weigh in and sell, so that a visitor finds shelves and not a lone bag."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from admin.demo import cast
from admin.demo.cast import ABERDARE, COAST, MWEA, Player
from admin.demo.season import Chapter, Season
from inventory.products import slugged

SEASON = "November 2026"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One product: what is said of it, what its first members brought in kg or pieces, and a pack with its ladder."""

    name: str
    words: str
    brought: str
    pack: tuple[str, str, str] | None = None
    kind: str = "vegetables and fruits"
    unit: str = "g"
    keeps_days: str = ""
    quoted: bool = False
    """Its product, one pack and that pack's price come from the market's quotes, in one act of the manager."""

    @property
    def rungs(self) -> tuple[tuple[int, str], ...]:
        """`1:110 5:98` is 110 for one, and 98 each from five."""
        rungs = self.pack[2].split() if self.pack else []
        return tuple((int(start), price) for start, _, price in (rung.partition(":") for rung in rungs))


SHELVES: dict[str, tuple[Player, tuple[Shelf, ...]]] = {
    COAST: (cast.COAST_MANAGER, (
        Shelf("Bananas", "Small and sweet, cut green on the ridge above Kilifi creek.", "420 380", quoted=True),
        Shelf("Sweet potatoes", "Red-skinned, dug the day before market.", "118.5 96", ("2 kg bag", "2", "1:150 5:138 25:126"),
              kind="cereals and tubers", keeps_days="30"),
        Shelf("Bird’s eye chillies", "Red, ripe and very hot.", "14.2", ("250 g bag", "0.25", "1:65 4:58")),
    )),
    MWEA: (cast.MWEA_MANAGER, (
        Shelf("Rice (aromatic)", "Pishori from the Mwea plain, milled last week.", "640 512.5 388",
              ("1 kg bag", "1", "1:205 10:194 25:182"), quoted=True),
        Shelf("Beans (rosecoco)", "Red mottled bush beans. They cook in about an hour.", "310 245.5",
              ("1 kg bag", "1", "1:230 10:212 50:196"), quoted=True),
        Shelf("Tomatoes", "Field ripe, sorted by hand.", "88.4 73", ("1 kg net", "1", "1:110 5:98 20:89"), keeps_days="9"),
        Shelf("Red onions", "Cured for three weeks.", "150 131.5", ("1 kg net", "1", "1:90 10:82 25:76"), keeps_days="90"),
    )),
    ABERDARE: (cast.ABERDARE_MANAGER, (
        Shelf("Potatoes (Irish, white)", "Shangi, dug this week on the slopes above Ol Kalou.", "520 468 395.5",
              ("5 kg bag", "5", "1:260 4:240"), quoted=True, keeps_days="60"),
        Shelf("Carrots", "Pulled with their leaves on.", "64 58.2", ("1 kg bunch", "1", "1:95 10:84"), keeps_days="14"),
        Shelf("Hass avocados", "Hard when they leave us, ripe in three to five days.", "72.5 80",
              ("1 kg bag", "1", "1:160 4:148 20:132"), keeps_days="21"),
        Shelf("Free-range eggs", "From hens that walk about.", "600 450", ("tray of 30", "30", "1:510 3:480 10:450"),
              kind="meat, fish and eggs", unit="pc", keeps_days="28"),
        Shelf("Forest honey", "From log hives at the edge of the Aberdare forest.", "31", ("500 g jar", "0.5", "1:620"),
              kind="other food"),
    )),
}  # fmt: skip

SWAHILI = {
    "Bananas": ("Ndizi", "Ndogo na tamu, zilizokatwa zikiwa mbichi juu ya kijito cha Kilifi."),
    "Sweet potatoes": ("Viazi vitamu", "Vya ngozi nyekundu, vilivyochimbwa siku moja kabla ya soko."),
    "Bird’s eye chillies": ("Pilipili kichaa", "Nyekundu, zilizoiva na kali sana."),
    "Rice (aromatic)": ("Mchele (pishori)", "Pishori kutoka tambarare za Mwea, uliokobolewa wiki iliyopita."),
    "Beans (rosecoco)": ("Maharagwe (rosecoco)", "Maharagwe mekundu yenye madoa. Huiva kwa takriban saa moja."),
    "Tomatoes": ("Nyanya", "Zimeivia shambani, zimechambuliwa kwa mkono."),
    "Red onions": ("Vitunguu vyekundu", "Vimekaushwa kwa wiki tatu."),
    "Potatoes (Irish, white)": ("Viazi", "Shangi, vilivyochimbwa wiki hii kwenye miteremko ya Ol Kalou."),
    "Carrots": ("Karoti", "Zimeng’olewa na majani yake."),
    "Hass avocados": ("Parachichi (Hass)", "Ngumu zinapotoka kwetu, huiva kwa siku tatu hadi tano."),
    "Free-range eggs": ("Mayai ya kienyeji", "Kutoka kwa kuku wanaotembea huru."),
    "Forest honey": ("Asali ya msitu", "Kutoka kwenye mizinga ya magogo kando ya msitu wa Aberdare."),
}
"""What the cooperatives wrote for shoppers who read Swahili: name and description."""


def chapters(season: Season) -> list[Chapter]:
    """What follows the season, for whoever walks through the shop afterwards."""
    return [Chapter("The other cooperatives fill their shelves", lambda: fill(season))]


def fill(season: Season) -> None:
    """Each manager prices the shelf, opens its pools and weighs in what members bring."""
    for coop, (player, shelves) in SHELVES.items():
        _seed(season, player, coop, [shelf.name for shelf in shelves if shelf.quoted])
        for shelf in shelves:
            _name(season, player, coop, shelf)
            if shelf.pack:
                season.pack(player, coop, shelf.name, shelf.pack[0], shelf.pack[1], shelf.rungs)
            visitor = season.as_(player)
            pools = visitor.open(f"/office/{coop}/pools/")
            pools.submit("/pools/", having="season", season=SEASON, product_id=_value(pools.content, shelf.name))
            for number, gross in enumerate(shelf.brought.split(), start=1):
                form = visitor.open(f"/office/{coop}/deliveries/new?number={number}")
                what = _value(form.content, f"{shelf.name} A, {SEASON}")
                form.submit("/deliveries/", having="gross", what=what, gross=gross)


def _seed(season: Season, player: Player, coop: str, names: list[str]) -> None:
    """Tick commodities of the market and let the price desk make their packs and prices."""
    page = season.as_(player).open(f"/office/{coop}/prices/")
    boxes = {
        unescape(said): name
        for name, said in re.findall(r'name="(commodity-\d+)" value="([^"]+)"', page.content.decode())
    }
    ticked: dict[str, Any] = {boxes[name]: name for name in names}
    page.submit("/seeds", having="point", **ticked)


def _name(season: Season, player: Player, coop: str, shelf: Shelf) -> None:
    """The product's name and words; where the market's quotes named it already, only its words."""
    visitor = season.as_(player)
    told: dict[str, Any] = {"description": shelf.words, "keeps_days": shelf.keeps_days}
    own = f"/office/{coop}/products/{slugged(shelf.name)}"
    if shelf.quoted:
        visitor.open(own).submit(having="storage", **told)
    else:
        page = visitor.open(f"/office/{coop}/products/")
        page.submit(
            "/products/", having="grades", name=shelf.name, kind=shelf.kind, unit=shelf.unit, grades="A", **told
        )
    name, words = SWAHILI[shelf.name]
    visitor.open(f"{own}?language=sw").submit("/words", said_name=name, said_description=words)


def _value(content: bytes, words: str) -> str:
    """The value of the choice that says `words`."""
    for value, said in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', content.decode()):
        if unescape(said) == words:
            return str(value)
    raise AssertionError(f"no choice says {words!r}")
