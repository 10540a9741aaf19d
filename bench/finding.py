"""How long the database takes to find: a mix of questions over 10,000 or 1,000,000 synthetic listings.

`python -m bench.finding <url> <count>` fills an empty database and prints one line per kind of question. The words are made
up, but spread as words are: a few stand in every second listing, most in a handful.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative, Label
from cooperative.cooperatives import Kind as Stands
from ground import clock, migrations
from ground.db import APP_ROLE
from ground.engines import make_engine, make_session
from ground.ids import new_id
from ground.quantity import Unit
from inventory import lexicon, vocabulary
from inventory.listings import Listing, _marks
from inventory.price_bands import band_of
from inventory.products import Certificate, Kind, Product
from storefront import facets, finder
from storefront.finder import Question, Sort

COOPERATIVES, COUNTIES, ROUNDS = 2_800, 47, 40
A_BATCH, MADE_ONE_BY_ONE = 5_000, 50_000
PRODUCE = ("maize", "bean", "potato", "tomato", "onion", "rice", "banana", "mango", "coffee", "tea", "honey", "egg", "carrot",
           "kale", "cassava", "sorghum", "millet", "avocado", "groundnut", "cardamom")  # fmt: skip
SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "or", "il")]


def words(dice: random.Random, count: int) -> list[str]:
    """Made-up words, each once."""
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4)))] = None
    return list(found)


def fill(engine: Engine, count: int) -> list[str]:
    """So many listings of COOPERATIVES cooperatives; returns the made-up words, the commonest first."""
    dice = random.Random(8)
    known = words(dice, 20_000)
    owners = [UUID(int=number + 1) for number in range(COOPERATIVES)]
    postgresql = engine.dialect.name == "postgresql"
    own = [line for line in Listing.own_statements[engine.dialect.name] if "CREATE INDEX" in line]
    with engine.begin() as connection:
        for line in own:  # Built in one go at the end, as whoever loads a million rows would.
            connection.exec_driver_sql(f"DROP {line.split()[1]} {line.split()[2]}")
        connection.execute(insert(Cooperative), list(_cooperatives(owners)))
        if not postgresql:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
    with engine.begin() as connection:
        if postgresql:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for start in range(0, count, A_BATCH):
            rows = [
                _listing(dice, number, count, owners, known) for number in range(start, min(start + A_BATCH, count))
            ]
            connection.execute(insert(Product), [_product(row) for row in rows])
            connection.execute(insert(Listing), rows)
    with engine.begin() as connection:
        for line in own:
            connection.exec_driver_sql(line, execution_options={"no_parameters": True})
        if not postgresql:
            connection.exec_driver_sql("INSERT INTO listing_words (listing_words) VALUES ('rebuild')")
    with make_session(engine) as session:
        vocabulary.learn(session, [*known, *PRODUCE, *(f"county{number}" for number in range(COUNTIES))])
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if postgresql else "ANALYZE")
    return known


def _again(table: Any, copy: int, count: int, first: int, postgresql: bool) -> str:
    """The first rows once more, each with another id and a number of its own between its neighbours."""
    head, step = f"{copy:08x}", (1 << 62) // count * copy
    chosen = []
    for column in table.c:
        if column.name in ("id", "product_id"):
            other = f"'{head}' || substr({column.name}{'::text' if postgresql else ''}, 9)"
            chosen.append(f"({other})::uuid" if postgresql else other)
        else:
            chosen.append(
                {"number": f"number + {step}", "slug": f"'{head}' || slug"}.get(column.name, f'"{column.name}"')
            )
    names = ", ".join(f'"{column.name}"' for column in table.c)
    born = f"id >= '{0x01000000:08x}-0000-0000-0000-000000000000'"  # Copies begin with eight small digits.
    return f"INSERT INTO {table.name} ({names}) SELECT {', '.join(chosen)} FROM {table.name} WHERE {born}"


def _cooperatives(owners: list[UUID]) -> Iterator[dict[str, Any]]:
    for number, id in enumerate(owners):
        yield {
            "id": id, "created_at": clock.now(), "kind": Stands.COOPERATIVE, "name": f"Growers {number}",
            "slug": f"growers-{number}", "label": Label.LEAF, "place": f"Place {number}", "county": f"County{number % COUNTIES}",
            "country": "Kenya", "jurisdiction": "KE", "currency": "KES", "timezone": "Africa/Nairobi", "society_code": None,
            "listed_at": clock.now(), "closed_at": None, "story": "",
        }  # fmt: skip


def _listing(dice: random.Random, number: int, count: int, owners: list[UUID], known: list[str]) -> dict[str, Any]:
    produce = dice.choice(PRODUCE)
    name = [produce, *(_some(dice, known) for _ in range(dice.randint(0, 2)))]
    other = [_some(dice, known) for _ in range(15)] + lexicon.other_names([produce])
    owner = dice.randrange(len(owners))
    low = number * ((1 << 62) // count) + dice.randrange(1_000)
    per_minor = dice.randint(20, 900) * 100
    sold_out = dice.random() < 0.2
    row: dict[str, Any] = {
        "id": new_id(), "created_at": clock.now(), "cooperative_id": owners[owner],
        "product_id": UUID(int=new_id().int >> 64 << 64 | 0b10 << 62 | low), "number": low, "name": " ".join(name),
        "sort_name": " ".join(name), "kind": dice.choice(list(Kind)), "unit": Unit.GRAM, "currency": "KES",
        "per_minor": per_minor, "band": band_of(per_minor, "KES", Unit.GRAM), "county": f"County{owner % COUNTIES}",
        "certificates": [dice.choice(list(Certificate)).value] if dice.random() < 0.1 else [],
        "is_sold_out": sold_out,
        "listed_at": clock.now() - timedelta(minutes=dice.randrange(500_000)),
        "weighed_on": date(2026, 1, 1) + timedelta(dice.randrange(300)),
        "expires_on": date(2026, 12, 1) + timedelta(dice.randrange(300)),
        "name_words": " ".join(dict.fromkeys(name)),
        "other_words": " ".join(dict.fromkeys([*other, "kenya", f"county{owner % COUNTIES}"])),
        "written_at": clock.now(),
    }  # fmt: skip
    return row | {"marks": _marks(row)}


def _some(dice: random.Random, known: list[str]) -> str:
    """Zipf's habit: the first words come up all the time, the last ones hardly ever."""
    return known[min(int(len(known) ** dice.random()) - 1, len(known) - 1)]


