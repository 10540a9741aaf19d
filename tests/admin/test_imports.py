"""Imports: the real registers with all their dirt; no row is lost in silence, none is taken twice, a bad file takes nothing."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from admin.commands import imports
from admin.imports import factories, prices, sheets
from cooperative.cooperatives import Cooperative
from cooperative.points import CollectionPoint
from ground.db import db
from ground.errors import Refusal
from ground.money import Money
from ground.quantity import Unit
from inventory import market_quotes, packs, price_seeds
from inventory.market_quotes import MarketQuote, PriceType, read_unit

DATA = Path(__file__).parent.parent.parent / "data"


@pytest.fixture
def books(worker_engine):
    """The worker's database behind `db.unit()`, as a command has it."""
    db.use(worker_engine)
    return worker_engine


def take(kind, content: bytes, **options):
    columns, verb = imports.KINDS[kind]
    return imports.run(sheets.read(content, columns), verb, currency="KES", **options)


def real(name):
    return (DATA / f"{name}.csv").read_bytes()


def count(model):
    with db.unit(reads_only=True) as session:
        return session.scalar(select(func.count()).select_from(model))


def reasons(tally):
    return {each.line: each.reason for each in tally.refused}


def test_every_row_of_the_real_registers_is_taken_or_named(books):
    for kind in imports.KINDS:
        content = real(kind)
        tally = take(kind, content)
        rows = len(list(csv.reader(content.decode().splitlines()))) - 1
        assert tally.new + len(tally.refused) == rows == tally.rows
        assert tally.new > 0 and all(each.reason and each.line > 1 for each in tally.refused)


def test_a_second_run_finds_everything_known_and_refuses_the_same(books):
    for kind in imports.KINDS:
        first, second = take(kind, real(kind)), take(kind, real(kind))
        assert (second.new, second.known, reasons(second)) == (0, first.new, reasons(first))


def test_the_dirt_of_the_society_register_is_named(books):
    rows = (
        "society_code,society_name,county\n,3K F.C.S. Ltd,Meru\nXAC55,Aguthi F.C.S. Ltd,Nyeri\n"
        "XAC61F08,Githima Factory (Rutuma F.C.S. Ltd),Nyeri\nXAA20,KiangÃŒÃŽ_ÃŒÂ´Ã¥Ã‡Ondu F.C.S Ltd,Kiambu\n"
        "XAC55,Somebody Else F.C.S. Ltd,Nyeri\nXDB17,Isukha-Ivugwi F.C.S. Ltd,Kakamega\n"
        "XDB17B,Isukha-Ivugwi F.C.S. Ltd B,Kakamega\n,,\n"
    )
    tally = take("societies", rows.encode())
    assert (tally.new, sorted(reasons(tally))) == (4, [4, 5, 6, 9])
    assert (
        "code of a factory" in reasons(tally)[4]
        and "damaged" in reasons(tally)[5]
        and "belongs to Aguthi" in reasons(tally)[6]
    )
    with db.unit() as session:
        found = {each.slug: each for each in session.scalars(select(Cooperative))}
        assert set(found) == {"3k", "aguthi", "isukha-ivugwi", "isukha-ivugwi-b"}
        assert all(each.listed_at is None for each in found.values())


def test_a_factory_of_an_unknown_society_is_refused_not_guessed(books):
    take("societies", b"society_code,society_name,county\nXAA01,Gititu F.C.S. Ltd,Kiambu\n")
    head = ",".join(factories.COLUMNS)
    rows = (
        f"{head}\nXAA01F01,XAA01,Gititu Factory*,Kiambu,-1.093626079,36.82517661\nXAA03F01,XAA03,Riakahara Factory,Kiambu,,\n"
        "XAA01F03,XAA01,Karweti Factory,,,\nXAA01F04,XAA01,Nowhere,Kiambu,-91,36\nXAA01F05,XAA01,Half,Kiambu,-1,\n"
        "XAA01F06,XAA01,Kijijone Factory,Meru,-4.55506e-06,37.6\n"
    )
    tally = take("factories", rows.encode())
    assert (tally.new, sorted(reasons(tally))) == (3, [3, 5, 6])
    assert reasons(tally)[3] == "No society here has the code 'XAA03'."
    with db.unit() as session:
        found = {each.code: each for each in session.scalars(select(CollectionPoint))}
    assert (found["XAA01F01"].name, found["XAA01F01"].latitude_udeg) == ("Gititu Factory", -1_093_626)
    assert found["XAA01F03"].county == "Kiambu"
    assert found["XAA01F06"].latitude_udeg == -5


