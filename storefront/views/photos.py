"""Photographs as browsers fetch them: files named by what they hold, so that they never change."""

from __future__ import annotations

from pathlib import Path

from flask import abort, current_app, make_response
from werkzeug.wrappers import Response

from ground import photographs
from ground.web import PUBLIC, Door

door = Door("photos", __name__)
FOREVER = "public, max-age=31536000, immutable"


@door.get("/photos/<name>", who=PUBLIC)
def show(name: str) -> Response:
    """One size and kind of a photograph. It is a picture and nothing else, whatever somebody finds in its bytes."""
    found = photographs.read(Path(current_app.config["PHOTO_FOLDER"]), name) or abort(404)
    answer = make_response(found[0])
    answer.headers["Content-Type"] = found[1]
    answer.headers["Cache-Control"] = FOREVER
    return answer
