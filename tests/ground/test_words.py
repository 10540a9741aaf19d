"""Words: a sentence is said in the language spoken, its figures and days by that language's habits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ground import spelling, words
from ground.money import Money
from ground.quantity import Quantity, Unit
from ground.words import _, _l, ngettext

AMOUNTS = {
    "en": ("KES\xa01,450.00", "RWF\xa0−1,234,567"),
    "fr": ("1\u202f450,00\xa0KES", "−1\u202f234\u202f567\xa0RWF"),
    "es": ("KES\xa01,450.00", "RWF\xa0−1,234,567"),
    "sw": ("KES\xa01,450.00", "RWF\xa0−1,234,567"),
    "rw": ("KES\xa01.450,00", "RWF\xa0−1.234.567"),
}
DAYS = {
    "en": ("23 November 2026", "Monday 23 November", "23 Nov"),
    "fr": ("23 novembre 2026", "lundi 23 novembre", "23 nov."),
    "es": ("23 de noviembre de 2026", "lunes 23 de noviembre", "23 nov"),
    "sw": ("23 Novemba 2026", "Jumatatu 23 Novemba", "23 Nov"),
    "rw": ("23 Ugushyingo 2026", "Kuwa mbere 23 Ugushyingo", "23 ugu."),
}
WEIGHTS = {
    "en": "1,250.5\xa0kg", "fr": "1\u202f250,5\xa0kg", "es": "1,250.5\xa0kg", "sw": "1,250.5\xa0kg", "rw": "1.250,5\xa0kg",
}  # fmt: skip


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_amounts_have_their_currencys_own_decimals_in_every_language(code: str):
    with words.speaking(code):
        assert (Money(145_000, "KES").spoken(), Money(-1_234_567, "RWF").spoken()) == AMOUNTS[code]


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_weights_are_written_by_the_languages_habits(code: str):
    with words.speaking(code):
        assert Quantity(1_250_500, Unit.GRAM).spoken() == WEIGHTS[code]


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_days_are_written_by_the_languages_habits(code: str):
    with words.speaking(code):
        monday = date(2026, 11, 23)
        assert tuple(spelling.day(monday, kind) for kind in ("long", "weekday", "short")) == DAYS[code]


def test_the_books_spelling_is_the_same_in_every_language():
    with words.speaking("rw"):
        assert str(Money(145_000, "KES")) == "KES\xa01,450.00"
        assert str(Quantity(1_250_500, Unit.GRAM)) == "1,250.5\xa0kg"


def test_english_is_what_is_spoken_where_nobody_said_otherwise():
    assert words.language() == "en"
    with words.speaking("sw"):
        assert words.language() == "sw"
        with words.speaking("tlh"):
            assert words.language() == "en", "a language that we do not have is answered in English"
        assert words.language() == "sw"
    assert words.language() == "en"


def test_the_gaps_of_a_sentence_are_filled_by_name_and_spelled_as_the_language_does():
    assert (
        _("%(amount)s on %(day)s", amount=Money(100, "KES"), day=date(2026, 11, 23))
        == "KES\xa01.00 on 23 November 2026"
    )
    assert ngettext("%(count)s bag", "%(count)s bags", 1) == "1 bag"
    assert ngettext("%(count)s bag", "%(count)s bags", 1_200) == "1,200 bags"


def test_a_sentence_for_later_is_said_in_the_language_spoken_when_it_is_read(monkeypatch: pytest.MonkeyPatch):
    class Mirror:
        def gettext(self, text: str) -> str:
            return text[::-1]

    monkeypatch.setattr(words, "catalogue", lambda code: Mirror())
    paid = _l("Paid")
    with words.speaking("sw"):
        assert str(paid) == "diaP"


def test_a_language_that_runs_from_right_to_left_says_so(monkeypatch: pytest.MonkeyPatch):
    assert {code: words.locale_of(code).text_direction for code in words.LANGUAGES} == dict.fromkeys(
        words.LANGUAGES, "ltr"
    )
    monkeypatch.setitem(words.LANGUAGES, "ar", "العربية")
    with words.speaking("ar"):
        assert words.direction() == "rtl"
        assert spelling.whole(1_234) == "1,234"


def test_figures_of_a_language_that_groups_by_other_than_threes_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(words.LANGUAGES, "hi", "हिन्दी")
    with words.speaking("hi"):
        assert spelling.decimal(Decimal("1234567.5")) == "1,234,567.5"
