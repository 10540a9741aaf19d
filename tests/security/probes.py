"""The attacks that are tried on every deed before it is done, each with a form that is right in every other way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from cooperative import sessions as sign_ins
from cooperative.sessions import SignIn
from ground import clock
from ground.ids import new_id
from tests.security.season import OURS, Asked, Season

STOLEN = {
    "price": "1", "total_minor": "1", "discount": "100", "state": "paid", "paid_at": "2026-01-01", "cooperative_id": "",
    "balance": "9", "role[]": "manager", "version": "0", "by_id": "",
}  # fmt: skip
"""What a form never asks for [attack:A049]."""

KEYS = re.compile(r'(?<=name="once" value=")[^"]+|(?<=name="csrf_token" value=")[^"]+')
"""What a page says anew each time."""

UNREAD = {"sign_in.leave"}
"""Signing out reads no form: it must not fail, whatever an old page sends."""

COUNTED = {
    "members_least", "members_most", "number", "shares", "keeps_days", "quantity_min", "quantity_max", "increment", "seen",
    "version", "net_days", "quantity", "expected_minor", "listed", "rung-1-from", "rung-2-from",
}  # fmt: skip
MEASURED = {"content", "gross", "tare", "change", "counted", "oversell"}
PAID = {"rung-1-price", "rung-2-price", "advance", "credit_limit", "amount", "cash", "cost-transport", "cost-handling"}
NO_NUMBERS = (
    "-1", "-0", "-1e3", "1e3", "0x10", "1_000", "+5", "\u0663", "\uff19", "\u0661\u0662", "NaN", "Infinity", "true", "null",
    "[5]", '{"$gt":0}', "9" * 30, str(2**63), str(2**63 - 1), "9" * 5_000, "1'; DROP TABLE member--",
)  # fmt: skip
"""[attack:A038, A040, A044, A045]"""
NO_COUNTS = (*NO_NUMBERS, " 5 ", "1.0", "1,5", "5 kg")

WORDS = {
    "name", "group_name", "holder", "description", "storage", "allergens", "grades", "pack_name", "sku", "mix_group", "season",
    "reason", "source", "words", "reference", "registration_no", "email",
}  # fmt: skip
NO_WORDS = ("nul\0byte", "invoice\u202egnp.exe", "\u2066isolated", "line\r\nSet-Cookie: a=b\x1b[2J", "x" * 10_000)
"""[attack:A023, A026, A030]"""


def attack(season: Season, asked: Asked) -> None:
    """Try all of it; what came back is noted, and whether any of it wrote a row."""
    stale = _stale(season, asked)
    before = season.fingerprint()
    if asked.raw is None:
        _from_elsewhere(season, asked)
        _stolen_fields(season, asked)
        _bad_values(season, asked)
        _foreign_ids(season, asked)
    _other_methods(season, asked)
    if stale is not None:
        season.note("stale confirmation", asked, season.send(asked, stale), False)
    after = season.fingerprint()
    written = sorted(name for name in after if after[name] != before[name])
    if written:
        season.note(
            "rows written", asked, season.send(asked, headers={"Sec-Fetch-Site": "cross-site"}), True, f"in {written}"
        )


def _from_elsewhere(season: Season, asked: Asked) -> None:
    for kind, headers in (
        ("cross-site", {"Sec-Fetch-Site": "cross-site"}), ("same-site", {"Sec-Fetch-Site": "same-site"}), ("no token", {}),
        ("foreign origin", {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}),
        ("simple json", {"Content-Type": "text/plain"}),
    ):  # fmt: skip
        if kind == "simple json":
            answer = season.browser(asked.house, asked.actor).post(asked.path, data=b'{"a":"b"}', headers=headers)
        else:
            answer = season.send(asked, headers=headers)
        season.note("from elsewhere", asked, answer, False, kind)


def _stolen_fields(season: Season, asked: Asked) -> None:
    for name, value in STOLEN.items() if asked.endpoint not in UNREAD else ():
        if name in asked.body:
            continue
        body = dict(asked.body) | {name: value or str(new_id())}
        season.note("stolen field", asked, season.send(asked, body=body), False, name)
    if asked.body:
        name, value = next(iter(asked.body.items()))
        twice: Any = [*asked.body.items(), (name, value)]
        body: dict[str, Any] = {}
        for key, each in twice:
            body.setdefault(key, []).append(each)
        season.note("twice", asked, season.send(asked, body=body), False, name)


def _bad_values(season: Season, asked: Asked) -> None:
    for name in asked.body:
        values = (
            NO_COUNTS
            if name in COUNTED
            else NO_NUMBERS
            if name in MEASURED | PAID
            else NO_WORDS
            if name in WORDS
            else ()
        )
        for value in values:
            answer = season.send(asked, body=dict(asked.body) | {name: value})
            season.note("bad value", asked, answer, False, f"{name}={value[:24]!r}")


def _other_methods(season: Season, asked: Asked) -> None:
    browser = season.browser(asked.house, asked.actor)
    override = OURS | {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST"}
    for method in ("get", "head", "options", "put", "patch", "delete"):
        answer = getattr(browser, method)(
            asked.path, query_string={"_method": "POST"} | dict(asked.body), headers=override
        )
        season.note("other method", asked, answer, False, method)


def _foreign_ids(season: Season, asked: Asked) -> None:
    """Another house's ids where ours belong, one at a time; then ids of nothing at all. And its manager at our address."""
    other = season.houses["kilifi" if asked.house.slug == "meru" else "meru"]
    for name, value in asked.arguments.items():
        if isinstance(value, UUID) or (isinstance(value, str) and len(value) == 36):
            for kind, id in (("foreign id", other.own.get(name)), ("missing id", new_id())):
                if id is not None:
                    _try(
                        season,
                        asked,
                        kind,
                        name,
                        str(id),
                        path=season.path(asked.endpoint, **dict(asked.arguments) | {name: id}),
                    )
    for name in asked.body:
        known = {"pack": "pack_id", "point": "point", "product_id": "product", "group_id": "group", "person_id": "person",
                 "pool_id": "pool_id", "what": "pool_id"}.get(name)  # fmt: skip
        if known is None:
            continue
        for kind, id in (("foreign id", other.own[known]), ("missing id", new_id())):
            _try(
                season,
                asked,
                kind,
                name,
                str(id),
                body=dict(asked.body) | {name: f"{id}:A" if name == "what" else str(id)},
            )
    if asked.arguments.get("coop"):
        season.note("stranger", asked, season.send(asked, season.browser(other, "manager")), False)


def _try(season: Season, asked: Asked, kind: str, name: str, id: str, **changed: Any) -> None:
    answer = season.send(asked, **changed)
    season.note(kind, asked, answer, False, name)
    season.bodies[asked.endpoint, name, kind] = (answer.status_code, KEYS.sub("a key", answer.text.replace(id, "ID")))


def _stale(season: Season, asked: Asked) -> Any:
    """A browser of the same person who confirmed eleven minutes ago; only where the written list asks for a fresh proof."""
    if asked.endpoint not in season.money or asked.actor not in asked.house.people:
        return None
    with season.session() as session:
        person = asked.house.people[asked.actor]
        sign_in, token = sign_ins.start(session, person, device="an old tab")
        session.execute(
            update(SignIn).where(SignIn.id == sign_in.id).values(stepped_up_at=clock.now() - timedelta(minutes=11))
        )
        session.commit()
    client = season.app.test_client()
    client.set_cookie("gm-session", token)
    return client
