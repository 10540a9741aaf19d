"""Uploads: bytes of one file, within a limit, or a refusal that names the field."""

from __future__ import annotations

from flask import request

from ground.errors import Refusal
from ground.words import _


def upload(name: str, *, bytes_most: int = 2_000_000) -> bytes:
    """The bytes of the one file sent under `name`; its own name is never used."""
    files = request.files.getlist(name)
    if len(files) != 1 or not files[0].filename:
        raise Refusal(fields={name: _("Choose one file.")})
    content = files[0].stream.read(bytes_most + 1)
    if not content:
        raise Refusal(fields={name: _("This file is empty.")})
    if len(content) > bytes_most:
        raise Refusal(fields={name: _("This file is larger than %(size)s MB.", size=bytes_most // 1_000_000)})
    return content
