"""What goes wrong in a field, by its kind: each value here is refused wherever that kind of field stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

NUMBERS = (
    "1_000", "١٢", "１２", "+5", "0x10", "1e3", "1,5", "1.000,5", "NaN", "nan", "Infinity", "-Infinity", "inf", "1e999", "-1",
    "-0", "−5", "²", "½", "1 000", "abc", "true", "null", "[]", '{"$gt":0}', "1.5.1", "5;", str(2**63), str(10**30), "9" * 5_000,
)  # fmt: skip
UNPRINTABLE = (
    b"a\0b", b"\xed\xa0\x80abc", b"\xff\xfeabc", b"abc\xc3", "abc\u202edef".encode(), "a\u2066b".encode(), "ab\u200bc".encode(),
    b"ab\x07c", "a\u2028b".encode(), "ab\ue000c".encode(), b"x" * 10_000,
)  # fmt: skip
IDS = ("abc", "0", "-1", "1", str(10**30), "00000000-0000-0000-0000-000000000000", "../../etc", "' OR 1=1 --")


def spellings(id: str) -> tuple[str, ...]:
    """One id has one spelling: these are not it."""
    return (id.upper(), "{" + id + "}", f"urn:uuid:{id}", id.replace("-", ""), f"{id}0", f" {id}")


@dataclass(frozen=True, slots=True)
class Kind:
    """`bad` values of a field; `needed` ones may not be left out; `blank` ones may not be empty (`needed` says so too)."""

    name: str
    bad: tuple[str | bytes, ...] = ()
    needed: bool = True
    hidden: bool = False
    id: bool = False
    file: bool = False
    strange: bool = True
    """Whether unprintable signs and 10,000 letters are refused: nearly everywhere."""

    @property
    def optional(self) -> Kind:
        return replace(self, needed=False)

    def but(self, *more: str | bytes) -> Kind:
        """The same, with further values that are wrong just here."""
        return replace(self, bad=(*self.bad, *more))

    def without(self, *less: str) -> Kind:
        return replace(self, bad=tuple(value for value in self.bad if value not in less))


TEXT = Kind("text")
CODE = Kind("code")
"""Of a minute ago: never shown again."""
PASSWORD = Kind("password", (b"a\0b", b"x" * 10_000, b"\xff\xfe ripe mangoes in Meru"), strange=False)
WHOLE = Kind("whole number", (*NUMBERS, "0", "1.5", str(2**31), str(2**53 + 1)))
COUNT_FROM_NOUGHT = WHOLE.without("0")
LARGE = COUNT_FROM_NOUGHT.without(str(2**31))
MONEY = Kind("money", (*NUMBERS, "0.001", "-0.01", str(2**53 + 1), "KES 5", "5 KES", "12.345"))
MONEY_ABOVE = MONEY.but("0", "0.00")
QUANTITY = Kind("quantity", (*NUMBERS, "0", "0.0", "0.0001", str(2**31), str(2**53 + 1), ".5", "5."))
QUANTITY_FROM_NOUGHT = QUANTITY.without("0", "0.0")
CHOICE = Kind("choice", ("nonsense", "0", "-1", "None"))
DAY = Kind(
    "day",
    (
        "2026-13-01", "2026-02-30", "23/11/2026", "2026-1-1", "9999-12-31", "0000-00-00", "20261101", "2026-W01-1", "1899-12-31",
        "２０２６-01-01", "2026-11-01T00:00:00", "today", "0", "-1", "1e3", "-2026-01-01", "+2026-01-01",
    ),
)  # fmt: skip
MINUTE = Kind("time of day", ("24:01", "25:00", "8:00", "08:60", "0800", "08:00:00", "٠٨:٠٠", "noon", "-1", "0", "1e3"))
EMAIL = Kind(
    "mail address", ("abc", "a@", "@b.example", "a b@c.example.org", "a@b@c.example.org", "a@example.org\nBcc: x@y.example", "5")
)  # fmt: skip
PHONE = Kind("phone", ("abc", "12", "٠٧١٢٣٤٥٦٧٨", "+", "1" * 39, "0712 345 678 ext"))
ID = Kind("id", IDS, id=True)
ONCE = Kind("once", IDS, hidden=True, id=True)
TICK = Kind("tick", ("maybe", "2", "-1", "nonsense"), needed=False)
FREE = Kind("free", needed=False, strange=False)
SEAL = Kind("seal", ("0" * 64, "abc", "0" * 63, "0" * 65, "-1", "NaN"), hidden=True)
"""The hash of what a person saw: another one was not seen."""
VERSION = replace(COUNT_FROM_NOUGHT, hidden=True)
"""Which version a person saw; the box of a form, not a field they fill."""
SEEN = Kind("id", IDS, needed=False, hidden=True, id=True)
FILE = Kind("file", file=True)
