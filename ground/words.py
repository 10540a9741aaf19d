"""Words: what people read, in their language. Sentences are looked up here; figures and days are in `ground/spelling.py`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "sw": "Kiswahili",
    "rw": "Ikinyarwanda",
}
"""The languages of the street, each in its own name. English is what the sources are written in, so it needs no catalogue."""

SOURCE = "en"
CATALOGUES = Path(__file__).parent.parent / "translations"

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def language() -> str:
    """The language spoken now, by its short code. English where nobody said otherwise: commands, workers, tests."""
    return _spoken.get()


def speak(code: str) -> None:
    """Speak this language from now on, in this thread; one that we do not have becomes English."""
    _spoken.set(code if code in LANGUAGES else SOURCE)


@contextmanager
def speaking(code: str) -> Generator[None]:
    """Speak this language for a while: letters go out in the language of whoever reads them."""
    before = _spoken.set(code if code in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _spoken.reset(before)


def locale() -> Locale:
    """The habits of the language spoken now: which way it runs, how its days and months are called."""
    return locale_of(language())


@lru_cache(maxsize=32)
def locale_of(code: str) -> Locale:
    """The habits that go with a language. Our Spanish is that of Latin America, our Swahili that of Kenya."""
    return Locale.parse({"es": "es_419", "sw": "sw_KE"}.get(code, code))


def direction() -> str:
    """Which way the lines run: `ltr` or `rtl`."""
    return locale().text_direction


@lru_cache(maxsize=32)
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language, compiled in memory from its .po file when first spoken (about 20 ms)."""
    path = CATALOGUES / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    packed = BytesIO()
    with path.open("rb") as file:
        write_mo(packed, read_po(file, locale=code))
    packed.seek(0)
    return Translations(packed)


def _(text: str, /, **named: Any) -> str:
    """`text` in the language spoken now. Money, quantities and days among `named` are spelled by its habits."""
    found = catalogue(language()).gettext(text)
    return found % spelled(named) if named else found


def ngettext(one: str, many: str, count: int, /, **named: Any) -> str:
    """The form that fits `count`; `%(count)s` (or `%(num)s`) in it is that number, with its thousands kept apart."""
    return form_of(one, many, count) % counted(count, named)


def form_of(one: str, many: str, count: int) -> str:
    """The sentence for so many, its gaps still open."""
    return catalogue(language()).ngettext(one, many, count)


def counted(count: int, named: Mapping[str, Any]) -> dict[str, Any]:
    from ground.spelling import whole  # It asks us which language is spoken.

    return {"count": whole(count), "num": whole(count), **spelled({k: v for k, v in named.items() if k != "count"})}


def spelled(named: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into the gaps of a sentence: things that know how they are said (`spoken`) say it themselves, and days too."""
    from ground.spelling import day

    return {
        name: value.spoken() if hasattr(value, "spoken") else day(value) if type(value) is date else value
        for name, value in named.items()
    }


@dataclass(frozen=True, slots=True)
class Later:
    """A sentence named now and said when it is read: for constants, which are made before anybody speaks."""

    text: str
    named: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return _(self.text, **self.named)

    spoken = __str__


def _l(text: str, /, **named: Any) -> Later:
    """A sentence for later: `words = _l("Paid")` at the top of a file, read with `str(words)` or in a template."""
    return Later(text, named)


gettext = _
