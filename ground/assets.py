"""Pictures, fonts, scripts and the joined style sheets: no build step, every file served under its own hash, forever."""

from __future__ import annotations

import atexit
import gzip
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import brotli
from flask import Flask, g
from markupsafe import Markup
from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from wsgiref.headers import Headers

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
SVG = re.compile(r"(<svg\b[^>]*>)(.*)(</svg>)", re.DOTALL)
A_MINUTE = 60
# Every door reads the shared sheets first. `layers.css` sorts before the rest because the one @layer list is in it.
DOORS = {"shop": ("", "shop"), "office": ("", "office"), "plain": ("", "shop")}
PACKED = {".css", ".js", ".svg", ".txt"}
FONTS = "fonts.css"


@dataclass(frozen=True, slots=True)
class Assets:
    """Where each file is found on the street: its name inside `static/` → its address with its hash."""

    urls: dict[str, str] = field(default_factory=dict)
    sheets: dict[tuple[str, bool], str] = field(default_factory=dict)  # (door, without fonts) → address
    modules: dict[str, list[str]] = field(default_factory=dict)  # door → addresses
    drawings: dict[str, Markup] = field(default_factory=dict)  # "icons/truck" → its SVG, to be set into a page

    def asset(self, name: str) -> str:
        """The address of a file; a name that is not there is our mistake (KeyError)."""
        return self.urls[name]

    def stylesheet(self, door: str, lean: bool = False) -> str:
        """The address of a door's one style sheet; `lean` leaves the web fonts out (Save-Data)."""
        return self.sheets[door, lean]

    def scripts(self, door: str) -> list[str]:
        """The modules a door loads: those in `js/`, then its own in `js/<door>/`. None imports another, so no import map."""
        return self.modules[door]

    def icon(self, name: str, flip: bool = False) -> Markup:
        """A lucide icon for decoration: the words beside it carry the meaning. `flip` turns arrows in right-to-left pages."""
        return Markup('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
            "i flip" if flip else "i", self.drawings[f"icons/{name}"]
        )

    def scene(self, name: str) -> Markup:
        """A co-operative's landscape in the colours of its label: drawn once in a page, and pointed at from then on.

        A catalogue of twenty-four baskets without photographs would carry the same four kilobytes twenty-four times. Colours
        are custom properties, so that each place paints it in its own.
        """
        whole = self.drawings[f"scenes/{name}"]
        drawn = g.setdefault("scenes_drawn", set())
        parts = SVG.fullmatch(whole.strip())
        assert parts is not None, f"scenes/{name}.svg is not one drawing"
        head, inside, foot = (Markup(part) for part in parts.groups())  # noqa: S704  (our own file)
        if name in drawn:
            inside = Markup('<use href="#scene-{}"/>').format(name)
        else:
            drawn.add(name)
            inside = Markup('<g id="scene-{}">{}</g>').format(name, inside)
        return head + inside + foot


def init_app(app: Flask) -> None:
    """Join the sheets, hash everything, and put WhiteNoise in front of the application."""
    root = Path(app.static_folder or "static")
    prefix = (app.static_url_path or "/static").rstrip("/")
    packed = _packer(app)
    noise = WhiteNoise(
        app.wsgi_app,
        prefix=prefix,
        max_age=A_MINUTE,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: HASHED.search(url) is not None,
        add_headers_function=_say_no_sniffing,
    )
    noise.add_files(str(root), prefix=prefix)

    urls: dict[str, str] = {}
    for path in sorted(p for p in root.rglob("*.*") if p.is_file() and p.suffix != ".css"):
        name = path.relative_to(root)
        content = path.read_bytes()
        urls[name.as_posix()] = url = f"{prefix}/{name.with_suffix(_stamp(content) + path.suffix).as_posix()}"
        served = packed(name.name, content) if path.suffix in PACKED else path
        noise.add_file_to_dictionary(url, str(served))

    sheets: dict[tuple[str, bool], str] = {}
    for door, folders in DOORS.items():
        for lean in (False, True):
            text = _joined(root / "css", folders, urls, lean=lean).encode()
            sheets[door, lean] = url = f"{prefix}/css/{door}{'-lean' if lean else ''}{_stamp(text)}.css"
            noise.add_file_to_dictionary(url, str(packed(Path(url).name, text)))

    assets = Assets(
        urls=urls,
        sheets=sheets,
        modules={
            door: [url for name, url in urls.items() if Path(name).parent.as_posix() in ("js", f"js/{door}")]
            for door in DOORS
        },
        drawings={
            f"{kind}/{p.stem}": _drawing(p, kind) for kind in ("icons", "scenes") for p in (root / kind).glob("*.svg")
        },
    )
    app.wsgi_app = noise
    app.extensions["assets"] = assets
    given: dict[str, Any] = cast("dict[str, Any]", app.jinja_env.globals)
    for name in ("asset", "stylesheet", "scripts", "icon", "scene"):
        given[name] = getattr(assets, name)


def _stamp(content: bytes) -> str:
    return f".{hashlib.sha256(content).hexdigest()[:12]}"


def _joined(css: Path, folders: tuple[str, ...], urls: dict[str, str], *, lean: bool) -> str:
    """One door's sheets in order, without their comments, each `url(../…)` turned into the hashed address."""
    files = [path for folder in folders for path in sorted((css / folder).glob("*.css"), key=_layers_first)]
    text = "\n".join(path.read_text("utf-8") for path in files if not (lean and path.name == FONTS))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*\n\s*", "\n", text).strip() + "\n"
    return re.sub(r"url\(\.\./([^)]+)\)", lambda found: f"url({urls[found[1]]})", text)


def _layers_first(path: Path) -> tuple[bool, str]:
    return path.name != "layers.css", path.name


def _drawing(path: Path, kind: str) -> Markup:
    """The SVG of a file, ready to stand inside a page: an icon loses its frame, which `icon()` draws anew."""
    text = re.sub(r"<!--.*?-->", "", path.read_text("utf-8"), flags=re.DOTALL)
    if kind == "icons":
        text = re.sub(r"^\s*<svg[^>]*>|</svg>\s*$", "", text.strip(), flags=re.DOTALL)
    return Markup(re.sub(r"\s*\n\s*", "", text).replace(" />", "/>"))  # noqa: S704 our own files, read at boot


def _packer(app: Flask) -> Callable[[str, bytes], Path]:
    """A function that writes content once, with its .br and .gz beside it, and says where.

    The folder is named by the content, so any number of processes may write the same file at once: whoever is last
    replaces it with the very same bytes.
    """
    home = Path(app.instance_path) / "assets"
    try:
        home.mkdir(parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        home = Path(tempfile.mkdtemp(prefix="good-measure-"))
        atexit.register(shutil.rmtree, home, ignore_errors=True)

    def pack(name: str, content: bytes) -> Path:
        folder = home / hashlib.sha256(content).hexdigest()[:24]
        path = folder / name
        if not path.exists():
            folder.mkdir(exist_ok=True)
            _write(folder / f"{name}.br", brotli.compress(content))
            _write(folder / f"{name}.gz", gzip.compress(content, mtime=0))
            _write(path, content)  # Last: where it is, its small brothers are too.
        return path

    return pack


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(path)


def _say_no_sniffing(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
