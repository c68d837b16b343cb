"""The first sheet of a workbook as CSV: a program of its own, because the parser may run out of memory.

Run as `workbook_to_csv.py WORKBOOK CSV BYTES`. Exit 1: not a workbook. Killed or 3: too large.
"""

from __future__ import annotations

import csv
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

MOST_COLUMNS = 501


def main(workbook: str, target: str, memory: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0)
    except MemoryError:
        return 3
    except (CalamineError, IndexError, OSError):
        return 1
    with open(target, "w", encoding="utf-8", newline="") as file:
        rows = ([as_text(cell) for cell in row[:MOST_COLUMNS]] for row in sheet.iter_rows())
        csv.writer(file).writerows(rows)
    return 0


def as_text(cell: object) -> str:
    """Days and instants in ISO, whole numbers without a fraction."""
    if isinstance(cell, str):
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
