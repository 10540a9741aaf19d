"""What we write to a bank validates against ISO's schema; what a bank answers moves payments forward, once, or is told."""

from __future__ import annotations

import hashlib
import resource
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sepaxml
from lxml import etree  # ty: ignore[missing-module-member]
from sqlalchemy.orm import Session

from ground.errors import Conflict, Refusal
from proceeds import batches, instructions, rail_events
from proceeds.instructions import State
from proceeds.rails import pain001, pain002
from tests.make import Make
from tests.proceeds.reports import report

SCHEMA = Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"


def header(currency: str = "KES", holder: str = "Meru Highlands") -> pain001.Header:
    return pain001.Header(
        "GM1", datetime(2026, 11, 23, 18, tzinfo=UTC), holder, "EQBLKENA", "0110099887", currency, date(2026, 12, 1)
    )


def paying(minor: int, holder: str = "Nkatha", account: str = "1180012345", number: int = 1) -> pain001.Payment:
    return pain001.Payment(f"R1-{number}-1", minor, holder, "KCBLKENX", account, "Payout 1")


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def texts(body: bytes, name: str) -> list[str]:
    return [element.text or "" for element in etree.fromstring(body).iter() if etree.QName(element).localname == name]


@pytest.mark.parametrize(
    ("currency", "minors", "amounts", "total"),
    [("KES", [150_005, 1], ["1500.05", "0.01"], "1500.06"), ("RWF", [12_000, 7], ["12000", "7"], "12007"),
     ("KWD", [1_005, 10], ["1.005", "0.010"], "1.015")],
)  # fmt: skip
def test_the_file_is_valid_and_sums_up_in_the_currencys_own_decimals(schema, currency, minors, amounts, total):
    body = pain001.file(header(currency), [paying(minor, number=n) for n, minor in enumerate(minors, 1)])
    schema.assertValid(etree.fromstring(body))
    assert texts(body, "InstdAmt") == amounts
    assert texts(body, "CtrlSum") == [total, total]
    assert texts(body, "NbOfTxs") == ["2", "2"]


@pytest.mark.parametrize(
    ("holder", "written"),
    [("Ngũgĩ wa Thiong’o", "Ngugi wa Thiong'o"),
     ("O'Brien & Sons <Ltd>", "O'Brien + Sons ?Ltd?"), ("Łódź Straße", "Lodz Strasse"),
     ("ប្រាក់", "?????"), ("A" * 200, "A" * 140), ("\"; DROP", "?? DROP")],
)  # fmt: skip
def test_names_are_written_in_letters_that_every_bank_takes(schema, holder, written):
    body = pain001.file(header(), [paying(100, holder)])
    schema.assertValid(etree.fromstring(body))
    assert texts(body, "Nm")[-1] == written


def test_an_iban_is_written_as_one_only_when_its_check_digits_agree(schema):
    body = pain001.file(
        header(), [paying(1, account="GB82WEST12345698765432"), paying(1, account="GB83WEST12345698765432", number=2)]
    )
    schema.assertValid(etree.fromstring(body))
    assert texts(body, "IBAN") == ["GB82WEST12345698765432"]
    assert "GB83WEST12345698765432" in texts(body, "Id")


def test_the_bytes_are_a_pure_function_of_what_is_paid():
    assert pain001.file(header(), [paying(5)]) == pain001.file(header(), [paying(5)])


@pytest.fixture
def sent(session: Session, make: Make):
    """Four members paid by one bank file; answers the cooperative, the batch and the people."""
    meru = make.cooperative("Meru Highlands")
    wanjiru, kiprop = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    make.bank_account(meru, by=wanjiru)
    for number in range(1, 5):
        member = make.member(meru, f"Member {number}", number=number)
        make.bank_destination(member, by=wanjiru, account=f"11800{number}")
        make.owed_to(member, f"{number}00.00")
    run, (batch,) = make.sent_run(meru, by=wanjiru, approver=kiprop)
    return meru, run, batch, wanjiru


def states(session: Session, meru, run) -> list[str]:
    return [str(i.state) for i in instructions.of_run(session, meru.id, run.id)]


def test_the_file_is_stored_byte_for_byte_with_its_hash_and_sum(session: Session, sent, schema):
    _, _, batch, _ = sent
    schema.assertValid(etree.fromstring(batch.file))
    assert batch.file_sha256 == hashlib.sha256(batch.file).hexdigest()
    assert batch.control_sum_minor == 100_000 and batch.payments == 4
    assert texts(batch.file, "EndToEndId") == ["R1-1-1", "R1-2-1", "R1-3-1", "R1-4-1"]


def test_each_status_moves_its_payment_and_reasons_are_kept(session: Session, sent):
    meru, run, batch, by = sent
    answer = report(
        batch.message_id,
        {"R1-1-1": "ACSC", "R1-2-1": "RJCT", "R1-3-1": "PDNG"},
        group="PART",
        reasons={"R1-2-1": "AC04"},
    )
    told = rail_events.receive_report(session, meru.id, answer, by=by.id)
    assert told == ["1 paid, 1 accepted, 1 refused."]
    assert states(session, meru, run) == ["settled", "failed", "accepted", "sending"]
    assert instructions.of_run(session, meru.id, run.id)[1].reason == "AC04"


