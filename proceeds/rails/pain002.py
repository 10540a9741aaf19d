"""The bank's answers: ISO 20022 pain.002 of any version, read with limits; what it says of the whole, of parts and of each."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from ground.errors import Refusal
from ground.money import DECIMALS, Money

BYTES_MOST = 32_000_000
DEPTH_MOST = 24
TRANSACTIONS_MOST = 200_000
TEXT_MOST = 400

SETTLED = frozenset({"ACSC", "ACCC"})
ACCEPTED = frozenset({"ACCP", "ACTC", "ACSP", "ACWC", "PDNG", "RCVD"})
REJECTED = frozenset({"RJCT"})
KNOWN = SETTLED | ACCEPTED | REJECTED


@dataclass(slots=True)
class Answer:
    """What the bank says of one payment. `amount` only where it repeats it."""

    reference: str = ""
    status: str = ""
    reason: str = ""
    amount: Money | None = None
    amount_wrong: bool = False


@dataclass(slots=True)
class Report:
    """One file: its own id, the message it answers, and what it says of all that it does not list (`whole`)."""

    message_id: str = ""
    about: str = ""
    whole: str = ""
    reason: str = ""
    answers: list[Answer] = field(default_factory=list)


def read(body: bytes) -> Report:
    """Read a report, or refuse it: too large, too deep, with entities or a DTD, or no pain.002 at all [attack:A020]."""
    if len(body) > BYTES_MOST:
        raise Refusal(fields={"file": "This file is larger than any bank's answer."})
    report, path = Report(), list[str]()
    answer: Answer | None = None
    part = ""
    currency = ""
    try:
        for event, element in iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=True):
            name = element.tag.rpartition("}")[2]
            if event == "start":
                path.append(name)
                if len(path) > DEPTH_MOST:
                    raise _no("it is nested too deeply")
                if len(path) == 2 and name != "CstmrPmtStsRpt":
                    raise _no("it is no payment status report (pain.002)")
                if name == "TxInfAndSts":
                    answer = Answer()
                    if len(report.answers) >= TRANSACTIONS_MOST:
                        raise _no("it lists too many payments")
                elif name == "OrgnlPmtInfAndSts":
                    part = ""
                elif name == "InstdAmt" and answer is not None:
                    currency = str(element.get("Ccy", ""))
                continue
            text = (element.text or "").strip()
            if len(text) > TEXT_MOST:
                raise _no("one of its values is too long")
            _note(report, answer, path, name, text, currency)
            if name == "PmtInfSts":
                part = text
            if name == "TxInfAndSts" and answer is not None:
                answer.status = answer.status or part
                report.answers.append(answer)
                answer = None
                element.clear()
            elif name == "OrgnlPmtInfAndSts":
                # We write one part per file, so what is said of the part is said of all in it.
                report.whole = part or report.whole
                element.clear()
            path.pop()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _no("it is no well-formed XML, or holds what no bank sends") from error
    if not report.message_id or not report.about:
        raise _no("it does not say which file it answers")
    return report


def _note(report: Report, answer: Answer | None, path: list[str], name: str, text: str, currency: str) -> Any:
    inside = path[-2] if len(path) > 1 else ""
    if name == "MsgId" and inside == "GrpHdr":
        report.message_id = text
    elif name == "OrgnlMsgId" and not report.about:
        report.about = text
    elif name == "GrpSts":
        report.whole = text
    elif answer is None:
        if name in ("Cd", "Prtry") and inside == "Rsn":
            report.reason = text
    elif name == "OrgnlEndToEndId" or (name == "OrgnlInstrId" and not answer.reference):
        answer.reference = text
    elif name == "TxSts":
        answer.status = text
    elif name in ("Cd", "Prtry") and inside == "Rsn":
        answer.reason = text
    elif name == "InstdAmt":
        answer.amount, answer.amount_wrong = _amount(text, currency)


def _amount(text: str, currency: str) -> tuple[Money | None, bool]:
    try:
        scaled = Decimal(text).scaleb(DECIMALS.get(currency, 0))
    except InvalidOperation:
        return None, True
    if (
        currency not in DECIMALS
        or not scaled.is_finite()
        or scaled != scaled.to_integral_value()
        or scaled.adjusted() > 17
    ):
        return None, True
    return Money(int(scaled), currency), False


def _no(why: str) -> Refusal:
    return Refusal(fields={"file": f"This file cannot be read: {why}."})
