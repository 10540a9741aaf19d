"""The season's second half: picked, collected, refunded, settled, paid out, remitted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from admin.demo import bank, cast
from admin.demo.cast import COAST, MERU, Player
from admin.demo.visitor import Page, StoryStopped, Visitor
from ground import clock

if TYPE_CHECKING:
    from admin.demo.season import Season

NOT_FETCHED, REFUSED = "Julius Mutwiri", "Faith Gatwiri"
"""Whose cash is not collected on the day, and whose bank account the bank does not know."""
LEFT_OVER_KG = "5"


def shillings(words: str) -> str:
    """The first amount in KES that a page states, as it is typed into a field."""
    found = re.search(r"KES\s*([0-9][0-9,]*\.[0-9]{2})", words)
    if found is None:
        raise StoryStopped(f"no amount in: {words[:300]}")
    return found.group(1).replace(",", "")


def confirmed(season: Season, player: Player) -> Visitor:
    """The person's browser, after they typed their password again: money asks for that."""
    visitor = season.as_(player)
    visitor.open("/confirm").submit("/confirm", having="password", password=cast.PASSWORD)
    return visitor


def open_accounts(season: Season) -> None:
    """Each house says which bank account it pays from and is paid at."""
    for player, coop, holder, account in (
        (cast.TREASURER, MERU, "Meru Highlands Farmers Cooperative", "1180000001"),
        (cast.COAST_TREASURER, COAST, "Kilifi Coast Growers", "1180000002"),
    ):
        page = confirmed(season, player).open(f"/office/{coop}/payouts/")
        page.submit("/account", having="holder", holder=holder, bank_code="KCBLKENX", account=account)
    page = confirmed(season, cast.OPERATOR).open("/office/good-measure/remittances/")
    page.submit("/account", having="holder", holder="Good Measure", bank_code="KCBLKENX", account="1180000000")


def pay_advance(season: Season) -> None:
    """The advance on what was weighed in goes out at once: cash for some, the bank for others; all of it arrives."""
    _run(season, cast.TREASURER, cast.MANAGER, MERU, number=1)


def pick(season: Season) -> None:
    """Everything is packed from the lots that expire first."""
    collector, coast = season.as_(cast.COLLECTOR), season.as_(cast.COAST_MANAGER)
    for number in (1, 2, 3):
        collector.open(f"/office/{MERU}/orders/{number}").submit("/picking")
    coast.open(f"/office/{COAST}/orders/1").submit("/picking")


def collect(season: Season) -> None:
    """The buyers fetch what they bought. Peter pays in coins; the school's kitchen gets its invoice with the sacks."""
    collector, coast = season.as_(cast.COLLECTOR), season.as_(cast.COAST_MANAGER)
    collector.open(f"/office/{MERU}/orders/1").submit("/collection")
    collector.open(f"/office/{MERU}/orders/2").submit("/collection", having="cash", cash="680")
    collector.open(f"/office/{MERU}/orders/3").submit("/collection")
    coast.open(f"/office/{COAST}/orders/1").submit("/collection")


def give_back(season: Season) -> None:
    """One of Amina's twelve bags was torn: its price goes back to her card."""
    manager = confirmed(season, cast.MANAGER)
    page = manager.open(f"/office/{MERU}/orders/1").follow("/refund")
    page.submit("/refund", having="amount", amount="78", reason="One bag was torn")
    season.until(manager, f"/office/{MERU}/orders/1", r"\bDone\b")


def bank_receipt(season: Season) -> None:
    """The school's kitchen pays; the manager books the line of the bank's statement."""
    page = confirmed(season, cast.MANAGER).open(f"/office/{MERU}/invoices/1")
    page.submit(
        "/receipts", having="reference", reference="FT26327KQ41", amount="68000", received_on=clock.now().date()
    )


def write_off(season: Season) -> None:
    """What is left at the bottom of the heap is weighed and written off, with a reason."""
    manager = season.as_(cast.MANAGER)
    page = manager.open(f"/office/{MERU}/stock/").follow("/stock/", words="White maize")
    page.submit(
        "/changes", having="reason", sign="less", change=LEFT_OVER_KG, kind="spoil", reason="Spilled and weevils"
    )


def settle(season: Season) -> None:
    """The treasurer enters the costs and looks at every line, the manager approves the very same figures, the pool closes."""
    treasurer = confirmed(season, cast.TREASURER)
    page = treasurer.open(f"/office/{MERU}/settlements/").submit("/settlements/", having="pool_id")
    page = page.submit("/costs", **{"cost-transport": "4100", "cost-handling": "2050"})
    confirmed(season, cast.MANAGER).open(page.path).submit("/approval", having="seen")
    page = confirmed(season, cast.TREASURER).open(page.path).submit("/closing")
    season.orders["settlement"] = page


