"""Bank files: ISO 20022 pain.001.001.09, written as a stream; the bytes are a pure function of what is paid."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

from ground.money import DECIMALS

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE",
                          "œ": "oe", "Œ": "OE", "ŋ": "n", "Ŋ": "N", "’": "'", "‘": "'", "–": "-", "&": "+"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """Who pays, from which account, on which day."""

    message_id: str
    created_at: datetime
    holder: str
    bank_code: str
    account: str
    currency: str
    pay_on: date


@dataclass(frozen=True, slots=True)
class Payment:
    """Who is paid; `minor` in the header's currency."""

    reference: str
    minor: int
    holder: str
    bank_code: str
    account: str
    words: str


def allowed(text: str, most: int) -> str:
    """The text in the letters that every bank takes: accents fall, what has no Latin letter becomes a question mark."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r" +", " ", _NOT_ALLOWED.sub("?", plain)).strip()[:most].strip() or "?"


def amount(minor: int, currency: str) -> str:
    """`1450.50`, and `1450` for whole francs: the currency's own decimals, from whole numbers only."""
    digits = DECIMALS[currency]
    return str(minor) if digits == 0 else f"{minor // 10**digits}.{minor % 10**digits:0{digits}d}"


def file(header: Header, payments: Sequence[Payment]) -> bytes:
    """The whole file."""
    out = io.StringIO()
    for piece in pieces(header, payments):
        out.write(piece)
    return out.getvalue().encode("utf-8")


def pieces(header: Header, payments: Sequence[Payment]) -> Iterator[str]:
    """The file, one payment at a time."""
    assert payments and all(payment.minor > 0 for payment in payments)
    total = amount(sum(payment.minor for payment in payments), header.currency)
    count, name = len(payments), escape(allowed(header.holder, 140))
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn><GrpHdr>'
        f"<MsgId>{header.message_id}</MsgId><CreDtTm>{header.created_at:%Y-%m-%dT%H:%M:%SZ}</CreDtTm>"
        f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum><InitgPty><Nm>{name}</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>{header.message_id}-1</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>"
        f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum><ReqdExctnDt><Dt>{header.pay_on}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>{name}</Nm></Dbtr><DbtrAcct><Id>{_account(header.account)}</Id><Ccy>{header.currency}</Ccy></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><BICFI>{header.bank_code}</BICFI></FinInstnId></DbtrAgt><ChrgBr>SHAR</ChrgBr>\n"
    )
    for paid in payments:
        yield (
            f"<CdtTrfTxInf><PmtId><InstrId>{paid.reference}</InstrId><EndToEndId>{paid.reference}</EndToEndId></PmtId>"
            f'<Amt><InstdAmt Ccy="{header.currency}">{amount(paid.minor, header.currency)}</InstdAmt></Amt>'
            f"<CdtrAgt><FinInstnId><BICFI>{paid.bank_code}</BICFI></FinInstnId></CdtrAgt>"
            f"<Cdtr><Nm>{escape(allowed(paid.holder, 140))}</Nm></Cdtr><CdtrAcct><Id>{_account(paid.account)}</Id></CdtrAcct>"
            f"<RmtInf><Ustrd>{escape(allowed(paid.words, 140))}</Ustrd></RmtInf></CdtTrfTxInf>\n"
        )
    yield "</PmtInf></CstmrCdtTrfInitn></Document>\n"


def _account(number: str) -> str:
    """An IBAN where it is one (its check digits agree), else the bank's own number."""
    if _IBAN.fullmatch(number) and int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1:
        return f"<IBAN>{number}</IBAN>"
    return f"<Othr><Id>{escape(number)}</Id></Othr>"
