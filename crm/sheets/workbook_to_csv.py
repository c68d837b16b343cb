"""The first sheet of a workbook as CSV: a program of its own, because the parser may run out of memory.

Run as `workbook_to_csv.py WORKBOOK CSV BYTES`: at most so many bytes of memory, and of CSV.
Exit 1: not a workbook. Killed or 3: too large.
"""

from __future__ import annotations

import csv
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

MOST_COLUMNS = 501
LONGEST_CELL = 32_767  # by the specification of XLSX


def main(workbook: str, target: str, most: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0)
    except MemoryError:
        return 3
    except (CalamineError, IndexError, OSError):
        return 1
    try:
        write(sheet, target)
    except (OSError, MemoryError):
        return 3
    return 0


def write(sheet: CalamineSheet, target: str) -> None:
    with open(target, "w", encoding="utf-8", newline="") as file:
        rows = ([as_text(cell) for cell in row[:MOST_COLUMNS]] for row in sheet.iter_rows())
        csv.writer(file).writerows(rows)


def as_text(cell: object) -> str:
    """Days and instants in ISO, whole numbers without a fraction."""
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise MemoryError
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
