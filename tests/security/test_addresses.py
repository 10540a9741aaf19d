"""What is written into an address: line breaks, fragments of SQL, ways out of the shop, doors of the workshop."""

from __future__ import annotations

import re

import pytest

from tests.security.season import OURS, Season

EVIL = "https://evil.example"


@pytest.mark.case("attack:A030")
@pytest.mark.parametrize(
    "path",
    [
        "/sign-in?next=/me%0d%0aSet-Cookie:%20a=b",
        "/products?q=%0d%0aSet-Cookie:%20a=b",
        "/office/%0d%0aSet-Cookie:%20a=b/",
        "/orders/%0d%0aX-Evil:%201",
        "/me?x=%0d%0aX-Evil:%201",
    ],
)
def test_no_line_break_in_an_address_becomes_a_header(season: Season, path: str):
    for actor in ("guest", "manager"):
        answer = season.open(season.houses["meru"], actor, path)
        assert answer.status_code < 500
        assert "X-Evil" not in answer.headers and "a=b" not in str(answer.headers.getlist("Set-Cookie"))
        assert [value for _, value in answer.headers if "\r" in value or "\n" in value] == []


@pytest.mark.case("attack:A010")
@pytest.mark.case("attack:A038")
@pytest.mark.parametrize(
    "name",
    [
        "page",
        "sort",
        "order",
        "q",
        "from",
        "quantity",
        "take",
        "pack",
        "after",
        "year",
        "day",
        "before",
        "who",
        "number",
        "fields",
        "filter[op]",
    ],
)
def test_strange_words_in_an_address_are_read_as_words_or_refused(season: Season, name: str):
    meru = season.houses["meru"]
    product = season.path("catalogue.product", coop="meru", slug=meru.own["slug"])
    office = [
        season.path(each, coop="meru")
        for each in ("members.register", "office_orders.index", "deliveries.index", "deliveries.new", "trail.show")
    ]
    shown = season.path("settlements.show", coop="meru", settlement_id=meru.own["settlement_id"])
    wanted = {
        "/products",
        "/cooperatives/meru",
        product,
        *office,
        shown,
        "/my/meru",
        season.path("payouts.show", coop="meru", run_id=meru.own["run_id"]),
    }
    with season.unchanged() as same:
        for value in (
            "1; DROP TABLE member--",
            "' OR '1'='1",
            "id) UNION SELECT password_hash FROM person--",
            "\0",
            "%",
            "_",
            "-1",
            "2" * 30,
            str(2**63),
            "1e309",
            "\u0661",
            "\ud7ff\u202e",
            "[1]",
            "x" * 5_000,
            "../../etc/passwd",
            "${7*7}{{7*7}}",
            "2026-13-45",
        ):
            for path in sorted(wanted):
                actor = "member" if path.startswith("/my") else "manager"
                answer = season.browser(meru, actor).get(path, query_string={name: value})
                assert answer.status_code in (200, 303, 400, 404), f"{path}?{name}={value[:30]!r}: {answer.status_code}"
                assert "argon2" not in answer.text and "49}" not in answer.text
    assert same()


@pytest.mark.case("attack:A139")
@pytest.mark.case("attack:A157")
@pytest.mark.case("attack:A240")
@pytest.mark.case("attack:A241")
@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/app.py",
        "/settings.py",
        "/app.db",
        "/instance/secret-key",
        "/instance/good-measure.sqlite",
        "/backup.zip",
        "/wsgi.py",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/debug",
        "/console",
        "/metrics",
        "/openapi.json",
        "/admin",
        "/__debug__/",
        "/_debugbar",
        "/server-status",
        "/static/shop.css.map",
        "/static/x.py",
        "/static/.htaccess",
        "/?__debugger__=yes&cmd=resource&f=style.css",
        "/pyproject.toml",
        "/migrations/env.py",
        "/.well-known/../app.py",
        "/api",
        "/graphql",
    ],
)
def test_nothing_of_the_workshop_is_served(season: Season, path: str):
    answer = season.app.test_client().get(path)
    assert answer.status_code == (200 if path.startswith("/?") else 404)
    assert not re.search(r"create_app|SECRET_KEY|Werkzeug|Traceback|\[core\]", answer.text)


@pytest.mark.case("attack:A127")
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG", "get"])
def test_methods_nobody_asked_for_are_refused_everywhere(season: Season, method: str):
    browser = season.browser(season.houses["meru"], "manager")
    for path in ("/", "/me", "/office/meru/payouts/", "/sign-in", "/static/nothing"):
        answer = browser.open(path, method=method, headers=OURS)
        assert answer.status_code in (404, 405) or method == "get", f"{method} {path}: {answer.status_code}"


@pytest.mark.case("attack:A111")
@pytest.mark.case("commerce:X13")
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "/%09/evil.example",
        "///evil.example",
        "@evil.example",
        "javascript:alert(1)",
    ],
)
def test_neither_an_address_nor_the_page_before_sends_anybody_away(season: Season, target: str):
    meru = season.houses["meru"]
    headers = {"Referer": f"{EVIL}/", "X-Forwarded-Host": "evil.example", "X-Original-URL": target}
    for path in ("/sign-in", "/confirm", "/basket", "/office/"):
        for actor in ("manager", "guest"):
            answer = season.browser(meru, actor).get(path, query_string={"next": target}, headers=headers)
            assert not re.match(r"[a-z]*:|//|/\\|/%", answer.location or "/me")
            if answer.status_code == 200:
                assert "evil.example" not in answer.text and "javascript:" not in answer.text


@pytest.mark.case("attack:A026")
@pytest.mark.parametrize(
    "path",
    [
        "/products?q=%00",
        "/products?%00=1",
        "/office/%00/",
        "/office/meru/members/?q=a%00b",
        "/orders/%00",
        "/cooperatives/meru%00",
    ],
)
def test_a_nought_byte_in_an_address_is_the_same_400_on_both_databases(season: Season, path: str):
    for actor in ("manager", "guest"):
        assert season.open(season.houses["meru"], actor, path).status_code == 400
