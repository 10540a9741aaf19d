"""Spoiling a body: every way in which one field of a form that is right can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from urllib.parse import quote_plus

from tests.input.forms import Form
from tests.input.kinds import UNPRINTABLE, Kind, spellings

Pairs = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A body with one thing wrong: `put` stands instead of `field`, which is to be named on the page that comes back."""

    field: str
    what: str
    pairs: Pairs
    put: Pairs


def encoded(pairs: Pairs) -> bytes:
    """As a browser sends it, but with any bytes."""
    return b"&".join(
        quote_plus(name).encode() + b"=" + quote_plus(value if isinstance(value, bytes) else str(value)).encode()
        for name, value in pairs
    )


def rounds(form: Form) -> list[list[Spoiled]]:
    """Every value that is wrong for a field: the first of each field, the second of each field, and so on."""
    good = {name: value for name, (value, _) in form.fields.items()}
    by_field = [
        [
            Spoiled(name, what, [*((other, given) for other, given in good.items() if other != name), *put], put)
            for what, put in _wrong(name, value, kind, form)
        ]
        for name, (value, kind) in form.fields.items()
    ]
    return [[each for each in row if each is not None] for row in zip_longest(*by_field)]


def together(row: list[Spoiled], form: Form) -> Pairs:
    """All of these at once."""
    put = {each.field: each.put for each in row}
    return [pair for name, (value, _) in form.fields.items() for pair in put.get(name, [(name, value)])]


def odd_names(form: Form) -> Iterator[Spoiled]:
    """Fields that nobody asked for, and lists where one value was asked for."""
    good = {name: value for name, (value, _) in form.fields.items()}
    for name, value in good.items():
        if value:
            rest = [(other, given) for other, given in good.items() if other != name]
            yield Spoiled(f"{name}[]", "array", [*rest, (f"{name}[]", value)], [])
            yield Spoiled(f"{name}[0]", "array with index", [*rest, (name, value), (f"{name}[0]", value)], [])
    for extra in ("evil", "is_admin", "cooperative_id", "by_id", "__proto__", "x" * 5_000):
        if extra not in good:
            yield Spoiled(extra[:60], "nobody asked for it", [*good.items(), (extra, "1")], [])


def _wrong(name: str, value: Any, kind: Kind, form: Form) -> Iterator[tuple[str, Pairs]]:
    if kind.needed:
        yield "missing", []
        yield "empty", [(name, "")]
        if kind.strange:
            yield "blank", [(name, " \t ")]
    yield "twice", [(name, value), (name, value)]
    yield "twice, another first", [(name, "1"), (name, value)]
    for bad in kind.bad:
        yield f"{kind.name} {_short(bad)}", [(name, bad)]
    if kind.id and value:
        for bad in spellings(value):
            yield f"{kind.name} {_short(bad)}", [(name, bad)]
    if name in form.strangers:
        yield "another cooperative's", [(name, form.strangers[name])]
        yield "nobody's", [(name, "01975f00-0000-7000-8000-000000000001")]
    if kind.strange:
        for bad in UNPRINTABLE:
            yield _short(bad), [(name, bad)]


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) < 40 else f"{said[:30]}… ({len(value)})"
