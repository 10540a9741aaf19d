"""Photographs: what somebody uploads is decoded within limits and written anew, so that nothing of its file is kept."""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from ground.errors import Refusal
from ground.words import _

BYTES_MOST = 10_000_000
PIXELS_MOST = 32_000_000
"""A decoded pixel takes three or four bytes: a telephone's 12 million fit well, a bomb of a thousand million does not."""
SIDE_LEAST = 640
SIZES = (160, 360, 640)
"""Pixels of a side: photographs of goods are square."""
KINDS: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "avif": ("image/avif", "AVIF", {"quality": 52, "speed": 7}),
    "webp": ("image/webp", "WEBP", {"quality": 74, "method": 4}),
    "jpg": ("image/jpeg", "JPEG", {"quality": 80, "optimize": True, "progressive": True}),
}
"""Smallest first: media type, Pillow's name and how it is written. What a browser cannot read it passes over."""
READ = ("JPEG", "PNG", "WEBP")
NAME = re.compile(r"([0-9a-f]{64})-(160|360|640)\.(avif|webp|jpg)")
_one_at_a_time = threading.Lock()
"""Ten managers who upload at once take turns, and with them the memory."""


def develop(content: bytes, *, field: str) -> dict[str, bytes]:
    """The file as squares, `360.avif` → bytes, in every size and kind. A Refusal names `field` when it is no photograph.

    The kind is told from the bytes, never from a name; only three decoders of Pillow are ever asked, and size is read
    from the header before a pixel is. What comes out are new files of pixels alone: no place, no camera, no second face
    as a page or an archive. It is turned as the camera was held.
    """
    with _one_at_a_time:
        try:
            whole = _decoded(content, field)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels(field) from None
        except (
            OSError,
            ValueError,
            SyntaxError,
            TypeError,
            KeyError,
            IndexError,
            EOFError,
            ArithmeticError,
            MemoryError,
        ):
            # A decoder's many ways of saying that these bytes are not what they claim to be.
            raise Refusal(
                fields={field: _("This is no photograph we can read. Choose a JPEG, PNG or WebP file.")}
            ) from None
        return {f"{side}.{kind}": _written(whole, side, kind) for side in SIZES for kind in KINDS}


def _decoded(content: bytes, field: str) -> Image.Image:
    with Image.open(BytesIO(content), formats=READ) as opened:
        if opened.width * opened.height > PIXELS_MOST:
            raise _too_many_pixels(field)
        if min(opened.size) < SIDE_LEAST:
            raise Refusal(
                fields={field: _("This photograph is too small: %(side)s pixels each way at least.", side=SIDE_LEAST)}
            )
        if opened.format == "JPEG":
            opened.draft("RGB", (2 * SIDE_LEAST, 2 * SIDE_LEAST))  # The decoder itself makes it smaller.
        turned = ImageOps.exif_transpose(opened)
        square = ImageOps.fit(turned.convert("RGBA"), (max(SIZES), max(SIZES)), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", square.size, "white")  # A fresh sheet carries no notes.
    whole.paste(square, mask=square.getchannel("A"))
    return whole


def _too_many_pixels(field: str) -> Refusal:
    most = PIXELS_MOST // 1_000_000
    return Refusal(
        fields={field: _("This photograph has more than %(most)s million pixels. Make it smaller first.", most=most)}
    )


def _written(whole: Image.Image, side: int, kind: str) -> bytes:
    out = BytesIO()
    _media, name, how = KINDS[kind]
    whole.resize((side, side), Image.Resampling.LANCZOS).save(out, name, **how)
    return out.getvalue()


def key_of(files: Mapping[str, bytes], *, whose: bytes) -> str:
    """The name of these files: the same picture of the same owner is the same files, another's are others."""
    whole = hashlib.sha256(whose)
    for name in sorted(files):
        whole.update(hashlib.sha256(files[name]).digest())
    return whole.hexdigest()


def store(folder: Path, key: str, files: Mapping[str, bytes]) -> None:
    """Write them, each whole or not at all, before the row that names them is committed."""
    home = folder / key[:2]
    home.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with tempfile.NamedTemporaryFile(dir=home, delete=False) as part:
            part.write(content)
        Path(part.name).replace(home / f"{key}-{name}")


def forget(folder: Path, key: str) -> None:
    """Delete the files of a photograph that no row names any more; those that are gone already are no matter."""
    for side in SIZES:
        for kind in KINDS:
            (folder / key[:2] / f"{key}-{side}.{kind}").unlink(missing_ok=True)


def read(folder: Path, name: str) -> tuple[bytes, str] | None:
    """A stored file and its media type; None for any name but one that we could have given."""
    told = NAME.fullmatch(name)
    if told is None:
        return None
    try:
        return (folder / name[:2] / name).read_bytes(), KINDS[told[3]][0]
    except FileNotFoundError:
        return None