def test_units_as_published_become_base_units():
    published = {
        "KG": (1_000, Unit.GRAM), "90 KG": (90_000, Unit.GRAM), "50 KG": (50_000, Unit.GRAM), "64 KG": (64_000, Unit.GRAM),
        "13 KG": (13_000, Unit.GRAM), "126 KG": (126_000, Unit.GRAM), "400 G": (400, Unit.GRAM), "200 G": (200, Unit.GRAM),
        "L": (1_000, Unit.MILLILITRE), "500 ML": (500, Unit.MILLILITRE), "200 ML": (200, Unit.MILLILITRE),
        "Head": (1, Unit.PIECE), "Bunch": (1, Unit.PIECE), "Unit": (1, Unit.PIECE),
    }  # fmt: skip
    assert {text: (read_unit(text).amount, read_unit(text).unit) for text in published} == published
    for nonsense in ("", "Debe", "0 KG", "-5 KG", "1e3 KG", "KG 90", "0.0001 KG"):
        with pytest.raises(Refusal):
            read_unit(nonsense)


def test_a_price_that_cannot_be_is_refused_with_its_line(books):
    good = "2021-04-15,Coast,Kilifi,-3.6301,39.85113,cereals and tubers,Maize (white),90 KG,Wholesale,KES,2700"
    bad = ("2700.005", "0", "-3", "abc", "1e4")
    rows = "\n".join(
        [
            ",".join(prices.COLUMNS),
            good,
            *(good.replace(",2700", f",{price}") for price in bad),
            good.replace("2700", "2701"),
            good,
        ]
    )
    tally = take("prices", rows.encode())
    assert (tally.new, tally.known, sorted(reasons(tally))) == (1, 1, [3, 4, 5, 6, 7, 8])
    assert "taken before with the price KES\N{NO-BREAK SPACE}2,700.00" in reasons(tally)[8]


