"""Lines of a file to canonical cells, chunk by chunk, with the reasons against those that fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import compress, islice

from crm.sheets.columns import COLUMNS, Column, Reading
from crm.sheets.dates import DateOrder, date_order
from crm.sheets.mapping import ColumnMapping
from crm.sheets.problems import Problem, RowProblem
from crm.sheets.reading import Row, Table
from crm.sheets.values import Remembered

LINES_IN_A_CHUNK = 20_000


@dataclass(frozen=True)
class Chunk:
    """Some lines of the file in order.

    `columns`: canonical name -> one text for each good line. `bad_keys`: line and
    key (the first canonical column) of the others, where the key can be read.
    """

    read: int
    lines: list[int]
    columns: dict[str, list[str | Problem]]
    problems: list[tuple[int, RowProblem]]
    bad_keys: list[tuple[int, str]]


def order_of_dates(table: Table, mapping: ColumnMapping) -> DateOrder:
    """Day or month first, for all date columns of the file together, by reading all of it."""
    positions = mapping.positions(table.header)
    places = [positions[c.name] for c in COLUMNS[mapping.kind] if c.is_date and c.name in positions]

    def cells() -> Iterator[str]:
        for rows in _in_chunks(table.rows(), LINES_IN_A_CHUNK):
            sound = [row.cells for row in rows if not row.problem]
            yield from {cells[place] for cells in sound for place in places}

    return date_order(cells())


def needs_order_of_dates(chunk: Chunk) -> bool:
    """Whether a chunk read without an order of day and month holds dates that depend on it."""
    return any(found.code is Problem.AMBIGUOUS_DATE for _, found in chunk.problems)


def check(
    table: Table, mapping: ColumnMapping, *, order: DateOrder, zone: tzinfo
) -> Iterator[Chunk]:
    """Every line of the file once, good or with its problems."""
    reading = Reading(zone=zone, date_order=order, decimal_comma=mapping.decimal == ",")
    fields = _fields(table, mapping, reading)
    for rows in _in_chunks(table.rows(), LINES_IN_A_CHUNK):
        yield _chunk(rows, fields)


@dataclass(frozen=True)
class _Field:
    column: Column
    place: int | None
    constant: str
    answers: Remembered


def _fields(table: Table, mapping: ColumnMapping, reading: Reading) -> list[_Field]:
    positions = mapping.positions(table.header)
    return [
        _Field(
            column,
            positions.get(column.name),
            mapping.values.get(column.name, ""),
            Remembered(column.parser(reading)),
        )
        for column in COLUMNS[mapping.kind]
        if column.name in positions or column.name in mapping.values
    ]


def _in_chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk


def _chunk(rows: list[Row], fields: list[_Field]) -> Chunk:
    problems = [(row.line, RowProblem(row.problem)) for row in rows if row.problem]
    sound = [row for row in rows if not row.problem]
    cells = list(zip(*(row.cells for row in sound), strict=True))
    bad: set[int] = set()
    answers: dict[str, list[str | Problem]] = {}
    for field in fields:
        given = _given(field, cells, len(sound))
        answers[field.column.name] = [field.answers[cell] for cell in given]
        for index, problem in _problems(field, answers[field.column.name]):
            bad.add(index)
            value = given[index][:80]
            problems.append((sound[index].line, RowProblem(problem, field.column.name, value)))
    good = bytearray(b"\1") * len(sound)
    for index in bad:
        good[index] = 0
    columns = {name: list(compress(found, good)) for name, found in answers.items()}
    lines = [row.line for row in compress(sound, good)]
    unsound = [row for row in rows if row.problem] + [sound[index] for index in sorted(bad)]
    return Chunk(len(rows), lines, columns, problems, list(_keys(unsound, fields[0])))


def _keys(rows: list[Row], field: _Field) -> Iterator[tuple[int, str]]:
    for row in rows:
        if field.place is not None and field.place < len(row.cells):
            key = field.answers[row.cells[field.place].replace("\0", "")]
            if isinstance(key, str) and key:
                yield row.line, key


def _given(field: _Field, cells: list[tuple[str, ...]], count: int) -> tuple[str, ...]:
    """The cells of a column; where they are empty or missing, the value for all lines."""
    if field.place is None or not cells:
        return (field.constant,) * count
    given = cells[field.place]
    return tuple(cell or field.constant for cell in given) if field.constant else given


def _problems(field: _Field, answers: list[str | Problem]) -> Iterator[tuple[int, Problem]]:
    if field.column.filled and "" in answers:
        yield from ((i, Problem.MISSING) for i, answer in enumerate(answers) if answer == "")
    if Problem in set(map(type, answers)):
        yield from ((i, a) for i, a in enumerate(answers) if isinstance(a, Problem))
