"""What the models promise of their tables, as the database that migrations made holds it."""

import pytest
from django.apps import apps
from django.db import connection


@pytest.mark.django_db
def test_every_constraint_and_index_of_the_models_is_there():
    """A migration that takes an index away may take another one of the same column with it."""
    with connection.cursor() as cursor:
        missing = [
            f"{model.__name__}: {promised.name}"
            for model in apps.get_models()
            for promised in (*model._meta.constraints, *model._meta.indexes)
            if promised.name
            not in connection.introspection.get_constraints(cursor, model._meta.db_table)
        ]

    assert missing == []
