"""What `flash` says reaches the next page, once; nothing else of Flask's session travels with the visitor."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, flash, get_flashed_messages, session

from ground.web.sessions import NotesInACookie


@pytest.fixture
def notes_app() -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="a key of the tests", COOKIES_SECURE=False)
    app.session_interface = NotesInACookie()

    @app.get("/say")
    def say() -> str:
        flash("Saved.", "ok")
        return ""

    @app.get("/next")
    def next_page() -> Any:
        return {"said": get_flashed_messages(with_categories=True)}

    @app.get("/keep")
    def keep() -> str:
        session["person"] = "somebody"
        return ""

    return app


def test_a_note_is_said_on_the_next_page_and_only_there(notes_app: Flask) -> None:
    visitor = notes_app.test_client()
    visitor.get("/say")
    assert visitor.get("/next").json == {"said": [["ok", "Saved."]]}
    assert visitor.get("/next").json == {"said": []}


def test_a_forged_note_is_not_said(notes_app: Flask) -> None:
    visitor = notes_app.test_client()
    visitor.set_cookie("gm-notes", "WyJvayIsIkJhZCJd.forged.forged")
    assert visitor.get("/next").json == {"said": []}


def test_nothing_of_a_person_may_be_put_into_the_cookie(notes_app: Flask) -> None:
    notes_app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(AssertionError, match="nothing of a person"):
        notes_app.test_client().get("/keep")
