"""A bill: fees on goods, tax on both, gifts off the sum; every part is whole, and the parts make the total."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ground.ids import new_id
from ground.money import Money
from inventory.products import TaxClass
from storefront import bills
from storefront.bills import Article, Gift, TaxTerms
from storefront.charges import Basis, Good, Kind, Terms
from storefront.taxes import Rate, TaxMode, TaxRules


def eur(text):
    return Money.parse(text, "EUR")


def article(price, quantity=1, tax_class=TaxClass.STANDARD, **more):
    return Article(Good(eur(price), quantity, eur(price) * quantity), tax_class, **more)


def rules(bps=0, *, included=True, mode=TaxMode.LINE):
    rates = {TaxClass.STANDARD: (Rate("VAT", bps),)} if bps else {}
    return TaxRules(registered=True, mode=mode, prices_include=included, rates=rates)


def flat(amount, **more):
    return Gift("Voucher", flat=eur(amount), **more)


def reckon(articles, fees=(), gifts=(), by=None):
    return bills.reckon(articles, fees, gifts, by or TaxRules(), "EUR")


@pytest.mark.parametrize(
    ("gift", "off"),
    [
        pytest.param(flat("5.00"), "5.00", marks=pytest.mark.case("food:voucher-flat")),
        pytest.param(flat("20.00"), "15.00", marks=pytest.mark.case("food:voucher-flat-capped-at-total")),
        pytest.param(Gift("Ten", bps=1_000), "1.50", marks=pytest.mark.case("food:voucher-percent")),
    ],
)
def test_a_voucher_takes_off_what_it_says_and_never_more_than_there_is(gift, off):
    bill = reckon([article("15.00")], gifts=[gift])
    assert [given.amount for given in bill.given] == [eur(off)]
    assert bill.total == eur("15.00") - eur(off)


@pytest.mark.case("food:voucher-tax-included")
def test_a_voucher_takes_its_part_of_the_tax_within():
    within = TaxRules(
        registered=True,
        rates={TaxClass.STANDARD: (Rate("VAT", 667),)},
    )
    bill = reckon([article("160.00")], gifts=[flat("10.00")], by=within)
    assert bill.goods[0].taxed.tax == eur("10.00")
    assert (bill.goods[0].discount, bill.goods[0].discount_tax) == (eur("10.00"), eur("0.63"))


@pytest.mark.parametrize(
    ("gift", "net", "tax"),
    [
        pytest.param(flat("10.00"), "9.36", "0.64", marks=pytest.mark.case("food:voucher-tax-added")),
        pytest.param(Gift("Ten", bps=1_000), "16.00", "1.10", marks=pytest.mark.case("food:voucher-percent-tax-added")),
    ],
)
def test_a_voucher_on_added_tax_is_netted_into_goods_and_tax(gift, net, tax):
    taxed, plain = article("110.00"), article("50.00", tax_class=TaxClass.EXEMPT)
    bill = reckon([taxed, plain], gifts=[gift], by=rules(1_000, included=False))
    assert bill.total + bill.given[0].amount == eur("171.00")
    assert sum((item.discount_tax for item in bill.goods), eur("0")) == eur(tax)
    assert sum((item.discount - item.discount_tax for item in bill.goods), eur("0")) == eur(net)


@pytest.mark.case("food:tax-fee-inherits-added")
def test_a_fee_taxed_like_its_goods_takes_their_rate():
    packing = Terms("Packing", Kind.PACKING, Basis.ORDER, eur("50.00"))
    bill = reckon([article("10.00")], [(packing, TaxTerms(None, included=False))], by=rules(2_000, included=False))
    assert bill.tax_added == eur("12.00")
    assert bill.total == eur("72.00")


def test_a_fee_on_mixed_goods_is_taxed_by_what_each_class_costs():
    packing = Terms("Packing", Kind.PACKING, Basis.ORDER, eur("10.00"))
    goods = [article("30.00"), article("10.00", tax_class=TaxClass.EXEMPT)]
    bill = reckon(goods, [(packing, TaxTerms(None, included=False))], by=rules(2_000, included=False))
    assert bill.fees[0].item.tax == eur("1.50")


def test_a_subsidy_is_the_cooperatives_gift_and_what_pools_earn_stays_whole():
    support = Terms("Solidarity", Kind.SERVICE, Basis.ORDER, eur("-1.23"))
    bill = reckon([article("10.00")], [(support, TaxTerms())])
    assert bill.total == eur("8.77")
    assert bill.goods[0].earned == eur("10.00")
    assert [(given.gift.words, given.amount) for given in bill.given] == [("Solidarity", eur("1.23"))]


def test_a_voucher_for_some_products_leaves_the_others_alone():
    tea, maize = new_id(), new_id()
    goods = [article("10.00", product_id=tea), article("30.00", product_id=maize)]
    bill = reckon(goods, gifts=[flat("15.00", product_ids=frozenset({tea}))])
    assert [item.paid for item in bill.goods] == [eur("0.00"), eur("30.00")]


@given(
    some.lists(some.tuples(some.integers(1, 10**6), some.sampled_from(TaxClass)), min_size=1, max_size=6),
    some.lists(some.integers(-500, 5_000), max_size=3),
    some.lists(some.integers(1, 10**6), max_size=2),
    some.sampled_from(TaxMode),
    some.booleans(),
)
def test_every_bill_adds_up(lines, fees, gifts, mode, included):
    goods = [Article(Good(Money(minor, "EUR"), 1, Money(minor, "EUR")), kind) for minor, kind in lines]
    terms = [(Terms("Fee", Kind.SERVICE, Basis.ORDER, Money(minor, "EUR")), TaxTerms(None)) for minor in fees]
    given_ = [Gift("Voucher", flat=Money(minor, "EUR")) for minor in gifts]
    rates = {TaxClass.STANDARD: (Rate("VAT", 1_600),), TaxClass.REDUCED: (Rate("VAT", 800), Rate("Levy", 150))}
    by = TaxRules(registered=True, mode=mode, prices_include=included, rates=rates)
    bill = bills.reckon(goods, terms, given_, by, "EUR")
    zero = eur("0")
    gifts_total = sum((each.amount for each in bill.given), zero)
    priced = sum((item.taxed.amount for item in bill.items), zero)
    assert bill.total == priced + bill.tax_added - gifts_total
    assert bill.total.minor >= 0
    for item in bill.items:
        assert zero <= item.discount_tax <= item.taxed.tax
        assert item.discount_tax <= item.discount <= item.taxed.gross
        assert item.paid == item.earned + item.tax - (item.discount - item.discount_tax)
    assert sum((each.tax for each in bill.taxes), zero) == sum((item.tax for item in bill.items), zero)
