"""Name search on plain PostgreSQL: folded text and its bigrams, kept by the database.

Two Chinese characters are one bigram, so two characters are enough for the index.
The SQL functions `vf_fold` and `vf_bigrams` are made by the first migration.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.fields import TextField


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


class Like(Func):
    template = "(%(expressions)s)"
    arg_joiner = " LIKE "
    output_field = models.BooleanField()
    conditional = True


class SearchQuerySet(models.QuerySet):
    """For models with the generated columns `folded` and `bigrams`."""

    def matching(self, text: str):
        """Rows whose folded text contains every word of `text`; an empty text matches nothing."""
        words = text.replace("\x00", "").split()[:6]
        rows = self if words else self.none()
        for word in words:
            # NULL separators never occur in a word, so code|name|alias cannot match across.
            pattern = Func(
                Value("%"),
                Func(
                    Folded(Value(word)),
                    Value(r"([\\%_])"),
                    Value(r"\\\1"),
                    Value("g"),
                    function="regexp_replace",
                ),
                Value("%"),
                function="concat",
                output_field=TextField(),
            )
            rows = rows.filter(
                Contains(F("bigrams"), Bigrams(Value(word))), Like(F("folded"), pattern)
            )
        return rows
