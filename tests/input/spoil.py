"""Spoiling a body: every way in which one field of a form that is right can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from tests.input.forms import Form
from tests.input.kinds import UNPRINTABLE, Kind, spellings

Pairs = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A body with one thing wrong. `field` is the one to be named; `maybe` when a page that knows nothing may answer instead."""

    field: str
    what: str
    pairs: Pairs


def encoded(pairs: Pairs) -> bytes:
    """As a browser sends it, but with any bytes."""
    return b"&".join(
        quote_plus(name).encode() + b"=" + quote_plus(value if isinstance(value, bytes) else str(value)).encode()
        for name, value in pairs
    )


def spoiled(form: Form) -> Iterator[Spoiled]:
    """Every body of this form with one thing wrong."""
    good = {name: value for name, (value, _) in form.fields.items()}
    for name, (value, kind) in form.fields.items():
        rest = [(other, given) for other, given in good.items() if other != name]
        for what, put in _wrong(name, value, kind, form):
            yield Spoiled(name, what, [*rest, *put])
        if value:
            yield Spoiled(f"{name}[]", "array", [*rest, (f"{name}[]", value)])
            yield Spoiled(f"{name}[0]", "array with index", [*rest, (name, value), (f"{name}[0]", value)])
    whole: Pairs = list(good.items())
    for extra in ("evil", "is_admin", "cooperative_id", "by_id", "approved_by_id", "__proto__", "csrf_token2", "price"):
        if extra not in good:
            yield Spoiled(extra, "nobody asked for it", [*whole, (extra, "1")])
    yield Spoiled("x" * 60, "a name of 5,000 letters", [*whole, ("x" * 5_000, "1")])


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
