"""Files are served under their own hash, forever; and a first visit stays light."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ground.assets import Assets
from tests.look.gallery_app import ROOT, make_app

KB = 1024


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("instance")).test_client()


def get(client: FlaskClient, url: str, encoding: str = "identity") -> TestResponse:
    """An answer read to its end: WhiteNoise hands out open files."""
    answer = client.get(url, headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200, url
    assert answer.data
    answer.close()
    return answer


def assets_of(client: FlaskClient) -> Assets:
    return client.application.extensions["assets"]


@pytest.mark.parametrize("door", ["shop", "office", "plain"])
def test_a_doors_style_sheet_weighs_at_most_nine_kilobytes(client: FlaskClient, door: str) -> None:
    answer = get(client, assets_of(client).stylesheet(door), "br")
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) <= 9 * KB


@pytest.mark.parametrize("door", ["shop", "office", "plain"])
def test_a_doors_scripts_weigh_at_most_five_kilobytes(client: FlaskClient, door: str) -> None:
    scripts = assets_of(client).scripts(door)
    answers = [get(client, url, "br") for url in scripts]
    assert scripts and sum(len(answer.data) for answer in answers) <= 5 * KB
    assert {answer.mimetype for answer in answers} == {"text/javascript"}


def test_first_fonts_weigh_at_most_fifty_kilobytes(client: FlaskClient) -> None:
    fonts = [get(client, assets_of(client).asset(f"fonts/anek-{cut}.woff2")) for cut in (400, 600, 800)]
    assert sum(len(font.data) for font in fonts) <= 50 * KB


def test_hashed_files_stay_for_ever_and_others_a_minute(client: FlaskClient) -> None:
    hashed = get(client, assets_of(client).asset("img/beans-160.webp"))
    plain = get(client, "/static/img/beans-160.webp")
    assert hashed.data == plain.data
    assert "immutable" in hashed.headers["Cache-Control"]
    assert plain.headers["Cache-Control"] == "max-age=60, public"
    assert hashed.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in hashed.headers


def test_a_sheet_has_one_list_of_layers_and_points_only_at_files_that_answer(client: FlaskClient) -> None:
    sheet = get(client, assets_of(client).stylesheet("office")).text
    assert sheet.startswith("@layer reset, tokens, base, layout, parts, pages, tweaks;")
    assert len(re.findall(r"@layer [\w, ]+;", sheet)) == 1
    fonts = re.findall(r"url\(([^)]+)\)", sheet)
    assert len(fonts) == 4 and all(get(client, url).mimetype == "font/woff2" for url in fonts)


def test_people_who_save_data_are_sent_no_fonts(client: FlaskClient) -> None:
    page = client.get("/shop", headers={"Save-Data": "on"}).text
    assert "woff2" not in page
    assert "woff2" not in get(client, assets_of(client).stylesheet("shop", lean=True)).text
    assert "woff2" in client.get("/shop").text


def test_many_processes_may_boot_at_once_on_the_same_folder(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as crowd:
        shops = [assets_of(app.test_client()) for app in crowd.map(make_app, [tmp_path] * 4)]
    assert all(shop == shops[0] for shop in shops)
    written = {path.name.split(".")[0] for path in (tmp_path / "assets").rglob("*.css")}
    assert written == {"shop", "shop-lean", "office", "office-lean", "plain", "plain-lean"}
    assert not list((tmp_path / "assets").rglob("tmp*"))


def test_a_folder_that_cannot_be_written_does_not_keep_the_shop_closed(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file where the folder should be")
    client = make_app(tmp_path / "instance").test_client()
    assert get(client, assets_of(client).stylesheet("shop")).mimetype == "text/css"


def test_every_rule_stands_in_a_layer() -> None:
    for path in sorted((ROOT / "static" / "css").rglob("*.css")):
        text = re.sub(r"/\*.*?\*/|@font-face \{[^}]*\}|@layer [\w, ]+;", "", path.read_text(), flags=re.DOTALL)
        assert re.fullmatch(r"(\s*@layer \w+ \{.*\})?\s*", text, flags=re.DOTALL), path.name


def test_what_is_compressed_is_the_same_file(client: FlaskClient) -> None:
    url = assets_of(client).scripts("shop")[0]
    assert brotli.decompress(get(client, url, "br").data) == get(client, url).data
    assert get(client, url, "gzip").headers["Content-Encoding"] == "gzip"
