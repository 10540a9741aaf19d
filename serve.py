"""Opens the shop: migrates, starts the worker and the server, lives the demo season once, and closes all of it politely."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from flask import Flask
from rich.console import Console
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

import settings
from ground import migrations
from ground.engines import make_engine
from ground.errors import Refusal

FLASK = ("-m", "flask", "--app", "app")
THREADS = 32
"""Requests one process answers at a time: they wait for the database, not for the processor."""
STOP_SECONDS = 20


class Child:
    """A program of ours that runs until we stop, and is started again when it falls."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.stopping = threading.Event()
        self.process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches us alone, and we decide the order of closing.
        return subprocess.Popen([sys.executable, *self.words], stdin=subprocess.DEVNULL, start_new_session=True)

    def _watch(self) -> None:
        while not self.stopping.is_set():
            code = self.process.wait()
            if not self.stopping.wait(1):
                print(f"{self.words} ended with {code}; starting it again.", file=sys.stderr)
                self.process = self._start()

    def ask(self) -> None:
        """Ask it to finish what it is doing."""
        self.stopping.set()
        self.process.terminate()

    def end(self) -> None:
        """Wait for it; after a while, insist."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def end_with_parent() -> None:
    """End politely when whoever started us has gone: a port must not stay taken by the orphan of a killed server."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def application() -> Flask:
    """What each process of the server serves."""
    from app import create_app

    end_with_parent()
    return create_app()


def work() -> None:
    """The worker, as a child of ours."""
    from flask.cli import cli

    end_with_parent()
    cli.main(["--app", "app", "work"])


def serve(host: str, port: int, workers: int, factory: str = "serve:application") -> None:
    """Serve what `factory` makes until SIGTERM or SIGINT; requests that have begun are answered first."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        factory,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=THREADS * 4,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    ).serve()


def migrate(url: str) -> Engine:
    """The owner's engine, on a database that is up to date. A missing SQLite file is made, with its folder."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url)
    migrations.upgrade(engine)
    return engine


def is_new(engine: Engine) -> bool:
    """Whether nobody has been here: no cooperative is registered."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1 FROM cooperative LIMIT 1")).first() is None


def wait_until_open(address: str, seconds: float = 30) -> None:
    """Return when the server answers; Refusal when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310 our own loopback address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.03)
    raise Refusal(f"The shop did not open at {address}.")


def free(host: str, port: int) -> int:
    """The port, or any free one for 0; Refusal when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(f"Port {port} is taken. Try: bin/run --port {port + 1}") from error
        return int(probe.getsockname()[1])


def open_shop(arguments: argparse.Namespace) -> int:
    """What `bin/run` does; the exit code."""
    port = free(arguments.host, arguments.port)
    address = f"http://{arguments.host}:{port}"
    os.environ.setdefault("PUBLIC_URL", address)
    configured = settings.from_environment(os.environ)
    if configured["PRODUCTION"]:
        raise Refusal("bin/run is for this machine only. In production: bin/migrate, bin/serve and bin/work.")
    engine = migrate(_owner_url(configured["DATABASE_URL"]))
    demo = is_new(engine) and not arguments.empty
    engine.dispose()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.default_int_handler)
    children = [
        Child("-m", "serve", "--server", "--host", arguments.host, "--port", str(port)),
        Child("-m", "serve", "--worker"),
    ]
    try:
        if not (demo or arguments.empty):
            from admin.commands.demo import print_sign_ins  # Read while the server wakes, so that nobody waits for it.

            print_sign_ins(Console(highlight=False))
        wait_until_open(address)
        if demo:
            print("Living the demo season: a minute or so, once …", flush=True)
            subprocess.run([sys.executable, *FLASK, "demo", "--address", address], check=True, stdin=subprocess.DEVNULL)
        print(f"Good Measure is open at {address}  (Ctrl-C closes it)", flush=True)
        while not arguments.once:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("Closing.", flush=True)
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, signal.SIG_IGN)
        for child in children:
            child.ask()
        for child in children:
            child.end()
    return 0


def _owner_url(url: str) -> str:
    return os.environ.get("OWNER_DATABASE_URL") or url


def main(words: Sequence[str] | None = None) -> int:
    """Read the words of the command line and do what they say."""
    parser = argparse.ArgumentParser(prog="bin/run", description="Opens the shop on this machine.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--empty", action="store_true", help="do not live the demo season")
    parser.add_argument(
        "--once", action="store_true", help="close again as soon as the shop is open and the season lived"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes of the server, with --production")
    parser.add_argument("--production", action="store_true", help="the server alone: no migration, no demo, no worker")
    parser.add_argument("--migrate-only", action="store_true", help="bring the database up to date and end")
    parser.add_argument("--server", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    try:
        if arguments.migrate_only:
            engine = migrate(_owner_url(settings.from_environment(os.environ)["DATABASE_URL"]))
            with engine.connect() as connection:
                print(f"The database is at revision {migrations.current(connection)}.")
            return 0
        if arguments.worker:
            work()
            return 0
        if arguments.server:
            end_with_parent()
        if arguments.production or arguments.server:
            settings.from_environment(os.environ)  # Refuse here, in one line, rather than in every server process.
            serve(arguments.host, arguments.port, arguments.workers)
            return 0
        return open_shop(arguments)
    except subprocess.CalledProcessError as fell:
        print(f"{' '.join(fell.cmd[3:])} stopped; to begin anew, remove the database and start again.", file=sys.stderr)
        return 1
    except (Refusal, migrations.NotMigrated) as words_for_them:
        print(words_for_them, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
