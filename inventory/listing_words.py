"""The index of words behind the listings: FTS5 on SQLite, a tsvector on PostgreSQL, and one way to ask both.

Words come folded (`inventory/lexicon.py`), so both engines compare them letter by letter and find the same. What filters ask
for stands among the words as marks that begin with a letter of private use, which nobody's words can have.
"""

from __future__ import annotations

from collections.abc import Sequence

from inventory import lexicon

MARK = "\ue000"

SQLITE = (
    "CREATE VIRTUAL TABLE listing_words USING fts5(name_words, other_words, marks, content='listing', content_rowid='number',"
    " detail='column', tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'\")",
    "CREATE TRIGGER listing_words_in AFTER INSERT ON listing BEGIN INSERT INTO listing_words"
    " (rowid, name_words, other_words, marks) VALUES (NEW.number, NEW.name_words, NEW.other_words, NEW.marks); END",
    "CREATE TRIGGER listing_words_out AFTER DELETE ON listing BEGIN INSERT INTO listing_words"
    " (listing_words, rowid, name_words, other_words, marks)"
    " VALUES ('delete', OLD.number, OLD.name_words, OLD.other_words, OLD.marks); END",
    "CREATE TRIGGER listing_words_anew AFTER UPDATE OF name_words, other_words, marks ON listing"
    " WHEN OLD.name_words <> NEW.name_words OR OLD.other_words <> NEW.other_words OR OLD.marks <> NEW.marks BEGIN"
    " INSERT INTO listing_words (listing_words, rowid, name_words, other_words, marks)"
    " VALUES ('delete', OLD.number, OLD.name_words, OLD.other_words, OLD.marks);"
    " INSERT INTO listing_words (rowid, name_words, other_words, marks)"
    " VALUES (NEW.number, NEW.name_words, NEW.other_words, NEW.marks); END",
)

POSTGRESQL = (
    "ALTER TABLE listing ADD COLUMN words tsvector GENERATED ALWAYS AS (array_to_tsvector(array_remove("
    "string_to_array(name_words || ' ' || other_words || ' ' || marks, ' '), ''))) STORED",
    "ALTER TABLE listing ADD COLUMN words_of_name tsvector GENERATED ALWAYS AS (array_to_tsvector(array_remove("
    "string_to_array(name_words || ' ' || marks, ' '), ''))) STORED",
    "CREATE INDEX ix_listing_words ON listing USING gin (words) WITH (fastupdate = off)",
    "CREATE INDEX ix_listing_words_of_name ON listing USING gin (words_of_name) WITH (fastupdate = off)",
)

Wish = Sequence[Sequence[str]]
"""Every group must be met, each by one of its words or marks."""


def mark(facet: str, value: str) -> str:
    """The mark of one value of a facet; empty where there is no value."""
    plain = lexicon.fold(value).replace(" ", "")
    return f"{MARK}{facet}{plain}" if plain else ""


def for_sqlite(wish: Wish, *, in_name: bool = False) -> str:
    """A MATCH. Words have neither quotes nor blanks, so nothing in them can be a command."""
    return " AND ".join(_group(group, in_name) for group in wish)


def _group(group: Sequence[str], in_name: bool) -> str:
    words = " OR ".join(f'"{word}"' for word in group)
    return f"({'name_words : ' if in_name and not group[0].startswith(MARK) else ''}({words}))"


def for_postgresql(wish: Wish) -> str:
    """A tsquery, as its own text."""
    return " & ".join(f"({' | '.join(chr(39) + word + chr(39) for word in group)})" for group in wish)
