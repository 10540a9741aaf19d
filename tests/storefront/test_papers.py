"""Papers: numbered without gaps or doubles, readable in any script, and the same bytes for ever."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from admin.commands.audit import CHECKS
from ground import words
from ground.errors import Missing
from ground.ids import new_id
from ground.jobs import Job
from ground.money import Money
from inventory.numbering import Numbering
from ledger import audit
from storefront import collections, invoices, issuing, orders, papers, pickings, refunds, sheets
from storefront.checkouts import How
from storefront.papers import Kind, Paper
from tests.papers import text_of
from tests.races import killed_at, together

RACERS = "tests.storefront.paper_racers"


def kes(text):
    return Money.parse(text, "KES")


@pytest.fixture
def till(make, worker_engine):
    return make.till(worker_engine)


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru", place="Kinoru", society_code="CS-77")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=200)


@pytest.fixture
def clerk(make, meru):
    return make.staff(meru, "manager")


@pytest.fixture
def handed_over(session, make, till, maize, clerk):
    """An order, fetched and paid as asked."""

    def make_one(how=How.COLLECTION, person=None, **more):
        placed = make.placed(till, make.basket({maize: 3}, person=person), how, person=person, **more)
        order = make.paid(till, placed)[0] if how is How.CARD else orders.of_checkout(session, placed.checkout)[0]
        pickings.pick(session, till, order, by=clerk.id)
        cash = order.total.in_cash() if how is How.COLLECTION else None
        collections.collect(session, order, by=clerk.id, received=cash)
        session.flush()
        return session.scalars(orders.by_id(order.cooperative_id, order.id)).one()

    return make_one


def read(session, paper):
    return text_of(papers.bytes_of(session, paper))


def invoice_of(session, order):
    found = invoices.of_order(session, order)
    assert found is not None
    return found


def bare(told):
    return re.sub(r"\s+", "", told)


def test_a_receipt_says_who_sold_what_to_whom_and_how_it_was_paid(session, handed_over):
    order = handed_over()
    told = read(session, issuing.issue(session, Kind.RECEIPT, order.id))
    for said in (
        "Receipt 1", "Meru Highlands", "Kinoru", "Registered society CS-77", "Amina Yusuf", "amina@example.org",
        "KES\N{NO-BREAK SPACE}150.00", "Paid in cash on", f"{order.number} of",
    ):  # fmt: skip
        assert bare(said) in bare(told), said
    for row in sheets.rows(order):
        assert bare(row.words) in bare(told)
        assert bare(row.amount.spoken()) in bare(told)


def test_an_order_s_rows_sum_to_its_total(handed_over):
    order = handed_over()
    assert sum((row.amount for row in sheets.rows(order)), kes("0")) == order.total


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("अमिना युसुफ", "अमिना युसुफ"),
        ("أمينة يوسف", "فسوي ةنيمأ"),
        ("Uwimana Nyirahabimana Gĩtaũ", "Uwimana Nyirahabimana Gĩtaũ"),
        ("Ольга Иванова", "Ольга Иванова"),
        ("#strong[*x*] $1 \\ @y <z>", "#strong[*x*] $1 \\ @y <z>"),
    ],
    ids=["Devanagari", "Arabic", "Kinyarwanda and Kikuyu", "Cyrillic", "the template's own signs"],
)
def test_a_name_in_any_script_is_letters_and_not_boxes(session, handed_over, name, found):
    """The glyph of "no such letter" has no letter behind it: it would be read back as a replacement character."""
    told = read(session, issuing.issue(session, Kind.RECEIPT, handed_over(name=name).id))
    assert bare(found) in bare(told)
    assert "\N{REPLACEMENT CHARACTER}" not in told
    assert "\0" not in told


def test_a_paper_promises_to_be_read_aloud_and_kept(session, handed_over):
    pdf = papers.bytes_of(session, issuing.issue(session, Kind.RECEIPT, handed_over().id))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"/StructTreeRoot" in pdf


def test_a_letter_of_no_font_does_not_stop_the_paper(session, handed_over):
    """Nobody's name keeps their receipt from being issued; such a paper gives up the promise to be read aloud."""
    pdf = papers.bytes_of(session, issuing.issue(session, Kind.RECEIPT, handed_over(name="Amina \U00013000").id))
    assert "Amina" in text_of(pdf)


def test_a_paper_speaks_the_language_of_its_order(session, handed_over, monkeypatch):
    with words.speaking("fr"):
        order = handed_over()
    monkeypatch.setattr(words, "catalogue", Shouting)
    told = read(session, issuing.issue(session, Kind.RECEIPT, order.id))
    assert "RECEIPT 1" in told
    assert words.language() == "en"


class Shouting:
    """A language in which every sentence is shouted, its gaps kept."""

    def __init__(self, code):
        self.code = code

    def gettext(self, text):
        shout = lambda part: part if part.startswith("%(") else part.upper()  # noqa: E731
        return "".join(map(shout, re.split(r"(%\(\w+\)s)", text))) if self.code == "fr" else text


def test_the_same_paper_is_the_same_bytes_for_ever(session, handed_over):
    order = handed_over()
    first = issuing.issue(session, Kind.RECEIPT, order.id)
    before = papers.bytes_of(session, first)
    assert issuing.issue(session, Kind.RECEIPT, order.id).id == first.id
    assert hashlib.sha256(before).hexdigest() == first.sha256
    session.commit()
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        session.execute(text("UPDATE paper SET sha256 = sha256"))
    session.rollback()


