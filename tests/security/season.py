"""One season over HTTP, deed by deed; before each deed the attacks are tried on it, with its own right words in the form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cooperative import sessions as sign_ins
from cooperative.people import Person
from cooperative.sessions import SignIn
from ground import tenants
from ground.db import Model, db
from ground.engines import make_session
from tests.security.houses import House

OURS = {"Sec-Fetch-Site": "same-origin"}
NOISE = {"guessing": (), "refusal_burst": (), "sign_in": ("last_seen_at",)}
"""What a refused request may change: the counters of guesses and refusals, and when a sign-in was last seen."""


@dataclass(frozen=True)
class Asked:
    """One request of the story: who sends what where. `house` is whose office it is."""

    house: House
    actor: str
    endpoint: str
    path: str
    body: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=lambda: OURS)
    raw: bytes | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What came of an attack on a deed."""

    kind: str
    endpoint: str
    detail: str
    status: int
    location: str
    changed: bool

    def __str__(self) -> str:
        return f"{self.endpoint} · {self.kind} {self.detail} → {self.status} {self.location}{' CHANGED' if self.changed else ''}"


@dataclass
class Season:
    """The application on its own database, the people's browsers, and everything that was tried."""

    app: Flask
    engine: Engine
    owner: Engine
    worker: Engine
    houses: dict[str, House] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    trails: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    repeats: dict[str, bool] = field(default_factory=dict)
    probes: Callable[[Season, Asked], None] | None = None
    browsers: dict[str, Any] = field(default_factory=dict)
    bodies: dict[tuple[str, str, str], tuple[int, str]] = field(default_factory=dict)
    money: frozenset[str] = frozenset()

    # -- people and their browsers -----------------------------------------------------------------------------------

    def browser(self, house: House, actor: str) -> Any:
        """The browser of somebody: of the staff and members with their key, of guests with an empty jar of their own."""
        name = f"{house.slug}/{actor}"
        if name not in self.browsers:
            self.browsers[name] = client = self.app.test_client()
            if actor in house.keys:
                client.set_cookie("gm-session", house.keys[actor])
        return self.browsers[name]

    def path(self, endpoint: str, **arguments: Any) -> str:
        return self.app.url_map.bind("localhost").build(endpoint, arguments)

    def open(self, house: House, actor: str, path: str, **headers: str) -> TestResponse:
        return self.browser(house, actor).get(path, headers=headers)

    # -- one deed ----------------------------------------------------------------------------------------------------

    def send(self, asked: Asked, browser: Any = None, **changed: Any) -> TestResponse:
        """Send it as it stands, or with another `path`, `body` or `headers`."""
        given: dict[str, Any] = {
            "path": asked.path,
            "body": asked.body,
            "headers": asked.headers,
            "files": asked.files,
        } | changed
        data: Any = asked.raw
        if data is None:
            data = dict(given["body"]) | {
                name: (BytesIO(content), called) for name, (called, content) in given["files"].items()
            }
        return (browser or self.browser(asked.house, asked.actor)).post(
            given["path"], data=data, headers=dict(given["headers"])
        )

    def do(
        self, house: House, actor: str, endpoint: str, body: Mapping[str, Any] | None = None, *, expect: int = 303,
        files: Mapping[str, tuple[str, bytes]] | None = None, headers: Mapping[str, str] | None = None,
        raw: bytes | None = None, **arguments: Any,
    ) -> TestResponse:  # fmt: skip
        """A deed of the story: the attacks first, then the deed itself, its line in the trail, then the same once more."""
        if "<coop>" in self.app.extensions["register"][endpoint].rule:
            arguments = {"coop": house.slug} | arguments
        plain = {name: str(value) for name, value in (body or {}).items()}
        asked = Asked(
            house,
            actor,
            endpoint,
            self.path(endpoint, **arguments),
            plain,
            files or {},
            headers or OURS,
            raw,
            arguments,
        )
        if self.probes is not None:
            self.probes(self, asked)
        answer = self.send(asked)
        assert answer.status_code == expect, f"{endpoint}: {answer.status_code} {_words(answer)}"
        assert "/confirm" not in (answer.location or ""), f"{endpoint} asks for a confirmation"
        self.trails.setdefault(endpoint, []).append(
            {"request": answer.headers["X-Request-Id"], "house": house, "actor": actor}
        )
        if self.probes is not None:
            with self.unchanged(ignoring=("trail_entry", "request_key")) as same:
                again = self.send(asked)
            assert again.status_code < 500, f"{endpoint} once more: {again.status_code}"
            self.repeats[endpoint] = self.repeats.get(endpoint, False) or not same()
        return answer

    def do_plainly(
        self, house: House, actor: str, endpoint: str, body: Mapping[str, Any] | None = None, **arguments: Any
    ) -> Any:
        """A deed that was attacked before: only done."""
        probes, self.probes = self.probes, None
        try:
            return self.do(house, actor, endpoint, body, **arguments)
        finally:
            self.probes = probes

    @contextmanager
    def signed_in_anew(self, house: House, actor: str) -> Generator[None]:
        """Inside, somebody holds a key of now, whenever now is."""
        key = house.keys[actor]
        with self.session() as session:
            house.keys[actor] = sign_ins.start(session, session.get_one(Person, house.people[actor].id))[1]
            session.commit()
        self.browsers.pop(f"{house.slug}/{actor}", None)
        yield
        house.keys[actor] = key
        self.browsers.pop(f"{house.slug}/{actor}", None)

    def note(self, kind: str, asked: Asked, answer: TestResponse, changed: bool, detail: str = "") -> None:
        self.told.append(Told(kind, asked.endpoint, detail, answer.status_code, answer.location or "", changed))

    # -- the database, past every wall -------------------------------------------------------------------------------

    @contextmanager
    def session(self) -> Generator[Session]:
        """The keeper's eyes: sees every row."""
        with make_session(self.owner) as session:
            tenants.enter(session)
            yield session

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.owner.connect() as connection:
            return list(connection.execute(text(statement), values))

    def fingerprint(self, ignoring: tuple[str, ...] = ()) -> dict[str, str]:
        """A hash per table of all it holds."""
        found = {}
        with self.owner.connect().execution_options(sqlite_begin="DEFERRED") as connection:
            for table in Model.metadata.sorted_tables:
                if table.name in ignoring or NOISE.get(table.name) == ():
                    continue
                columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in NOISE.get(table.name, ()))
                rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{table.name}" ORDER BY id').all()
                found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""
        return found

    @contextmanager
    def unchanged(self, ignoring: tuple[str, ...] = ()) -> Generator[Callable[[], bool]]:
        """`with season.unchanged() as same: …` and then `same()`: whether no row was written meanwhile."""
        before = self.fingerprint(ignoring)
        yield lambda: self.fingerprint(ignoring) == before

    # -- the worker --------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """The worker does all that is due, timers included."""
        from admin.commands.work import round_of_work

        shop, duties = db.engine, self.app.extensions["duties"]
        for timer in duties.timers.values():
            timer.due = 0.0
        db.use(self.worker)
        try:
            with self.app.app_context():
                while round_of_work(duties, self.app.config):
                    pass
        finally:
            db.use(shop)


def confirm_all(season: Season, at: datetime) -> None:
    """Everybody in the story proved who they are at this moment, however long ago they lived it."""
    with season.owner.begin() as connection:
        connection.execute(update(SignIn).values(stepped_up_at=at))


def _words(answer: TestResponse) -> str:
    """What a refusal says, for whoever reads why the story stopped."""
    plain = " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("There is a problem")[2] or answer.text).split())
    return f"{answer.location or ''} {plain[:500]}"


def last_of(answer: Any) -> str:
    """The last part of where an answer leads."""
    return answer.location.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
