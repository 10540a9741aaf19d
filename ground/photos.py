"""Photos from a phone: decoded, turned upright, made small and written anew as WebP, so that nothing else rides along."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageOps

from ground.errors import Refusal
from ground.words import _

FORMATS = ("JPEG", "PNG", "WEBP")
UPLOAD_BYTES_MOST = 10_000_000
"""What a telephone's camera writes; a browser on an iPhone sends its HEIC as JPEG when the form asks for that."""
PIXELS_MOST, DRAFTED_PIXELS_MOST = 25_000_000, 120_000_000
"""A JPEG is decoded at a fraction of its size, so it may be larger than what must be unpacked whole."""
BYTES_MOST = 400_000
TRIES = ((1_280, 75), (1_280, 45), (800, 40))
"""Longest side in pixels and quality: the first whose bytes fit is kept."""


def as_webp(sent: bytes, *, field: str = "photo") -> bytes:
    """At most BYTES_MOST bytes of WebP without place, time, camera or thumbnail. Refusal names `field` where it is no photo.

    The decoders are told which formats to try, the size is read before a pixel is unpacked, and what is stored is what we
    drew ourselves, never what somebody sent [attack:A153].
    """
    try:
        with Image.open(BytesIO(sent), formats=FORMATS) as opened:
            most = DRAFTED_PIXELS_MOST if opened.format == "JPEG" else PIXELS_MOST
            if opened.width * opened.height > most:
                raise Refusal(fields={field: _("This photo is too large. Send a smaller one.")})
            opened.draft("RGB", (TRIES[0][0], TRIES[0][0]))
            drawn = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
    ):  # fmt: skip
        raise Refusal(fields={field: _("This is no photo that we can read. Send a JPEG, PNG or WebP.")}) from None
    drawn.info.clear()
    for side, quality in TRIES:
        drawn.thumbnail((side, side))
        kept = BytesIO()
        drawn.save(kept, "WEBP", quality=quality, method=4)
        if kept.tell() <= BYTES_MOST:
            break
    assert kept.tell() <= BYTES_MOST, "even noise of 800 pixels fits"
    return kept.getvalue()
