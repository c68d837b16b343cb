"""Lists as CSV and XLSX files that no spreadsheet takes for formulas."""

import csv
import io
import itertools
import logging
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import IO, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm.models import User

logger = logging.getLogger(__name__)

Cell = str | int | float | Decimal | date | datetime | None

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
STARTS_FORMULA = tuple("=+-@")
LONGEST_TEXT = 32_767  # of an XLSX cell, by its specification
ROWS_OF_SHEET = 1_048_575  # without the heading
FIRST_YEAR = 1900  # before it, spreadsheets know no dates
COLUMN_WIDTH = 16
XLSX_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@dataclass(frozen=True)
class Column:
    """One column of a list: its heading, and how a row gives its cell.

    `get` is a path through the row such as "customer.owner.name", empty where a link of it
    is missing, or a function of the row.
    """

    title: Any
    get: str | Callable[[Any], Any]

    def getter(self) -> Callable[[Any], Any]:
        return self.get if callable(self.get) else partial(follow, self.get.split("."))


def follow(path: list[str], row: Any) -> Any:
    for name in path:
        try:
            row = getattr(row, name)
        except ObjectDoesNotExist:
            return None
        if row is None:
            return None
    return row


def safe_text(text: str) -> str:
    """Text that no spreadsheet reads as a formula; an apostrophe goes before what it might.

    Signs count in any width, and behind white space or invisible characters too.
    """
    if text[:1].isalnum() and text.isprintable():
        return text
    text = CONTROLS.sub("", text)
    visible = "".join(
        itertools.dropwhile(lambda c: c.isspace() or unicodedata.category(c) == "Cf", text)
    )
    first = unicodedata.normalize("NFKC", visible[:1])
    if text.startswith(("\t", "\r", "\n")) or first.startswith(STARTS_FORMULA):
        return f"'{text}"
    return text


def safe_cell(value: Any) -> Cell:
    """A figure or date as it is, in the reader's time zone; everything else as safe text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, int | float | Decimal | date):
        return value
    return safe_text(str(value))


def file_name(name: str, on: date, kind: str) -> str:
    """customers-2025-03-11.csv: letters, digits and hyphens, the first one a letter."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789") or "list"
    return f"{plain}-{on:%Y-%m-%d}.{kind}"


def write_file(rows: Iterable[Any], columns: Sequence[Column], kind: str) -> tuple[IO[bytes], int]:
    """An open file with a heading and one line for each row, and the number of rows.

    It is whole before the first byte leaves, so that a fault never sends half a list, and on
    disk, so that its length does not matter. The caller closes it.
    """
    count = 0

    def lines() -> Iterator[list[Cell]]:
        nonlocal count
        for count, row in enumerate(rows, 1):  # noqa: B007 (read after the file is written)
            yield [safe_cell(get(row)) for get in getters]

    getters = [column.getter() for column in columns]
    titles = [safe_text(str(column.title)) for column in columns]
    with ExitStack() as closed_on_a_fault:
        file = closed_on_a_fault.enter_context(tempfile.TemporaryFile())
        (write_csv if kind == "csv" else write_xlsx)(file, titles, lines())
        file.seek(0)
        closed_on_a_fault.pop_all()
    return file, count


def write_csv(file: IO[bytes], titles: list[str], lines: Iterable[list[Cell]]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(titles)
    writer.writerows(lines)
    text.detach()


def write_xlsx(file: IO[bytes], titles: list[str], lines: Iterable[list[Cell]]) -> None:
    book = Workbook(file, XLSX_OPTIONS)
    bold = book.add_format({"bold": True})
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    for part in sheets_of(lines):
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(titles), COLUMN_WIDTH)
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, bold)
        for number, line in enumerate(part, 1):
            for place, cell in enumerate(line):
                write_cell(sheet, number, place, cell, formats)
    book.close()


def sheets_of(lines: Iterable[list[Cell]]) -> Iterator[Iterator[list[Cell]]]:
    """The lines parted where a sheet is full; one part at least, for the heading."""
    lines = iter(lines)
    yield itertools.islice(lines, ROWS_OF_SHEET)
    for line in lines:
        yield itertools.chain([line], itertools.islice(lines, ROWS_OF_SHEET - 1))


def write_cell(
    sheet: Worksheet, row: int, place: int, cell: Cell, formats: dict[type, Format]
) -> None:
    if cell is None:
        return
    if isinstance(cell, date) and cell.year < FIRST_YEAR:
        cell = cell.isoformat()
    if isinstance(cell, date):
        sheet.write_datetime(row, place, cell, formats[type(cell)])
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell[:LONGEST_TEXT])
    else:
        sheet.write_number(row, place, cell)


def send(
    rows: Iterable[Any], columns: Sequence[Column], *, name: str, kind: str, by: User, on: date
) -> FileResponse:
    """The rows as a file to keep; who took how many of what goes to the log."""
    file, count = write_file(rows, columns, kind)
    logger.info("User %s exported %s rows of %s as %s", by.pk, count, name, kind)
    return FileResponse(
        file, as_attachment=True, filename=file_name(name, on, kind), content_type=KINDS[kind]
    )
