"""What the source itself must not contain: ways out to addresses that people typed, weak hashes, sinks for markup."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("ground", "ledger", "cooperative", "inventory", "proceeds", "storefront", "admin")
CALLS_OUT = {
    "requests",
    "urllib.request",
    "http.client",
    "socket",
    "smtplib",
    "httpx",
    "aiohttp",
    "ftplib",
    "telnetlib",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    paths = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
    assert len(paths) > 150
    for path in [*paths, ROOT / "app.py", ROOT / "settings.py", ROOT / "serve.py"]:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.case("attack:A034")
@pytest.mark.case("attack:A035")
@pytest.mark.case("attack:A036")
def test_the_shop_opens_no_connection_but_to_the_provider_and_the_mail_server():
    """No address that somebody typed is ever fetched: there is no code that could. The sandbox knocks at our own webhook."""
    allowed = {
        "ground/outbox.py": "smtplib", "ground/stripe/gateway.py": "requests", "ground/stripe/modes.py": "requests",
        "ground/stripe/sandbox_webhooks.py": "requests", "ground/stripe/sandbox_transport.py": "requests",
        "admin/demo/visitor.py": "requests", "serve.py": "socket",
    }  # fmt: skip
    knocking = {
        path
        for path, tree in sources()
        if imported(tree) & CALLS_OUT or any(name.startswith("requests.") for name in imported(tree))
    }
    assert knocking - set(allowed) == set()


@pytest.mark.case("attack:A236")
def test_no_weak_hash_and_no_foreseeable_secret():
    weak = re.compile(r"\b(md5|sha1|crypt|pickle|marshal|shelve|mktemp|yaml\.load|eval|exec)\b")
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert not weak.search(name) or name.endswith((".executemany", ".execute")), f"{path}: {name}"
                if name.startswith("random."):
                    assert path in ("ground/web/guard.py", "ground/jobs.py", "ground/inbox.py", "ground/outbox.py"), (
                        f"{path}: {name} is no secret"
                    )


@pytest.mark.case("attack:A227")
def test_nothing_is_believed_because_it_was_signed_with_a_token_format():
    """But the words at the top of the next page ("Saved"), which are signed for one minute and say nothing about anybody."""
    found = {path for path, tree in sources() if imported(tree) & {"jwt", "jose", "itsdangerous", "authlib", "pickle"}}
    assert found <= {"ground/web/sessions.py"}


@pytest.mark.case("attack:A006")
@pytest.mark.case("attack:A113")
@pytest.mark.case("attack:A272")
def test_no_script_of_ours_turns_words_into_markup_or_listens_to_other_windows():
    scripts = sorted((ROOT / "static" / "js").rglob("*.js"))
    assert scripts
    sinks = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*['\"`]|\.html\(|"
        r"postMessage|addEventListener\(\s*['\"]message|__proto__|location\s*=[^=]|location\.(hash|search)|createContextualFragment"
    )
    assert [(path.name, found[0]) for path in scripts if (found := sinks.search(path.read_text("utf-8")))] == []


@pytest.mark.case("attack:A001")
def test_no_template_lets_markup_through_but_what_we_drew_ourselves():
    """`tojson` writes < as \\u003c; it stands whole inside a block of data for machines, which no browser runs, or nowhere."""
    data = re.compile(r"""<script type="application/ld\+json">\{\{ \w+ \| tojson \}\}</script>""")
    found = [
        (path.name, line.strip()[:120])
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\|\s*safe\b|autoescape\s+false|\|\s*tojson", data.sub("", line))
    ]
    assert found == []


@pytest.mark.case("attack:A011")
def test_no_statement_is_written_with_words_that_were_typed():
    """f-strings reach `text()` and `execute()` only where they are made of our own constants; each such place is known."""
    known = {
        "ground/walls.py", "ground/migrations.py", "ground/engines.py", "ground/schema.py", "ground/stripe/sandbox_records.py",
        "ground/stripe/sandbox_faults.py", "ground/stripe/sandbox_state.py",
        "storefront/finder.py", "storefront/facets.py",
    }  # fmt: skip
    strange = []
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in (
                "text",
                "execute",
                "exec_driver_sql",
                "literal_column",
            ):
                joined = any(
                    isinstance(each, ast.JoinedStr) for argument in node.args[:1] for each in ast.walk(argument)
                )
                if joined and path not in known and ast.unparse(node.func).partition(".")[0] != "read":
                    strange.append(f"{path}:{node.lineno}")
    assert strange == []
