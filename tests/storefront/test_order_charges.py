"""Fees, taxes and gifts on a real order: frozen when placed, sent to whom they are for, and taken back exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ground import clock
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ground.money import Money
from inventory import products
from inventory.products import TaxClass
from ledger import audit, books, history
from ledger.accounts import payee
from storefront import (
    audits,
    cancellations,
    carts,
    collections,
    confirmations,
    extras,
    fees,
    invoices,
    orders,
    pickings,
    placements,
    refunds,
)
from storefront.charges import Basis, Kind, Terms
from storefront.checkouts import How
from storefront.fees import FeeTax
from storefront.taxes import TaxMode


def kes(text):
    return Money.parse(text, "KES")


@pytest.fixture
def operator(make):
    return make.operator()


@pytest.fixture
def till(make, worker_engine):
    return make.till(worker_engine)


@pytest.fixture
def meru(make, operator):
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def clerk(make, meru):
    return make.staff(meru, "manager")


@pytest.fixture
def maize(session, make, meru):
    """KES 116 a bag, VAT within."""
    pack = make.shelf(meru, "Maize flour", {1: "116"}, kilograms=50)
    products.find(session, meru.id, pack.product_id).tax_class = TaxClass.STANDARD
    session.flush()
    return pack


@pytest.fixture
def holds(session, meru):
    def reading(code, owner_id=None):
        return history.sum_of(session, books.of_cooperative(session, meru.id), code, owner_id=owner_id)

    return reading


def fresh(session, order):
    return session.scalars(orders.by_id(order.cooperative_id, order.id)).one()


def sound(session):
    session.flush()
    checks = (*audit.CHECKS, *audits.CHECKS)
    return [finding.check.name for finding in audit.run(session, checks) if finding.differences] == []


def test_an_order_pays_its_fees_and_holds_its_tax(session, make, till, meru, maize, clerk, holds):
    make.taxes(meru, 16)
    make.fee(meru, "58", tax=FeeTax.STANDARD)
    make.fee(meru, "10", name="Lorry", kind=Kind.TRANSPORT, basis=Basis.WEIGHT, carrier="Kirinyaga Carriers")
    placed = make.placed(till, make.basket({maize: 2}))
    order = placed.orders[0]
    assert order.total == kes("310")
    make.paid(till, placed)
    assert {fee.name: (fee.amount, fee.tax) for fee in fresh(session, order).fees} == {
        "Packing": (kes("58"), kes("8")),
        "Lorry": (kes("20"), kes("0")),
    }
    assert holds("2030") == kes("0"), "nothing is earned before the lots are drawn"
    pickings.pick(session, till, order, by=clerk.id)
    assert (holds("2010"), holds("2030"), holds("4070"), holds("2050")) == (kes("200"), kes("40"), kes("50"), kes("0"))
    assert holds("2040", payee(meru.id, "Kirinyaga Carriers")) == kes("20")
    assert sound(session)


def test_refunds_take_back_each_part_exactly(session, make, till, meru, maize, clerk, holds):
    make.taxes(meru, 16)
    make.fee(meru, "58", tax=FeeTax.STANDARD)
    cart = make.basket({maize: 2})
    make.use_voucher(cart, make.voucher(meru, "KARIBU", "29"))
    placed = make.placed(till, cart)
    assert placed.checkout.total == kes("261")
    make.paid(till, placed)
    order = placed.orders[0]
    pickings.pick(session, till, order, by=clerk.id)
    assert (holds("2010"), holds("2030"), holds("4070"), holds("5100")) == (kes("200"), kes("36"), kes("50"), kes("25"))
    order = fresh(session, order)
    line, fee = order.lines[0], order.fees[0]
    for amount in (Money(3_333, "KES"), Money(1, "KES")):
        refunds.start(session, till, order, line.id, amount, "Damp", by=clerk.id, request_key=new_id())
        assert sound(session)
    refunds.start(session, till, order, fee.id, fee.paid, "No box", by=clerk.id, request_key=new_id())
    left = fresh(session, order).lines[0].refundable
    refunds.start(session, till, order, line.id, left, "All of it", by=clerk.id, request_key=new_id())
    assert [holds(code) for code in ("2010", "2030", "4070", "5100")] == [kes("0")] * 4
    assert holds("2050") == kes("261")
    with pytest.raises(Refusal, match="At most"):
        refunds.start(session, till, order, fee.id, kes("1"), "Again", by=clerk.id, request_key=new_id())
    session.rollback()


def test_tax_on_top_and_fees_come_with_cash_and_are_owed_from_then(session, make, till, meru, maize, clerk, holds):
    make.taxes(meru, 10, included=False)
    make.fee(meru, "5")
    order = make.placed(till, make.basket({maize: 1}), How.COLLECTION).orders[0]
    assert order.total == kes("132.60")
    pickings.pick(session, till, order, by=clerk.id)
    assert holds("2030") == holds("4070") == kes("0")
    collections.collect(session, order, by=clerk.id, received=kes("132.60"))
    assert (holds("2010"), holds("2030"), holds("4070")) == (kes("116"), kes("11.60"), kes("5"))
    back = refunds.start(
        session, till, order, order.lines[0].id, kes("127.60"), "Spoiled", by=clerk.id, request_key=new_id()
    )
    assert (back.tax_minor, holds("2030"), holds("2010")) == (1_160, kes("0"), kes("0"))
    assert sound(session)


def test_an_invoice_owes_each_pool_its_part_tax_and_fees_less_what_was_given(
    session, make, till, meru, maize, clerk, holds
):
    make.taxes(meru, 16)
    make.fee(meru, "50")
    make.fee(meru, "-16", name="Members first", kind=Kind.SERVICE)
    grace = make.wholesale_buyer(meru)
    cart = make.basket({maize: 3}, person=grace)
    make.use_voucher(cart, make.voucher(meru, "TEN", bps=1_000))
    order = make.placed(till, cart, How.INVOICE, person=grace).orders[0]
    assert order.total == kes("343.80")
    pickings.pick(session, till, order, by=clerk.id)
    _, invoice = collections.collect(session, order, by=clerk.id)
    assert invoice is not None
    assert invoices.due(session, invoice) == invoice.total == kes("343.80")
    assert (holds("2010"), holds("4070")) == (kes("300"), kes("50"))
    assert holds("2030") + holds("2010") + holds("4070") - holds("5100") == kes("343.80")
    assert sound(session)


@pytest.mark.case("commerce:V02")
def test_a_fee_that_changes_after_the_sale_changes_nothing_of_it(session, make, till, meru, maize, clerk, holds):
    fee = make.fee(meru, "50")
    placed = make.placed(till, make.basket({maize: 1}))
    dearer = fees.add(
        session, meru.id, Terms("Packing", Kind.PACKING, Basis.ORDER, kes("80")), by=clerk.id, follows=fee
    )
    assert (dearer.version, fee.ended_at) == (2, dearer.starts_at)
    make.paid(till, placed)
    pickings.pick(session, till, placed.orders[0], by=clerk.id)
    assert holds("4070") == kes("50")
    with pytest.raises(Conflict, match="changed already"):
        fees.end(session, fee)


@pytest.mark.case("commerce:C01")
def test_a_fee_that_came_while_the_page_was_open_is_asked_about_with_both_totals(session, make, till, meru, maize):
    cart = make.basket({maize: 1})
    form = make.form(cart)
    make.fee(meru, "50")
    session.commit()
    with pytest.raises(Conflict, match=r"it was KES.116.00, now it is KES.166.00"):
        placements.place(session, till, cart, form, by=None)


def test_a_fee_counts_from_its_day_to_its_end(session, make, meru):
    later = fees.add(session, meru.id, make.fee(meru, "5").terms, by=None, starts_at=clock.now() + timedelta(days=2))
    now = fees.in_force(session, [meru.id], clock.now())[meru.id]
    assert later not in now and len(now) == 1
    fees.end(session, now[0])
    assert fees.in_force(session, [meru.id], clock.now())[meru.id] == []
    assert later in fees.in_force(session, [meru.id], clock.now() + timedelta(days=3))[meru.id]


def test_a_voucher_may_pay_for_all_of_it(session, make, till, meru, maize, clerk, holds):
    cart = make.basket({maize: 1})
    make.use_voucher(cart, make.voucher(meru, "GIFT", "500"))
    order = make.placed(till, cart, How.COLLECTION).orders[0]
    assert order.total == kes("0")
    pickings.pick(session, till, order, by=clerk.id)
    collections.collect(session, order, by=clerk.id, received=kes("0"))
    assert (holds("2010"), holds("5100"), holds("2050")) == (kes("116"), kes("116"), kes("0"))
    assert sound(session)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"least": kes("500")}, "from KES"),
        ({"starts_at": clock.now() + timedelta(days=1)}, "later"),
        ({"ends_at": clock.now() + timedelta(hours=1), "starts_at": clock.now() - timedelta(days=1)}, ""),
    ],
)
def test_a_voucher_says_why_it_does_not_count(session, make, meru, maize, limits, words):
    from inventory.price_lists import Holders
    from storefront import baskets

    cart = make.basket({maize: 1})
    make.use_voucher(cart, make.voucher(meru, "SOON", "20", **limits))
    part = baskets.price(session, cart, holders=Holders()).parts[0]
    assert words in part.voucher_problem
    assert part.total == (kes("116") if words else kes("96"))


def test_a_person_uses_a_voucher_as_often_as_one_may_and_a_given_up_order_gives_it_back(
    session, make, till, meru, maize, clerk
):
    karibu = make.voucher(meru, "KARIBU", "20", uses_most=2, uses_most_each=1)

    def ordered(email):
        cart = make.basket({maize: 1})
        make.use_voucher(cart, karibu)
        return make.placed(till, cart, How.COLLECTION, email=email).orders[0]

    first = ordered("amina@example.org")
    session.commit()
    with pytest.raises(Refusal, match="as often as one person may"):
        ordered("Amina@example.org")
    session.rollback()
    ordered("baraka@example.org")
    session.commit()
    session.refresh(karibu)
    assert karibu.used == 2
    cancellations.cancel(session, till, first, "The road is cut.", by=clerk.id)
    session.commit()
    session.refresh(karibu)
    assert karibu.used == 1
    ordered("amina@example.org")
    assert sound(session)


def test_my_own_unpaid_attempt_does_not_use_up_my_voucher(session, make, till, meru, maize):
    cart = make.basket({maize: 1})
    make.use_voucher(cart, make.voucher(meru, "ONCE", "16", uses_most=1))
    first = make.placed(till, cart)
    session.commit()
    second = make.placed(till, carts.find_by_id(session, cart.id))
    assert second.checkout.total == first.checkout.total == kes("100")
    assert sound(session)


def test_a_voucher_that_ran_out_while_the_page_was_open_is_asked_about(session, make, till, meru, maize):
    once = make.voucher(meru, "ONCE", "16", uses_most=1)
    mine, other = make.basket({maize: 1}), make.basket({maize: 1})
    for cart in (mine, other):
        make.use_voucher(cart, once)
    form = make.form(mine)
    make.placed(till, other, How.COLLECTION)
    session.commit()
    with pytest.raises(Conflict, match=r"it was KES.100.00, now it is KES.116.00"):
        placements.place(session, till, mine, form, by=None)


def test_what_was_paid_too_late_goes_back_whole_with_its_fees(session, make, till, meru, maize, holds):
    make.fee(meru, "50")
    placed = make.placed(till, make.basket({maize: 1}))
    cancellations.release(session, placed.checkout, cancellations.UNPAID)
    confirmations.confirm(session, till, placed.payment, make.seen(placed))
    made = refunds.of_order(session, placed.orders[0])
    assert sum((each.amount for each in made), kes("0")) == kes("166") == holds("2050")
    assert sound(session)


def test_letters_and_pages_name_what_was_charged(session, make, till, meru, maize):
    make.taxes(meru, 16)
    make.fee(meru, "50")
    cart = make.basket({maize: 1})
    make.use_voucher(cart, make.voucher(meru, "KARIBU", "20"))
    order = make.placed(till, cart, How.COLLECTION).orders[0]
    told = extras.of_order(fresh(session, order))
    assert told.rows == [("Packing", kes("50")), ("Voucher KARIBU", kes("-20"))]
    assert [words for words, _ in told.within] == ["VAT 16\N{NO-BREAK SPACE}%"]


@pytest.mark.case("finance:E22")
def test_tax_is_on_the_bill_and_only_the_cash_total_is_rounded(session, make, till, operator):
    alp = make.cooperative("Alp", currency="CAD")
    keeper = make.staff(alp, "manager")
    packs = [make.shelf(alp, name, {1: price}) for name, price in (("Cheese", "1.83"), ("Butter", "2.86"))]
    for pack in packs:
        products.find(session, alp.id, pack.product_id).tax_class = TaxClass.STANDARD
    make.taxes(alp, 5, mode=TaxMode.SUM_BY_NET, included=False)
    order = make.placed(till, make.basket(dict.fromkeys(packs, 1)), How.COLLECTION).orders[0]
    assert order.total == Money.parse("4.92", "CAD"), "this is what a card would pay"
    pickings.pick(session, till, order, by=keeper.id)
    collections.collect(session, order, by=keeper.id, received=Money.parse("4.90", "CAD"))
    book = books.of_cooperative(session, alp.id)
    assert [history.sum_of(session, book, code).minor for code in ("1010", "5050", "2030", "2050")] == [490, 2, 23, 0]
    assert sound(session)


@pytest.mark.case("finance:E23")
def test_each_order_is_rounded_by_itself_since_each_is_fetched_by_itself(session, make, till, operator):
    packs = [make.shelf(make.cooperative(name, currency="CHF"), "Cheese", {1: "12.33"}) for name in ("Alp", "Berg")]
    placed = make.placed(till, make.basket(dict.fromkeys(packs, 1)), How.COLLECTION)
    assert placed.checkout.total.in_cash() == Money.parse("24.65", "CHF")
    assert orders.cash_of(placed.orders) == Money.parse("24.70", "CHF")
