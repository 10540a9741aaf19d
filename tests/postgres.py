"""A PostgreSQL cluster of the tests' own: made in a temporary folder, reached over loopback, gone at the end whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

OWNER, SHOP, SHOP_WORKER = "keeper", "shop", "shop_worker"
"""The roles that log in: the first owns the tables, the other two are members of the app's and the worker's role only."""

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
A_GIGABYTE = 1 << 30


def binaries() -> Path | None:
    """The folder that holds `postgres` and `initdb`, the newest version first; None when there is none."""
    for folder in _folders():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    return None


def _folders() -> Iterator[Path]:
    found = [path for pattern in PLACES for path in Path("/").glob(pattern.lstrip("/"))]
    yield from sorted(
        found,
        key=lambda path: [
            int(part) for part in path.as_posix().replace("@", "/").replace("-", "/").split("/") if part.isdigit()
        ],
        reverse=True,
    )
    if (there := shutil.which("postgres")) is not None:
        yield Path(there).resolve().parent


def scratch() -> Path:
    """Where temporary databases live: in memory when there is room, since their safety is nobody's concern."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > A_GIGABYTE:
        return memory
    return Path(tempfile.gettempdir())


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. Its keeper is a process of its own that ends it when we end, even by SIGKILL."""

    port: int
    folder: Path
    keeper: subprocess.Popen[bytes]

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()
        self.keeper.wait(30)


def start(*, durable: bool = False) -> Cluster:
    """Make and start a cluster. Only a `durable` one survives a power cut; for ordinary tests that is wasted waiting."""
    programs = binaries()
    assert programs is not None, "PostgreSQL's server programs are missing; bin/test installs them"
    home = Path(tempfile.gettempdir()) if durable else scratch()
    folder = Path(tempfile.mkdtemp(prefix="good-measure-pg-", dir=home))
    user = _nobody_special()
    if user:
        shutil.chown(folder, user)
    subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, user=user, cwd=folder,
    )  # fmt: skip
    for _attempt in range(3):
        cluster = _serve(programs, folder, user, durable=durable)
        if cluster is not None:
            return cluster
    raise AssertionError((folder / "log").read_text("utf-8", "replace"))


def _nobody_special() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as a user that can do nothing else."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _serve(programs: Path, folder: Path, user: str | None, *, durable: bool) -> Cluster | None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "max_connections": 300,
        "shared_buffers": "128MB", "fsync": "on" if durable else "off", "full_page_writes": "on" if durable else "off",
        "synchronous_commit": "on", "log_min_messages": "fatal", "autovacuum_naptime": "10s",
    }  # fmt: skip
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    keeper = subprocess.Popen(
        [sys.executable, "-I", __file__, str(folder), user or "", str(programs / "postgres"), "-D", str(folder / "data"), *words],
        stdin=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    cluster = Cluster(port, folder, keeper)
    for _wait in range(600):
        if keeper.poll() is not None:
            return None
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
            continue
        if _answers(cluster):
            return cluster
        time.sleep(0.05)
    cluster.stop()
    return None


def _answers(cluster: Cluster) -> bool:
    import psycopg

    try:
        psycopg.connect(cluster.url("postgres", "postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _keep(life: IO[bytes], folder: Path, user: str | None, command: list[str]) -> None:
    """Run the server until the pipe from our maker closes, then stop it and leave nothing behind."""
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user, cwd=folder)
    import threading

    def stop_when_orphaned() -> None:
        life.read()
        server.send_signal(signal.SIGINT)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)

    threading.Thread(target=stop_when_orphaned, daemon=True).start()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _keep(sys.stdin.buffer, Path(sys.argv[1]), sys.argv[2] or None, sys.argv[3:])
