"""One whole pool through the real ledger, with its trial balance: the golden case D21, and revenue by both bases (D18)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from ground import tenants
from ground.ids import NOBODY, new_id
from ground.money import Money
from ground.quantity import Unit
from ledger import audit, books, history, transfers
from ledger.accounts import Pot, payee
from ledger.books import Book
from ledger.transfers import Leg
from proceeds import member_lines, postings, rules, waterfall
from proceeds.member_lines import Debt, MemberInputs, MemberResult
from proceeds.waterfall import Delivered, PoolInputs, PoolResult

BYLAW = rules.parse(
    {
        "schema": 1,
        "pool": [
            {
                "step": 3,
                "key": "card-fee",
                "name": "Card fee",
                "take": "percent",
                "of": "retail_sales",
                "percent": "2",
                "to": "fees",
            },
            {"step": 4, "key": "transport", "name": "Transport", "take": "recorded", "to": "costs", "payee": "Lorry"},
            {
                "step": 5,
                "key": "levy",
                "name": "Levy",
                "take": "percent",
                "of": "net_sales",
                "percent": "1",
                "to": "levies",
                "payee": "County",
            },
            {
                "step": 6,
                "key": "margin",
                "name": "Margin",
                "take": "percent",
                "of": "net_sales",
                "percent": "8",
                "to": "margin",
            },
        ],
        "loss": "margin",
        "claims": {"by": "differential", "differential_minor": {"A": 0, "B": -50}},
        "member": [
            {"step": 11, "key": "advance", "name": "Advance", "take": "owed", "to": "advance"},
            {
                "step": 13,
                "key": "input_credit",
                "name": "Inputs",
                "take": "owed",
                "to": "input_credit",
                "cap_percent": "50",
            },
        ],
    }
)
POOL, M1, M2, M3 = new_id(), new_id(), new_id(), new_id()
BROUGHT = [Delivered(1, "A", 600_000, M1), Delivered(2, "A", 300_000, M2), Delivered(3, "B", 100_000, M3)]
ADVANCE_PER_KG = 200


def rwf(minor: int) -> Money:
    return Money(minor, "RWF")


@pytest.fixture
def book(session: Session) -> Iterator[Book]:
    cooperative_id = new_id()
    tenants.enter(session, (cooperative_id,))
    yield books.open_book(session, cooperative_id, "RWF")
    session.rollback()


def settle() -> tuple[PoolInputs, PoolResult, list[MemberResult]]:
    given = PoolInputs(
        "RWF",
        Unit.GRAM,
        {"retail": rwf(310_000), "wholesale": rwf(190_000)},
        {"retail": rwf(10_000)},
        BROUGHT,
        {"transport": 23_000},
    )
    result = waterfall.run(given, BYLAW)
    members = [
        member_lines.run(
            MemberInputs(
                part.delivered.member_id, part.delivered.member_number, Unit.GRAM, part.delivered.amount, part.claim,
                {"advance": [Debt("Advance", part.delivered.amount * ADVANCE_PER_KG // 1000)]}
                | ({"input_credit": [Debt("Seed", 80_000)]} if part.delivered.member_id == M2 else {}),
            ),
            BYLAW,
        )
        for part in result.parts
    ]  # fmt: skip
    return given, result, members


@pytest.mark.case("finance:D21")
def test_the_pool_comes_out_as_reckoned_by_hand():
    given, result, members = settle()
    assert (given.gross - given.refunded).minor == 490_000
    assert result.net.minor == 416_700
    assert result.base_price * 1000 == Fraction(4217, 10)
    assert {part.delivered.member_id: part.claim.minor for part in result.parts} == {
        M1: 253_020,
        M2: 126_510,
        M3: 37_170,
    }
    assert [member.lines[0].left.minor for member in members] == [133_020, 66_510, 17_170]
    assert members[1].lines[1].amount.minor == -33_255 and members[1].lines[1].carried.minor == 46_745
    assert [member.due.minor for member in members] == [133_020, 33_255, 17_170]


@pytest.mark.case("finance:D21")
def test_its_trial_balance_is_the_golden_one(session: Session, book: Book):
    clearing, deposit, operator = Pot("2010", POOL), Pot("2050", new_id()), Pot("1040")

    def move(kind: str, *legs: Leg) -> None:
        transfers.post(session, book, kind, new_id(), legs)

    for brought in BROUGHT:
        advance = rwf(brought.amount * ADVANCE_PER_KG // 1000)
        move("advance", Leg(Pot("1200", brought.member_id, POOL), Pot("2020", brought.member_id), advance))
        move("payout", Leg(Pot("2020", brought.member_id), Pot("1010"), advance))
    move("inputs", Leg(Pot("1210", M2), Pot("1300", new_id()), rwf(80_000)))
    move("card payment", Leg(operator, deposit, rwf(310_000)), Leg(Pot("5020"), operator, rwf(6_200)))
    move("drawn", Leg(deposit, clearing, rwf(310_000)))
    move("invoice", Leg(Pot("1100", new_id(), POOL), clearing, rwf(190_000)))
    move("refund", Leg(clearing, deposit, rwf(10_000)), Leg(deposit, operator, rwf(10_000)))

    given, result, members = settle()
    legs = postings.settlement_legs(book.cooperative_id, POOL, 2026, given, result, members, principal=False)
    transfers.post(session, book, "settlement", POOL, legs)
    lorry = Pot("2040", payee(book.cooperative_id, "Lorry"))
    move("lorry", Leg(lorry, Pot("1010"), rwf(23_000)))
    for member in members:
        move("payout", Leg(Pot("2020", member.given.member_id), Pot("1010"), member.due))

    balance = {code: money.minor for code, money in history.trial_balance(session, book).items()}
    assert balance.pop("1010") == -406_445
    assert balance.pop("1040") == 293_800
    assert balance.pop("1100") == 190_000
    assert balance.pop("1210") == 46_745
    assert balance.pop("1300") == -80_000
    assert balance.pop("2030") == -4_900
    assert balance.pop("4010") == -39_200
    assert set(balance.values()) == {0} and {"1200", "2010", "2020", "5020"} <= set(balance)
    assert not [finding for finding in audit.run(session, audit.CHECKS) if finding.differences]


@pytest.mark.case("finance:D18")
@pytest.mark.parametrize(
    ("principal", "income"), [(False, {"4010": -8_000_000}), (True, {"4020": -100_000_000, "5010": 92_000_000})]
)
def test_margin_is_the_same_on_either_basis_and_only_the_revenue_differs(
    session: Session, book: Book, principal: bool, income: dict
):
    law = rules.parse(rules.STARTER | {"pool": [rules.STARTER["pool"][4]], "caps": []})
    transfers.post(session, book, "sale", new_id(), [Leg(Pot("1010"), Pot("2010", POOL), rwf(100_000_000))])
    given = PoolInputs("RWF", Unit.PIECE, {"retail": rwf(100_000_000)}, {}, [Delivered(1, "A", 10, M1)])
    result = waterfall.run(given, law)
    member = member_lines.run(MemberInputs(M1, 1, Unit.PIECE, 10, result.net), law)
    legs = postings.settlement_legs(book.cooperative_id, POOL, 2026, given, result, [member], principal=principal)
    transfers.post(session, book, "settlement", POOL, legs)
    balance = {code: money.minor for code, money in history.trial_balance(session, book).items()}
    assert balance["2010"] == 0 and balance["2020"] == -92_000_000
    assert {code: minor for code, minor in balance.items() if code in ("4010", "4020", "5010")} == income


@pytest.mark.parametrize("loss", ["margin", "reserve", "members", "next_pool"])
def test_a_loss_is_borne_by_the_rule_and_clearing_still_ends_at_zero(session: Session, book: Book, loss: str):
    cost = {"step": 4, "key": "lorry", "name": "Lorry", "take": "recorded", "to": "costs", "payee": "Lorry"}
    law = rules.parse(rules.STARTER | {"pool": [cost], "caps": [], "loss": loss})
    given = PoolInputs("RWF", Unit.PIECE, {}, {}, [Delivered(1, "A", 2, M1), Delivered(2, "A", 1, M2)], {"lorry": 100})
    result = waterfall.run(given, law)
    members = [
        member_lines.run(
            MemberInputs(part.delivered.member_id, 1, Unit.PIECE, 1, part.claim, {"advance": [Debt("Advance", 50)]}),
            law,
        )
        for part in result.parts
    ]
    for part in result.parts:
        owed = Leg(Pot("1200", part.delivered.member_id, POOL), Pot("1010"), rwf(50))
        transfers.post(session, book, "advance", new_id(), [owed])
    transfers.post(
        session,
        book,
        "settlement",
        POOL,
        postings.settlement_legs(book.cooperative_id, POOL, 2026, given, result, members, principal=False),
    )
    assert history.balance(session, book, Pot("2010", POOL)).minor == 0
    assert history.sum_of(session, book, "1200").minor == 0
    receivable = history.balances(session, book, "1230")
    assert [receivable[M1, NOBODY].minor, receivable[M2, NOBODY].minor] == (
        [117, 83] if loss == "members" else [50, 50]
    )
    code, minor = {
        "margin": ("4010", -100),
        "reserve": ("3110", -100),
        "members": ("2010", 0),
        "next_pool": ("1240", 100),
    }[loss]
    assert history.sum_of(session, book, code).minor == minor
