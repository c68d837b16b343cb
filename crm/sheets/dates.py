"""Dates and instants as people and programs write them, to ISO text. Or a Problem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import Enum

from crm.sheets.problems import Problem
from crm.sheets.values import BLANK, Parse

FIRST_YEAR, LAST_YEAR = 1900, 2199
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_SERIAL = re.compile(r"([2-7]\d{4})(\.\d+)?", re.ASCII)  # 1954 to 2119
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEAR_FIRST = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:[日号號]\s*|T|\s|$)(.*)", re.ASCII
)
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T|\s|$)(.*)", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:T|\s|$)(.*)", re.ASCII)
SHORT_YEAR = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d\d(\s.*)?", re.ASCII)
TIME = re.compile(
    r"(上午|下午)?\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([AP]M)?\s*(Z|UTC|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?",
    re.ASCII | re.IGNORECASE,
)


class DateOrder(Enum):
    """What `03/04/2011` means. Points are no question: `03.04.2011` is day first wherever it is used."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    UNKNOWN = ""


def date_order(cells: Iterable[str]) -> DateOrder:
    """Decide day or month first for a whole column: a part above 12 is a day.

    UNKNOWN when no cell decides it, or when cells contradict each other.
    """
    seen = set()
    for cell in cells:
        found = None if cell[:4].isdigit() else YEAR_LAST.match(_fold(cell))
        if found and found[2] != ".":
            seen.add((int(found[1]) > 12, int(found[3]) > 12))
    day_first, month_first = (True, False) in seen, (False, True) in seen
    if day_first == month_first:
        return DateOrder.UNKNOWN
    return DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST


def day(*, order: DateOrder = DateOrder.UNKNOWN, zone: tzinfo = UTC) -> Parse:
    """A calendar day. An instant with an offset is the day it was in `zone`; a bare time is dropped."""

    def parse(cell: str) -> str | Problem:
        if ISO_DAY.fullmatch(cell):
            return _iso_day(cell)
        found = _moment(_fold(cell), order)
        if not isinstance(found, datetime):
            return found
        return (found.astimezone(zone) if found.tzinfo else found).date().isoformat()

    return parse


def instant(*, order: DateOrder = DateOrder.UNKNOWN, zone: tzinfo = UTC) -> Parse:
    """An instant with its offset; without one it is a time of `zone`. A bare day is midnight there."""

    def parse(cell: str) -> str | Problem:
        found = _moment(_fold(cell), order)
        if not isinstance(found, datetime):
            return found
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC).isoformat()

    return parse


def _fold(cell: str) -> str:
    return (
        unicodedata.normalize("NFKC", cell).strip(BLANK)
        if not cell.isascii()
        else cell.strip(BLANK)
    )


def _iso_day(cell: str) -> str | Problem:
    found = _on(*(int(part) for part in cell.split("-")))
    return found if isinstance(found, Problem) else cell


def _moment(cell: str, order: DateOrder) -> datetime | str | Problem:
    if not cell:
        return ""
    if found := YEAR_FIRST.fullmatch(cell) or COMPACT.fullmatch(cell):
        return _at(_on(int(found[1]), int(found[2]), int(found[3])), found[4])
    if found := YEAR_LAST.fullmatch(cell):
        return _at(_year_last(found, order), found[5])
    if found := EXCEL_SERIAL.fullmatch(cell):
        return _serial(int(found[1]), float(found[2] or 0))
    return Problem.TWO_DIGIT_YEAR if SHORT_YEAR.fullmatch(cell) else Problem.BAD_DATE


def _year_last(found: re.Match[str], order: DateOrder) -> date | Problem:
    one, other, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] == "." or one > 12 or one == other:
        return _on(year, other, one)
    if other > 12:
        return _on(year, one, other)
    if order is DateOrder.UNKNOWN:
        return Problem.AMBIGUOUS_DATE
    return _on(year, other, one) if order is DateOrder.DAY_FIRST else _on(year, one, other)


def _on(year: int, month: int, day_of_month: int) -> date | Problem:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Problem.DATE_OUT_OF_RANGE
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return Problem.BAD_DATE


def _at(on: date | Problem, rest: str) -> datetime | Problem:
    if isinstance(on, Problem):
        return on
    midnight = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - the zone, if any, is added below
    if not rest.strip():
        return midnight
    found = TIME.fullmatch(rest.strip())
    if not found:
        return Problem.BAD_DATE
    return _with_time(midnight, found)


def _with_time(midnight: datetime, found: re.Match[str]) -> datetime | Problem:
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
    half = (found[5] or "").upper() or {"上午": "AM", "下午": "PM"}.get(found[1] or "", "")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "PM" else 0)
    if hour > 23 or minute > 59 or second > 60:
        return Problem.BAD_DATE
    return midnight.replace(
        hour=hour, minute=minute, second=min(second, 59), tzinfo=_offset(found[6])
    )


def _offset(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written.upper() in ("Z", "UTC"):
        return UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    return timezone((-1 if written[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _serial(days: int, share: float) -> datetime:
    """Excel counts days from the end of 1899."""
    midnight = datetime.combine(EXCEL_EPOCH + timedelta(days=days), datetime.min.time())
    return midnight + timedelta(seconds=round(share * 86_400))
