"""Many rows out of and into PostgreSQL as numpy columns, by binary COPY.

Columns are of fixed width and never NULL, so that a row is a record of known length and
numpy reads and writes it without a loop: a million rows parse in a tenth of a second.
What may be missing is NaN, or a number that the caller agrees on with its SQL.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

Columns = Mapping[str, npt.NDArray[Any]]

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no header extension
TRAILER = b"\xff\xff"
ROWS_AT_ONCE = 50_000
SQL_TYPES = {
    np.dtype("i8"): "bigint",
    np.dtype("i4"): "integer",
    np.dtype("i2"): "smallint",
    np.dtype("f8"): "double precision",
    np.dtype("?"): "boolean",
}


def copy_out(
    sql: str,
    params: Mapping[str, Any],
    types: Mapping[str, str],
    *,
    session: BaseDatabaseWrapper | None = None,
) -> dict[str, Any]:
    """The columns of a SELECT as arrays; `types` names them in order, as numpy codes.

    `session`: another session of the database than the one of this thread. The SELECT must give exactly these types (i8 bigint, i4 integer, …) and no NULL;
    raises ValueError where the bytes do not say so.
    """
    stream = io.BytesIO()
    with (session or connection).cursor() as cursor:
        query = cursor.mogrify(sql, params).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT binary)", stream)
    records = _records(stream.getbuffer(), _record(types))
    return {name: records[name].astype(code) for name, code in types.items()}


@contextmanager
def temporary_table(name: str, columns: Columns) -> Iterator[None]:
    """A temporary table filled with these columns, gone at the end; the first is its key.

    Statistics are taken of the key alone, for joins: of forty columns they cost more than COPY.
    """
    with connection.cursor() as cursor:
        fields = ", ".join(f"{key} {_sql_type(each.dtype)}" for key, each in columns.items())
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({fields}) ON COMMIT DROP")
        cursor.copy_expert(f"COPY {name} FROM STDIN WITH (FORMAT binary)", _Stream(columns))
        cursor.execute(f"ANALYZE {name} ({next(iter(columns))})")
        yield
        cursor.execute(f"DROP TABLE {name}")


def _sql_type(dtype: np.dtype[Any]) -> str:
    """Bytes of fixed length (V11) are bytea."""
    return "bytea" if dtype.kind == "V" else SQL_TYPES[dtype]


class _Stream:
    """What COPY reads from: a part of the rows at a time, so that memory stays small."""

    def __init__(self, columns: Columns):
        self.parts = _parts(columns)

    def read(self, _size: int = -1) -> bytes:
        return next(self.parts, b"")


def _parts(columns: Columns) -> Iterator[bytes]:
    record = _record({name: each.dtype.str[1:] for name, each in columns.items()})
    rows = len(next(iter(columns.values())))
    yield SIGNATURE
    for start in range(0, rows, ROWS_AT_ONCE):
        part = {name: each[start : start + ROWS_AT_ONCE] for name, each in columns.items()}
        yield _packed(part, record).tobytes()
    yield TRAILER


def _packed(columns: Columns, record: np.dtype[Any]) -> npt.NDArray[Any]:
    packed = np.zeros(len(next(iter(columns.values()))), dtype=record)
    packed["fields"] = len(columns)
    for name, each in columns.items():
        packed[f"{name} length"] = each.dtype.itemsize
        packed[name] = each
    return packed


def _record(types: Mapping[str, str]) -> np.dtype[Any]:
    """One row of a binary COPY: the number of fields, then each with its length before it."""
    fields = [("fields", ">i2")]
    for name, code in types.items():
        fields += [(f"{name} length", ">i4"), (name, np.dtype(code).newbyteorder(">").str)]
    return np.dtype(fields)


def _records(stream: memoryview, record: np.dtype[Any]) -> npt.NDArray[Any]:
    body = len(stream) - len(SIGNATURE) - len(TRAILER)
    if body % record.itemsize:
        raise ValueError("The rows are not of the width that was asked for.")
    found = np.frombuffer(stream, record, count=body // record.itemsize, offset=len(SIGNATURE))
    for name in (each for each in record.names or () if each.endswith(" length")):
        if (found[name] != record[name.removesuffix(" length")].itemsize).any():
            raise ValueError(f"A {name.removesuffix(' length')} is NULL or of another type.")
    return found
