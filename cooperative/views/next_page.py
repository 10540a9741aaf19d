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
    """`asked` when it is a GET page of this shop behind the sign-in; else `otherwise`."""
    path, endpoint = _found(asked)
    return path if endpoint and endpoint not in DOORS else otherwise


def known_path(asked: str, otherwise: str) -> str:
    """`asked` when it is any GET page of this shop, the sign-in too; else `otherwise`."""
    path, endpoint = _found(asked)
    return path if endpoint else otherwise


def _found(asked: str) -> tuple[str, str]:
    """The path and the endpoint it has in the route map; nothing for what is no page of ours [attack:A111, commerce:X13]."""
    path = safe_path(asked, "")
    if not path:
        return "", ""
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return "", ""
    return path, str(endpoint)
