"""The bare floor under a night: read what it reads, group it, write back what it wrote.

No index, no comparison with the night before, no judgement: what COPY and numpy cost by
themselves. The rows written back are those of the last night, byte for byte.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import IO, Any

import numpy as np
from django.db import connection, transaction

from tiering.facts import copy_book
from tiering.models import Standing, StandingSnapshot
from tiering.windows import YEAR, day_number

ROUNDS = 3
# What a night writes anew for every customer.
WRITES = {
    Standing._meta.db_table: "SELECT * FROM tiering_standing",
    StandingSnapshot._meta.db_table: (
        "SELECT * FROM tiering_standingsnapshot"
        " WHERE as_of = (SELECT max(as_of) FROM tiering_standingsnapshot)"
    ),
}


def measure_floor(*, as_of: date) -> dict[str, float]:
    """Seconds of `copy_out` (parsing included), `group` and `copy_back`, and their `total`.

    The round of several whose total is the median. A night must have been written.
    """
    with written_rows() as files:
        rounds = [one_round(files, as_of) for _ in range(ROUNDS)]
    return sorted(rounds, key=lambda each: each["total"])[ROUNDS // 2]


def one_round(files: dict[str, IO[bytes]], as_of: date) -> dict[str, float]:
    seconds, read = timed(lambda: copy_book(as_of=as_of))
    parts = {"copy_out": seconds}
    documents, customers = read
    parts["group"], _sums = timed(lambda: group(documents, customers, as_of))
    with empty_tables(files) as tables:
        parts["copy_back"], _none = timed(lambda: write_all(tables))
    return parts | {"total": sum(parts.values())}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def group(documents: dict[str, Any], customers: Any, as_of: date) -> tuple[Any, Any]:
    """Value and number of order days of each customer."""
    place = np.searchsorted(customers, documents["customer"])
    day, cents, n = documents["day"], documents["cents"], len(customers)
    recent, sold = day > day_number(as_of) - YEAR, cents > 0
    first, span = day.min(), int(np.ptp(day)) + 1
    values = np.bincount(place[recent], weights=cents[recent], minlength=n)
    order_days = np.unique(place[sold] * span + (day[sold] - first))
    return values, np.bincount(order_days // span, minlength=n)


@contextmanager
def written_rows() -> Iterator[dict[str, IO[bytes]]]:
    """By table the rows of the last night in a file, as COPY wrote them."""
    with ExitStack() as stack, connection.cursor() as cursor:
        files: dict[str, IO[bytes]] = {}
        for table, rows in WRITES.items():
            files[table] = stack.enter_context(tempfile.TemporaryFile())
            cursor.copy_expert(f"COPY ({rows}) TO STDOUT WITH (FORMAT binary)", files[table])
        yield files


@contextmanager
def empty_tables(files: dict[str, IO[bytes]]) -> Iterator[dict[str, IO[bytes]]]:
    """Tables of the same columns, without indexes; gone at the end."""
    with connection.cursor() as cursor:
        for table, file in files.items():
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table})")
            file.seek(0)
        yield {f"floor_{table}": file for table, file in files.items()}
        for table in files:
            cursor.execute(f"DROP TABLE floor_{table}")


def write_all(tables: dict[str, IO[bytes]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, file in tables.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN WITH (FORMAT binary)", file)
