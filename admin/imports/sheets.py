"""Sheets: a CSV file read whole and strictly before anything of it is taken; and cells made harmless on the way out."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ground.errors import Refusal

BYTES_MOST, COLUMNS_MOST, CELL_MOST = 50_000_000, 60, 2_000
MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
A_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")
MOJIBAKE = re.compile(
    "[\u00c3\u00cc\u00c2\u00ce][\u0080-\u00bf_\u0152\u017d\u0178\u2018-\u2122]|[\u00cc\u00ce][\u00cc\u00ce]|\ufffd"
)
"""UTF-8 that was read as Latin once too often; no name of the registers has such a pair of letters rightly."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row under its line number in the file (the heading is line 1)."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why, in words for whoever mends the file."""

    line: int
    reason: str
    values: dict[str, str]


@dataclass(slots=True)
class Tally:
    """What became of every row: `new + known + refused` is the number of rows, always."""

    new: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.new + self.known + len(self.refused)

    def refuse(self, row: Row, reason: str) -> None:
        self.refused.append(Refused(row.line, reason, row.values))

    def add(self, other: Tally) -> None:
        self.new += other.new
        self.known += other.known
        self.refused += other.refused


def read(content: bytes, columns: Sequence[str]) -> list[Row]:
    """Every row, or a Refusal with the line at fault: then nothing of the file may be taken [attack:A015].

    The file must be UTF-8 without a byte order mark, with commas, one heading that names `columns` (more may stand
    beside them and are left alone), and rows of one line each with as many cells as the heading.
    """
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    rows: list[Row] = []
    heading: list[str] = []
    at = 0
    try:
        for cells in reader:
            at += 1
            if reader.line_num != at:
                raise Refusal(f"Line {at}: a cell runs over several lines. Put each row on one line.")
            if not heading:
                heading = _heading(cells, columns)
            elif cells:  # An empty line between rows says nothing.
                rows.append(_row(at, heading, cells))
    except csv.Error as error:
        raise Refusal(f"Line {max(at + 1, reader.line_num)}: {error}. Look for a stray quotation mark.") from None
    if not rows:
        raise Refusal("This file has a heading but no rows.")
    return rows


def _text(content: bytes) -> str:
    if not content.strip():
        raise Refusal("This file is empty.")
    if len(content) > BYTES_MOST:
        raise Refusal(f"This file is larger than {BYTES_MOST // 1_000_000} MB.")
    for mark, name in MARKS.items():
        if content.startswith(mark):
            raise Refusal(f"Line 1: the file starts with the byte order mark of {name}. Save it as UTF-8 without one.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(f"Line {line}: this is not UTF-8. Save the file as UTF-8.") from None
    for line, words in enumerate(text.split("\n"), start=1):
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\r" for letter in words):
            raise Refusal(f"Line {line}: there is an unprintable sign in it.")
    return text


def _heading(cells: list[str], columns: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if len(names) == 1 and len(columns) > 1:
        for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if sign in names[0]:
                raise Refusal(f"Line 1: the columns are separated by {name}. Save the file with commas.")
    if len(names) > COLUMNS_MOST:
        raise Refusal(f"Line 1: there are {len(names)} columns; at most {COLUMNS_MOST} are read.")
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Refusal(f"Line 1: the column {doubled[0]!r} stands there twice.")
    missing = [name for name in columns if name not in names]
    if missing:
        raise Refusal(f"Line 1: there is no column {', '.join(missing)}. This file needs {', '.join(columns)}.")
    return names


def _row(line: int, heading: list[str], cells: list[str]) -> Row:
    if len(cells) != len(heading):
        raise Refusal(
            f"Line {line}: {len(cells)} cells where the heading has {len(heading)}. Nothing of the file was taken."
        )
    if any(len(cell) > CELL_MOST for cell in cells):
        raise Refusal(f"Line {line}: a cell is longer than {CELL_MOST} letters.")
    return Row(line, {name: cell.strip() for name, cell in zip(heading, cells, strict=True)})


def whole_name(text: str) -> str | None:
    """Why a name cannot be taken as it stands; None where it can."""
    if not text:
        return "The name is missing."
    if len(text) > 120:
        return "The name is longer than 120 letters."
    if MOJIBAKE.search(text):
        return f"The name was damaged when it was copied ({text}). Write it as it should be."
    return None


def neutral(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: text that starts like one gets an apostrophe; numbers stay numbers."""
    text = str(cell)
    if text[:1] in (
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "|",
        "%",
        "\uff1d",
        "\uff0b",
        "\uff0d",
        "\uff20",
    ) and not A_NUMBER.fullmatch(text):
        return "'" + text
    return text


def write(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV, every cell neutral."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def report(refused: Sequence[Refused], columns: Sequence[str]) -> str:
    """The refused rows as CSV: line and reason first, then the row as it was read."""
    return write(
        [("line", "reason", *columns), *((r.line, r.reason, *(r.values[name] for name in columns)) for r in refused)]
    )
