"""Every component, in every state: named, linked, and free of anything a strict content policy would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html as dom

from tests.look.gallery_app import DOORS, ERRORS, make_app

PAGES = [f"/{door}" for door in DOORS] + [f"/errors/{code}" for code in ERRORS]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dom.HtmlElement]:
    client = make_app(tmp_path_factory.mktemp("instance")).test_client()
    answers = {path: client.get(path) for path in PAGES}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PAGES, 200)
    return {path: dom.document_fromstring(answer.text) for path, answer in answers.items()}


def names(page: dom.HtmlElement, attribute: str) -> Iterator[str]:
    """Each id that an attribute of some element points at."""
    for element in page.xpath(f"//*[@{attribute}]"):
        yield from element.get(attribute).split()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_a_page_needs_a_looser_content_policy(pages: dict[str, dom.HtmlElement], path: str) -> None:
    page = pages[path]
    assert page.xpath("//*[@style] | //style | //script[not(@src)]") == []
    assert page.xpath("//@*[starts-with(name(), 'on')]") == []
    assert [url for url in page.xpath("//@src | //link/@href") if "//" in url] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_id_is_single_and_every_link_to_one_arrives(pages: dict[str, dom.HtmlElement], path: str) -> None:
    page = pages[path]
    ids = page.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    for attribute in ("for", "aria-describedby", "aria-labelledby"):
        assert set(names(page, attribute)) <= set(ids), attribute
    targets = {link[1:] for link in page.xpath("//a/@href") if re.fullmatch(r"#.+", link)}
    known_only_beside_filters = {"filters"} - set(ids)
    assert targets - known_only_beside_filters <= set(ids)


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_its_question(pages: dict[str, dom.HtmlElement], path: str) -> None:
    page = pages[path]
    labelled = set(page.xpath("//label/@for"))
    for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert field.get("id") in labelled or field.xpath("ancestor::label"), dom.tostring(field)
    for button in page.xpath("//button"):
        assert button.get("aria-label") or button.text_content().strip(), dom.tostring(button)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_one_main_and_a_way_past_the_header(
    pages: dict[str, dom.HtmlElement], path: str
) -> None:
    page = pages[path]
    assert len(page.xpath("//h1")) == len(page.xpath("//main")) == 1
    assert page.xpath("//body/a[@class='skip']/@href") == ["#main"]
    assert page.xpath("//footer//h2[text()='Help']")


@pytest.mark.parametrize("path", PAGES)
def test_pictures_say_their_size_and_their_words(pages: dict[str, dom.HtmlElement], path: str) -> None:
    for picture in pages[path].xpath("//img"):
        assert {"alt", "width", "height"} <= set(picture.attrib)
    for drawing in pages[path].xpath("//svg"):
        assert drawing.get("aria-hidden") == "true" or drawing.get("aria-label")


def test_the_growers_floor_is_only_drawn_when_it_is_known(pages: dict[str, dom.HtmlElement]) -> None:
    floors = pages["/shop"].xpath("//fieldset[@class='ladder'][.//p[@class='floor']]")
    assert [ladder.xpath(".//button/@id")[0] for ladder in floors] == ["buy-1"]
    own = pages["/shop"].xpath("//button[starts-with(@id, 'own-')]//*[local-name()='rect']/@height")
    assert own == ["64.14%", "66.67%"]  # 930 of 1,450 and 860 of 1,290: each rung shows its own.
    assert pages["/shop"].xpath("//button[starts-with(@id, 'single-')]") == []


def test_a_rung_a_nudge_and_a_stepper_all_submit_the_form_without_javascript(pages: dict[str, dom.HtmlElement]) -> None:
    form = pages["/shop"].xpath("//ask-again/form")[0]
    takes = [button.get("value") for button in form.xpath(".//button[@name='take'][@type='submit']")]
    assert takes == ["1", "10", "50", "100", "10", "7", "9"]
    assert form.xpath(".//button[@aria-pressed='true']/@value") == ["1"]


def test_enter_in_the_quantity_field_never_presses_a_rung_or_less(pages: dict[str, dom.HtmlElement]) -> None:
    for form in pages["/shop"].xpath("//form[.//button[@name='take']]"):
        first = form.xpath(".//button")[0]
        assert first.get("name") is None and first.get("tabindex") == "-1"


def test_the_parts_of_a_split_fill_it_and_are_all_named(pages: dict[str, dom.HtmlElement]) -> None:
    figure = pages["/shop"].xpath("//figure[@aria-label='Where your RWF 11,600 goes']")[0]
    widths = [float(width.rstrip("%")) for width in figure.xpath(".//*[local-name()='rect']/@width")]
    assert sum(widths) == pytest.approx(100, abs=0.01)
    assert figure.xpath(".//dt/text()") == ["Growers", "Co-op", "Transport", "Fees and tax"]


def test_the_error_summary_takes_focus_and_leads_to_each_field(pages: dict[str, dom.HtmlElement]) -> None:
    summary = pages["/shop"].xpath("//*[@role='alert']")[0]
    assert {"autofocus", "tabindex"} <= set(summary.attrib)
    wrong = pages["/shop"].get_element_by_id("f-wrong")
    assert wrong.get("aria-invalid") == "true"
    assert (
        pages["/shop"].get_element_by_id(wrong.get("aria-describedby")).text_content().strip().endswith("more than 0")
    )


def test_chart_figures_can_be_read_as_a_table(pages: dict[str, dom.HtmlElement]) -> None:
    for chart in pages["/shop"].xpath("//figure[.//*[local-name()='svg'][contains(@class, 'chart')]]"):
        assert chart.xpath(".//details//table//th[@scope='row']")
        assert all(float(height) >= 0 for height in chart.xpath(".//*[local-name()='rect']/@height"))


def test_every_form_that_changes_something_carries_its_token(pages: dict[str, dom.HtmlElement]) -> None:
    posts = [form for page in pages.values() for form in page.xpath("//form[@method='post']")]
    assert posts
    assert all(form.xpath(".//input[@name='csrf_token']") for form in posts)


def test_every_icon_on_the_shelf_keeps_its_licence() -> None:
    shelf = Path(__file__).parents[2] / "static"
    assert all("ISC" in icon.read_text() for icon in (shelf / "icons").glob("*.svg"))
    assert {licence.name for licence in (shelf / "licences").iterdir()} >= {"lucide-ISC.txt", "anek-latin-OFL.txt"}