@pytest.mark.parametrize(("group", "part"), [("ACSC", ""), ("", "ACSC")])
def test_what_is_said_of_the_whole_counts_for_all_that_is_not_listed(group: str, part: str, session: Session, sent):
    meru, run, batch, by = sent
    rail_events.receive_report(
        session, meru.id, report(batch.message_id, {"R1-2-1": "RJCT"}, group=group, part=part), by=by.id
    )
    assert states(session, meru, run) == ["settled", "failed", "settled", "settled"]


def test_the_same_file_twice_changes_nothing_and_another_under_its_id_is_a_conflict(session: Session, sent):
    meru, run, batch, by = sent
    first = report(batch.message_id, {"R1-1-1": "ACSP"}, own_id="BANK-1")
    rail_events.receive_report(session, meru.id, first, by=by.id)
    assert rail_events.receive_report(session, meru.id, first, by=by.id) == [
        "This file was read before; nothing changed."
    ]
    with pytest.raises(Conflict):
        rail_events.receive_report(
            session, meru.id, report(batch.message_id, {"R1-1-1": "RJCT"}, own_id="BANK-1"), by=by.id
        )
    assert states(session, meru, run)[0] == "accepted"


def test_late_answers_never_move_a_payment_back(session: Session, sent):
    meru, run, batch, by = sent
    for statuses in ({"R1-1-1": "ACSC"}, {"R1-1-1": "ACTC"}, {"R1-2-1": "RJCT"}):
        rail_events.receive_report(session, meru.id, report(batch.message_id, statuses), by=by.id)
    told = rail_events.receive_report(
        session, meru.id, report(batch.message_id, {"R1-1-1": "RJCT", "R1-2-1": "ACSC"}), by=by.id
    )
    assert "R1-1-1: the bank says failed, but it is settled; nothing done." in told
    assert "R1-2-1: the bank says settled, but it is failed; nothing done." in told
    assert states(session, meru, run)[:2] == ["settled", "failed"]


def test_strangers_wrong_amounts_and_strange_words_are_told_and_left(session: Session, sent):
    meru, run, batch, by = sent
    answer = report(
        batch.message_id, {"R9-9-9": "ACSC", "R1-1-1": "ACSC", "R1-2-1": "WHAT", "R1-3-1": "ACSC"},
        amounts={"R1-1-1": ("KES", "100.01"), "R1-3-1": ("KES", "300.00")},
    )  # fmt: skip
    told = rail_events.receive_report(session, meru.id, answer, by=by.id)
    assert told[0] == "1 paid, 0 accepted, 0 refused." and len(told) == 4
    assert states(session, meru, run) == ["sending", "sending", "settled", "sending"]


def test_an_answer_to_another_cooperatives_file_is_nobodys(session: Session, sent, make: Make):
    _, _, batch, by = sent
    kilifi = make.cooperative("Kilifi Coast")
    with pytest.raises(Refusal, match="none of ours"):
        rail_events.receive_report(session, kilifi.id, report(batch.message_id, {"R1-1-1": "ACSC"}), by=by.id)


def test_a_bank_file_is_sent_from_an_account(session: Session, make: Make):
    meru = make.cooperative()
    wanjiru, kiprop = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    member = make.member(meru)
    make.bank_destination(member, by=wanjiru)
    make.owed_to(member, "10.00")
    with pytest.raises(Refusal, match="bank account that is paid from"):
        make.sent_run(meru, by=wanjiru, approver=kiprop)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]><x>&l9;</x>'.encode(),
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><x>{"&a;" * 10_000}</x>'.encode(),
    "ten thousand deep": b"<Document><CstmrPmtStsRpt>"
    + b"<a>" * 10_000
    + b"</a>" * 10_000
    + b"</CstmrPmtStsRpt></Document>",
    "an outside entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "another message": b"<Document><CstmrCdtTrfInitn/></Document>",
    "a long value": b"<Document><CstmrPmtStsRpt><GrpHdr><MsgId>"
    + b"A" * 10_000
    + b"</MsgId></GrpHdr></CstmrPmtStsRpt></Document>",
    "no XML": b"\x00\xff PDF",
    "nothing": b"",
}


@pytest.mark.case("attack:A020")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_hostile_answer_is_refused_quickly_and_in_little_memory(bomb: str):
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refusal) as refusal:
        pain002.read(BOMBS[bomb])
    assert list(refusal.value.fields) == ["file"]
    assert time.monotonic() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.slow
def test_a_hundred_thousand_payments_are_written_and_read_whole():
    count = 100_000
    body = pain001.file(header("RWF"), [paying(1 + n, number=n) for n in range(count)])
    answers = pain002.read(report("GM1", {f"R1-{n}-1": "ACSC" for n in range(count)})).answers
    assert len(answers) == count and body.count(b"<CdtTrfTxInf>") == count


def test_a_state_is_entered_only_by_a_step_of_the_domain():
    allowed = {(was, to) for was, steps in instructions.NEXT.items() for to in steps}
    assert (State.SENDING, State.READY) not in allowed and (State.FAILED, State.SENDING) not in allowed
    assert {to for was, to in allowed if was is State.SETTLED} == {State.RETURNED}
    assert batches.QUIET.days >= 1
