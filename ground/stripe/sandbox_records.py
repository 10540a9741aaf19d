"""The sandbox's objects inside one transaction: make, get, save, list, and tell the shop about them by an event."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

from stripe import _api_version

Json = dict[str, Any]


class Trouble(Exception):
    """An error as Stripe answers it: an HTTP status and the `error` body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        param: str = "",
        type: str = "invalid_request_error",
        **more: object,
    ) -> None:
        self.status = status
        named = {"code": code, "param": param, **more}
        self.body: Json = {
            "error": {"type": type, "message": message} | {name: value for name, value in named.items() if value}
        }
        super().__init__(message)


class Records:
    """What one transaction sees. `now` is the sandbox's clock in Unix seconds, the same for the whole transaction."""

    def __init__(self, connection: sqlite3.Connection, now: float) -> None:
        self.connection = connection
        self.now = now

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self.connection.execute(sql, values)

    def new(self, kind: str, prefix: str, **fields: Any) -> Json:
        """A new object of `kind` with an id of its own, saved."""
        thing = {
            "id": f"{prefix}_{secrets.token_hex(12)}",
            "object": kind,
            "created": int(self.now),
            "livemode": False,
            **fields,
        }
        self.execute("INSERT INTO object (id, kind, body) VALUES (?, ?, ?)", thing["id"], kind, json.dumps(thing))
        return thing

    def get(self, kind: str, id: str) -> Json:
        """The object; a 404 as Stripe's when there is none of this kind."""
        row = self.execute("SELECT body FROM object WHERE id = ? AND kind = ?", id, kind).fetchone()
        if row is None:
            raise Trouble(404, f"No such {kind}: '{id}'", code="resource_missing", param="id")
        return json.loads(row["body"])

    def save(self, thing: Json) -> None:
        changed = self.execute("UPDATE object SET body = ? WHERE id = ?", json.dumps(thing), thing["id"])
        assert changed.rowcount == 1

    def all(self, kind: str, **equal: object) -> list[Json]:
        """Every object of `kind` whose fields equal these, newest first."""
        where = "".join(f" AND json_extract(body, '$.{name}') = ?" for name in equal)
        # Only names written in this package reach the text; values are bound.
        query = f"SELECT body FROM object WHERE kind = ?{where} ORDER BY seq DESC"  # noqa: S608
        rows = self.execute(query, kind, *equal.values())
        return [json.loads(row["body"]) for row in rows]

    def page(self, kind: str, params: Json, *equal: str) -> Json:
        """One page of a list request: the filters named `equal`, `created`, `limit` (1–100, 10 unless told) and
        `starting_after`.
        """
        only(params, "limit", "starting_after", "created", *equal)
        limit = params.get("limit", 10)
        if not 1 <= limit <= 100:
            raise Trouble(400, "Limit is between 1 and 100.", param="limit", code="parameter_invalid_integer")
        found = self.all(kind, **{name: params[name] for name in equal if name in params})
        created = params.get("created", {})
        created = {"gte": created, "lte": created} if isinstance(created, int) else created
        lowest = max(created.get("gte", 0), created.get("gt", -1) + 1)
        highest = min(created.get("lte", 2**62), created.get("lt", 2**62) - 1)
        found = [thing for thing in found if lowest <= thing["created"] <= highest]
        if "starting_after" in params:
            ids = [thing["id"] for thing in found]
            if params["starting_after"] not in ids:
                raise Trouble(
                    400,
                    f"No such object: '{params['starting_after']}'",
                    param="starting_after",
                    code="resource_missing",
                )
            found = found[ids.index(params["starting_after"]) + 1 :]
        return {"object": "list", "data": [public(thing) for thing in found[:limit]], "has_more": len(found) > limit}

    def emit(self, type: str, thing: Json) -> None:
        """Queue an event about `thing` as it is now, in the same transaction; it is delivered later, over HTTP."""
        event = self.new(
            "event",
            "evt",
            type=type,
            api_version=_api_version._ApiVersion.CURRENT,
            pending_webhooks=1,
            request=None,
            data={"object": public(thing)},
        )
        self.execute("INSERT INTO delivery (event_id, due_at) VALUES (?, ?)", event["id"], self.now)


def only(params: Json, *known: str) -> None:
    """A 501 for a parameter that Stripe knows and the sandbox does not play: better no answer than one that ignored
    half the question.
    """
    for name in params:
        if name not in known:
            raise Trouble(501, f"The sandbox does not play {name!r} here.", param=name, type="api_error")


def public(thing: Json) -> Json:
    """The object without what only the sandbox knows of it."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}
