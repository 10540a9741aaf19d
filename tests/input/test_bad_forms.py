"""Bad input: refused in words, beside the field, with what was typed kept, and nothing written; then the right one is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.input.forms import FORMS, Form
from tests.input.kinds import Kind
from tests.input.spoil import Spoiled, encoded, odd_names, rounds, together
from tests.input.watch import Watch
from tests.pages.world import OURS, World

ELSEWHERE = {"webhooks.stripe"}
"""Takes no form: tests/input/test_bad_webhooks.py."""
ERRORS = "//div[contains(concat(' ', @class, ' '), ' errors ')]"
FORM_TYPE = "application/x-www-form-urlencoded"


def test_every_route_that_takes_a_form_is_in_the_table(app: Flask):
    duties = app.extensions["register"].values()
    assert {duty.endpoint for duty in duties if duty.method == "POST"} == set(FORMS) | ELSEWHERE


@pytest.mark.case("attack:A045")
@pytest.mark.case("attack:A048")
@pytest.mark.case("attack:A026")
@pytest.mark.parametrize("endpoint", sorted(FORMS))
def test_bad_input_is_refused_beside_its_field_and_nothing_is_written(
    endpoint: str, world: World, watch: Watch, app: Flask
):
    form = FORMS[endpoint](world)
    client = _client(world, form)
    again = app.extensions["register"][endpoint].again
    watch.changed()
    wrong = []
    for body in (*_alone(client, form, watch), *odd_names(form)):
        answer = client.post(form.path, data=encoded(body.pairs), content_type=FORM_TYPE, headers=OURS)
        trouble = _trouble(answer, form, body, again)
        if watch.changed():
            trouble.append("something was written")
        wrong += [f"{body.field}: {body.what}: {words}" for words in trouble]
    for what, sent in _broken(form):
        answer = client.post(form.path, headers=OURS, **sent)
        if not 400 <= answer.status_code < 500 or watch.changed():
            wrong.append(f"{what}: {answer.status_code}")
    assert not wrong, f"{len(wrong)} of {endpoint}:\n" + "\n".join(wrong)
    _is_taken_when_right(client, form)
    assert watch.changed()


def _client(world: World, form: Form) -> FlaskClient:
    """Whoever sends this form. From here on the test's own session must not hold the database."""
    who = world.head if form.by == "head" else form.by
    client = form.client or world.browser(who)
    world.session.commit()
    world.session.close()
    return client


def _alone(client: FlaskClient, form: Form, watch: Watch) -> Iterator[Spoiled]:
    """What must be tried by itself.

    One request spoils all fields at once: a field that is named by its answer was seen, so its value is not tried again. The
    others are, and so is the first of each field, to see that the words in the other fields stay.
    """
    for count, row in enumerate(rounds(form)):
        seen: set[str] = set()
        if count > 0 and len(row) > 1:
            answer = client.post(form.path, data=encoded(together(row, form)), content_type=FORM_TYPE, headers=OURS)
            if answer.status_code == 422 and not watch.changed():
                seen = _marked(lxml.html.fromstring(answer.text))
        yield from (body for body in row if not _names(body.field) & seen)


def _marked(page: Any) -> set[str]:
    """The fields at fault by this page: linked from the words on top, or marked where they stand."""
    links = {link.get("href", "").removeprefix("#f-") for link in page.xpath(f"{ERRORS}//a")}
    return links | {control.get("name", "") for control in page.xpath("//*[@aria-invalid='true']")}


def _names(field: str) -> set[str]:
    """What a field may be called where it is at fault: the rows of one question share its name."""
    return {field, re.sub(r"-[0-9]+$", "", field)}


def _is_taken_when_right(client: FlaskClient, form: Form) -> None:
    data: dict[str, Any] = {name: value for name, (value, _) in form.fields.items() if value != ""}
    for name, (file, content) in form.files.items():
        data[name] = (BytesIO(content), file)
    answer = client.post(form.path, data=data, headers=OURS)
    question = answer.mimetype == "application/json"  # What a device is to sign.
    assert answer.status_code == (200 if question else 303), answer.text


