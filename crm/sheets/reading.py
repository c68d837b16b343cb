"""A file to a header and its lines: CSV, CSV.gz or XLSX, any usual encoding and delimiter.

Reading streams: memory does not grow with the file. What is wrong with the
file raises UnreadableFile; what is wrong with one line is told with that line,
and reading goes on behind it.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple, TextIO

from crm.sheets import encodings, workbooks
from crm.sheets.lines import LONGEST_LINE, Lines, TooLongLine
from crm.sheets.problems import Problem, Refusal, UnreadableFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_BYTES = 2 * 1024**3
MOST_COLUMNS = 500
BLOCK = 1024 * 1024
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

    def rows(self) -> Iterator[Row]:
        """Every line below the header that is not blank."""
        with _open_text(self.path, self.encoding) as (text, source):
            yield from _rows(self, Lines(text), source)


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
    with _open_bytes(path) as source:
        encoding = encoding or encodings.detect(iter(lambda: source.read(BLOCK), b""))
    with _open_text(path, encoding) as (text, _):
        lines = Lines(text)
        start = _first_lines(lines)
        delimiter = delimiter or _delimiter(start)
        header = _header(start, delimiter)
    return Table(path, encoding, delimiter, header, by_record)


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


def _rows(table: Table, lines: Lines, source: Unzipped) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
    header, told_of_cut = None, False
    for record, row in enumerate(_records(reader, lines), start=1):
        if not row.problem and not "".join(row.cells).strip():
            continue
        if header is None:
            header = row.cells if not row.cells[0].startswith("sep=") else None
            continue
        row = _checked(row, header)
        if source.cut and lines.unfinished:
            row, told_of_cut = row._replace(problem=Problem.FILE_CUT), True
        yield row._replace(line=record) if table.by_record else row
    if source.cut and not told_of_cut:
        yield Row(lines.number + 1, [], Problem.FILE_CUT)


def _records(reader: Iterator[list[str]], lines: Lines) -> Iterator[Row]:
    """Records with their first line. A record with broken quotes costs only that line."""
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except TooLongLine as error:
            yield Row(error.line, [error.start[:200]], Problem.LINE_TOO_LONG)
        except csv.Error:
            line, text = lines.give_back_all_but_first()
            yield Row(line, [text], Problem.BROKEN_QUOTES)
        else:
            yield Row(lines.first, cells, lines.problem)


def _checked(row: Row, header: list[str]) -> Row:
    if row.problem or len(row.cells) == len(header):
        repeated = row.cells == header
        return row._replace(problem=Problem.REPEATED_HEADER) if repeated else row
    if len(row.cells) < len(header):
        return row._replace(problem=Problem.TOO_FEW_CELLS)
    if any(row.cells[len(header) :]):
        return row._replace(problem=Problem.TOO_MANY_CELLS)
    return row._replace(cells=row.cells[: len(header)])


class Unzipped(io.RawIOBase):
    """The bytes of a file, unzipped when it is zipped, up to a limit; `cut` when it ends too early."""

    def __init__(self, file: BufferedReader) -> None:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self.source: gzip.GzipFile | BufferedReader = (
            gzip.GzipFile(fileobj=file) if zipped else file
        )
        self.total = 0
        self.cut = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            # Not `read`: it would throw away what came before the end that is missing.
            data = self.source.read1(len(view))
        except EOFError:
            self.cut, data = True, b""
        except (gzip.BadGzipFile, zlib.error):
            raise UnreadableFile(Refusal.DAMAGED) from None
        self.total += len(data)
        if self.total > MOST_BYTES:
            raise UnreadableFile(Refusal.TOO_LARGE, most=MOST_BYTES)
        view[: len(data)] = data
        return len(data)


@contextmanager
def _open_bytes(path: Path) -> Iterator[Unzipped]:
    with path.open("rb") as file:
        yield Unzipped(file)


@contextmanager
def _open_text(path: Path, encoding: str) -> Iterator[tuple[TextIO, Unzipped]]:
    with _open_bytes(path) as source:
        buffered = BufferedReader(source, BLOCK)
        yield io.TextIOWrapper(buffered, encoding, errors="replace", newline=""), source
