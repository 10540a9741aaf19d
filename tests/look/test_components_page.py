"""The page about components says exactly what the macros take."""

from __future__ import annotations

import re

import pytest

from tests.look.gallery_app import ROOT

PAGE = (ROOT / "docs" / "components.md").read_text()
MACRO = re.compile(r"\{% macro ([a-z]\w*\(.*?\)) -?%\}")
SIGNATURES = [
    (path.stem, found)
    for path in sorted((ROOT / "templates" / "components").glob("*.html"))
    for found in MACRO.findall(path.read_text())
]


@pytest.mark.parametrize(
    ("file", "signature"), SIGNATURES, ids=[signature.split("(")[0] for _, signature in SIGNATURES]
)
def test_each_macro_is_written_down_with_its_arguments(file: str, signature: str) -> None:
    assert re.search(rf"^\| {file} \|", PAGE, re.MULTILINE)
    assert signature in PAGE


def test_each_component_file_says_first_what_it_is() -> None:
    files = list((ROOT / "templates").rglob("*.html"))
    assert [
        path.name for path in files if path.parent.name == "components" and not path.read_text().startswith("{# ")
    ] == []
