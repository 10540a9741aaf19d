"""Papers read back: the text of a PDF as a reader's machine finds it, by its own tables of letters."""

from __future__ import annotations

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)\s*endobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
TOKEN = re.compile(
    rb"(?P<begin>/\w+\s*(?:<<(?:/ActualText\s*<(?P<actual>[0-9A-F]+)>|[^>])*>>)?\s*B[DM]C)|(?P<end>EMC)|"
    rb"/(?P<font>f\d+)\s+[\d.]+\s+Tf|"
    rb"\((?P<shown>(?:\\.|[^\\()])*)\)|(?P<row>\bET\b)",
    re.DOTALL,
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """Every word on every page, pieces apart by a space; what the file says should be read is read instead of the shapes."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    letters = {name: _letters(objects, body) for name, body in _fonts(objects).items()}
    return " ".join("".join(_words(_opened(body), letters)) for body in objects.values() if b" Tf" in _opened(body))


def _opened(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None or b"FlateDecode" not in body:
        return b""
    try:
        return zlib.decompress(found[1])
    except zlib.error:
        return b""


def _fonts(objects: dict[int, bytes]) -> dict[str, bytes]:
    named = re.findall(rb"/(f\d+)\s+(\d+) 0 R", b"".join(body for body in objects.values() if b"stream" not in body))
    return {name.decode(): objects[int(number)] for name, number in named}


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    table = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert table, "a font without its letters"
    told = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", _opened(objects[int(table[1])]))
    return {int(code, 16): bytes.fromhex(word.decode()).decode("utf-16-be") for code, word in told}


def _words(content: bytes, letters: dict[str, dict[int, str]]) -> list[str]:
    found: list[str] = []
    font, instead = "", [False]
    for token in TOKEN.finditer(content):
        if token["begin"]:
            instead.append(token["actual"] is not None)
            if token["actual"]:
                found.append(bytes.fromhex(token["actual"].decode()).decode("utf-16"))
        elif token["end"]:
            instead.pop()
        elif token["font"]:
            font = token["font"].decode()
        elif token["shown"] is not None and not any(instead):
            raw = re.sub(rb"\\([0-7]{3}|.)", _unescaped, token["shown"], flags=re.DOTALL)
            found += [letters[font].get(code, "\N{REPLACEMENT CHARACTER}") for code in _pairs(raw)]
        elif token["row"]:
            found.append(" ")
    return found


def _unescaped(match: re.Match[bytes]) -> bytes:
    word = match[1]
    return bytes([int(word, 8)]) if len(word) == 3 else ESCAPES.get(word, word)


def _pairs(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
