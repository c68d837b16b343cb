"""Rows go out of PostgreSQL and come back in as they were."""

import numpy as np
import pytest
from django.db import connection

from tiering import bulk

pytestmark = pytest.mark.django_db

TYPES = {"big": "i8", "small": "i4", "tiny": "i2", "chance": "f8", "sign": "?"}


def some_columns(rows):
    return {
        "big": np.arange(rows, dtype="i8") - 2**40,
        "small": np.arange(rows, dtype="i4") - 5,
        "tiny": (np.arange(rows) % 4).astype("i2"),
        "chance": np.where(np.arange(rows) % 2, np.nan, 0.1),
        "sign": np.arange(rows) % 3 == 0,
    }


@pytest.mark.parametrize("rows", [0, 1, bulk.ROWS_AT_ONCE + 1])
def test_columns_come_back_as_they_went_in(rows):
    columns = some_columns(rows)

    with bulk.temporary_table("there_and_back", columns):
        found = bulk.copy_out("SELECT * FROM there_and_back ORDER BY big", {}, TYPES)

    assert {name: each.dtype.str[1:] for name, each in found.items()} == {
        name: np.dtype(code).str[1:] for name, code in TYPES.items()
    }
    for name, column in columns.items():
        np.testing.assert_array_equal(found[name], column)


def test_the_table_is_gone_afterwards():
    with bulk.temporary_table("there_and_back", some_columns(1)):
        pass

    assert "there_and_back" not in connection.introspection.table_names()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1::bigint AS a, 2::bigint AS b UNION ALL SELECT 1, NULL",
        "SELECT 1::bigint AS a, 2::integer AS b",
    ],
    ids=["NULL", "another type"],
)
def test_what_is_not_a_row_of_known_width_is_refused(sql):
    with pytest.raises(ValueError, match=r"not of the width|NULL or of another type"):
        bulk.copy_out(sql, {}, {"a": "i8", "b": "i8"})


def test_rows_whose_widths_only_add_up_are_refused():
    with pytest.raises(ValueError, match="A a is NULL or of another type"):
        bulk.copy_out("SELECT 1::integer, 2::bigint", {}, {"a": "i8", "b": "i4"})


def test_parameters_are_quoted():
    found = bulk.copy_out("SELECT length(%(text)s)", {"text": "it's 100 %"}, {"n": "i4"})

    assert found["n"].tolist() == [10]
