"""The vocabulary: every word the listings have, and the near ones for what is misspelt, by letters in threes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Text, UniqueConstraint, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground import clock
from ground.db import Model
from ground.ids import new_id

BY_LETTERS = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared letter by letter on both databases, whatever a server's own alphabet is."""

NEAR_LOOKED_AT, LONGER_MOST = 40, 12
_AT_ONCE = 2_000


class Word(Model):
    """One word as it stands in the index. It stays when the last listing that has it goes: who offers it looks first."""

    __tablename__ = "vocabulary"

    word: Mapped[str] = mapped_column(BY_LETTERS, unique=True)


class WordPart(Model):
    """Three neighbouring letters of a word; its beginning and end count as letters."""

    __tablename__ = "vocabulary_part"
    __table_args__ = (UniqueConstraint("part", "word"),)

    part: Mapped[str] = mapped_column(BY_LETTERS)
    word: Mapped[str] = mapped_column(BY_LETTERS)


def learn(session: Session, words: Iterable[str]) -> None:
    """Know these words from now on. In one order, so that two who learn the same ones never wait in a ring."""
    wanted = sorted({word for word in words if word})
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        known = set(session.scalars(select(Word.word).where(Word.word.in_(some))))
        new = [word for word in some if word not in known]
        _insert(session, Word, [{"word": word} for word in new])
        _insert(session, WordPart, [{"part": part, "word": word} for word in new for part in parts(word)])


def _insert(session: Session, model: type[Model], rows: list[dict[str, str]]) -> None:
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    now = clock.now()
    if rows:
        session.execute(
            native.insert(model).on_conflict_do_nothing(), [{"id": new_id(), "created_at": now} | row for row in rows]
        )


def forget_all(session: Session) -> None:
    """Before the listings are written anew from nothing."""
    session.execute(delete(WordPart))
    session.execute(delete(Word))


def parts(word: str) -> list[str]:
    """`bean` → `^be`, `bea`, `ean`, `an$`."""
    framed = f"^{word}$"
    return sorted({framed[start : start + 3] for start in range(max(1, len(framed) - 2))})


def beginnings(session: Session, asked: Sequence[str]) -> dict[str, list[str]]:
    """Of each word: itself where it is known, else the known words that begin with it (from three letters on); one statement."""
    found: dict[str, list[str]] = {word: [] for word in asked}
    queries = []
    for word in found:
        queries.append(select(Word.word).where(Word.word == word))
        if len(word) >= 3:
            longer = (
                select(Word.word)
                .where(Word.word > word, Word.word < word + "\U0010ffff")
                .order_by(Word.word)
                .limit(LONGER_MOST)
            )
            queries.append(select(longer.subquery().c.word))
    if not queries:
        return found
    known = list(session.scalars(queries[0].union_all(*queries[1:])))
    for word in found:
        found[word] = [word] if word in known else [each for each in dict.fromkeys(known) if each.startswith(word)]
    return found


def near(session: Session, word: str, *, most: int = 3) -> list[str]:
    """Known words that this one may have been meant to be, the likeliest first: one slip in a short word, two in a longer."""
    if len(word) < 3:
        return []
    shared = func.count()
    query = (
        select(WordPart.word)
        .where(WordPart.part.in_(parts(word)), func.length(WordPart.word).between(len(word) - 2, len(word) + 2))
        .group_by(WordPart.word)
        .order_by(shared.desc(), WordPart.word)
        .limit(NEAR_LOOKED_AT)
    )
    slips = {each: slips_between(word, each) for each in session.scalars(query)}
    allowed = 1 if len(word) < 6 else 2
    likely = [each for each, count in slips.items() if 0 < count <= allowed]
    return sorted(likely, key=lambda each: (slips[each], each[0] != word[0], abs(len(each) - len(word)), each))[:most]


def slips_between(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        last, row, older = row, [i], before
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
