"""The finder: which listings are meant by words, filters and an order. The same answers on both databases, at bounded cost.

The engines only say which rows have which words (`inventory/listing_words.py`). Closeness is ours, so that it is one: what has
every word in its name stands before what has them elsewhere. Of too many matches the first RANKED are put in order.
"""

# ruff: noqa: S608  (SQL is put together from our own words only; what people ask is bound)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory import lexicon, vocabulary
from inventory.listing_words import Wish, for_postgresql, for_sqlite, mark
from inventory.products import Certificate, Kind

A_PAGE, COUNTED_MOST = 24, 1_000
PAGES_MOST = -(-COUNTED_MOST // A_PAGE)
RANKED, SORTED = 1_000, 4_000
"""How many matches are ranked by closeness, and how many are put in another order before the order's own index is walked."""


class Sort(StrEnum):
    """What stands first."""

    BEST = "best"
    PRICE = "price"
    NEWEST = "newest"
    FRESHEST = "freshest"
    SOONEST = "soonest"


ORDERS = {
    Sort.BEST: "l.is_sold_out, l.sort_name, l.number",
    Sort.PRICE: "l.currency, l.unit, l.per_minor, l.number",
    Sort.NEWEST: "l.listed_at DESC, l.number DESC",
    Sort.FRESHEST: "l.weighed_on DESC, l.number DESC",
    Sort.SOONEST: "l.expires_on, l.number",
}
"""Each is an index of its own."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for. Of one facet any value will do; every facet and every word must be met."""

    words: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    cooperative_ids: tuple[UUID, ...] = ()
    counties: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    now: bool = False
    sort: Sort = Sort.BEST
    page: int = 1

    @classmethod
    def of(cls, told: str, **more: object) -> Question:
        """With the words of a text as somebody typed it."""
        return cls(words=lexicon.asked(told), **more)  # ty: ignore[invalid-argument-type]

    def marks(self, without: str = "") -> list[tuple[str, ...]]:
        """The filters as groups of marks, but those of one facet."""
        asked: dict[str, Iterable[str]] = {
            "kind": (kind.value for kind in self.kinds),
            "from": (str(id) for id in self.cooperative_ids),
            "place": self.counties,
            "price": self.bands,
            "certificate": (each.value for each in self.certificates),
            "now": ("1",) if self.now else (),
        }
        groups = (tuple(mark(facet, value) for value in values) for facet, values in asked.items() if facet != without)
        return [tuple(word for word in group if word) for group in groups if any(group)]


@dataclass(frozen=True, slots=True)
class Understood:
    """The question's words as the listings spell them: each a group of which one will do, and what was taken for what."""

    groups: tuple[tuple[str, ...], ...] = ()
    instead: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One page of products, the best first; `is_more` where there are more than `total`, which is then COUNTED_MOST."""

    product_ids: tuple[UUID, ...]
    total: int
    is_more: bool
    page: int
    understood: Understood


def understand(session: Session, words: Sequence[str]) -> Understood:
    """Known words stay; the beginning of words stands for all of them; what is misspelt stands for its nearest."""
    if not words:
        return Understood()
    known = vocabulary.beginnings(session, words)
    instead: dict[str, str] = {}
    unknown = []
    for word in words:
        if not known[word]:
            likely = vocabulary.near(session, word)
            known[word] = likely[:1] or [word]
            if likely:
                instead[word] = likely[0]
            else:
                unknown.append(word)
    return Understood(tuple(tuple(known[word]) for word in words), instead, tuple(unknown))


def suggestions(session: Session, told: str, *, most: int = 3) -> list[str]:
    """Other words that do find something, for somebody who found nothing: the nearest spellings, then each word alone."""
    words = lexicon.asked(told)[:3]
    tried = [" ".join([*words[:place], near, *words[place + 1 :]]) for place, word in enumerate(words)
             for near in vocabulary.near(session, word, most=2)]  # fmt: skip
    tried += [word for word in words if len(words) > 1]
    found = {each: find(session, Question.of(each)) for each in dict.fromkeys(tried)}
    return [each for each, page in found.items() if page.total and not page.understood.instead][:most]


def find(session: Session, question: Question, understood: Understood | None = None) -> Found:
    """A page of what is meant: three statements at most, four where something is misspelt."""
    understood = understood or understand(session, question.words)
    wish = [*understood.groups, *question.marks()]
    page = min(max(question.page, 1), PAGES_MOST)
    rows, count = _page(session, question, understood, wish, (page - 1) * A_PAGE)
    if not rows and page > 1:
        return find(session, replace(question, page=1), understood)
    total = min(count, COUNTED_MOST)
    return Found(tuple(rows[: COUNTED_MOST - (page - 1) * A_PAGE]), total, count > COUNTED_MOST, page, understood)


def _page(
    session: Session, question: Question, understood: Understood, wish: Wish, offset: int
) -> tuple[list[UUID], int]:
    if not wish:
        return _walk(session, wish, question.sort, offset)
    if understood.groups and question.sort is Sort.BEST:
        return _closest(session, understood, wish, offset)
    sql = f"""WITH hits AS MATERIALIZED ({matching(session, "wish")})
        SELECT l.product_id, (SELECT count(*) FROM hits) FROM hits JOIN listing l ON l.number = hits.number
        ORDER BY {ORDERS[question.sort]} LIMIT {A_PAGE} OFFSET :offset"""
    rows = _ask(session, sql, wish=spelled(session, wish), most=SORTED + 1, offset=offset)
    count = rows[0][1] if rows else 0
    return _walk(session, wish, question.sort, offset) if count > SORTED else ([row[0] for row in rows], count)


def _closest(session: Session, understood: Understood, wish: Wish, offset: int) -> tuple[list[UUID], int]:
    """What has all the words in its name, the shorter name first; then what has them elsewhere. What is sold out waits."""
    sql = f"""WITH named AS MATERIALIZED ({matching(session, "named", in_name=True)}),
        told AS MATERIALIZED ({matching(session, "wish")}),
        hits AS MATERIALIZED (SELECT number, 1 AS far FROM named UNION ALL
          SELECT number, 2 FROM told WHERE number NOT IN (SELECT number FROM named))
        SELECT l.product_id, (SELECT count(*) FROM hits) FROM hits JOIN listing l ON l.number = hits.number
        ORDER BY CASE WHEN l.name_words = :whole THEN 0 ELSE hits.far END, l.is_sold_out, length(l.sort_name), l.sort_name,
          l.number LIMIT {A_PAGE} OFFSET :offset"""
    named = spelled(session, wish, in_name=True)
    whole = " ".join(group[0] for group in understood.groups)
    rows = _ask(
        session, sql, named=named, wish=spelled(session, wish), whole=whole, most=RANKED + 1, offset=offset
    )  # fmt: skip
    return [row[0] for row in rows], rows[0][1] if rows else 0


def _walk(session: Session, wish: Wish, sort: Sort, offset: int) -> tuple[list[UUID], int]:
    """Along the order's own index, past what is not meant: of very many matches the first are never far."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    given: dict[str, object] = {}
    conditions = []
    for number, group in enumerate(wish if sqlite else ()):
        given |= {f"w{number}_{place}": f" {word} " for place, word in enumerate(group)}
        has = "instr(' ' || l.name_words || ' ' || l.other_words || ' ' || l.marks || ' ', :w{}_{}) > 0"
        conditions.append(f"({' OR '.join(has.format(number, place) for place in range(len(group)))})")
    if wish and not sqlite:
        conditions.append("l.words @@ CAST(:wish AS tsquery)")
        given["wish"] = spelled(session, wish)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    many = (
        f"(SELECT count(*) FROM (SELECT 1 FROM listing LIMIT {COUNTED_MOST + 1}) AS counted)"
        if not wish
        else "1 + :many"
    )
    sql = f"SELECT l.product_id, {many} FROM listing l {where} ORDER BY {ORDERS[sort]} LIMIT {A_PAGE} OFFSET :offset"
    rows = _ask(session, sql, offset=offset, **given, **({"many": COUNTED_MOST} if wish else {}))
    return [row[0] for row in rows], rows[0][1] if rows else 0


def matching(session: Session, name: str, *, in_name: bool = False) -> str:
    """The numbers of at most `:most` listings that meet the wish bound under this name."""
    if session.get_bind().dialect.name == "sqlite":
        return f"SELECT rowid AS number FROM listing_words WHERE listing_words MATCH :{name} LIMIT :most"
    column = "words_of_name" if in_name else "words"
    return f"SELECT number FROM listing WHERE {column} @@ CAST(:{name} AS tsquery) LIMIT :most"


def spelled(session: Session, wish: Wish, *, in_name: bool = False) -> str:
    sqlite = session.get_bind().dialect.name == "sqlite"
    return for_sqlite(wish, in_name=in_name) if sqlite else for_postgresql(wish)


def _ask(session: Session, sql: str, **given: object) -> list[tuple[UUID, int]]:
    rows = session.execute(text(sql), given)
    return [(id if isinstance(id, UUID) else UUID(id), *rest) for id, *rest in rows]
