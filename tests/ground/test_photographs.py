"""A photograph is pixels: what else a file carries, or claims to be, never reaches our disk."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ground import photographs
from ground.errors import Refusal
from ground.photographs import KINDS, SIZES
from tests.makers import negatives

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/><html><script>x()</script>"


def developed(content: bytes) -> dict[str, bytes]:
    return photographs.develop(content, field="photo")


def opened(content: bytes) -> Image.Image:
    found = Image.open(BytesIO(content))
    found.load()
    return found


def refusal(content: bytes) -> str:
    with pytest.raises(Refusal) as told:
        developed(content)
    return told.value.fields["photo"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_becomes_three_squares_in_three_kinds(kind: str):
    files = developed(negatives.photograph(900, 700, kind=kind))
    assert set(files) == {f"{side}.{kind}" for side in SIZES for kind in KINDS}
    for name, content in files.items():
        picture, (side, suffix) = opened(content), name.split(".")
        assert picture.size == (int(side), int(side)) and picture.format == KINDS[suffix][1]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_by_what_it_was_taken_is_gone(kind: str):
    before = negatives.photograph(kind=kind)
    assert negatives.GPS_WORDS in before and b"Telephone of Nkatha" in before
    for content in developed(before).values():
        assert b"Nkubu" not in content and b"Nkatha" not in content and b"Exif" not in content
        assert not opened(content).getexif()


@pytest.mark.parametrize(("turned", "top_left_is_green"), [(1, True), (3, False), (6, False), (8, True)])
def test_it_stands_as_the_camera_was_held(turned: int, top_left_is_green: bool):
    picture = opened(developed(negatives.photograph(700, 700, turned=turned))["160.jpg"]).convert("RGB")
    pixel = picture.getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert (pixel[1] > pixel[0]) is top_left_is_green, pixel


def test_a_bomb_of_pixels_is_refused_from_its_header():
    assert refusal(negatives.bomb(30_000)).startswith("This photograph has more than 32 million pixels")
    assert refusal(negatives.bomb(10_000)).startswith("This photograph has more than 32 million pixels")
    assert refusal(negatives.bomb(6_000)).startswith("This photograph has more than 32 million pixels")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", SCRIPT, b"GIF89a" + b"\0" * 200, b"%PDF-1.7", b"BM" + b"\0" * 200, b"II*\0" + b"\0" * 200,
        b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + b"\0" * 400, negatives.photograph()[:2_000],
        negatives.photograph(kind="PNG")[:200], negatives.photograph(kind="WEBP")[:100], negatives.bomb(700),
    ],
)  # fmt: skip
def test_what_is_no_whole_photograph_is_refused_in_words(content: bytes):
    assert refusal(content) == "This is no photograph we can read. Choose a JPEG, PNG or WebP file."


def test_other_kinds_of_picture_are_not_even_tried():
    for kind in ("GIF", "BMP", "TIFF", "PPM"):
        out = BytesIO()
        Image.new("RGB", (700, 700)).save(out, kind)
        assert refusal(out.getvalue()).startswith("This is no photograph we can read")


def test_a_file_that_is_a_page_as_well_leaves_the_page_behind():
    for polyglot in (
        negatives.photograph(note=SCRIPT),
        negatives.photograph() + SCRIPT,
        negatives.photograph(kind="PNG") + SCRIPT,
    ):
        assert SCRIPT in polyglot
        for content in developed(polyglot).values():
            assert b"<svg" not in content and b"<script" not in content and b"<html" not in content


def test_one_that_is_too_small_says_how_large_it_must_be():
    assert refusal(negatives.photograph(639, 2_000)) == "This photograph is too small: 640 pixels each way at least."


def test_files_are_named_by_owner_and_content_and_only_such_names_are_read(tmp_path: Path):
    files = developed(negatives.photograph())
    key = photographs.key_of(files, whose=b"maize")
    assert key == photographs.key_of(developed(negatives.photograph()), whose=b"maize")
    assert key != photographs.key_of(files, whose=b"beans")
    photographs.store(tmp_path, key, files)
    photographs.store(tmp_path, key, files)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 9
    assert photographs.read(tmp_path, f"{key}-360.avif") == (files["360.avif"], "image/avif")
    (tmp_path / "secret").write_text("x")
    for name in (
        "secret",
        "../secret",
        f"{key}-361.avif",
        f"{key}-360.svg",
        f"{key}-360.avif\n",
        key,
        f"{'0' * 64}-360.jpg",
    ):
        assert photographs.read(tmp_path, name) is None
    photographs.forget(tmp_path, key)
    photographs.forget(tmp_path, key)
    assert photographs.read(tmp_path, f"{key}-360.avif") is None
