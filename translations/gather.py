"""Gathering: every sentence of the sources with where it stands, and visible words of street pages that are not wrapped."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

ROOT = Path(__file__).parent.parent
FLOORS = ("ground", "ledger", "cooperative", "inventory", "proceeds", "storefront", "admin")
ONE, MANY = {"_", "_l", "gettext"}, {"ngettext"}
STREET = ("layout", "components", "errors", "cooperative", "proceeds", "storefront")
OFFICE = {"layout/office.html"}
"""Not on the street: the office speaks English for now."""
JINJA_OPTIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "newstyle_gettext": "true", "silent": "false"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the sources: `many` is its plural where it counts something; `places` say where it stands."""

    text: str
    many: str
    places: tuple[str, ...]


@lru_cache(maxsize=1)
def sentences() -> tuple[Sentence, ...]:
    """Every sentence, in the order of the sources; one that stands in several places is one."""
    found: dict[tuple[str, str], list[str]] = {}
    for text, many, place in (*_of_python(), *_of_templates()):
        found.setdefault((text, many), []).append(place)
    plural = {text for text, many in found if many}
    return tuple(
        Sentence(text, many, tuple(dict.fromkeys(places)))
        for (text, many), places in found.items()
        if many or text not in plural
    )


def _of_python() -> Iterator[tuple[str, str, str]]:
    for path in sorted(each for floor in FLOORS for each in (ROOT / floor).rglob("*.py")):
        tree = ast.parse(path.read_text())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            wanted = 1 if name in ONE else 2 if name in MANY else 0
            told = [node.value if isinstance(node, ast.Constant) else None for node in call.args[:wanted]]
            if wanted and len(told) == wanted and all(isinstance(each, str) for each in told):
                place = path.relative_to(ROOT).as_posix()
                yield str(told[0]), str(told[1]) if wanted == 2 else "", place


def _of_templates() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        place = path.relative_to(ROOT).as_posix()
        with path.open("rb") as file:
            for _line, _name, told, _comments in babel_extract(file, ("_", "gettext", "ngettext"), [], JINJA_OPTIONS):
                if isinstance(told, str):
                    yield told, "", place
                elif told and told[0]:
                    yield str(told[0]), str(told[1] or ""), place


# -- words nobody wrapped ------------------------------------------------------------------------------------------------

NAMES = {"Good Measure", "kg", "PDF", "summary_large_image", "4242 4242 4242 4242", "btn", "sun", "rwanda", "zambia"}
"""Names, what is the same in every language, and names of classes and pictures that stand bare in a macro."""
SAID = {"title", "alt", "placeholder", "aria-label", "label", "content", "data-h"}
"""Attributes that people read or hear."""
WORDED = {
    "label", "title", "hint", "words", "legend", "sr", "apply", "note", "empty", "caption", "share_words", "limit", "number",
}  # fmt: skip
"""Named arguments of our macros that end up in sight."""
FIRST_WORDS = {
    "button": 1, "link_button": 1, "post_button": 1, "tag": 1, "chip": 1, "note": 0, "empty": 2, "facet": 1, "table": 1,
    "nudge": 2, "choice": 2, "field": 2, "area": 2, "picks": 2, "seg": 2, "tick": 2, "upload": 2,
}  # fmt: skip
"""Macros by how many of their first arguments are words (of fields, the first is a name in the form)."""
OF_FIELDS = {"choice", "field", "area", "picks", "seg", "tick", "upload"}
LETTER = re.compile(r"[^\W\d_]{2,}")
TAG = re.compile(r"<[^<>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*\"([^\"]*)")


def street_templates() -> list[Path]:
    """What visitors, shoppers and members see."""
    found = [path for folder in STREET for path in sorted((ROOT / "templates" / folder).rglob("*.html"))]
    return [path for path in found if path.relative_to(ROOT / "templates").as_posix() not in OFFICE]


