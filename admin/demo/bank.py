"""A bank for the demo: reads the file it is given and answers each payment, as a real one would some hours later."""

from __future__ import annotations

from collections.abc import Mapping

from defusedxml.ElementTree import fromstring


def answer(file: bytes, *, number: int = 1, refuse: Mapping[str, str] | None = None) -> bytes:
    """A pain.002 for this pain.001: settled, but for the creditors named in `refuse` with their reason's code."""
    root = fromstring(file)
    space = root.tag.partition("}")[0] + "}"
    message = root.findtext(f".//{space}GrpHdr/{space}MsgId") or ""
    rows = []
    for payment in root.iter(f"{space}CdtTrfTxInf"):
        reference = payment.findtext(f"{space}PmtId/{space}EndToEndId") or ""
        reason = (refuse or {}).get(payment.findtext(f"{space}Cdtr/{space}Nm") or "", "")
        why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
        state = "RJCT" if reason else "ACSC"
        rows.append(
            f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{state}</TxSts>{why}</TxInfAndSts>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>ANSWER-{message}-{number}</MsgId><CreDtTm>2026-01-01T00:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>1</OrgnlPmtInfId>{''.join(rows)}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()
