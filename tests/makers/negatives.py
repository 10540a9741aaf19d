"""Photographs as telephones take them, with all that they tell, and files that only claim to be one."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

GPS_WORDS = b"S 0 3 Nkubu, Meru"


@lru_cache
def photograph(width: int = 800, height: int = 640, *, kind: str = "JPEG", turned: int = 1, note: bytes = b"") -> bytes:
    """Green above, brown below; its file says where, by what and which way up it was taken."""
    picture = Image.new("RGB", (width, height), (30, 160, 60))
    picture.paste((120, 80, 40), (0, height // 2, width, height))
    exif = Image.Exif()
    exif[Base.Orientation] = turned
    exif[Base.Model] = "Telephone of Nkatha"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSAreaInformation] = GPS_WORDS
    out = BytesIO()
    more: dict[str, Any] = {"comment": note} if kind == "JPEG" and note else {}
    picture.save(out, kind, exif=exif, **more)
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A few bytes that claim to be a picture of nine hundred million pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
