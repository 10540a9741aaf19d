"""A street with three doors: a stall that anybody may use, an office, and a cash desk; with the people who try them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import structlog
from flask import Flask, redirect, render_template, request, url_for
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cooperative import cooperatives
from ground import keys, outbox, trail, web
from ground import log as shop_log
from ground.db import db
from ground.errors import Conflict, Missing, Refusal
from ground.forms import Reader
from ground.ids import new_id
from ground.web import PROVIDER, PUBLIC, SIGNED_IN, Door, here, visitor
from ledger import books

OFFICE = "/office/<coop>"
PAGE = """<!doctype html><title>{% block title %}{% endblock %}</title>{{ problems }}|{{ problem("name") }}|
<form method="post">{{ csrf_field() }}{{ once_field() }}<input name="name" value="{{ typed("name", "nothing yet") }}"></form>
{{ here_cooperative.name if here_cooperative else "" }}|{{ current_user.name }}"""


@dataclass
class People:
    """Who holds which key, and what they may be where: what the floor above tells the guard."""

    sign_ins: dict[str, SimpleNamespace] = field(default_factory=dict)
    roles: dict[tuple[UUID, UUID], frozenset[str]] = field(default_factory=dict)

    def person_of(self, session: Session, token: str) -> Any:
        return self.sign_ins.get(token)

    def find_cooperative(self, session: Session, slug: str) -> Any:
        return cooperatives.find_by_slug(session, slug)

    def roles_in(self, session: Session, person_id: UUID, cooperative_id: UUID) -> frozenset[str]:
        return self.roles.get((person_id, cooperative_id), frozenset())

    def sign_in(self, name: str, *, stepped_up_at: datetime | None = None, **roles: UUID) -> str:
        """`people.sign_in("Wanjiru", manager=meru.id)`: the key of a new session."""
        person = SimpleNamespace(id=new_id(), name=name, is_authenticated=True, is_active=True, is_anonymous=False)
        token = f"key of {name}"
        self.sign_ins[token] = SimpleNamespace(person=person, stepped_up_at=stepped_up_at)
        for role, cooperative_id in roles.items():
            held = self.roles.get((person.id, cooperative_id), frozenset())
            self.roles[person.id, cooperative_id] = held | {role}
        return token


@dataclass
class Street:
    """What the doors of the test did, and what should go wrong in them next."""

    app: Flask
    people: People
    did: list[str]
    faults: list[Exception]
    log: io.StringIO

    def client(self, token: str = "") -> FlaskClient:
        """A browser of our own pages; with a key it is signed in."""
        client = self.app.test_client()
        if token:
            client.set_cookie("gm-session", token)
        return client


OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says when the form stood on our own page."""


def doors(street: Street) -> list[Door]:
    sign_in = Door("sign_in", __name__)
    stall = Door("stall", __name__)
    office = Door("desk", __name__, url_prefix=OFFICE)

    @sign_in.get("/sign-in", who=PUBLIC)
    def show() -> str:
        return render_template("page.html")

    @sign_in.get("/confirm", who=SIGNED_IN)
    def confirm() -> str:
        return render_template("page.html")

    @sign_in.post("/sign-out", who=SIGNED_IN, action="session.end")
    def leave() -> Any:
        return web.end_session(redirect("/", 303))

    @stall.get("/", who=PUBLIC)
    def index() -> str:
        return render_template("page.html")

    @stall.get("/me", who=SIGNED_IN)
    def me() -> str:
        return render_template("page.html")

    @stall.get("/broken", who=PUBLIC)
    def broken() -> str:
        raise street.faults.pop()

    @stall.get("/shop/<coop>/", who=PUBLIC)
    def shop(coop: str) -> str:
        return render_template("page.html")

    @stall.post("/", who=PUBLIC, action="order.place", again="stall.index")
    def order() -> Any:
        read = Reader(request.form)
        name, once = read.text("name"), read.once()
        read.done()
        keys.claim(db.session, principal=visitor(), key=once, body={"name": name}, location="/?done")
        if name == "too late":
            raise Conflict("Only 300 g are left.")
        outbox.write(db.session, to="a@example.org", subject=name, text=name, cause=new_id(), kind="order")
        if street.faults and name == "before":
            raise street.faults.pop()
        db.session.commit()
        street.did.append(name)
        if street.faults:
            raise street.faults.pop()
        return redirect(url_for("stall.index"), 303)

    @stall.post("/shop/<coop>/basket", who=PUBLIC, action="basket.fill")
    def basket(coop: str) -> Any:
        street.did.append("basket")
        db.session.commit()
        return redirect("/", 303)

    @stall.post("/hooks", who=PROVIDER, action="event.receive")
    def hook() -> str:
        db.session.commit()
        street.did.append("hook")
        return "ok"

    @office.get("/", who=("manager", "collector"))
    def index_(coop: str) -> str:
        return render_template("page.html")

    @office.get("/things/<uuid:thing>", who=("manager",))
    def thing(coop: str, thing: UUID) -> str:
        raise Missing("There is no such page.")

    @office.post("/", who=("manager",), action="thing.make", again="desk.index_")
    def make(coop: str) -> Any:
        if "refuse" in request.form:
            raise Refusal(fields={"name": "Choose another name."})
        trail.about(db.session, books.of_cooperative(db.session, here().cooperative.id).id)
        db.session.commit()
        street.did.append(f"made in {here().cooperative.slug}")
        return redirect(url_for("desk.index_", coop=coop), 303)

    @office.post("/pay", who=("manager",), action="payout.approve", again="desk.index_", step_up=True)
    def pay(coop: str) -> Any:
        db.session.commit()
        street.did.append("paid")
        return redirect(url_for("desk.index_", coop=coop), 303)

    return [sign_in, stall, office]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    (tmp_path / "errors").mkdir()
    (tmp_path / "page.html").write_text(PAGE)
    for code in (400, 403, 404, 405, 409, 413, 422, 429, 500, 503):
        (tmp_path / "errors" / f"{code}.html").write_text(
            f"<!doctype html><title>{code}</title>{{{{ message or '' }}}}"
        )
    return tmp_path


def build(templates: Path, people: People, made: list[Door], **config: Any) -> Flask:
    app = Flask(__name__, static_folder=None, template_folder=str(templates))
    settings = {"SECRET_KEY": "k" * 40, "COOKIES_SECURE": False, "TIME_ZONE": "Africa/Nairobi", "TESTING": True}
    app.config.update(settings | config)
    for door in made:
        app.register_blueprint(door)
    web.init_app(app, people)
    return app


@pytest.fixture
def connected(engine: Engine) -> Iterator[None]:
    """The shop's own database stands on the fresh one meanwhile."""
    before = db._engine, db._reading
    db.use(engine)
    yield
    db._engine, db._reading = before


@pytest.fixture
def street(templates: Path, connected: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    monkeypatch.setattr("ground.web.guard.time.sleep", lambda seconds: None)
    street = Street(app=None, people=People(), did=[], faults=[], log=io.StringIO())  # ty: ignore[invalid-argument-type]  (built below, with the street in it)
    before = structlog.get_config()
    shop_log.configure(stream=street.log)
    street.app = build(templates, street.people, doors(street))
    yield street
    structlog.configure(**before)
