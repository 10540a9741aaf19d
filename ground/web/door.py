"""Doors: blueprints whose every route declares its method, who may use it, whose rows it touches and what it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Blueprint, Flask

if TYPE_CHECKING:
    from ground.web.pages import Kept

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"
PROVIDER = "provider"
"""Not people's roles: anybody; anybody with an account; a provider, known by its signature instead of a session."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the route register: what the guard demands and what the trail will say.

    `who` is PUBLIC, SIGNED_IN, PROVIDER or the roles of which one is needed in the cooperative that the rule names.
    `again` is the GET endpoint that shows the form once more, with its words kept, when this POST is refused. `upload` is the
    field of a file, and `bytes_most` what the request that carries it may weigh, where that is more than other forms may.
    """

    endpoint: str
    rule: str
    method: str
    who: str | tuple[str, ...]
    action: str = ""
    step_up: bool = False
    again: str = ""
    upload: str = ""
    bytes_most: int = 0

    @property
    def of_cooperative(self) -> bool:
        """Whether the rule names its cooperative, so that the guard lets the session see it."""
        return "<coop>" in self.rule

    @property
    def roles(self) -> tuple[str, ...]:
        return self.who if isinstance(self.who, tuple) else ()


class Door(Blueprint):
    """A blueprint with a register. A route added any other way stops the boot."""

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self._prefix = options.get("url_prefix") or ""
        self.duties: list[Duty] = []

    def get(  # ty: ignore[incompatible-method-override]  (says who)
        self, rule: str, *, who: str | tuple[str, ...], cached: Kept | None = None
    ) -> Callable[[View], View]:
        """A page or a file: reads, never writes. `cached` keeps it ready for visitors whom we do not know."""
        assert cached is None or who == PUBLIC, "only what anybody may see is kept for everybody"
        return self._route(rule, "GET", who, "", False, "", cached=cached)

    def post(  # ty: ignore[incompatible-method-override]  (a deed says who may and what it is called)
        self,
        rule: str,
        *,
        who: str | tuple[str, ...],
        action: str,
        again: str = "",
        step_up: bool = False,
        upload: str = "",
        bytes_most: int = 0,
    ) -> Callable[[View], View]:
        """A deed. `action` is what the trail calls it; `step_up` asks for a fresh confirmation, for money.

        `upload` names the field of a file of at most `bytes_most`; whoever sends more is told so beside that field.
        """
        assert action, "every deed has a name in the trail"
        assert not step_up or who not in (PUBLIC, PROVIDER), (
            f"{rule}: only somebody who signed in can confirm who they are"
        )
        assert bool(upload) == bool(bytes_most), f"{rule}: a file has a field and a limit"
        return self._route(rule, "POST", who, action, step_up, again, upload, bytes_most)

    def _route(
        self,
        rule: str,
        method: str,
        who: str | tuple[str, ...],
        action: str,
        step_up: bool,
        again: str,
        upload: str = "",
        bytes_most: int = 0,
        cached: Kept | None = None,
    ) -> Callable[[View], View]:
        assert who, "nobody may pass a door that does not say who may"
        whole = self._prefix + rule
        assert not isinstance(who, tuple) or "<coop>" in whole, (
            f"{whole}: roles are held in a cooperative that the rule names"
        )
        who = tuple(str(role) for role in who) if isinstance(who, tuple) else who

        def declare(view: View) -> View:
            name = getattr(view, "__name__", "")
            duty = Duty(f"{self.name}.{name}", whole, method, who, action, step_up, again, upload, bytes_most)
            self.duties.append(duty)
            self.add_url_rule(rule, name, _guarded(duty, view, cached), methods=[method])
            return view

        return declare


def _guarded(duty: Duty, view: Callable[..., Any], cached: Kept | None) -> Callable[..., Any]:
    from ground.web import guard, pages

    @wraps(view)
    def serve(**arguments: Any) -> Any:
        return guard.serve(duty, view, arguments)

    @wraps(view)
    def serve_kept(**arguments: Any) -> Any:
        assert cached is not None
        return pages.serve(duty, cached, view, arguments, guard.serve)

    return serve_kept if cached else serve


def register(app: Flask) -> dict[str, Duty]:
    """The route register of the whole app, by endpoint. A route without a duty is a wall without a guard: boot stops."""
    duties = {duty.endpoint: duty for door in app.blueprints.values() if isinstance(door, Door) for duty in door.duties}
    for rule in app.url_map.iter_rules():
        assert rule.endpoint in duties, (
            f"{rule.rule} ({rule.endpoint}) declares nobody: every route is added through a Door"
        )
    for duty in duties.values():
        assert not duty.again or duty.again in duties, f"{duty.endpoint}: no page is called {duty.again}"
    return duties
