"""A manager shows a product: the photograph stands on the street before any drawing, and goes when it is taken away."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.make import Make
from tests.makers import negatives

OURS = {"Sec-Fetch-Site": "same-origin"}
OFFICE, STREET = "/office/meru/products/maize", "/cooperatives/meru/products/maize"


@pytest.fixture
def wanjiru(make: Make, app: Flask) -> FlaskClient:
    meru = make.cooperative("Meru Highlands", slug="meru")
    make.shelf(meru, "Maize", {1: "50"}, kilograms=90)
    key = make.sign_in(make.staff(meru, "manager", name="Wanjiru Kamau"))
    make.session.commit()
    app.test_client_class = FlaskClient
    browser = app.test_client()
    browser.set_cookie("gm-session", key)
    return browser


def send(browser: FlaskClient, content: bytes, alt: str = "Maize in a basin") -> Any:
    """As bytes: the test client would leave a file of its own open where nobody reads it."""
    head = "--part\r\nContent-Disposition: form-data; name="
    words = f'{head}"alt"\r\n\r\n{alt}\r\n{head}"photo"; filename="../../evil.svg"\r\n\r\n'
    body = words.encode() + content + b"\r\n--part--\r\n"
    return browser.post(
        f"{OFFICE}/photo", input_stream=BytesIO(body), content_type="multipart/form-data; boundary=part",
        headers=OURS | {"Content-Length": str(len(body))},
    )  # fmt: skip


def stored(app: Flask) -> list[Path]:
    return [path for path in Path(app.config["PHOTO_FOLDER"]).rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def a_folder_of_its_own(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "PHOTO_FOLDER", str(tmp_path / "photos"))


def test_a_photograph_is_shown_on_the_street_in_every_kind_and_size(wanjiru: FlaskClient, app: Flask):
    assert send(wanjiru, negatives.photograph()).status_code == 303
    page = wanjiru.get(STREET).text
    (picture,) = re.findall(r"<picture>.*?</picture>", page)
    assert 'type="image/avif"' in picture and 'type="image/webp"' in picture and 'alt="Maize in a basin"' in picture
    assert 'width="640" height="640"' in picture and "evil" not in page
    addresses = set(re.findall(r"/photos/[^ \"]+", page))
    assert len(addresses) == 9 == len(stored(app))
    for address in addresses:
        answer = app.test_client().get(address)
        assert answer.status_code == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"

        assert (
            answer.content_type
            == {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}[address[-4:].strip(".")]
        )
        assert b"Nkubu" not in answer.data
    assert "<picture>" in wanjiru.get("/products").text


def test_another_takes_its_place_and_leaves_no_file_behind(wanjiru: FlaskClient, app: Flask):
    send(wanjiru, negatives.photograph())
    before = set(stored(app))
    send(wanjiru, negatives.photograph(800, 800), alt="A heap of maize")
    assert len(stored(app)) == 9 and not before & set(stored(app))
    send(wanjiru, negatives.photograph(800, 800), alt="The same heap")
    assert len(stored(app)) == 9 and 'alt="The same heap"' in wanjiru.get(STREET).text
    assert wanjiru.post(f"{OFFICE}/photo/removal", headers=OURS).status_code == 303
    assert stored(app) == [] and "<picture>" not in wanjiru.get(STREET).text
    assert wanjiru.post(f"{OFFICE}/photo/removal", headers=OURS).status_code == 303


def test_it_needs_words_for_whoever_cannot_see_it(wanjiru: FlaskClient, app: Flask):
    answer = send(wanjiru, negatives.photograph(), alt="")
    assert answer.status_code == 422 and 'href="#f-alt"' in answer.text
    assert stored(app) == []


@pytest.mark.parametrize("content", [negatives.bomb(), b"<svg/>", b"", negatives.photograph(200, 200)])
def test_a_file_that_is_refused_is_refused_beside_its_field_and_kept_nowhere(
    wanjiru: FlaskClient, app: Flask, content: bytes
):
    answer = send(wanjiru, content)
    assert answer.status_code == 422 and 'href="#f-photo"' in answer.text and 'value="Maize in a basin"' in answer.text
    assert stored(app) == []


def test_a_huge_file_is_refused_before_it_is_read(wanjiru: FlaskClient, app: Flask):
    answer = send(wanjiru, negatives.photograph() + b"\0" * 11_000_000)
    assert answer.status_code == 413 and stored(app) == []
    assert 'href="#f-photo"' in answer.text and "This file is too large: at most 10 MB are read." in answer.text


def test_no_other_name_is_served(wanjiru: FlaskClient, app: Flask):
    for name in ("x", "0" * 64 + "-360.jpg", "..%2f..%2fsettings.py"):
        assert app.test_client().get(f"/photos/{name}").status_code == 404
