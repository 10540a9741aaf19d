"""Quantities are whole base units: grams, millilitres or pieces. Kilograms exist only on pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ground import spelling
from ground.errors import Refusal
from ground.words import _, _l


class Unit(StrEnum):
    """The base unit a product is counted in; its `per` unit is the one prices are compared by."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "pc"

    @property
    def per(self) -> str:
        return {"g": "kg", "ml": "litre", "pc": "piece"}[self.value]

    @property
    def said(self) -> str:
        """`per` in the language spoken now."""
        return str(PER[self])

    @property
    def per_size(self) -> int:
        """Base units in one comparison unit: 1,000 g in a kg."""
        return 1 if self is Unit.PIECE else 1_000


PER = {Unit.GRAM: _l("kg"), Unit.MILLILITRE: _l("litre"), Unit.PIECE: _l("piece")}

LARGEST = 10**12
"""A million tonnes in grams: nothing a cooperative weighs is more."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`amount` whole base units."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        assert type(self.amount) is int, "Quantities are whole base units."

    @classmethod
    def parse(cls, text: str, unit: Unit, *, field: str = "quantity") -> Quantity:
        """Read kilograms (litres, pieces) as written on a scale, `12.5`, exactly; a Refusal names `field`.

        A comma is refused: `1,500` is a thousand and a half in one country and one and a half in the next [attack:A051].
        """
        cleaned = text.strip()
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", cleaned):
            raise Refusal(
                fields={field: _("Write the quantity in %(unit)s, such as 12.5, in plain digits.", unit=unit.said)}
            )
        exact = Decimal(cleaned) * unit.per_size
        if exact != exact.to_integral_value():
            raise Refusal(fields={field: _("This is finer than one %(unit)s.", unit=unit.value)})
        if exact > LARGEST:
            raise Refusal(fields={field: _("This quantity is too large.")})
        return cls(int(exact), unit)

    @property
    def decimal(self) -> Decimal:
        """In comparison units (kg, litre, piece), exactly."""
        return Decimal(self.amount) / self.unit.per_size

    def spoken(self) -> str:
        """As the language spoken now writes it: `1 250,5 kg`; pieces are a bare figure."""
        plain = spelling.decimal(self.decimal.normalize())
        return plain if self.unit is Unit.PIECE else f"{plain}{spelling.GAP}{self.unit.said}"

    def weighed(self) -> str:
        """As a scale shows it: one decimal at least, so that `98.0 kg` says it was read and not rounded; pieces are counted."""
        if self.unit is Unit.PIECE:
            return self.spoken()
        exact = self.decimal.normalize()
        plain = spelling.decimal(exact, max(1, -int(exact.as_tuple().exponent)))
        return f"{plain}{spelling.GAP}{self.unit.said}"

    def __str__(self) -> str:
        plain = f"{self.decimal.normalize():,f}"
        return f"{plain}\N{NO-BREAK SPACE}{self.unit.per}" if self.unit is not Unit.PIECE else plain
