"""Letters: each change is told once, in text and in HTML alike, in the buyer's language, and asks no other host for anything."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import SMTP

import lxml.html
import pytest
from sqlalchemy import select

from ground import outbox, words
from ground.ids import new_id
from ground.money import Money
from ground.outbox import Letter
from ground.stationery import Sheet
from storefront import cancellations, collections, confirmations, invoices, orders, pickings, refunds, tellings
from storefront.card_payments import CardPayment
from storefront.checkouts import How


def kes(text):
    return Money.parse(text, "KES")


@pytest.fixture
def till(app):
    return app.extensions["till"]


@pytest.fixture
def meru(make):
    make.operator()
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def maize(make, meru):
    return make.shelf(meru, "Maize", {1: "50"}, kilograms=200)


@pytest.fixture
def clerk(make, meru):
    return make.staff(meru, "manager")


@pytest.fixture
def story(session, make, work, till, meru, maize, clerk):
    """Every change an order can go through, and the worker after each of them, twice."""

    def place(how, person=None, **more):
        return make.placed(till, make.basket({maize: 2}, person=person), how, person=person, **more)

    def hand_over(order, cash=None):
        order = orders.find(session, meru.id, order.number)
        pickings.pick(session, till, order, by=clerk.id)
        collections.collect(session, order, by=clerk.id, received=cash)
        work()
        return orders.find(session, meru.id, order.number)

    cash = orders.of_checkout(session, place(How.COLLECTION).checkout)[0]
    cash = hand_over(cash, kes("100"))
    refunds.start(session, till, cash, cash.lines[0].id, kes("5"), "torn bag", by=clerk.id, request_key=new_id())
    card = hand_over(make.paid(till, place(How.CARD))[0])
    lost = make.paid(till, place(How.CARD))[0]
    cancellations.cancel(session, till, lost, "No lorry came", by=clerk.id)
    unpaid = place(How.CARD)
    payment = session.get_one(CardPayment, unpaid.payment.id)
    confirmations.confirm(session, till, payment, make.seen(unpaid, status="expired", paid="unpaid"))
    bought = orders.of_checkout(session, place(How.INVOICE, make.wholesale_buyer(meru)).checkout)[0]
    bought = hand_over(bought)
    work()
    work()
    found = {"cash": cash, "card": card, "lost": lost, "bought": bought}
    return {"unpaid": unpaid} | {name: orders.find(session, meru.id, each.number) for name, each in found.items()}


def kinds(session, *causes):
    return sorted(session.scalars(select(Letter.kind).where(Letter.cause_id.in_(causes))))


def test_each_change_is_told_exactly_once(session, story):
    cash, card, lost, bought = (story[name] for name in ("cash", "card", "lost", "bought"))
    given = refunds.of_order(session, cash)[0]
    invoice = invoices.of_order(session, bought)
    assert invoice is not None
    assert kinds(session, cash.id, cash.checkout_id, given.id) == [
        "order collected", "order placed", "order ready", "refunded",
    ]  # fmt: skip
    assert kinds(session, card.id, card.checkout_id) == ["order collected", "order paid", "order ready"]
    assert kinds(session, lost.id, lost.checkout_id) == ["order cancelled", "order paid"]
    assert kinds(session, story["unpaid"].checkout.id) == ["order unpaid"]
    assert kinds(session, bought.id, bought.checkout_id, invoice.id) == [
        "invoice issued", "order collected", "order placed", "order ready",
    ]  # fmt: skip


def test_a_deed_told_again_tells_nobody_again(session, make, till, worker_engine, story):
    """The provider says again that the page is closed; the worker does its jobs again."""
    before = len(session.scalars(select(Letter.id)).all())
    unpaid, checkout_id = story["unpaid"], story["unpaid"].checkout.id
    ids = [story[name].id for name in ("cash", "card", "bought")]
    payment = session.get_one(CardPayment, unpaid.payment.id)
    confirmations.confirm(session, till, payment, make.seen(unpaid, status="expired", paid="unpaid"))
    session.commit()
    jobs = tellings.jobs(make.till(worker_engine))
    for order_id in ids:
        jobs[tellings.COLLECTED](order_id)
    jobs[tellings.UNPAID](checkout_id)
    assert len(session.scalars(select(Letter.id)).all()) == before


def said(html):
    """Every word a reader of the HTML sees."""
    page = lxml.html.fromstring(html)
    return page.xpath("string(//body)")


def bare(text):
    return sorted(re.sub(r"[:\s]+", " ", text).split())


def test_both_spellings_say_the_same(session, story):
    letters = session.scalars(select(Letter)).all()
    assert len(letters) >= 12
    for letter in letters:
        page = lxml.html.fromstring(letter.html)
        for cell in page.xpath("//td | //p | //a | //br"):
            cell.tail = " " + (cell.tail or "")
            cell.text = (cell.text or "") + " " if cell.tag != "br" else None
        label = page.xpath("string(//a)").split()
        assert bare(page.xpath("string(//body)")) == bare(letter.text), (letter.kind, label)


def test_the_link_leads_to_the_shop_s_public_address(session, app, till, story):
    for letter in session.scalars(select(Letter)):
        (link,) = set(re.findall(r"https?://\S+", letter.text))
        assert link.startswith(f"{app.config['PUBLIC_URL']}/orders/")
        assert lxml.html.fromstring(letter.html).xpath("//@href") == [link]


def test_opening_a_letter_asks_nobody_for_anything(session, story):
    for letter in session.scalars(select(Letter)):
        page = lxml.html.fromstring(letter.html)
        assert page.xpath("//img | //script | //link | //iframe | //form | //*[@src or @srcset or @background]") == []
        assert not re.search(r"url\(|@import|@font-face", letter.html)
        assert len(letter.html) < 20_000


def test_what_a_buyer_writes_stays_words(session, make, till, meru, maize):
    make.placed(till, make.basket({maize: 1}), How.COLLECTION, name='<b onclick="x()">Amina</b>')
    letter = session.scalars(select(Letter)).one()
    assert '<b onclick="x()">Amina</b>' in letter.text
    assert "<b " not in letter.html
    assert '<b onclick="x()">Amina</b>' in said(letter.html)


def test_a_letter_speaks_the_language_of_its_order(session, make, till, meru, maize, clerk):
    with words.speaking("fr"):
        placed = make.placed(till, make.basket({maize: 1}), How.COLLECTION)
    order = orders.of_checkout(session, placed.checkout)[0]
    pickings.pick(session, till, order, by=clerk.id)
    for letter in session.scalars(select(Letter)):
        assert '<html lang="fr"' in letter.html
        assert "50,00\N{NO-BREAK SPACE}KES" in letter.text


def test_mail_has_two_parts_and_says_that_a_machine_wrote_it(session, story):
    letter = session.scalars(select(Letter).where(Letter.kind == "order paid").limit(1)).one()
    mail = message_from_bytes(letter.as_message("Shop <shop@example.org>").as_bytes(), policy=SMTP)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None


def test_a_letter_that_was_asked_for_can_be_ended_with_one_click(session):
    sheet = Sheet("Dear Amina,", ["Your beans are back."], link=("Look", "https://shop.test/beans"))
    outbox.write(
        session, to="amina@example.org", subject="Back", text=sheet.text(), html=sheet.html("Back"), cause=new_id(),
        kind="back", unsubscribe_url="https://shop.test/bells/x",
    )  # fmt: skip
    mail = session.scalars(select(Letter)).one().as_message("shop@example.org")
    assert mail["List-Unsubscribe"] == "<https://shop.test/bells/x>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
