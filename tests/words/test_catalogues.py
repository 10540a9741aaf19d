"""Catalogues: whatever the street says is said in every language; what is missing is named."""

from __future__ import annotations

import time

import pytest
from babel.messages.catalog import Catalog

from ground import words
from translations import catalogues, gather
from translations.gather import Sentence, unwrapped


@pytest.mark.parametrize("code", catalogues.languages())
def test_every_sentence_is_said_in_every_language(code: str):
    missing = list(catalogues.missing(code))
    assert not missing, "\n".join(["run bin/words, then translate:", *missing])


def test_the_sources_say_something():
    """Of an extraction that finds nothing, nothing would be missing."""
    said = {each.text: each for each in gather.sentences()}
    assert len(said) > 400
    assert "ground/forms.py" in said["Please fill this in."].places
    assert "templates/storefront/product.html" in said["Add to basket"].places
    assert said["Your order %(numbers)s"].many == "Your orders %(numbers)s"


@pytest.mark.parametrize("path", gather.street_templates(), ids=lambda path: "/".join(path.parts[-2:]))
def test_no_visible_word_of_a_street_page_stands_in_english_alone(path):
    assert unwrapped(path.read_text()) == [], "wrap them in _('…'): docs/components.md, Words"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ("<p>{{ _('Hello there') }}</p>", []),
        ("<p>{% trans %}Hello <b>there</b>{% endtrans %}</p>", []),
        ('<input placeholder="Your name">', ["Your name"]),
        ('<input placeholder="{{ _(\'Your name\') }}" class="big wide" data-label="leaf">', []),
        ("{{ button('Send', kind='go') }}", ["Send"]),
        ("{{ button(_('Send'), kind='go', name='send', value='yes') }}", []),
        ("{{ field('name', 'Your name') }}", ["Your name"]),
        ("{{ empty(_('Nothing'), label='Look again') }}", ["Look again"]),
        ("{{ 'One item' if n == 1 else _('Many') }}", ["One item"]),
        ("{{ nudge(n ~ ' more for less') }}", [" more for less"]),
        ("{% call note('ok', title='Saved.') %}{% endcall %}", ["Saved."]),
        ("{{ table(_('Days'), [{'label': 'Day'}]) }}", ["Day"]),
        ("Good Measure {{ owner.name }} · 5 kg", []),
        ("{% set _ = rows.append(1) %}", ["{% set _ = … %} hides the _ of sentences: write {% do … %}"]),
    ],
)
def test_the_linter_sees_words_and_only_words(source: str, found: list[str]):
    assert list(dict.fromkeys(unwrapped(source))) == found


BAGS = Sentence("%(count)s bag of %(what)s", "%(count)s bags of %(what)s", ("a.html",))
LINK = Sentence('<a href="%(url)s">Sign in</a>', "", ("b.html",))


@pytest.mark.parametrize(
    ("sentence", "told", "fault"),
    [
        (LINK, '<a href="%(url)s">Ingia</a>', None),
        (LINK, "", "is not translated"),
        (LINK, '<a href="%(link)s">Ingia</a>', "has other gaps"),
        (LINK, '<a href="%(url)">Ingia</a>', "has other gaps"),
        (LINK, "%(url)s Ingia", "has other tags"),
        (BAGS, ("mfuko %(count)s wa %(what)s", "mifuko %(count)s ya %(what)s"), None),
        (BAGS, ("mfuko mmoja wa %(what)s", "mifuko %(count)s ya %(what)s"), None),
        (BAGS, ("mfuko %(count)s wa %(what)s", ""), "is not translated"),
        (BAGS, ("mfuko %(count)s wa %(what)s", "mifuko ya %(what)s"), "has other gaps"),
    ],
)
def test_each_way_to_be_wrong_is_named(
    sentence: Sentence, told: str | tuple[str, str], fault: str | None, monkeypatch: pytest.MonkeyPatch
):
    catalogue = Catalog(locale="sw")
    catalogue.add((sentence.text, sentence.many) if sentence.many else sentence.text, told)
    monkeypatch.setattr(catalogues, "sentences", lambda: (sentence,))
    monkeypatch.setattr(catalogues, "read", lambda code: catalogue)
    found = list(catalogues.missing("sw"))
    assert len(found) >= 1 if fault else not found
    assert fault is None or any(fault in line and sentence.text in line for line in found)


def test_what_nobody_says_any_more_is_named_too(monkeypatch: pytest.MonkeyPatch):
    catalogue = Catalog(locale="sw")
    catalogue.add("Old words", "Maneno ya zamani")
    monkeypatch.setattr(catalogues, "sentences", tuple)
    monkeypatch.setattr(catalogues, "read", lambda code: catalogue)
    assert list(catalogues.missing("sw")) == ["sw: nobody says this any more: 'Old words'"]


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("en", ("0 products", "1 product", "2 products")),
        ("fr", ("0 produit", "1 produit", "2 produits")),
        ("es", ("0 productos", "1 producto", "2 productos")),
        ("rw", ("Ibicuruzwa 0", "Igicuruzwa 1", "Ibicuruzwa 2")),
    ],
)
def test_plurals_follow_each_languages_own_rule(code: str, forms: tuple[str, str, str]):
    with words.speaking(code):
        assert tuple(words.ngettext("%(count)s product", "%(count)s products", n) for n in (0, 1, 2)) == forms


def test_all_catalogues_are_compiled_in_the_time_of_a_page():
    words.catalogue.cache_clear()
    began = time.process_time()
    for code in words.LANGUAGES:
        words.catalogue(code)
    assert time.process_time() - began < 1.0, "measured 0.04 s for all; each is read once per process"
