"""The temporary tables of one run: good lines, reasons against the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from crm.sheets.checking import Chunk
from crm.sheets.columns import column_names
from crm.sheets.problems import Problem

TABLES = ["import_row", "import_problem", "import_bad_key", "import_doc"]
# Amounts are rounded to what the tables keep as they come in; all sums are made of that.
TYPES = {
    "amount": "numeric(16, 2)",
    "cost": "numeric(16, 2)",
    "quantity": "numeric(14, 3)",
    "unit_price": "numeric(14, 4)",
    "unit_cost": "numeric(14, 4)",
    "list_price": "numeric(14, 4)",
    "yearly_need": "numeric(16, 2)",
    "latitude": "numeric(9, 6)",
    "longitude": "numeric(9, 6)",
    "credit_days": "integer",
    "minutes": "integer",
    "satisfaction": "integer",
    "since": "date",
    "ordered_on": "date",
    "due_on": "date",
    "next_on": "date",
    "paid_on": "date",
    "happened_at": "timestamptz",
}


@dataclass(frozen=True)
class Options:
    """What a run is told beside the file."""

    batch: int
    by: int | None
    base_currency: str
    create_customers: bool
    owner: int | None
    now: datetime
    zone: str
    given: frozenset[str]
    """The canonical columns that the file or its mapping has."""


def begin(kind: str) -> None:
    """Empty tables of this session for a file of that kind; they go with the session."""
    drop()
    columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in column_names(kind))
    run(f"CREATE TEMP TABLE import_row (line integer NOT NULL, {columns})")
    run(
        "CREATE TEMP TABLE import_problem"
        " (line integer NOT NULL, code text, field text, cell text, other integer)"
    )
    run("CREATE TEMP TABLE import_bad_key (line integer NOT NULL, key text)")


def drop() -> None:
    run(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")


def add(chunk: Chunk) -> None:
    """Store a chunk: its good lines, its reasons, the keys of its bad lines."""
    names = list(chunk.columns)
    if chunk.lines:
        copy("import_row", ["line", *names], zip(chunk.lines, *chunk.columns.values(), strict=True))
    copy(
        "import_problem",
        ["line", "code", "field", "cell"],
        (
            (line, found.code.value, found.column, found.value.replace("\0", "␀"))
            for line, found in chunk.problems
        ),
    )
    copy("import_bad_key", ["line", "key"], chunk.bad_keys)


def settle() -> None:
    """To be called when all chunks are in, so that the planner knows the sizes."""
    for table in ("import_row", "import_problem", "import_bad_key"):
        run(f"ANALYZE {table}")


def refresh_statistics() -> None:
    """The next import and the pages come at once; autovacuum looks a minute later, if at all."""
    run("ANALYZE crm_customer, crm_product, crm_order, crm_orderline, crm_payment, crm_visit")


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)", buffer)


def run(sql: str, params: Sequence[Any] | None = None) -> int:
    """One statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def rows(sql: str, params: Sequence[Any] = ()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def reject_documents(
    code: Problem, *, where: str, field: str = "", cell: str = "NULL", by: str = "line"
) -> None:
    """Give the lines of some documents a reason and drop those documents.

    `where` and `cell` are SQL over `d`, a row of import_doc; `by` is the column that
    lines and documents share.
    """
    run(
        f"""INSERT INTO import_problem (line, code, field, cell)
        SELECT r.line, '{code.value}', '{field}', {cell}
        FROM import_doc AS d JOIN import_row AS r ON r.{by} = d.{by} WHERE {where}"""
    )
    run(f"DELETE FROM import_doc AS d WHERE {where}")


def reject_repeated(key: str) -> None:
    """Of lines with the same key only the first is taken; the reason names both lines."""
    run(
        f"""INSERT INTO import_problem (line, code, field, cell, other)
        SELECT r.line, '{Problem.DUPLICATE.value}', '{key}', r.{key}, d.line
        FROM import_row AS r JOIN import_doc AS d USING ({key}) WHERE r.line <> d.line"""
    )
