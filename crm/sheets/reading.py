"""A file to a header and its lines: CSV, CSV.gz or XLSX, any usual encoding and delimiter.

Reading streams: memory does not grow with the file. What is wrong with the
file raises UnreadableFile; what is wrong with one line is told with that line,
and reading goes on behind it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple, TextIO

from crm.sheets import encodings, workbooks
from crm.sheets.files import BLOCK, Unzipped, open_bytes, open_text
from crm.sheets.lines import LONGEST_LINE, Lines, TooLongLine
from crm.sheets.problems import Problem, Refusal, UnreadableFile
from crm.sheets.records import records

MOST_COLUMNS = 500
DELIMITERS = ",;\t|"
NOTHING = DELIMITERS + ' "\r\n'
LINES_TO_GUESS_BY = 30


class Row(NamedTuple):
    """One line of the file: where it begins, its cells, and what is wrong with it as a line."""

    line: int
    cells: list[str]
    problem: Problem | None


@dataclass(frozen=True)
class Table:
    """A readable file. `rows` may be called again: each call reads from the start."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    by_record: bool  # lines are counted as records: a cell of a workbook may hold line breaks
    breaks: int  # line breaks in the file: about as many lines

    def rows(self) -> Iterator[Row]:
        """Every line below the header that is not blank."""
        with open_text(self.path, self.encoding) as (text, source):
            yield from _rows(self, text, source)


@contextmanager
def open_table(path: Path, *, encoding: str = "", delimiter: str = "") -> Iterator[Table]:
    """Recognise the file by its content and read its header. Raises UnreadableFile."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise UnreadableFile(Refusal.EMPTY)
    if start.startswith(workbooks.OLD_EXCEL):
        raise UnreadableFile(Refusal.OLD_EXCEL)
    if not start.startswith(workbooks.ZIP):
        yield _table(path, encoding, delimiter)
        return
    with NamedTemporaryFile(suffix=".csv") as unpacked:
        workbooks.unpack(path, Path(unpacked.name))
        yield _table(Path(unpacked.name), "utf-8", ",", by_record=True)


def _table(path: Path, encoding: str, delimiter: str, *, by_record: bool = False) -> Table:
    with open_bytes(path) as source:
        found, breaks = encodings.detect(iter(lambda: source.read(BLOCK), b""))
        encoding = encoding or found
    with open_text(path, encoding) as (text, _):
        lines = Lines(text)
        start = _first_lines(lines)
        delimiter = delimiter or _delimiter(start)
        header = _header(start, delimiter)
    return Table(path, encoding, delimiter, header, by_record, breaks)


def _first_lines(lines: Lines) -> list[str]:
    """The first lines that are not blank; Excel's `sep=;` is no line of the table."""
    start: list[str] = []
    try:
        for line in lines:
            if line.strip(NOTHING) and not line.startswith("sep="):
                start.append(line)
            if len(start) == LINES_TO_GUESS_BY:
                break
            lines.begin_record()
    except TooLongLine as error:
        if not start:
            _refuse_long_header(error)
    if not start:
        raise UnreadableFile(Refusal.EMPTY)
    return start


def _refuse_long_header(error: TooLongLine) -> None:
    if max(error.start.count(delimiter) for delimiter in DELIMITERS) >= MOST_COLUMNS:
        raise UnreadableFile(Refusal.TOO_MANY_COLUMNS, line=error.line, most=MOST_COLUMNS)
    raise UnreadableFile(Refusal.LINE_TOO_LONG, line=error.line, most=LONGEST_LINE)


def _delimiter(start: list[str]) -> str:
    """The sign that cuts most lines into as many cells as the header."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for cells in csv.reader(start, delimiter=delimiter)]
        same = sum(width == widths[0] for width in widths) / len(widths)
        return (same, widths[0]) if widths[0] > 1 else (0, 0)

    return max(DELIMITERS, key=score)


def _header(start: list[str], delimiter: str) -> tuple[str, ...]:
    try:
        cells = next(csv.reader(start, delimiter=delimiter, strict=True))
    except csv.Error:
        raise UnreadableFile(Refusal.BROKEN_QUOTES, line=1) from None
    if len(cells) > MOST_COLUMNS:
        raise UnreadableFile(Refusal.TOO_MANY_COLUMNS, line=1, most=MOST_COLUMNS)
    return tuple(" ".join(cell.replace("\0", "").split()) for cell in cells)


def _rows(table: Table, text: TextIO, source: Unzipped) -> Iterator[Row]:
    header, told_of_cut, last = None, False, 0
    for count, (line, cells, problem, unfinished) in enumerate(records(text, table.delimiter), 1):
        last = count if table.by_record else line
        if not problem and _is_blank(cells):
            continue
        if header is None:
            header = cells if not cells[0].startswith("sep=") else None
            continue
        if unfinished and source.cut:
            problem, told_of_cut = Problem.FILE_CUT, True
        row = Row(last, cells, problem)
        good = problem is None and len(cells) == len(header) and cells != header
        yield row if good else _checked(row, header)
    if source.cut and not told_of_cut:
        yield Row(last + 1, [], Problem.FILE_CUT)


def _is_blank(cells: list[str]) -> bool:
    return not (cells and cells[0]) and not "".join(cells).strip()


def _checked(row: Row, header: list[str]) -> Row:
    _, cells, problem = row
    if problem or len(cells) == len(header):
        return row._replace(problem=Problem.REPEATED_HEADER) if cells == header else row
    if len(cells) < len(header):
        return row._replace(problem=Problem.TOO_FEW_CELLS)
    if any(cells[len(header) :]):
        return row._replace(problem=Problem.TOO_MANY_CELLS)
    return row._replace(cells=cells[: len(header)])
