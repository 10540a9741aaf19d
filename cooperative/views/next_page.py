"""The next page: where a person goes after signing in, and never anywhere but a page of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ground.web.guard import safe_path

HOME = "/me"
DOORS = {"sign_in.show", "sign_in.confirm"}
"""Coming back to these would be going in circles."""


def own_path(asked: str, otherwise: str = HOME) -> str:
    """`asked` when it is a GET page of this shop, found in the route map; else `otherwise` [attack:A111, commerce:X13]."""
    path = safe_path(asked, "")
    if not path:
        return otherwise
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return otherwise
    return otherwise if endpoint in DOORS else path