def unwrapped(source: str) -> list[str]:
    """The words of a template that would stand in English on every page, in the order they stand in."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701  (only parsed)
    environment.newstyle_gettext = True  # ty: ignore[missing-attribute]
    tree = environment.parse(source)
    found = [*_in_text(tree), *_in_arguments(tree)]
    if re.search(r"\{%-?\s*set _ =", source):
        found.append("{% set _ = … %} hides the _ of sentences: write {% do … %}")
    return found


def _in_text(tree: nodes.Template) -> Iterator[str]:
    """Letters between tags and in attributes that are read. Output is cut where an expression stands, so tags are followed
    across the pieces."""
    page = "".join(piece.data if isinstance(piece, nodes.TemplateData) else "\0" for piece in _pieces(tree))
    page = re.sub(r"<(script|style|code|svg)\b.*?</\1>", "", page, flags=re.DOTALL)
    for tag in TAG.finditer(page):
        if "robots" in tag[0] or "viewport" in tag[0] or "theme-color" in tag[0]:
            continue
        for name, value in ATTRIBUTE.findall(tag[0]):
            if name in SAID and LETTER.search(value) and not _known(value):
                yield value.strip()
    page = re.sub(r"[\w-]+=\"[^\"]*\"", "", TAG.sub("\n", page))  # Attributes that a macro adds to a tag of its caller.
    for text in page.replace("\0", "\n").split("\n"):
        if LETTER.search(text) and not _known(text):
            yield text.strip()


def _pieces(node: nodes.Node) -> Iterator[nodes.Node]:
    """What is put out, in order. Sentences (`{% trans %}` becomes a call) are holes."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Output):
            yield from child.nodes
        else:
            yield from _pieces(child)


def _in_arguments(tree: nodes.Template) -> Iterator[str]:
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        for keyword in call.kwargs:
            if keyword.key in WORDED:
                yield from _bare(keyword.value)
        start = 1 if name in OF_FIELDS else 0
        for argument in call.args[start : FIRST_WORDS.get(name, 0)]:
            yield from _bare(argument)
    for pair in tree.find_all(nodes.Pair):
        if isinstance(pair.key, nodes.Const) and pair.key.value in ("label", "title", "note"):
            yield from _bare(pair.value)
    for output in tree.find_all(nodes.Output):
        for each in output.nodes:
            if not isinstance(each, nodes.TemplateData):
                yield from _bare(each)
    for concat in tree.find_all(nodes.Concat):
        for each in concat.nodes:
            if isinstance(each, nodes.Const) and isinstance(each.value, str) and _glue(each.value):
                yield each.value


def _bare(node: nodes.Node) -> Iterator[str]:
    """Constants that this expression may put out as they are."""
    if isinstance(node, nodes.Const):
        if (
            isinstance(node.value, str)
            and " " in node.value.strip()
            and LETTER.search(node.value)
            and not _known(node.value)
        ) or (isinstance(node.value, str) and re.fullmatch(r"[A-Z][a-z]+[.:]?", node.value)):
            yield node.value
    elif isinstance(node, nodes.CondExpr):
        for branch in (node.expr1, node.expr2):
            if branch is not None:
                yield from _bare(branch)
    elif isinstance(node, (nodes.Or, nodes.And)):
        yield from _bare(node.left)
        yield from _bare(node.right)
    elif isinstance(node, nodes.Concat):
        for each in node.nodes:
            yield from _bare(each)


def _glue(text: str) -> bool:
    """Whether words are stuck onto something: a class name has no space beside a letter, an id ends in a hyphen."""
    return (
        bool(LETTER.search(text))
        and (text != text.strip() or text.endswith((".", ":", ",", "?")))
        and not re.fullmatch(r" ?[a-z-]+ ?", text)
    )


def _known(text: str) -> bool:
    left = text
    for name in NAMES:
        left = left.replace(name, "")
    left = re.sub(r"&[a-z]+;", "", left)
    return not LETTER.search(left)
