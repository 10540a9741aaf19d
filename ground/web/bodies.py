"""Bodies: the words of a form are UTF-8, or the form is not read at all."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.exceptions import BadRequest


def readable() -> None:
    """BadRequest for a form whose bytes are no UTF-8.

    The parser would keep `%FF` as the three letters `%FF`, and a name nobody typed would be stored [attack:A022]. In
    multipart forms it writes U+FFFD instead, which no field takes (`ground/forms.py`).
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        return
    most = request.max_form_memory_size
    if most is not None and (request.content_length or 0) > most:
        return  # The parser refuses it, unread.
    try:
        unquote_to_bytes(request.get_data(parse_form_data=False)).decode()
    except UnicodeDecodeError:
        raise BadRequest from None
