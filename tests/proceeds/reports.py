"""Answers of a bank, for tests: pain.002 files as a bank would write them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"


def report(
    about: str,
    statuses: Mapping[str, str],
    *,
    own_id: str = "",
    group: str = "",
    part: str = "",
    reasons: Mapping[str, str] | None = None,
    amounts: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """A report on the file `about`: a status per reference, and what it says of the whole."""
    rows = []
    for reference, status in statuses.items():
        why = (reasons or {}).get(reference)
        told = f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else ""
        if amounts and reference in amounts:
            currency, amount = amounts[reference]
            told += f'<OrgnlTxRef><Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt></OrgnlTxRef>'
        rows.append(
            f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>{told}</TxInfAndSts>"
        )
    whole = f"<GrpSts>{group}</GrpSts>" if group else ""
    parts = f"<PmtInfSts>{part}</PmtInfSts>" if part else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>{own_id or uuid4().hex}</MsgId><CreDtTm>2026-11-24T10:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{about}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{whole}</OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{about}-1</OrgnlPmtInfId>{parts}{''.join(rows)}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()
