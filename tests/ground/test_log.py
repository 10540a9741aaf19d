"""The log: one JSON line per event, and never a secret, whoever wrote it and wherever it hides."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ground import log as shop_log
from ground import outbox
from ground.engines import make_engine
from ground.ids import new_id, new_secret


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    before = structlog.get_config()
    stream = io.StringIO()
    shop_log.configure(stream=stream)
    yield stream
    structlog.configure(**before)


SECRETS = {
    "password": "terraces after the long rains", "session_token": new_secret(), "Authorization": "Bearer abcdef123456",
    "cookie": "gm-session=abc", "stripe_signature": "t=1,v1=abc", "api_key": "kilimanjaro", "totp_secret": "JBSWY3DPEHPK3PXP",
}  # fmt: skip
SHAPES = [
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "whsec_abcdefghijkl", "rk_live_abcdefgh", "4242424242424242", "4242 4242 4242 4242",
    "4242-4242-4242-4242", "postgresql://shop:hunter2@db/shop", "postgresql+psycopg://shop:hunter2@db/shop",
]  # fmt: skip


@pytest.mark.case("attack:A277")
@pytest.mark.parametrize(("name", "value"), SECRETS.items(), ids=SECRETS)
def test_what_is_named_like_a_secret_is_hidden_at_any_depth(written: io.StringIO, name: str, value: str):
    structlog.get_logger().info("x", **{name: value}, form={"fields": [{name: value}]})
    assert value not in written.getvalue()


@pytest.mark.case("attack:A277")
@pytest.mark.parametrize("value", SHAPES)
def test_what_is_shaped_like_a_secret_is_hidden_wherever_it_stands(written: io.StringIO, value: str):
    log = structlog.get_logger()
    log.info(f"said {value} aloud", note=f"with {value}", deep={"list": [value, (value,)]}, raw=value.encode())
    try:
        raise RuntimeError(f"could not reach {value}")
    except RuntimeError:
        log.exception("broken")
    assert value not in written.getvalue()
    assert "hunter2" not in written.getvalue()


@pytest.mark.case("attack:A277")
def test_a_refused_statement_tells_the_log_nothing_of_its_figures(session: Session, written: io.StringIO):
    secret = "0712 345 678 of Wanjiru"
    outbox.write(session, to=secret, subject="Hello", text="Hello", cause=new_id(), kind="test")
    with pytest.raises(DBAPIError) as error:
        session.execute(
            text("UPDATE letter SET tries = :wrong, recipient = :secret"), {"wrong": None, "secret": secret}
        )
    try:
        raise error.value
    except DBAPIError:
        structlog.get_logger().exception("bug")
    assert "bug" in written.getvalue()
    assert secret not in written.getvalue()
    session.rollback()


def test_ordinary_words_and_ids_stay_readable(written: io.StringIO):
    order = str(new_id())
    structlog.get_logger().info("order.placed", order=order, total="KES 1,450.00", milliseconds=12.5)
    [line] = written.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["order"], told["total"], told["milliseconds"]) == (
        "order.placed",
        order,
        "KES 1,450.00",
        12.5,
    )


def test_line_breaks_in_what_people_type_make_no_second_line(written: io.StringIO):
    structlog.get_logger().info("x", name='Amina\n{"event": "order.paid"}')
    assert len(written.getvalue().splitlines()) == 1


def test_an_engine_keeps_its_figures_to_itself(database_url: str):
    engine = make_engine(database_url)
    assert engine.hide_parameters
    engine.dispose()
