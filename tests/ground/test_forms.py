"""Forms at the hands of people who try: what is not plainly what was asked for is named at its field, and nothing is guessed."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ground.errors import Refusal
from ground.forms import Reader
from ground.ids import NOBODY, new_id
from ground.money import Money
from ground.quantity import Unit


class Grade(StrEnum):
    A = "A"
    B = "B"


def read(**fields: str) -> Reader:
    return Reader(MultiDict(fields))


def refused(form: Reader) -> dict[str, str]:
    """The words for each field at fault; no field may be at fault without words."""
    with pytest.raises(Refusal) as refusal:
        form.done()
    assert all(refusal.value.fields.values())
    assert refusal.value.status == 422
    return refusal.value.fields


# Each attack of a field that wants a number, however it is read.
NOT_WHOLE = [
    pytest.param("1_000", marks=pytest.mark.case("attack:A045")), "١٢", "９", "²", " 5 ", "5\n",
    "+5", "0x10", "1e3", "1,000", "1 000",
    pytest.param("-1", marks=pytest.mark.case("attack:A040")), "-0", "-1e3", "−5",
    pytest.param("true", marks=pytest.mark.case("attack:A044")), '"5"', "[5]", '{"$gt":0}', "null", "None", "1.0", "NaN",
    "inf",
    pytest.param(str(2**63), marks=pytest.mark.case("attack:A038")), str(2**63 - 1), str(2**53 + 1), "1" * 5000, "9" * 30,
    pytest.param("5\0", marks=pytest.mark.case("attack:A026")),
]  # fmt: skip


@pytest.mark.parametrize("typed", NOT_WHOLE)
def test_a_whole_number_is_plain_digits_and_nothing_else(typed: str):
    form = read(count=typed)
    assert form.whole("count") == 0
    assert set(refused(form)) == {"count"}


@pytest.mark.parametrize("typed", [case for case in NOT_WHOLE if case not in (" 5 ", "5\n", "1.0")])
def test_an_amount_is_plain_digits_and_nothing_else(typed: str):
    form = read(price=typed)
    assert form.money("price", "KES") == Money(0, "KES")
    assert set(refused(form)) == {"price"}


@pytest.mark.parametrize("typed", [case for case in NOT_WHOLE if case not in (" 5 ", "5\n", "1.0")])
def test_a_weight_is_plain_digits_and_nothing_else(typed: str):
    form = read(weight=typed)
    assert form.kilograms("weight") == 0
    assert set(refused(form)) == {"weight"}


@pytest.mark.case("attack:A051")
@pytest.mark.parametrize("typed", ["1,5", "1,500", "1.500,00", "1'500", "1.5 t", "1.5kg", "1/2", ".", "1.2345"])
def test_a_weight_that_two_countries_read_differently_is_not_guessed(typed: str):
    form = read(weight=typed)
    form.kilograms("weight")
    assert set(refused(form)) == {"weight"}


@pytest.mark.case("attack:A051")
def test_a_unit_is_never_the_forms_to_say():
    form = read(weight="5", unit="t")
    form.kilograms("weight")
    assert set(refused(form)) == {"unit"}


def test_what_a_scale_shows_is_read_to_the_gram():
    form = read(weight="12.5", eggs="30", milk="0.250")
    assert (form.kilograms("weight"), form.quantity("eggs", Unit.PIECE), form.quantity("milk", Unit.MILLILITRE)) == (
        12_500, 30, 250,
    )  # fmt: skip
    form.done()


@given(st.integers(1, 10**12))
def test_every_weight_we_show_can_be_typed_again(grams: int):
    form = read(weight=f"{grams // 1000}.{grams % 1000:03}")
    assert form.kilograms("weight") == grams
    form.done()


@pytest.mark.case("attack:A040")
def test_less_than_the_least_and_more_than_the_most_are_refused():
    form = read(packs="0", price="0.49", members="11")
    form.whole("packs", least=1)
    form.money("price", "KES", least_minor=50)
    form.whole("members", most=10)
    assert set(refused(form)) == {"packs", "price", "members"}


# -- words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("in\u202evoice", marks=pytest.mark.case("attack:A023")), "a\u2066b", "a\u200fb", "a\u061cb",
        pytest.param("a\0b", marks=pytest.mark.case("attack:A026")), "a\x07b", "a\x1b[31mb", "a\x7fb", "a\x85b",
        "a\ud800b", "a\ue000b",
        "a\u2028b", "a\u2029b", "a\u200bb", "a\ufeffb", "a\u00adb", "a\u2060b", "a\U000e0041b", "a\nb", "a\tb",
    ],
)  # fmt: skip
def test_names_hold_no_hidden_signs(typed: str):
    form = read(name=typed)
    assert form.text("name") == ""
    assert set(refused(form)) == {"name"}


@pytest.mark.case("attack:A022")
def test_a_name_is_stored_in_one_spelling_however_it_was_typed():
    composed, combined, kelvin = read(name="Café"), read(name="Cafe\u0301"), read(name="\u212a")
    assert composed.text("name") == combined.text("name") == "Café"
    assert kelvin.text("name") == "K"


@pytest.mark.case("attack:A022")
@given(st.text(max_size=300))
def test_whatever_is_typed_a_name_is_clean_or_refused_and_clean_stays_clean(typed: str):
    form = read(name=typed)
    name = form.text("name")
    if form.errors:
        return
    again = read(name=name)
    assert again.text("name") == name
    assert not again.errors
    assert 1 <= len(name) <= 200
    name.encode()


def test_names_of_the_world_pass():
    for name in ("Wanjirũ wa Kamau", "Zoë O’Connor", "नेपाल", "ትግርኛ", "李雷", "محمد", "Ng'ang'a", "José 🌽", "ක්‍රි"):
        form = read(name=name)
        assert form.text("name")
        form.done()


def test_a_note_keeps_its_lines_and_a_name_has_none():
    form = read(note="First line.\r\nSecond\tline.", name="  Amina  ")
    assert form.text("note", lines=True, most=4_000) == "First line.\nSecond\tline."
    assert form.text("name") == "Amina"
    form.done()


def test_lengths_are_told():
    form = read(name="a" * 201, code="ab", nothing="   ")
    form.text("name")
    form.text("code", least=3, most=10)
    form.text("nothing")
    assert set(refused(form)) == {"name", "code", "nothing"}


def test_a_password_is_taken_as_typed():
    form = read(password="  two  spaces ")
    assert form.password("password") == "  two  spaces "
    form.done()
    form = read(password="x" * 201)
    form.password("password")
    assert set(refused(form)) == {"password"}


# -- which fields ---------------------------------------------------------------------------------------------------------


@pytest.mark.case("attack:A048")
@pytest.mark.parametrize("method", ["text", "whole", "id", "tick", "day", "email", "phone", "password", "kilograms"])
def test_a_field_sent_twice_is_neither_the_first_nor_the_last(method: str):
    form = Reader(MultiDict([("qty", "5"), ("qty", "-4")]))
    getattr(form, method)("qty")
    assert set(refused(form)) == {"qty"}


@pytest.mark.case("attack:A049")
def test_fields_that_nobody_asked_for_are_named():
    form = read(count="1", price="0.01", role="manager", cooperative_id=str(new_id()), csrf_token="ours")
    form.whole("count")
    assert set(refused(form)) == {"price", "role", "cooperative_id"}


@pytest.mark.case("attack:A048")
def test_array_spelling_is_another_field():
    form = Reader(MultiDict([("qty[]", "5")]))
    form.whole("qty")
    assert set(refused(form)) == {"qty", "qty[]"}


def test_all_faults_are_told_at_once():
    form = read(
        name="", count="x", email="nobody", when="yesterday", grade="C", phone="call me", tick="maybe", pool="1"
    )
    form.text("name")
    form.whole("count")
    form.email("email")
    form.day("when")
    form.choice("grade", Grade)
    form.phone("phone")
    form.tick("tick")
    form.id("pool")
    assert len(refused(form)) == 8


def test_what_may_be_left_out_may_be_left_out():
    form = read()
    assert form.text("note", optional=True) == ""
    assert form.whole("count", optional=True) == 0
    assert form.id("pool", optional=True) == NOBODY
    assert form.day("when", optional=True) is None
    assert form.email("email", optional=True) == ""
    assert form.phone("phone", optional=True) == ""
    assert form.tick("tick") is False
    form.done()


# -- ids, days, addresses -------------------------------------------------------------------------------------------------


def test_an_id_has_one_spelling():
    key = new_id()
    for typed in (str(key).upper(), key.hex, f"{{{key}}}", f"urn:uuid:{key}", str(NOBODY), f" {key}", "1"):
        form = read(pool=typed)
        assert form.id("pool") == NOBODY
        assert set(refused(form)) == {"pool"}
    form = read(pool=str(key))
    assert form.id("pool") == key
    form.done()


@pytest.mark.parametrize(
    "typed", ["2026-02-30", "26-11-23", "2026-W48-1", "20261123", "1899-12-31", "2201-01-01", "٢٠٢٦-11-23"]
)
def test_a_day_is_a_day_of_the_calendar(typed: str):
    form = read(when=typed)
    assert form.day("when") is None
    assert set(refused(form)) == {"when"}


@pytest.mark.case("attack:A022")
@pytest.mark.parametrize(
    "typed",
    [
        "admın@example.com",
        "ａmina@example.com",
        "amina@example.com\nBcc: all@example.com",
        "amina@@example.com",
        "a" * 250 + "@b.co",
    ],
)
def test_an_address_that_only_looks_like_one_is_refused(typed: str):
    form = read(email=typed)
    form.email("email")
    assert set(refused(form)) == {"email"}


def test_addresses_in_capitals_are_the_same_address():
    form = read(first="Amina@Example.COM", second="amina@example.com")
    assert form.email("first") == form.email("second")
    form.done()


def test_a_phone_number_is_stored_as_the_world_dials_it():
    form = read(short="0712 345 678", long="+254712345678", wrong="٠٧١٢٣٤٥٦٧٨")
    assert form.phone("short") == form.phone("long") == "+254712345678"
    form.phone("wrong")
    assert set(refused(form)) == {"wrong"}


def test_a_grid_has_at_most_a_thousand_rows():
    form = Reader(MultiDict({f"row-{number}": "1" for number in range(1_001)}))
    assert len(form.names("row-")) == 1_000
    assert "row-" in form.errors