def _broken(form: Form) -> list[tuple[str, dict[str, Any]]]:
    """Bodies that are no form at all, or far too much of one; and files that are not what was asked for."""
    found: list[tuple[str, dict[str, Any]]] = [
        ("five megabytes", {"data": b"a=" + b"x" * 5_000_000, "content_type": FORM_TYPE}),
        ("5,000 fields", {"data": b"&".join(b"f%d=1" % n for n in range(5_000)), "content_type": FORM_TYPE}),
    ]
    if any(kind.needed for _, kind in form.fields.values()) or form.files:
        found += [
            ("JSON", {"json": {name: str(value) for name, (value, _) in form.fields.items()}}),
            ("plain text", {"data": b"hello", "content_type": "text/plain"}),
            ("a broken multipart", {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data; boundary=x"}),
            ("multipart without a boundary", {"data": b"--x", "content_type": "multipart/form-data"}),
            ("no body", {"data": b"", "content_type": FORM_TYPE}),
        ]
    for name, (_, kind) in form.fields.items():
        if kind.name in ("text", "password"):
            rest = {other: str(value) for other, (value, _) in form.fields.items() if other != name}
            found.append((f"{name}: no UTF-8 in a multipart", _multipart(rest, name)))
    for name, (file, good) in form.files.items():
        for wrong in form.wrong_files:
            found.append((f"file {wrong[:20]!r} ({len(wrong)})", {"data": {name: (BytesIO(wrong), file)}}))
        huge = (
            b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a.xml"\r\n\r\n' % name.encode()
            + b"x" * 40_000_000
        )
        found.append(("40 MB", {"data": huge + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}))
        found.append(("two files", {"data": {name: [(BytesIO(good), file), (BytesIO(good), file)]}}))
        found.append(("a file's words as a field", {"data": {name: good.decode("latin-1")}}))
        found.append(("another name", {"data": {f"{name}2": (BytesIO(good), file)}}))
        found.append(("a file without a name", {"data": {name: (BytesIO(good), "")}}))
        found.append(("one more field", {"data": {name: (BytesIO(good), file), "evil": "1"}}))
    return found


def _multipart(rest: dict[str, str], name: str) -> dict[str, Any]:
    parts = [(other, value.encode()) for other, value in rest.items() if value] + [(name, b"abc\xffdefghijklmn")]
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), v) for n, v in parts
    )
    return {"data": body + b"--x--\r\n", "content_type": "multipart/form-data; boundary=x"}


def _trouble(answer: Any, form: Form, body: Spoiled, again: str) -> list[str]:
    if not 400 <= answer.status_code < 500:
        return [f"answered {answer.status_code} {answer.headers.get('Location', '')}"]
    if answer.status_code != 422:
        return []  # A page of its own says it: gone, changed meanwhile, not yours, too large.
    page = lxml.html.fromstring(answer.text)
    if not again:
        return []
    found = []
    marked = _marked(page)
    if not page.xpath(f"{ERRORS}//li"):
        found.append("no words on top of the page")
    elif not (_names(body.field) | _line_of_basket(form)) & marked:
        found.append(f"the field is not named: {sorted(marked)}")
    return found + _lost(page, form, body)


def _line_of_basket(form: Form) -> set[str]:
    """A basket has one field per line, so its ids end with the pack's."""
    return {f"line-{form.path.rpartition('/')[2]}"} if form.path.startswith("/basket/lines/") else set()


def _lost(page: Any, form: Form, body: Spoiled) -> list[str]:
    """What was typed into the other fields and does not stand there any more."""
    typed = {
        name: value
        for name, (value, kind) in form.fields.items()
        if name != body.field.partition("[")[0]
        and not kind.hidden
        and kind.name not in ("password", "code", "free")
        and value != ""
    }
    if not typed or form.elsewhere:
        return []
    places = [each for each in page.xpath("//form[@method='post']") if _goes_to(each, form.path)]
    if not places:
        return ["the form is not shown again"]
    values: dict[str, str] = {}
    for place in places:
        values |= {name: value for name, value in place.form_values() if isinstance(value, str)}
        values |= {button.get("name"): button.get("value") for button in place.xpath(".//button[@name]")}
    return [
        f"lost what was typed into {name}: {values.get(name)!r} instead of {value!r}"
        for name, value in typed.items()
        if (values.get(name) or "").replace("\r\n", "\n").strip() != value
    ]


def _goes_to(form: Any, path: str) -> bool:
    places = [form.get("action"), *(button.get("formaction") for button in form.xpath(".//button[@formaction]"))]
    return any(place is None or urlsplit(place).path == path for place in places)


def test_this_test_would_see_a_field_that_is_not_named():
    page = '<form method="post" action="/x"><input name="a" value="1"></form><div class="errors"><li><a href="#f-b">No</a></div>'
    form = Form("/x", {"a": ("1", Kind("text")), "b": ("2", Kind("text"))})

    class Answer:
        status_code, text, headers = 422, page, {}

    assert _trouble(Answer, form, Spoiled("b", "", [], []), "x.show") == []
    assert _trouble(Answer, form, Spoiled("a", "", [], []), "x.show") != []
    assert _trouble(Answer, Form("/y", form.fields), Spoiled("b", "", [], []), "x.show") == [
        "the form is not shown again"
    ]
