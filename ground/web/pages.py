"""Pages kept ready: what every anonymous visitor gets alike, made once for nobody and given out until something changes.

docs/decisions/0007 says why it may be trusted. A kept page is made inside a request of our own making that holds nothing but
the key, so nothing of a visitor can get into it; and only a visitor whom no cookie makes somebody ever gets one.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import brotli
from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from ground import clock, words
from ground.db import db
from ground.web import languages
from ground.web.door import Duty
from ground.web.page_store import Entry, Figures, Key, Pages
from ground.web.sessions import cookie_name, for_everyone

LIFE = timedelta(minutes=1)
"""No page is kept longer, whatever anybody forgot to say."""
WAIT_SECONDS = 5.0
ADDRESS_MOST = 200
"""Letters of a query: longer ones are nobody's habit."""
HARMLESS = (languages.COOKIE, "visit")
"""Cookies of a visitor whom we do not know: the language is in the key, and a visit only ties form tokens, of which a kept page
has none. Whoever brings any other gets a page of their own."""
BROTLI_QUALITY, GZIP_LEVEL = 5, 6


@dataclass(frozen=True, slots=True)
class Kept:
    """How a route's page may be kept: which names in the address choose it (any other name is answered anew)."""

    names: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    """Names that a form sends along and no view reads."""
    of_cooperative: bool = False
    """It shows rows of its own cooperative alone, so changes elsewhere leave it standing."""
    ends: Callable[[Session, datetime], datetime | None] | None = None
    """When the page will be another without anybody changing a row, asked after a moment."""


def kept(
    *names: str,
    dropped: Iterable[str] = (),
    of_cooperative: bool = False,
    ends: Callable[[Session, datetime], datetime | None] | None = None,
) -> Kept:
    """`cached=kept("page")` at a route."""
    return Kept(frozenset(names), frozenset(dropped), of_cooperative, ends)


@dataclass(slots=True)
class _Making:
    """What the page being made says of itself."""

    ends_at: datetime
    figures: list[tuple[Figures, Any]] = field(default_factory=list)


def good_until(moment: datetime | None) -> None:
    """The page at hand will be another from this moment on."""
    if moment is not None and for_everyone():
        g.making.ends_at = min(g.making.ends_at, moment)


def rests_on(ask: Figures, told: Any) -> None:
    """The page at hand says these figures; it is made anew as soon as `ask` answers otherwise."""
    if for_everyone():
        g.making.figures.append((ask, told))


def init_app(app: Flask) -> None:
    app.extensions["pages"] = Pages(int(app.config.get("PAGE_CACHE_BYTES", 0)))


def serve(
    duty: Duty, how: Kept, view: Callable[..., Any], arguments: dict[str, Any], serve_anew: Callable[..., Any]
) -> Any:
    """A kept page where this visitor may have one, else the view's own answer for them."""
    pages: Pages = current_app.extensions["pages"]
    query = _query(how) if pages.bytes_most else None
    if query is None:
        return serve_anew(duty, view, arguments)
    key = _key(query)
    entry = pages.find(key)
    if entry is None:
        maker = pages.maker(key)
        mine = maker.acquire(timeout=WAIT_SECONDS)
        try:
            entry = pages.find(key) or _make(pages, key, duty, how, view, arguments, serve_anew)
        finally:
            if mine:
                pages.made_by(key)
                maker.release()
    return serve_anew(duty, view, arguments) if entry is None else _answer(entry)


def _query(how: Kept) -> str | None:
    """The part of the address that chooses the page, in one spelling; None where the visitor must get a page of their own."""
    if "HTTP_COOKIE" in request.environ and not set(request.cookies) <= {cookie_name(kind) for kind in HARMLESS}:
        return None
    if "HTTP_AUTHORIZATION" in request.environ or len(request.environ.get("QUERY_STRING", "")) > ADDRESS_MOST:
        return None
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in how.dropped] if request.args else []
    if any(name not in how.names for name, _ in pairs):
        return None
    return urlencode(sorted(pairs, key=lambda pair: pair[0])) if pairs else ""


def _key(query: str) -> Key:
    environ = request.environ
    return (
        environ.get("wsgi.url_scheme", ""), environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", ""), query,
        words.language(), "on" if environ.get("HTTP_SAVE_DATA") == "on" else "",
    )  # fmt: skip


def _make(
    pages: Pages,
    key: Key,
    duty: Duty,
    how: Kept,
    view: Callable[..., Any],
    arguments: dict[str, Any],
    serve_anew: Callable[..., Any],
) -> Entry | None:
    """Make the page for nobody. Its version is read before anything it shows: it may be newer than it says, never older."""
    app: Any = current_app
    pages.read_versions(time.monotonic())
    now, looked_at = clock.now(), time.monotonic()
    making = _Making(now + LIFE)
    if how.ends is not None:
        with db.unit(reads_only=True) as session:
            making.ends_at = min(making.ends_at, how.ends(session, now) or making.ends_at)
    versions = pages._versions
    request_id = g.get("request_id", "")
    with app.app_context(), app.request_context(_nobody(key)):
        g.making, g.request_id = making, request_id
        response = serve_anew(duty, view, dict(arguments))
        cooperative = g.here.cooperative if how.of_cooperative else None
        if response.status_code != 200 or "Set-Cookie" in response.headers or "new_visit" in g:
            return None
        body = response.get_data()
    words.speak(key[4])  # The request within has fallen silent at its end.
    whose = cooperative.id if cooperative is not None else None
    entry = Entry(
        gz=gzip.compress(body, GZIP_LEVEL, mtime=0), br=brotli.compress(body, quality=BROTLI_QUALITY),
        etag=hashlib.sha256(body).hexdigest()[:20], cooperative_id=whose,
        version=versions.get(whose, 0) if whose else sum(versions.values()), made_at=now, ends_at=making.ends_at,
        figures=making.figures, looked_at=looked_at, content_type=response.headers["Content-Type"],
    )  # fmt: skip
    pages.keep(key, entry)
    return entry


def _nobody(key: Key) -> dict[str, Any]:
    """A request that holds the key and nothing else."""
    scheme, host, path, query, language, lean = key
    given = request.environ
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": given.get("SCRIPT_NAME", ""), "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": given.get("SERVER_NAME", ""), "SERVER_PORT": given.get("SERVER_PORT", ""),
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": host, "HTTP_SAVE_DATA": lean,
        "HTTP_COOKIE": f"{cookie_name(languages.COOKIE)}={language}",
        "wsgi.version": (1, 0), "wsgi.url_scheme": scheme, "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    return {name: value for name, value in environ.items() if value != ""} | {"SCRIPT_NAME": environ["SCRIPT_NAME"]}


def _answer(entry: Entry) -> Response:
    """The page as this browser takes it, or that it has it already."""
    coding = _coding(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{entry.etag}{coding and "-"}{coding}"'
    headers = {"ETag": etag, "Vary": "Accept-Encoding, Accept-Language"}
    if etag in request.environ.get("HTTP_IF_NONE_MATCH", ""):
        return Response(None, 304, headers)
    headers["Content-Type"] = entry.content_type
    if coding:
        headers["Content-Encoding"] = coding
    return Response(entry.br if coding == "br" else entry.gz if coding else gzip.decompress(entry.gz), 200, headers)


@lru_cache(128)
def _coding(takes: str) -> str:
    """The smallest spelling that the browser says it reads."""
    accepted = parse_accept_header(takes)
    return next((coding for coding in ("br", "gzip") if accepted.quality(coding) > 0), "")
