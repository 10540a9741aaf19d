"""What every request passes under: names for the log, headers, error pages, template globals, sign-in state."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, abort, g, render_template, request
from flask_login import AnonymousUserMixin, LoginManager
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from ground import counting
from ground.clashes import worth_retrying
from ground.web import door, filters, languages, pages
from ground.web.guard import Authority, refused
from ground.web.sessions import NotesInACookie, cookie_name, csrf_field, once_field, session_token, set_cookie
from ground.web.varies import varies

log = structlog.get_logger()

ERRORS = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}


class Visitor(AnonymousUserMixin):
    """Somebody who has not signed in."""

    name = ""


def init_app(app: Flask, authority: Authority) -> None:
    """Put the roof on; call it after every door is registered, since it reads the register and stops what declares nobody."""
    app.extensions["authority"] = authority
    app.extensions["register"] = door.register(app)
    app.session_interface = NotesInACookie()
    login = LoginManager()
    login.anonymous_user = Visitor  # ty: ignore[invalid-assignment]  (typed by its default, documented as any class)
    # Sessions are rows of ours; Flask-Login would write a mark into the visitor's cookie.
    login.session_protection = None  # ty: ignore[invalid-assignment]  (its documentation says None)
    login.request_loader(lambda request: getattr(g.get("here"), "person", None))
    login.init_app(app)
    filters.init_app(app)
    pages.init_app(app)
    app.extensions["headers"] = _headers(app)
    words: dict[str, Any] = {"csrf_field": csrf_field, "once_field": once_field, "typed": typed, "problem": problem}
    app.jinja_env.globals.update(words)
    app.context_processor(
        lambda: {"problems": problems(), "here_cooperative": getattr(g.get("here"), "cooperative", None)}
    )
    languages.init_app(app)
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


def _headers(app: Flask) -> dict[str, list[tuple[str, str]]]:
    """What every answer says, written once: a header that a view may say otherwise, and those that none may."""
    import_map_hash = getattr(app.extensions.get("assets"), "import_map_csp_hash", "")
    pays_at = "https://checkout.stripe.com" if app.config.get("STRIPE_SECRET_KEY") else ""
    policy = (
        f"default-src 'self'; script-src 'self' {import_map_hash}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {pays_at}"
    )
    always = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ]
    return {
        "unless said": [("Content-Security-Policy", policy.strip()), ("Referrer-Policy", "same-origin")],
        "always": always,
    }


def problems() -> dict[str, str]:
    """The words for every field at fault on the page shown again; a refusal of no field stands under ''."""
    refusal = refused()
    if refusal is None:
        return {}
    return refusal.fields or {"": str(refusal)}


def problem(name: str) -> str:
    return problems().get(name, "")


def typed(name: str, default: object = "") -> object:
    """What the person typed, when the form is shown again; else the default."""
    if request.method == "POST" and "unread" not in g and name in request.form:
        return request.form[name]
    return default


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = uuid4().hex
    counting.start()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    asked = request.environ.get("QUERY_STRING", "")
    if "\0" in request.path or "%00" in asked or "\0" in asked:
        abort(400)  # PostgreSQL refuses what SQLite takes; both answer alike [attack:A026].


def _finish(response: Response) -> Response:
    from flask import current_app

    config = current_app.config
    headers = response.headers
    for name, value in current_app.extensions["headers"]["unless said"]:
        headers.setdefault(name, value)
    for name, value in current_app.extensions["headers"]["always"]:
        headers[name] = value
    if config["COOKIES_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    headers["X-Request-Id"] = g.get("request_id", "")
    if "Cache-Control" not in headers:
        personal = bool(session_token()) or response.status_code >= 400 or request.method != "GET"
        headers["Cache-Control"] = "private, no-store" if personal else "private, no-cache"
    varies(response, "Cookie", "Save-Data")
    if "new_visit" in g and not request.cookies.get(cookie_name("visit")):
        set_cookie(response, "visit", g.new_visit, days=30)
    if config.get("TELL_QUERIES"):
        response.headers["X-Queries"] = str(counting.count())
    log.info(
        "request", method=request.method, rule=str(request.url_rule or ""), status=response.status_code,
        milliseconds=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1_000, 1), queries=counting.count(),
        person=str(getattr(g.get("here"), "person_id", None) or ""),
    )  # fmt: skip
    return response


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    code = error.code if error.code in ERRORS else 400 if error.code < 500 else 500
    response = error.get_response()
    response.data = render_template(f"errors/{code}.html", words="")
    response.content_type = "text/html; charset=utf-8"
    return response


def _bug(error: Exception) -> Any:
    """Our fault, or the database's: logged whole, told without a word of its insides [attack:A246]."""
    if "here" in g:  # Its session is gone, and with it what the frame of an office page would still have to load.
        g.here = replace(g.here, cooperative=None)
    if isinstance(error, DBAPIError) and (worth_retrying(error) or getattr(error.orig, "sqlstate", "") == "55P03"):
        log.warning("database.busy", error=type(error.orig).__name__)
        return render_template("errors/503.html", words=""), 503
    log.exception("bug")
    return render_template("errors/500.html", words=""), 500