def pay_out(season: Season) -> None:
    """The final payment: one member does not come for the cash, and the bank does not know one account."""
    season.orders["payout"] = _run(
        season, cast.TREASURER, cast.MANAGER, MERU, number=2, absent=NOT_FETCHED, refuse={REFUSED: "AC04"}
    )


def try_again(season: Season) -> None:
    """The account is corrected on the member's page, and both payments are tried again under new references."""
    manager = confirmed(season, cast.MANAGER)
    manager.open(f"/office/{MERU}/members/3").submit(
        "/destinations", having="rail", rail="bank", holder=REFUSED, bank_code="EQBLKENA", account="0180555001"
    )
    page = confirmed(season, cast.TREASURER).open(season.orders["payout"].path).submit("/retries")
    season.orders["retry"] = _send(season, page, cast.TREASURER, cast.MANAGER, number=3)


def card_money(season: Season) -> None:
    """The payment provider pays the operator out; the line of the bank's statement is booked."""
    page = confirmed(season, cast.OPERATOR).open("/office/good-measure/provider-payouts/")
    held = shillings(page.words)
    page.submit(
        "/provider-payouts/",
        having="reference",
        reference="STRIPE PAYOUT 1",
        amount=held,
        received_on=clock.now().date(),
    )


def remit(season: Season) -> None:
    """The operator sends each cooperative what was paid by card for it."""
    page = (
        confirmed(season, cast.OPERATOR)
        .open("/office/good-measure/remittances/")
        .submit("/remittances/", having="once")
    )
    season.orders["remittance"] = _send(season, page, cast.OPERATOR, cast.SECOND_OPERATOR, number=4)


def read_statement(season: Season) -> None:
    """Mercy reads her statement."""
    season.orders["statement"] = season.as_(cast.MEMBER).open(f"/my/{MERU}")


def _run(
    season: Season,
    maker: Player,
    approver: Player,
    coop: str,
    *,
    number: int,
    absent: str = "",
    refuse: Mapping[str, str] | None = None,
) -> Page:
    page = confirmed(season, maker).open(f"/office/{coop}/payouts/").submit("/payouts/", having="once", press="")
    return _send(season, page, maker, approver, number=number, absent=absent, refuse=refuse)


def _send(
    season: Season,
    page: Page,
    maker: Player,
    approver: Player,
    *,
    number: int,
    absent: str = "",
    refuse: Mapping[str, str] | None = None,
) -> Page:
    """Approve the run, send it, sign the sheet and let the bank answer; the run's page at the end."""
    path = page.path.partition("?")[0]
    confirmed(season, approver).open(path).submit("/approval", having="seen")
    visitor = confirmed(season, maker)
    page = visitor.open(path).submit("/sending")
    if any(href.endswith("/sheet") for href, _ in page.read.links):
        _sign(visitor.open(f"{path}/sheet"), absent)
    if any(href.endswith("/file") for href, _ in page.read.links):
        file = visitor.open(f"{path}/file").content
        reply = bank.answer(file, number=number, refuse=refuse)
        page = visitor.open(path).submit("/answers", having="file", files={"file": ("answer.xml", reply)})
    return visitor.open(path)


def _sign(sheet: Page, absent: str) -> None:
    """Write down what each line of the sheet says: signed, but for who did not come."""
    form = sheet.form("/signatures")
    names = [name for name in sorted(form.names) if name.startswith("line-")]
    if not names:
        raise StoryStopped(f"{sheet.path} has no lines to sign")
    outcomes: dict[str, Any] = {
        name: "not collected" if absent and absent in sheet.row_of(name) else "paid" for name in names
    }
    sheet.submit("/signatures", **outcomes)


CHAPTERS: tuple[tuple[str, Callable[[Season], None]], ...] = (
    ("Everything is packed", pick),
    ("The buyers fetch what they bought", collect),
    ("One torn bag is paid back to the card", give_back),
    ("The school's kitchen pays its invoice", bank_receipt),
    ("The bottom of the heap is written off", write_off),
    ("The pool is settled by two people and closed", settle),
    ("Members are paid, in cash and through the bank", pay_out),
    ("What came back is tried again", try_again),
    ("The payment provider pays the operator", card_money),
    ("The operator remits to the cooperatives", remit),
    ("A member reads her statement", read_statement),
)
