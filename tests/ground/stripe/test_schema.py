"""The stand-in refuses whatever Stripe's own parameter types refuse, and says which parameter is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ground.stripe import schema

LINE = {"quantity": "2", "price_data": {"currency": "kes", "unit_amount": "250", "product_data": {"name": "Maize"}}}


def test_a_good_request_is_read_with_its_real_types():
    pairs = [
        ("mode", "payment"),
        ("line_items[0][quantity]", "2"),
        ("line_items[0][price_data][currency]", "kes"),
        ("line_items[1][quantity]", "1"),
        ("adaptive_pricing[enabled]", "false"),
        ("metadata[key]", "checkout:1"),
        ("expand[0]", "payment_intent"),
    ]
    request = schema.read("post", "/v1/checkout/sessions", schema.unflatten(pairs))
    assert request.params == {
        "mode": "payment",
        "line_items": [{"quantity": 2, "price_data": {"currency": "kes"}}, {"quantity": 1}],
        "adaptive_pricing": {"enabled": False},
        "metadata": {"key": "checkout:1"},
        "expand": ["payment_intent"],
    }


def test_the_ids_in_a_path_are_found_and_fixed_routes_win():
    assert schema.read("get", "/v1/checkout/sessions/cs_1", {}).ids == ("cs_1",)
    assert (
        schema.read("post", "/v1/checkout/sessions/cs_1/expire", {}).route == "/v1/checkout/sessions/{session}/expire"
    )
    assert schema.read("get", "/v1/charges/search", {"query": "a"}).route == "/v1/charges/search"


@pytest.mark.parametrize(
    ("method", "path", "params", "param"),
    [
        ("post", "/v1/refunds", {"amnount": "5"}, "amnount"),
        ("post", "/v1/refunds", {"idempotency_key": "5"}, "idempotency_key"),
        ("post", "/v1/refunds", {"amount": "5.0"}, "amount"),
        ("post", "/v1/refunds", {"amount": "٥"}, "amount"),
        ("post", "/v1/refunds", {"amount": "1_000"}, "amount"),
        ("post", "/v1/refunds", {"amount": ""}, "amount"),
        ("post", "/v1/refunds", {"reason": "because"}, "reason"),
        ("post", "/v1/refunds", {"reverse_transfer": "yes"}, "reverse_transfer"),
        ("post", "/v1/refunds", {"expand": {"1": "charge"}}, "expand"),
        ("post", "/v1/refunds", {"metadata": {"a": {"b": "c"}}}, "metadata[a]"),
        ("post", "/v1/transfers", {"amount": "5", "currency": "usd"}, "destination"),
        ("post", "/v1/checkout/sessions", {"ui_mode": "hosted"}, "ui_mode"),
        ("post", "/v1/checkout/sessions", {"line_items": {"0": LINE | {"qty": "1"}}}, "line_items[0][qty]"),
        ("post", "/v1/checkout/sessions", {"line_items": {"0": {"price_data": {"unit_amount": "5"}}}},
         "line_items[0][price_data][currency]"),
        ("get", "/v1/balance", {"currency": "usd"}, "currency"),
        ("get", "/v1/refunds", {"created": {"after": "5"}}, "created[after]"),
    ],
)  # fmt: skip
def test_a_request_that_stripe_would_refuse_is_refused_by_name(method: str, path: str, params: Any, param: str):
    with pytest.raises(schema.Mismatch) as refused:
        schema.read(method, path, params)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/v1/nothing"), ("delete", "/v1/refunds"), ("get", "/v1/refunds/a/b")]
)
def test_an_endpoint_that_stripe_has_not_is_refused(method: str, path: str):
    with pytest.raises(schema.Mismatch, match="has no"):
        schema.read(method, path, {})


def test_a_parameter_that_is_both_a_value_and_a_map_is_refused():
    with pytest.raises(schema.Mismatch, match="both"):
        schema.unflatten([("metadata", ""), ("metadata[a]", "b")])