@pytest.mark.case("attack:A015")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbfsociety_code,society_name,county\nX,Y,Z\n", "Line 1: .*byte order mark of UTF-8"),
        ("society_code,society_name,county\n".encode("utf-16"), "byte order mark of UTF-16"),
        ("society_code,society_name,county\nXAA01,Caf\xe9,Meru\n".encode("latin-1"), "Line 2: this is not UTF-8"),
        (b"society_code;society_name;county\nXAA01;A;Meru\n", "separated by semicolons"),
        (b"society_code\tsociety_name\tcounty\nXAA01\tA\tMeru\n", "separated by tabs"),
        (b"society_code,society_name,society_name,county\nX,A,A,M\n", "'society_name' stands there twice"),
        (b"society_code,society_name\nXAA01,A\n", "no column county"),
        (b"society_code,society_name,county\nXAA01,A,Meru\nXAA02,B\n", "Line 3: 2 cells where the heading has 3"),
        (b'society_code,society_name,county\nXAA01,"A\nB",Meru\n', "Line 2: a cell runs over several lines"),
        (b'society_code,society_name,county\nXAA01,"A"B,Meru\n', "Line 2: .*stray quotation mark"),
        (b'society_code,society_name,county\nXAA01,A,"Meru\nXAA02,B,Meru\n', "stray quotation mark"),
        (b"society_code,society_name,county\nXAA01,A\x00,Meru\n", "Line 2: there is an unprintable sign"),
        (b",".join(b"c%d" % i for i in range(10_000)) + b"\n1\n", "10000 columns"),
        (b"society_code,society_name,county\n", "no rows"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_whole_with_its_line(books, content, words):
    with pytest.raises(Refusal, match=words):
        take("societies", content)
    assert count(Cooperative) == 0


def test_a_run_that_is_killed_loses_nothing_that_was_said_to_be_done(place, books, tmp_path):
    """The process kills itself after its first batch; the second run takes the rest and no row twice."""
    program = (
        "import sys; from admin.commands import imports; from admin.imports import sheets; from ground.db import db\n"
        "db.connect(sys.argv[1]); columns, take = imports.KINDS['prices']\n"
        "imports.run(sheets.read(open(sys.argv[2], 'rb').read(), columns), take, currency='KES')\n"
    )
    environment = {**os.environ, "GOOD_MEASURE_BARRIER": "import: batch committed", "PYTHONPATH": str(DATA.parent)}
    command = [sys.executable, "-c", program, place.worker_url, str(DATA / "prices.csv")]
    killed = subprocess.run(command, env=environment, cwd=DATA.parent, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert count(MarketQuote) == imports.BATCH
    rest = take("prices", real("prices"))
    assert rest.known == imports.BATCH
    assert count(MarketQuote) == rest.new + rest.known


def test_the_command_tells_its_figures_and_writes_what_it_refused(app, tmp_path):
    source, refused = tmp_path / "societies.csv", tmp_path / "refused.csv"
    source.write_text(
        "society_code,society_name,county\nXAA01,Gititu F.C.S. Ltd,Kiambu\nXAA02F01,=HYPERLINK(1),Kiambu\n"
    )
    answer = app.test_cli_runner().invoke(imports.command, ["societies", str(source), "--refused", str(refused)])
    db.engine.dispose()  # The command opened the worker's own engine.
    assert answer.exit_code == 0, answer.output
    assert (
        "2 rows: 1 new, 0 known already, 1 refused" in answer.output
        and "line 3: XAA02F01 is the code of a factory" in answer.output
    )
    assert next(line for line in csv.reader(refused.read_text().splitlines()) if line[0] == "3")[3] == "'=HYPERLINK(1)"


@given(st.text())
def test_no_cell_that_leaves_us_is_a_formula(text):
    cell = sheets.neutral(text)
    assert cell in (text, "'" + text)
    assert not cell.startswith(("=", "@")) and (cell[:1] not in "+-" or not cell or sheets.A_NUMBER.fullmatch(cell))


def test_figures_stay_figures_on_their_way_out():
    assert [sheets.neutral(cell) for cell in (-3, "-1.09", "+254", "-cmd", "a=b")] == [
        "-3",
        "-1.09",
        "+254",
        "'-cmd",
        "a=b",
    ]


def test_first_prices_come_from_the_market_in_one_act(books, make, session):
    meru = make.cooperative("Meru Highlands")
    point = make.point(meru)
    session.commit()
    take("prices", (
        ",".join(prices.COLUMNS) + "\n"
        "2021-04-15,Coast,Kilifi,-3.6,39.8,cereals and tubers,Maize (white),KG,Retail,KES,47.8\n"
        "2021-05-15,Coast,Kilifi,-3.6,39.8,cereals and tubers,Maize (white),KG,Retail,KES,50\n"
        "2021-05-15,Coast,Kilifi,-3.6,39.8,cereals and tubers,Maize (white),90 KG,Wholesale,KES,3000\n"
    ).encode())  # fmt: skip
    [seeded] = price_seeds.seed(session, meru, ["Maize (white)"], point_id=point.id)
    assert [(pack.name, pack.content) for pack in seeded.packs] == [("1 kg bag", 1_000), ("90 kg sack", 90_000)]
    bag, sack = (packs.find(session, meru.id, pack.id) for pack in seeded.packs)
    assert tag_of(session, bag, 1).total == Money(5_000, "KES")
    assert tag_of(session, bag, 90).total == Money(90 * 3_333, "KES")
    assert tag_of(session, sack, 1).total == Money(300_000, "KES")
    assert price_seeds.seed(session, meru, ["Maize (white)"], point_id=point.id)[0].packs == ()
    latest = market_quotes.latest(session, "Maize (white)", PriceType.RETAIL, currency="KES")
    assert latest is not None and latest.price_minor == 5_000
    with pytest.raises(Refusal, match="No market quote for Gold"):
        price_seeds.seed(session, meru, ["Gold"], point_id=point.id)


def tag_of(session, pack, quantity):
    from ground import clock
    from inventory import price_lists, pricing

    ladders = price_lists.ladders_for(session, [pack], holders=price_lists.Holders(), at=clock.now())
    return pricing.answer(ladders[pack.id], quantity, "KES")