def test_an_invoice_carries_its_own_number_and_day(session, make, meru, handed_over):
    order = handed_over(How.INVOICE, make.wholesale_buyer(meru))
    invoice = invoice_of(session, order)
    told = read(session, issuing.issue(session, Kind.INVOICE, invoice.id))
    for said in (f"Invoice {invoice.number}", "Please pay by", "Nyota Schools Kitchen Ltd"):
        assert bare(said) in bare(told)


def test_a_credit_note_names_the_line_the_reason_and_the_way(session, till, clerk, handed_over):
    order = handed_over()
    refund = refunds.start(
        session, till, order, order.lines[0].id, kes("20"), "one bag was torn", by=clerk.id, request_key=new_id()
    )
    told = read(session, issuing.issue(session, Kind.CREDIT_NOTE, refund.id))
    for said in ("Credit note 1", "one bag was torn", order.lines[0].name, "20.00", "in cash"):
        assert bare(said) in bare(told)


def test_each_series_counts_for_itself_in_each_cooperative(session, make, till, meru, clerk, handed_over):
    first, second = handed_over(), handed_over()
    other = make.cooperative("Kilifi", slug="kilifi")
    mango = make.shelf(other, "Mango", {1: "90"}, kilograms=90)
    theirs = make.paid(till, make.placed(till, make.basket({mango: 1})))[0]
    given = refunds.start(session, till, first, first.lines[0].id, kes("5"), "torn", by=clerk.id, request_key=new_id())
    told = [
        issuing.issue(session, kind, cause).number
        for kind, cause in (
            (Kind.RECEIPT, first.id), (Kind.RECEIPT, second.id), (Kind.CREDIT_NOTE, given.id), (Kind.RECEIPT, theirs.id),
        )
    ]  # fmt: skip
    assert told == [1, 2, 1, 1]


def test_a_paper_that_was_not_kept_leaves_no_gap(session, handed_over):
    first, second = handed_over(), handed_over()
    session.commit()
    issuing.issue(session, Kind.RECEIPT, first.id)
    session.rollback()
    assert issuing.issue(session, Kind.RECEIPT, second.id).number == 1


def test_money_that_moves_promises_its_paper_once(session, make, till, meru, clerk, handed_over):
    card, cash, terms = (
        handed_over(How.CARD), handed_over(), handed_over(How.INVOICE, make.wholesale_buyer(meru)),
    )  # fmt: skip
    refund = refunds.start(session, till, cash, cash.lines[0].id, kes("5"), "torn", by=clerk.id, request_key=new_id())
    promised = session.execute(select(Job.kind, Job.subject_id).where(Job.kind.like("issue %"))).all()
    assert sorted(map(tuple, promised)) == sorted(
        [
            ("issue receipt", card.id), ("issue receipt", cash.id), ("issue credit_note", refund.id),
            ("issue invoice", invoice_of(session, terms).id),
        ]
    )  # fmt: skip


def test_another_order_s_paper_is_missing(session, meru, handed_over):
    first, second = handed_over(), handed_over()
    paper = issuing.issue(session, Kind.RECEIPT, first.id)
    assert papers.find(session, [meru.id], [first.id], paper.id) is paper
    with pytest.raises(Missing):
        papers.find(session, [meru.id], [second.id], paper.id)
    with pytest.raises(Missing):
        papers.find(session, [new_id()], [first.id], paper.id)


# -- through the doors ---------------------------------------------------------------------------------------------------


def test_the_secret_page_hands_over_the_very_bytes(session, make, client, work, till, meru, handed_over):
    order = handed_over()
    token = client.application.extensions["till"].token_of(order.checkout_id)
    assert "Receipt 1" not in client.get(f"/orders/{token}").text
    work()
    paper = session.scalars(select(Paper)).one()
    assert "Receipt 1" in client.get(f"/orders/{token}").text
    answer = client.get(f"/orders/{token}/papers/{paper.id}")
    assert hashlib.sha256(answer.data).hexdigest() == paper.sha256
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt-1.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(f"/orders/{token}/papers/{paper.id}").data == answer.data
    other = client.application.extensions["till"].token_of(handed_over().checkout_id)
    assert client.get(f"/orders/{other}/papers/{paper.id}").status_code == 404
    assert client.get(f"/orders/nobody/papers/{paper.id}").status_code == 404


# -- at once -------------------------------------------------------------------------------------------------------------


def many(session, handed_over, count=6):
    made = [str(handed_over().id) for _ in range(count)]
    session.commit()
    return json.dumps(made)


@pytest.mark.slow
def test_workers_at_once_leave_no_gap_and_no_double(session, place, meru, handed_over):
    waiting = many(session, handed_over)
    together(f"{RACERS}:issue", place.worker_url, 4, waiting)
    session.expire_all()
    numbers = session.scalars(select(Paper.number).where(Paper.cooperative_id == meru.id).order_by(Paper.number)).all()
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert session.scalar(select(Numbering.last).where(Numbering.series == "sale receipt")) == 6
    assert [finding.check.name for finding in audit.run(session, CHECKS) if finding.differences] == []


@pytest.mark.slow
def test_without_the_turn_two_workers_reach_for_one_number(session, place, handed_over):
    """The anti-test: look which number was the last, and take the next. The unique key is what is left then."""
    told = together(f"{RACERS}:issue_by_looking_first", place.worker_url, 2, many(session, handed_over, 2))
    assert sorted(told) == ["IntegrityError", "issued"]


@pytest.mark.slow
def test_a_power_cut_while_issuing_leaves_neither_number_nor_paper(session, place, handed_over):
    waiting = many(session, handed_over, 1)
    killed_at("paper: written", f"{RACERS}:issue", place.worker_url, waiting)
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Paper)) == 0
    session.commit()
    together(f"{RACERS}:issue", place.worker_url, 1, waiting)
    session.expire_all()
    assert session.scalars(select(Paper.number)).all() == [1]
