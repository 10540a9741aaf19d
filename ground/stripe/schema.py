"""Checks a request against the parameter types of the installed Stripe SDK: what Stripe would refuse is refused."""

from __future__ import annotations

import ast
import importlib
import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import stripe
import typing_extensions
from stripe import _request_options

Params = dict[str, Any]
WHOLE = re.compile(r"-?[0-9]{1,18}")


class Mismatch(ValueError):
    """The request is none that Stripe knows. `param` is the parameter at fault, written as Stripe writes it:
    `line_items[0][quantity]`.
    """

    def __init__(self, message: str, param: str = "") -> None:
        self.param = param
        super().__init__(f"{param}: {message}" if param else message)


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: its route (`/v1/refunds/{refund}`), the ids in its path, its parameters as real integers,
    booleans and lists.
    """

    method: str
    route: str
    ids: tuple[str, ...]
    params: Params


def read(method: str, path: str, params: Mapping[str, Any]) -> Request:
    """Check one request; Mismatch names the first parameter that is unknown, missing, of the wrong type or no such
    choice.
    """
    for route, shape in _routes(tuple(path.split("/")[:3])).get(method, {}).items():
        if match := re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", route), path):
            return Request(
                method, route, match.groups(), _object(_load(shape), params, "") if shape else _nothing(params)
            )
    raise Mismatch(f"stripe {stripe.VERSION} has no {method.upper()} {path}")


def unflatten(pairs: Iterable[tuple[str, str]]) -> Params:
    """Form pairs as a tree: `a[b]=1` is `{"a": {"b": "1"}}`; numbered maps are read as lists where a list is due."""
    tree: Params = {}
    for name, value in pairs:
        *path, last = name.replace("]", "").split("[")
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
            if not isinstance(branch, dict):
                raise Mismatch("is given both as a value and as a map", name)
        branch[last or str(len(branch))] = value
    return tree


@cache
def _routes(start: tuple[str, ...]) -> dict[str, dict[str, tuple[str, str] | None]]:
    """Method → route → (module, class) of its parameters, for the paths that start so. Fixed routes come before those
    with ids.
    """
    prefix, found = "/".join(start), []
    for file in sorted(Path(stripe.__file__).parent.rglob("*_service.py")):
        source = file.read_text(encoding="utf-8")
        if f'"{prefix}' in source:
            found += list(_calls(ast.parse(source)))
    routes: dict[str, dict[str, tuple[str, str] | None]] = {}
    for method, route, shape in sorted(found, key=lambda call: call[1].count("{")):
        routes.setdefault(method, {})[route] = shape
    return routes


def _calls(tree: ast.Module) -> Iterable[tuple[str, str, tuple[str, str] | None]]:
    """Each call that a service's method makes: HTTP method, route, and where the type of its `params` is defined."""
    modules = {
        name.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and ".params" in node.module
        for name in node.names
    }
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        named = next((a.annotation for a in function.args.args if a.arg == "params" and a.annotation), None)
        shape = re.search(r"\w+Params\b", ast.unparse(named)) if named else None
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call) and len(node.args) >= 2):
            match call:
                case ast.Call(
                    func=ast.Attribute(attr="_request"),
                    args=[
                        ast.Constant(value=str() as method),
                        ast.Constant(value=str() as route)
                        | ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str() as route))),
                        *_,
                    ],
                ):
                    yield method, route, (modules[shape[0]], shape[0]) if shape else None


def _load(shape: tuple[str, str]) -> Any:
    return getattr(importlib.import_module(shape[0]), shape[1])


@cache
def _fields(shape: Any) -> dict[str, Any]:
    """Names and types of one SDK object. The request options (keys, accounts) travel as headers and are no
    parameters.
    """
    hints = typing.get_type_hints(shape, localns={**vars(_request_options), "StripeContext": object})
    return {name: hint for name, hint in hints.items() if name not in _request_options.RequestOptions.__annotations__}


def _nothing(params: Mapping[str, Any]) -> Params:
    if params:
        raise Mismatch("this request takes no parameters", next(iter(params)))
    return {}


def _object(shape: Any, value: object, at: str) -> Params:
    if not isinstance(value, Mapping):
        raise Mismatch(f"should be a map, not {value!r}", at)
    fields = _fields(shape)
    read_so_far: Params = {}
    for name, given in value.items():
        inside = f"{at}[{name}]" if at else str(name)
        if name not in fields:
            raise Mismatch("Received unknown parameter", inside)
        read_so_far[str(name)] = _value(fields[name], given, inside)
    for name in fields:
        if name in shape.__required_keys__ and name not in value:
            raise Mismatch("Missing required param", f"{at}[{name}]" if at else name)
    return read_so_far


def _value(hint: Any, value: object, at: str) -> Any:
    """`value` read as `hint`; the reading, or a Mismatch."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(inner, value, at)
    if origin in (Literal, typing_extensions.Literal):
        return _chosen(inner, value, at)
    if origin is list:
        return [_value(inner[0], item, f"{at}[{i}]") for i, item in enumerate(_items(value, at))]
    if origin is dict:
        if not isinstance(value, Mapping):
            raise Mismatch(f"should be a map, not {value!r}", at)
        return {str(name): _value(inner[1], item, f"{at}[{name}]") for name, item in value.items()}
    if typing_extensions.is_typeddict(hint):
        return _object(hint, value, at)
    return _scalar(hint, value, at)


def _one_of(hints: tuple[Any, ...], value: object, at: str) -> Any:
    # The SDK writes "Literal[…] | str" so that newer choices pass its types; Stripe itself refuses what is no choice.
    closed = any(get_origin(hint) in (Literal, typing_extensions.Literal) and get_args(hint) != ("",) for hint in hints)
    wrong: list[Mismatch] = []
    for hint in hints:
        if (hint is str and closed) or "UntypedStripeObject" in repr(hint):
            continue
        try:
            return _value(hint, value, at)
        except Mismatch as mismatch:
            wrong.append(mismatch)
    raise max(wrong, key=lambda mismatch: len(mismatch.param))


def _chosen(choices: tuple[Any, ...], value: object, at: str) -> Any:
    for choice in choices:
        if value == choice and type(value) is type(choice):
            return choice
    raise Mismatch(f"{value!r} is none of {', '.join(repr(choice) for choice in choices)}", at)


def _items(value: object, at: str) -> list[object]:
    if isinstance(value, Mapping) and [*value] == [str(i) for i in range(len(value))]:
        return list(value.values())
    if isinstance(value, list):
        return value
    raise Mismatch(f"should be a list, not {value!r}", at)


def _scalar(hint: Any, value: object, at: str) -> Any:
    if hint is bool and (value in ("true", "false") or isinstance(value, bool)):
        return value in ("true", True)
    if hint is int and type(value) is int:
        return value
    if hint is int and isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value)
    if hint is str and isinstance(value, str):
        return value
    if hint in (float, Decimal) and isinstance(value, str) and value.isascii():
        try:
            if (number := Decimal(value)).is_finite():
                return number
        except InvalidOperation:
            pass
    names = {int: "a whole number", bool: "true or false", str: "a text", float: "a number", Decimal: "a number"}
    raise Mismatch(f"should be {names.get(hint, hint)}, not {value!r}", at)
