"""Catalogues: one .po file per language, brought up to date with the sources; and what is missing in it, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from ground import words
from translations.gather import Sentence, sentences

PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "sw": "nplurals=2; plural=(n != 1);",
    "rw": "nplurals=2; plural=(n != 1);",
}
GAP = re.compile(r"%\((\w+)\)s|%%")
HEADER = "Translations of Good Measure. See docs/languages.md: they want a native reader's check."


def path_of(code: str) -> Path:
    return words.CATALOGUES / code / "LC_MESSAGES" / "messages.po"


def languages() -> list[str]:
    """Those that need a catalogue: all but the one the sources are written in."""
    return [code for code in words.LANGUAGES if code != words.SOURCE]


def read(code: str) -> Catalog:
    """The catalogue as it is written down; an empty one where there is none."""
    if not path_of(code).exists():
        return Catalog(locale=code)
    with path_of(code).open("rb") as file:
        return read_po(file, locale=code)


def update(code: str) -> tuple[int, int]:
    """Bring a catalogue up to date: new sentences come in empty, those that nobody says any more go. (Came, went.)"""
    before = read(code)
    after = Catalog(locale=code, header_comment=f"# {HEADER}", fuzzy=False)
    known = {_key(message.id): message for message in before if message.id}
    came = 0
    for each in sorted(sentences(), key=lambda each: (each.places[0], each.text)):
        old = known.pop(_key(each.text), None)
        old = old if old is not None and isinstance(old.id, tuple) == bool(each.many) else None
        came += old is None
        id = (each.text, each.many) if each.many else each.text
        string = old.string if old is not None else (("", "") if each.many else "")
        after.add(id, string, flags=old.flags if old is not None else (), locations=_places(each))
    path_of(code).parent.mkdir(parents=True, exist_ok=True)
    with path_of(code).open("wb") as file:
        write_po(file, after, width=0, omit_header=False)
    _plain_header(code)
    return came, len(known)


def _places(each: Sentence) -> Any:
    """Files without their lines: those change with every edit, and babel's types do not know that they may be left out."""
    return [(place, None) for place in each.places]


def _plain_header(code: str) -> None:
    """A header that says what matters and changes only when it does: no dates, no names of tools."""
    text = path_of(code).read_text()
    _, _, rest = text.partition("\n\n")
    path_of(code).write_text(
        f'# {HEADER}\nmsgid ""\nmsgstr ""\n"Language: {code}\\n"\n"Plural-Forms: {PLURALS[code]}\\n"\n'
        f'"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n{rest}'
    )


def _key(id: object) -> str:
    return str(id[0]) if isinstance(id, (tuple, list)) else str(id)


def missing(code: str) -> Iterator[str]:
    """Everything that is wrong with a catalogue, one line each, naming the sentence and where it stands."""
    known = {_key(message.id): message for message in read(code) if message.id}
    for each in sentences():
        message = known.pop(each.text, None)
        if message is None:
            yield _line(code, "is not in the catalogue", each)
        else:
            for fault in _faults(each, message):
                yield _line(code, fault, each)
    for text in known:
        yield f"{code}: nobody says this any more: {text!r}"


def _faults(each: Sentence, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "is a guess (fuzzy)"
    if isinstance(message.id, tuple) != bool(each.many):
        yield "counts in one place and not in the other"
        return
    told = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    forms = [form or "" for form in told]
    if len(forms) != (2 if each.many else 1):
        yield f"has {len(forms)} forms"
    if not all(form.strip() for form in forms):
        yield "is not translated"
        return
    wanted = _gaps(each.many or each.text)
    for form in forms:
        left_out = {"count", "num"} if each.many and form is forms[0] else set()  # "One bag" needs no figure.
        if _gaps(form) - {"%%"} - wanted or wanted - _gaps(form) - left_out:
            yield f"has other gaps than the source: {form!r}"
        if re.search(r"%(?!\(\w+\)s|%)", form) and not re.search(r"%(?!\(\w+\)s|%)", each.text):
            yield f"has a broken gap: {form!r}"
        if _tags(form) != _tags(each.many or each.text):
            yield f"has other tags than the source: {form!r}"


def _gaps(text: str) -> set[str]:
    return {match[1] or "%%" for match in GAP.finditer(text)}


def _tags(text: str) -> list[str]:
    return sorted(re.findall(r"<[^<>]+>", text))


def _line(code: str, fault: str, each: Sentence) -> str:
    return f"{code}: {fault}: {each.text!r} ({', '.join(each.places[:3])})"
