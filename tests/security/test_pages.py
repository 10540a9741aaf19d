"""Every answer of the walk: nothing typed runs, nothing is framed, sniffed, cached or shared, nothing of ours lies about."""

from __future__ import annotations

import re

import pytest

from tests.security.houses import PAYLOAD
from tests.security.season import Season
from tests.security.walk import Walk

EVIL = "https://evil.example"


@pytest.mark.case("attack:A001")
@pytest.mark.case("attack:A011")
@pytest.mark.case("commerce:X05")
def test_what_people_typed_into_every_field_is_shown_and_never_runs(walked: Walk):
    """One house wrote an attack into each of its fields; it is read as words on its pages, in its letters, in its bank's file."""
    shown = [page for page in walked.of("meru") if "&lt;svg/onload=x()&gt;" in page.text]
    assert len(shown) >= 100
    assert [str(page) for page in walked.pages if page.is_page and PAYLOAD in page.text] == []
    assert [str(page) for page in walked.pages if page.is_page and re.search(r'="[^"<>]*"\'>', page.text)] == []


@pytest.mark.case("attack:A001")
def test_each_kind_of_word_that_was_typed_was_seen_on_some_page(walked: Walk):
    """Else a field nobody shows would pass for one that is escaped."""
    all_words = " ".join(page.words for page in walked.of("meru"))
    kinds = (
        "house",
        "story",
        "place",
        "gate",
        "manager",
        "member 1",
        "new member",
        "group",
        "holder 1",
        "description",
        "storage",
        "allergens",
        "maize",
        "bag",
        "long rains",
        "mice",
        "company",
        "buyer",
        "changed my mind",
        "torn bag",
        "bank line",
        "minute 7",
        "statement line",
        "helper",
    )
    assert [kind for kind in kinds if f"{PAYLOAD}{kind}" not in all_words] == []


@pytest.mark.case("commerce:X05")
def test_letters_hold_what_was_typed_as_words(season: Season):
    letters = season.rows("SELECT subject, html FROM letter")
    assert len(letters) >= 10
    assert [subject for subject, _ in letters if "\n" in subject or "\r" in subject] == []
    assert [subject for subject, html in letters if html and PAYLOAD in html] == []


FILES = {
    "/papers/": ("application/pdf", b"%PDF-"),
    "/photo": ("image/webp", b"RIFF"),
    "/me/data/export": ("application/json; charset=utf-8", b"{"),
    "/file": ("application/xml", b"<?xml"),
}
"""What is handed over as a file: its type and how it begins."""


@pytest.mark.case("attack:A153")
@pytest.mark.case("commerce:X05")
def test_the_banks_file_is_a_file_of_a_plain_name_and_no_page(walked: Walk):
    files = [page for page in walked.pages if "Content-Disposition" in page.headers]
    assert files
    for page in files:
        assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+"', page.headers["Content-Disposition"])
        kind, begins = next((told for part, told in FILES.items() if part in page.path), FILES["/file"])
        assert page.headers["Content-Type"] == kind and page.body.startswith(begins)
        # What was typed stands in it, and is read as no page.
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert kind != "application/xml" or b"<svg" not in page.body
        assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.case("attack:A106")
@pytest.mark.case("attack:A107")
@pytest.mark.case("attack:A108")
@pytest.mark.case("attack:A117")
def test_every_answer_says_how_it_may_be_used(walked: Walk):
    for page in walked.pages:
        policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
        assert (
            policy["default-src"] == "'self'" and policy["object-src"] == "'none'" and policy["base-uri"] == "'none'"
        ), str(page)
        assert policy["frame-ancestors"] == "'none'" and page.headers["X-Frame-Options"] == "DENY"
        assert (
            "unsafe" not in page.headers["Content-Security-Policy"]
            and "*" not in page.headers["Content-Security-Policy"]
        )
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert (
            page.headers["Cross-Origin-Resource-Policy"] == page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        )
        assert re.fullmatch(
            r"(text/(html|plain)|application/json); charset=utf-8|application/(xml|pdf)(; charset=utf-8)?"
            r"|image/(jpeg|webp|avif|svg\+xml.*)",
            page.headers["Content-Type"],
        ), str(page)


@pytest.mark.case("attack:A107")
def test_no_page_carries_a_script_a_style_or_a_handler_of_its_own(walked: Walk):
    for page in walked.pages:
        if page.is_page:
            tags = re.findall(r"<[a-z][^<>]*>", page.text)
            assert [
                tag for tag in tags if re.search(r"""\s(?:on[a-z]+|style|srcdoc)\s*=|["']\s*javascript:""", tag)
            ] == [], str(page)
            inline = re.findall(
                r"""<script(?![^>]*\bsrc=)(?! type="application/ld\+json">\{[^<]*</script>)[^>]*>""", page.text
            )
            assert [tag for tag in inline if 'type="importmap"' not in tag] == [], str(page)


@pytest.mark.case("attack:A112")
def test_no_link_opens_a_page_that_could_turn_ours(walked: Walk):
    strange = [
        str(page) for page in walked.pages if page.is_page and re.search(r'target="_blank"(?![^>]*noopener)', page.text)
    ]
    assert strange == []


@pytest.mark.case("attack:A137")
@pytest.mark.case("attack:A219")
@pytest.mark.case("commerce:X11")
def test_personal_pages_are_kept_by_no_cache_and_vary_by_who_asks(season: Season, walked: Walk):
    for page in walked.pages:
        assert "Cookie" in page.headers["Vary"], str(page)
        assert "public" not in page.headers["Cache-Control"]
        if page.actor in season.houses[page.house].keys or page.status >= 400 or page.path.startswith("/orders/"):
            assert page.headers["Cache-Control"] == "private, no-store", str(page)


@pytest.mark.case("attack:A136")
@pytest.mark.case("commerce:X11")
@pytest.mark.parametrize("tail", ["/x.css", ".css", ";.js", "%2f.png", "%0a", "/..%2fx.js", "?x.css"])
def test_a_personal_page_under_a_still_names_address_is_never_cacheable(season: Season, tail: str):
    meru = season.houses["meru"]
    for path in ("/me", "/office/meru/members/1", "/my/meru", f"/orders/{meru.own['token']}", "/basket"):
        answer = season.open(meru, "manager", path + tail)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.status_code in (303, 308, 404) or tail == "?x.css"


@pytest.mark.case("attack:A105")
@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost.evil.example", "https://localhost"])
def test_no_other_site_is_let_in_to_read(season: Season, origin: str):
    for path in ("/", "/me", "/office/meru/", "/nowhere", "/static/nothing.js", "/healthz"):
        for method in ("get", "options"):
            answer = getattr(season.browser(season.houses["meru"], "manager"), method)(
                path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            )
            assert [name for name in answer.headers.keys() if name.lower().startswith("access-control")] == []  # noqa: SIM118
