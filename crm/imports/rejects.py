"""The rejected lines as a file: their own columns, then the line number and the reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import groupby
from typing import TextIO

from django.db import connection
from django.utils.translation import gettext

from crm.exports import safe_text
from crm.imports.wording import reason
from crm.sheets.reading import Table

FETCHED_AT_ONCE = 5000
IN_ORDER = "SELECT line, code, field, cell, other FROM import_problem ORDER BY line, code, field"
SIGNED_NUMBER = re.compile(r"[+-][\d.,]+", re.ASCII)


def write(table: Table, file: TextIO, names: Mapping[str, str]) -> None:
    """Read the table once more and write every line that has a reason against it.

    `names`: canonical column -> its name in the file.
    """
    writer = csv.writer(file)
    writer.writerow([*map(harmless, table.header), gettext("line"), gettext("reason")])
    width = len(table.header)
    reasons = _reasons(names)
    line, why = next(reasons, (0, ""))
    for row in table.rows():
        if row.line == line:
            cells = [*row.cells, *[""] * width][:width]
            writer.writerow([*map(harmless, cells), line, why])
            line, why = next(reasons, (0, ""))


@lru_cache(maxsize=50_000)
def harmless(cell: str) -> str:
    """No cell starts a formula when a spreadsheet opens it; numbers stay numbers."""
    return cell if SIGNED_NUMBER.fullmatch(cell) else safe_text(cell.replace("\0", "␀"))


def _reasons(names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    sentence = lru_cache(maxsize=50_000)(partial(reason, names=names))
    for line, problems in groupby(_problems(), key=lambda found: found[0]):
        sentences = (sentence(*problem[1:]) for problem in problems)
        yield line, " ".join(dict.fromkeys(sentences))


def _problems() -> Iterator[tuple]:
    """There may be as many as lines in the file, so they are fetched in parts."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(IN_ORDER)
        while part := cursor.fetchmany(FETCHED_AT_ONCE):
            yield from part
