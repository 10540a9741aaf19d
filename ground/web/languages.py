"""Languages: which one a visitor is answered in, and how templates speak it."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Flask, g, request
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug.wrappers import Response

from ground import words
from ground.web.sessions import cookie_name, set_cookie
from ground.web.varies import varies

KEPT_DAYS = 365
COOKIE = "language"


def init_app(app: Flask) -> None:
    """Ask Flask-Babel for the language of each request, and have every template and every sentence speak it."""
    flask_babel.Babel(app, locale_selector=chosen, configure_jinja=False)
    teach(app.jinja_env)
    app.context_processor(lambda: {"language": words.language(), "direction": words.direction()})
    app.before_request(settle)
    app.after_request(_say_which)
    app.teardown_request(_fall_silent)


def chosen() -> str:
    """The person's own choice, else this browser's, else the first it can read, else English.

    Offices are in English until they are translated: half a page in each language helps nobody.
    """
    if request.path.startswith("/office"):
        return words.SOURCE
    person = getattr(g.get("here"), "person", None)
    asked = getattr(person, "language", None) or request.cookies.get(cookie_name(COOKIE), "")
    if asked in words.LANGUAGES:
        return asked
    # By the language alone: `sw-KE, en;q=0.5` wants Swahili, though only `en` is spelled as ours are.
    wished = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((code for code in wished if code in words.LANGUAGES), words.SOURCE)


def settle() -> None:
    """Speak the language of this request: before it is looked at, and again when it is known who asks."""
    flask_babel.refresh()
    words.speak(chosen())


def keep(response: Response, code: str) -> Response:
    """Have this browser remember the language chosen."""
    set_cookie(response, COOKIE, code, days=KEPT_DAYS)
    return response


def teach(jinja: Environment) -> None:
    """Give templates `_`, `ngettext` and `{% trans %}`. What fills the gaps of a sentence is escaped; the sentence is ours."""
    for extension in ("i18n", "do"):  # `{% do rows.append(…) %}`: `{% set _ = … %}` would hide the `_` of sentences.
        jinja.add_extension(f"jinja2.ext.{extension}")
    jinja.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # ty: ignore[missing-attribute]
    told: dict[str, Any] = {"gettext": _gettext, "ngettext": _ngettext}
    jinja.globals.update(told)


@pass_context
def _gettext(context: Context, text: str, /, **named: Any) -> str:
    found = words.gettext(text)
    return (Markup(found) if context.eval_ctx.autoescape else found) % words.spelled(named)  # noqa: S704  (a catalogue's)


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int, /, **named: Any) -> str:
    found = words.form_of(one, many, count)
    return (Markup(found) if context.eval_ctx.autoescape else found) % words.counted(count, named)  # noqa: S704


def _say_which(response: Response) -> Response:
    if response.mimetype == "text/html" or response.status_code == 304:
        response.headers["Content-Language"] = words.language()
        if not request.path.startswith("/office"):
            varies(response, "Accept-Language")
    return response


def _fall_silent(_error: BaseException | None) -> None:
    words.speak(words.SOURCE)  # The thread's next work starts from nothing.
