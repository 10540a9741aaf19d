"""Typesetting: a template and its facts become a PDF in memory. The only file that knows typst."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    import typst

log = structlog.get_logger()
ROOT = Path(__file__).parent.parent
FONTS = ROOT / "data" / "fonts"
ACCESSIBLE = ["ua-1", "a-2a"]
"""PDF/UA: read aloud in the right order. PDF/A: looks the same in thirty years, its fonts are inside."""


def pdf(template: Path, facts: Mapping[str, Any], *, at: datetime) -> bytes:
    """The template's paper with these facts, dated `at`: the same facts give the same bytes.

    Facts reach the template as data, never as its language, so nothing a buyer writes can give orders there. A letter of a
    script that none of our fonts has is looked for in the system's; where it is nowhere, the paper is made without the
    accessibility promise, which such a letter would break, and the log says so.
    """
    import typst  # Only who makes papers pays for it.

    def made(fonts: typst.Fonts, standards: list[Any]) -> bytes:
        made = typst.compile(
            str(template), root=str(template.parent), font_paths=fonts, sys_inputs={"facts": told}, pdf_standards=standards,
            timestamp=int(at.timestamp()), format="pdf",
        )  # fmt: skip
        assert isinstance(made, bytes)
        return made

    told = json.dumps(facts, ensure_ascii=False)
    try:
        return made(_fonts(system=False), ACCESSIBLE)
    except typst.TypstError as missing:
        if "could not be displayed" not in str(missing):
            raise
    try:
        return made(_fonts(system=True), ACCESSIBLE)
    except typst.TypstError as missing:
        if "could not be displayed" not in str(missing):
            raise
        log.warning("typesetting.letter_missing", reason=str(missing)[:200])
        return made(_fonts(system=True), [])


@lru_cache(maxsize=2)
def _fonts(*, system: bool) -> typst.Fonts:
    """The shop's own fonts and those typst carries (Latin, Greek, Cyrillic, Arabic); the system's only where asked."""
    import typst

    return typst.Fonts(include_system_fonts=system, include_embedded_fonts=True, font_paths=[str(FONTS)])
