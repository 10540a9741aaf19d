"""The bank's answer to ten thousand payments lands in bounded memory; one that is too large is refused by its field."""

from __future__ import annotations

import io
import resource
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cooperative.destinations import Destination, Rail
from cooperative.members import Member
from ground.ids import new_id
from ground.money import Money
from ledger import books, transfers
from ledger.transfers import Leg, Pot
from proceeds import rail_events
from proceeds.instructions import Instruction, State
from proceeds.rail_events import RailEvent
from proceeds.rails import pain002
from tests.make import Make
from tests.proceeds.reports import report

COUNT = 10_000
PADDED = 800
"""Bytes of one payment in a real bank's answer, with its names and addresses repeated: 10,000 of them are 8 MB."""


@pytest.fixture
def house(session: Session, make: Make):
    meru = make.cooperative("Meru Highlands", slug="meru")
    by, approver = make.staff(meru, "treasurer"), make.staff(meru, "manager")
    make.bank_account(meru, by=by)
    return meru, by, approver


def pay(session: Session, make: Make, client: Any, house: Any, count: int) -> Any:
    """A sent run of so many bank payments of one shilling, and its maker at the browser."""
    meru, by, approver = house
    client.set_cookie("gm-session", make.sign_in(by))
    book, first = books.of_cooperative(session, meru.id), make.member(meru, "Member 1", number=1)
    columns = {column.key: getattr(first, column.key) for column in Member.__mapper__.column_attrs}
    rows: list[dict[str, Any]] = [
        columns | {"id": new_id(), "number": number, "name": f"Member {number}"} for number in range(2, count + 1)
    ]
    session.flush()
    session.bulk_insert_mappings(Member.__mapper__, rows)
    ids = [first.id, *(row["id"] for row in rows)]
    session.bulk_insert_mappings(
        Destination.__mapper__,
        [
            {"id": new_id(), "cooperative_id": meru.id, "member_id": member, "rail": Rail.BANK, "holder": "Member",
             "bank_code": "KCBLKENX", "account": f"11{number:08}", "by_id": by.id}
            for number, member in enumerate(ids)
        ],
    )  # fmt: skip
    pool = new_id()
    legs = [Leg(Pot("2010", pool), Pot("2020", member), Money(100, "KES")) for member in ids]
    transfers.post(session, book, "claim of a test", new_id(), legs)
    _, (batch,) = make.sent_run(meru, by=by, approver=approver)
    session.commit()
    return batch


def form(body: bytes) -> dict[str, Any]:
    """A form with one file, as bytes: the test client would leave a file of its own open where nobody reads it."""
    around = (
        b'--part\r\nContent-Disposition: form-data; name="file"; filename="answer.xml"\r\n\r\n'
        + body
        + b"\r\n--part--\r\n"
    )
    return {
        "input_stream": io.BytesIO(around), "content_type": "multipart/form-data; boundary=part",
        "headers": {"Sec-Fetch-Site": "same-origin", "Content-Length": str(len(around))},
    }  # fmt: skip


def padded(body: bytes) -> bytes:
    """As long as a real bank writes it."""
    note = b"<AddtlInf>" + b"x" * 300 + b"</AddtlInf>"
    return body.replace(b"</TxInfAndSts>", b"<StsRsnInf>" + note * 2 + b"</StsRsnInf></TxInfAndSts>")


@pytest.mark.slow
def test_ten_thousand_lines_land_in_bounded_memory(session: Session, make: Make, client: Any, house: Any):
    batch = pay(session, make, client, house, COUNT)
    page = f"/office/meru/payouts/{batch.run_id}/answers"
    references = session.scalars(select(Instruction.reference).where(Instruction.batch_id == batch.id)).all()
    body = padded(report(batch.message_id, dict.fromkeys(references, "ACSC")))
    assert len(references) == COUNT and len(body) > 7_000_000
    batch_id = batch.id
    session.rollback()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert client.post(page, **form(body)).status_code == 303
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 250
    states = select(Instruction.state, func.count()).where(Instruction.batch_id == batch_id).group_by(Instruction.state)
    assert dict(session.execute(states).all()) == {State.SETTLED: COUNT}


def test_a_file_above_the_limit_is_refused_beside_its_field_and_nothing_is_written(
    session: Session, make: Make, client: Any, house: Any
):
    batch = pay(session, make, client, house, 2)
    told = client.post(f"/office/meru/payouts/{batch.run_id}/answers", **form(b"x" * (pain002.BYTES_MOST + 20_000)))
    assert told.status_code == 413
    assert 'href="#f-file"' in told.text and "at most 32 MB are read" in told.text
    assert "Run 1" in told.text
    assert session.scalars(select(RailEvent)).all() == []


def test_other_forms_keep_the_small_limit(session: Session, make: Make, client: Any, house: Any, app: Any):
    batch = pay(session, make, client, house, 2)
    large = form(b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1))
    answer = client.post(f"/office/meru/payouts/{batch.run_id}/cancellation", **large)
    assert answer.status_code == 413 and "f-file" not in answer.text


def test_an_answer_of_strange_references_is_not_kept_line_by_line(
    session: Session, make: Make, client: Any, house: Any
):
    batch = pay(session, make, client, house, 2)
    strange = report(batch.message_id, {f"X{number}": "ACSC" for number in range(3 * rail_events.TOLD_MOST)})
    told = rail_events.receive_report(session, house[0].id, strange, by=house[1].id)
    assert len(told) == rail_events.TOLD_MOST + 1
    assert told[-1] == "2,001 more lines like these; nothing done."
