"""Languages: the reader's own choice, kept by their browser, and by their account where they have one."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, make_response, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug import Response

from cooperative import people
from cooperative.views.next_page import known_path
from ground import trail, words
from ground.db import db
from ground.forms import Reader
from ground.web import PUBLIC, Door, here
from ground.web.languages import keep
from ground.words import _

door = Door("languages", __name__)


@door.record_once
def _open(state: BlueprintSetupState) -> None:
    cast("Flask", state.app).context_processor(around)


def around() -> dict[str, Any]:
    """For the foot of every street page."""
    return {
        "language_url": url_for("languages.choose"),
        "languages": words.LANGUAGES,
        "here_path": _here() if request.method == "GET" else "",
    }


def _here() -> str:
    """This very page, without its question where that would lead to a stranger [attack:A111]."""
    stray = "next" in request.args and not known_path(request.args["next"], "")
    return request.path if stray else request.full_path.rstrip("?")


@door.post("/language", who=PUBLIC, action="language.choose")
def choose() -> Response:
    """Speak this language from now on, and go back to where the choice was made."""
    read = Reader(request.form)
    code = read.raw("language") or ""
    target = known_path(read.raw("next") or "", "/")
    if code not in words.LANGUAGES:
        read.fault("language", _("Choose one of the list."))
    read.done()
    person = here().person
    if person is not None:
        people.speak(db.session, person.id, code)
        trail.about(db.session, person.id, language=code)
        db.session.commit()
    return keep(make_response(redirect(target, 303)), code)
