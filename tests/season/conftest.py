"""The shop as it really runs: a server and a worker, each a process of its own, on the database under test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from admin.demo import cast
from serve import wait_until_open
from settings import ROOT
from tests.conftest import Place


@dataclass(frozen=True, slots=True)
class Shop:
    """Where it is open, and where its letters fall."""

    address: str
    mail: Path


@pytest.fixture
def shop(place: Place, worker_session: Session, tmp_path: Path) -> Iterator[Shop]:
    """An open shop with its cast gathered; both processes end with the test."""
    cast.gather(worker_session)
    worker_session.commit()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "DATABASE_URL": place.url, "WORKER_DATABASE_URL": place.worker_url, "PUBLIC_URL": address,
        "SECRET_KEY": "a secret of the season, 32 letters or more", "MAIL_FOLDER": str(tmp_path / "mail"),
        "PHOTO_FOLDER": str(tmp_path / "photos"),
        "SANDBOX_DATABASE": str(tmp_path / "sandbox.sqlite"), "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    parts = [
        subprocess.Popen([sys.executable, "-m", "serve", *words], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
        for words in (["--server", "--port", str(port)], ["--worker"])
    ]
    try:
        wait_until_open(address)
        yield Shop(address, tmp_path / "mail")
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(30)
