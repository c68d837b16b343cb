"""Name search on plain PostgreSQL: folded text and its bigrams, kept by the database.

Two Chinese characters are one bigram, so two characters are enough for the index.
The SQL functions `vf_fold` and `vf_bigrams` are made by the first migration.
"""

import re
import unicodedata

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.fields import TextField

MOST_WORDS = 6
# The bar stands between the folded columns, so no word may reach across it.
BETWEEN_WORDS = re.compile(r"[\s\x00|｜]+")
NOT_KEPT = re.compile(r"[\u0300-\u036f\s().+\u2010-\u2015-]")


class Folded(Func):
    """Width, case and accents folded, white space and phone punctuation taken out."""

    function = "vf_fold"
    output_field = TextField()
    arity = None

    def __init__(self, *fields, **extra):
        super().__init__(*[F(f) if isinstance(f, str) else f for f in fields], **extra)


class Bigrams(Folded):
    """Every pair of neighbouring characters of the folded text."""

    function = "vf_bigrams"
    output_field = ArrayField(TextField())


class Contains(Func):
    """Array `@>` array, in the form that a GIN index answers."""

    template = "(%(expressions)s)"
    arg_joiner = " @> "
    output_field = models.BooleanField()
    conditional = True


class Position(Func):
    """Where the second text begins within the first; 0: nowhere."""

    function = "strpos"
    output_field = models.IntegerField()


def words_in(text: str) -> list[str]:
    """The words of a question that leave something to look for when they are folded."""
    return [word for word in BETWEEN_WORDS.split(text) if kept(word)][:MOST_WORDS]


def kept(word: str) -> str:
    """What is left of a word when the database has folded it, case apart."""
    return unicodedata.normalize("NFC", NOT_KEPT.sub("", unicodedata.normalize("NFKD", word)))


class SearchQuerySet(models.QuerySet):
    """For models with the generated columns `folded` and `bigrams`."""

    def holding(self, word: str):
        """Rows whose folded text contains this one word."""
        rows, length = self, len(kept(word))
        # Asked for no bigram at all, the index would return every row.
        if length > 1:
            rows = rows.filter(Contains(F("bigrams"), Bigrams(Value(word))))
        # Two characters are one bigram; a second condition would only mislead the planner.
        if length != 2:
            rows = rows.alias(place=Position("folded", Folded(Value(word)))).filter(place__gt=0)
        return rows

    def matching(self, text: str):
        """Rows whose folded text contains every word of `text`; an empty text matches nothing."""
        words = words_in(text)
        rows = self if words else self.none()
        for word in words:
            rows = rows.holding(word)
        return rows
