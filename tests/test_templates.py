"""The house rules of templates, each a small linter that teaches: what the page's policy forbids, and leaves to others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "templates"


def _found(pattern: str) -> Callable[[str], Iterator[str]]:
    return lambda text: (match[0] for match in re.finditer(pattern, text, re.IGNORECASE | re.DOTALL))


def _posts_without_token(text: str) -> Iterator[str]:
    for form in re.finditer(r"<form\b(?P<words>[^>]*)>(?P<inside>.*?)</form>", text, re.IGNORECASE | re.DOTALL):
        if re.search(r"method=[\"']?post", form["words"], re.IGNORECASE) and "csrf_field()" not in form["inside"]:
            yield f"<form{form['words']}>"


def _pictures_without_words(text: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"<img\b[^>]*>", text) if not re.search(r"\balt=", match[0]))


RULES: dict[str, tuple[Callable[[str], Iterator[str]], str]] = {
    "Style lives in static/css: the page's policy forbids style= and <style>.": (
        _found(r"<[a-z][^<>]*\sstyle\s*=|<style\b"),
        '<p style="color:red">',
    ),
    "Scripts are files with an address: the page's policy forbids what stands between <script> and </script>.": (
        _found(r"""<script(?![^>]*\bsrc=)(?! type="application/ld\+json">\{\{ \w+ \| tojson \}\}</script>)[^>]*>"""),
        "<script>alert(1)</script>",
    ),
    "Handlers are added by scripts: no onclick= and its kin, no javascript: addresses, no hx-on.": (
        _found(r"<[a-z][^<>]*\s(?:on[a-z]+|hx-on[\w:-]*)\s*=|[\"']\s*javascript:"),
        '<a onclick="buy()">',
    ),
    "Words are escaped, always: no |safe, no autoescape off. Markup is made by a macro or by the view.": (
        _found(r"\|\s*safe\b|autoescape\s+false|Markup\("),
        "{{ note | safe }}",
    ),
    "No page asks another host for anything.": (
        _found(
            r"(?:src|srcset|action|poster)\s*=\s*[\"'](?:https?:)?//[^\"']*|<link\b[^>]*href\s*=\s*[\"'](?:https?:)?//[^\"']*"
        ),
        '<img src="https://elsewhere.example/a.png" alt="">',
    ),
    "A form that posts carries csrf_field().": (_posts_without_token, '<form method="post" action="/x"></form>'),
    "A picture says in alt what it shows, or that it only decorates (alt='').": (
        _pictures_without_words,
        '<img src="/a.png">',
    ),
    "Templates read, they do not ask the database.": (
        _found(r"\{[{%][^}]*\b(?:db|session)\.(?:session|query|execute|scalars?|get)\b"),
        "{{ db.session.get(1) }}",
    ),
}


def templates() -> list[Path]:
    """Every template."""
    return sorted(ROOT.rglob("*.html"))


@pytest.mark.parametrize("rule", RULES)
def test_every_template_keeps(rule: str):
    look, _bad = RULES[rule]
    found = [
        f"{path.relative_to(ROOT.parent)}: {bad[:120]}"
        for path in templates()
        for bad in look(re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL))
    ]
    assert not found, "\n".join((rule, *found))


@pytest.mark.parametrize("rule", RULES)
def test_a_template_that_breaks_it_is_found_by(rule: str):
    look, bad = RULES[rule]
    assert list(look(f"<main>{bad}</main>"))


def test_there_are_templates_to_look_at():
    assert len(templates()) > 20