def _product(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["product_id"], "created_at": row["created_at"], "cooperative_id": row["cooperative_id"],
        "slug": f"p{row['number']}", "name": row["name"], "kind": row["kind"], "unit": row["unit"], "grades": ["A"],
        "description": "", "picture": "", "storage": "", "allergens": "", "keeps_days": None, "certificates": {},
        "listed_at": row["listed_at"],
        **({"version": 1} if "version" in Product.__table__.c else {}),
    }  # fmt: skip


def questions(dice: random.Random, known: list[str]) -> dict[str, Callable[[], Question]]:
    """The mix: what shoppers ask, and what is hardest."""
    ids = [UUID(int=number + 1) for number in range(COOPERATIVES)]
    return {
        "everything": lambda: Question(page=dice.randint(1, 5)),
        "a common word": lambda: Question.of(dice.choice(PRODUCE)),
        "a word in every listing": lambda: Question.of("kenya"),
        "a rare word": lambda: Question.of(dice.choice(known[2_000:])),
        "two words": lambda: Question.of(f"{dice.choice(PRODUCE)} {dice.choice(known[20:300])}"),
        "a typo": lambda: Question.of(_slip(dice, dice.choice(PRODUCE[:12]))),
        "a county": lambda: Question(counties=(f"County{dice.randrange(COUNTIES)}",)),
        "a cooperative": lambda: Question(cooperative_ids=(dice.choice(ids),)),
        "a word, a kind, in store": lambda: Question.of(
            dice.choice(PRODUCE), kinds=(dice.choice(list(Kind)),), now=True
        ),
        "a word by price": lambda: Question.of(dice.choice(PRODUCE), sort=Sort.PRICE),
        "a rarer word by price": lambda: Question.of(dice.choice(known[150:600]), sort=Sort.PRICE),
        "a kind, newest": lambda: Question(kinds=(dice.choice(list(Kind)),), sort=Sort.NEWEST),
        "two words that hardly meet": lambda: Question.of(
            f"{dice.choice(known[300:600])} {dice.choice(known[300:600])}"
        ),
    }


def _slip(dice: random.Random, word: str) -> str:
    place = dice.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


class Watch:
    """What the database itself took: the time between sending a statement and having its rows."""

    def __init__(self, engine: Engine) -> None:
        self.seconds, self._began = 0.0, 0.0
        event.listen(engine, "before_cursor_execute", self._start)
        event.listen(engine, "after_cursor_execute", self._stop)

    def _start(self, *_: Any) -> None:
        self._began = time.perf_counter()

    def _stop(self, *_: Any) -> None:
        self.seconds += time.perf_counter() - self._began


def measure(session: Session, watch: Watch, known: list[str]) -> Iterator[tuple[str, list[float], list[float]]]:
    """Milliseconds of the list and of its counts, for each kind of question."""
    dice = random.Random(24)
    for name, ask in questions(dice, known).items():
        lists, counts = [], []
        for round_ in range(ROUNDS + 3):
            question = ask()
            watch.seconds = 0.0
            began = time.perf_counter()
            found = finder.find(session, question)
            # SQLite steps through its rows after the statement: all of the finding is counted there.
            lists_ms = (
                time.perf_counter() - began if session.get_bind().dialect.name == "sqlite" else watch.seconds
            ) * 1_000
            watch.seconds = 0.0
            began = time.perf_counter()
            facets.count(session, question, found.understood)
            counts_ms = (
                time.perf_counter() - began if session.get_bind().dialect.name == "sqlite" else watch.seconds
            ) * 1_000
            session.rollback()
            if round_ >= 3:
                lists.append(lists_ms)
                counts.append(counts_ms)
        yield name, lists, counts


def p95(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=20)[-1]


def _line(name: str, lists: list[float], counts: list[float]) -> str:
    figures = (statistics.median(lists), p95(lists), statistics.median(counts), p95(counts))
    return "\t".join([name, *(f"{figure:.1f}" for figure in figures)])


def main(url: str, count: int) -> None:
    """Fill, ask, print: name, p50 and p95 of the list, p50 and p95 of the counts, in milliseconds."""
    engine = make_engine(url)
    migrations.upgrade(engine)
    began = time.perf_counter()
    known = fill(engine, count)
    print(f"filled with {count:,} in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    app = make_engine(url, role=APP_ROLE)
    every: list[float] = []
    every_count: list[float] = []
    with make_session(app.execution_options(sqlite_begin="DEFERRED")) as session:
        session.execute(text("SELECT 1"))
        for name, lists, counts in measure(session, Watch(app), known):
            every += lists
            every_count += counts
            print(_line(name, lists, counts), flush=True)
    print(_line("the whole mix", every, every_count))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
